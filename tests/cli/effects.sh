# sori effects: every effect, names of results, files that must not be replaced, mistakes, full disks, interruption.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
wav stereo.wav 44100 2 44100 41
{ wav_header 22050 1 16 $((2 * 66150)); tail -c 44100 a.wav; head -c 44100 /dev/zero; tail -c 44100 a.wav; } >gap.wav

# length FILE: its samples, by sori info
length() { "$sori" info --json "$1" | sed -n 's/.*"frames": \([0-9]*\).*/\1/p'; }
differ() { that test "$(cmp -s "$1" "$2"; echo $?)" = 1; }
field() { "$sori" info --json "$1" | sed -n "s/.*\"$2\": \([0-9.e-]*\).*/\1/p"; }

# --- the table ---
run effects --list; exits 0; silent; prints "librosa.effects.time_stretch"; prints "quantize"
run effects --list --json; exits 0; prints '"name": "stretch"'
every=$("$sori" effects --list | sed '1d;s/ .*//')

# --- each: lengths and rates ---
ok() { run effects "$@"; exits 0; silent; prints_nothing; }
ok stretch a.wav --rate 0.5 -o x.wav; that test "$(length x.wav)" = 44100
ok stretch a.wav --rate 2 --n_fft 1024 --hop_length 256 -o x.wav; that test "$(length x.wav)" = 11025
ok pitch a.wav --n_steps -2.5 -o x.wav; that test "$(length x.wav)" = 22050
ok pitch a.wav --n-steps 24 --bins-per-octave 24 -o x.flac; that test "$(length x.flac)" = 22050
ok speed a.wav --factor 2 -o x.wav; that test "$(length x.wav)" = 11025; that test "$(field x.wav sr)" = 22050
ok harmonic a.wav -o x.wav; that test "$(length x.wav)" = 22050
ok percussive a.wav --margin 2 --kernel_size 17 --power 1 -o x.wav; that test "$(length x.wav)" = 22050
ok trim gap.wav --duration 2 -o x.wav; that test "$(length x.wav)" -lt 26000
ok preemphasis a.wav -o pre.wav --subtype float; ok deemphasis pre.wav -o back.wav; same a.wav back.wav
ok preemphasis a.wav -o x.wav --coef 0; that test "$(length x.wav)" = 22050
ok resample a.wav --target_sr 8000 -o x.wav; that test "$(length x.wav) $(field x.wav sr)" = "8000 8000"
for type in soxr_vhq kaiser_best kaiser_fast polyphase fft linear zero_order_hold; do
    ok resample a.wav --target_sr 16000 --res_type $type -o x.wav; that test "$(length x.wav)" = 16000
done
ok normalize a.wav --peak 0.5 -o x.wav; that test "$(field x.wav peak)" = 0.5
ok normalize a.wav -o x.wav --subtype float; that test "$(field x.wav peak)" = 1
ok quantize a.wav --bits 3 -o x.wav; same a.wav x.wav
ok quantize a.wav --bits 20 --subtype pcm_24 -o x.wav; that test "$(field x.wav peak)" = 0.25

# --- effects on samples ---
ok gain a.wav --gain_db -6.0206 -o x.wav; that test "$(field x.wav peak)" = 0.125
run effects gain a.wav --gain_db 40 -o x.wav; exits 0; says "clipped"
ok polarity a.wav -o x.wav; ok polarity x.wav -o back.wav; same a.wav back.wav; differ a.wav x.wav
ok shift a.wav --seconds 0.25 --circular -o x.wav
ok shift x.wav --seconds -0.25 --circular -o back.wav; same a.wav back.wav
ok shift a.wav --seconds 2 -o x.wav; that test "$(length x.wav) $(field x.wav peak)" = "22050 0"
ok noise a.wav --snr 10 -o noisy.wav --subtype float; that test "$(length noisy.wav)" = 22050
# a square wave of RMS 0.25 and a tenth of its power: 0.25 * sqrt(1.1), but for their product
that awk -v r="$(field noisy.wav rms)" 'BEGIN { exit !(r > 0.258 && r < 0.266) }'
ok noise a.wav --snr 10 -o again.wav --subtype float; same noisy.wav again.wav
ok noise a.wav --snr 10 --seed 1 -o again.wav --subtype float; differ noisy.wav again.wav
cp a.wav b.wav; ok noise a.wav b.wav --snr 10 --color pink -o two; differ two/a.wav two/b.wav
ok noise stereo.wav --snr 0 --noise a.wav -o x.wav; that test "$(length x.wav) $(field x.wav sr)" = "44100 44100"
ok noise a.wav --snr 0 --noise stereo.wav -o x.wav
for kind in lowpass highpass bandpass notch peaking low_shelf high_shelf; do
    ok filter a.wav --kind $kind --frequency 1000 --q 2 --gain_db 3 -o x.wav; that test "$(length x.wav)" = 22050
done
ok equalize a.wav --bands low_shelf:200:-6,peaking:1000:+3:2,highpass:30 -o x.wav
ok equalize a.wav --bands lowpass:1000 -o 1.wav; ok filter a.wav --frequency 1000 -o 2.wav; same 1.wav 2.wav
ok compress a.wav -o x.wav
ok compress stereo.wav --threshold_db -30 --ratio 8 --knee_db 0 --attack 0 --release 0 --makeup_db 3 --separate -o x.wav
ok clip a.wav --level 0.125 -o x.wav; that test "$(field x.wav peak)" = 0.125
ok clip a.wav --soft -o x.wav; ok clip a.wav --percentile 10 -o x.wav
ok reverb stereo.wav -o x.wav; that test "$(length x.wav)" = 44100
ok reverb a.wav --decay 0.5 --damping 0 --room_size 1 --wet 0.5 --keep_tail -o x.wav
that test "$(length x.wav)" = 33075
ok convolve a.wav --ir gap.wav --wet 0.1 -o x.wav --subtype float; that test "$(length x.wav)" = 22050
ok convolve a.wav --ir a.wav --keep_tail -o x.wav --subtype float; that test "$(length x.wav)" = 44099
ok mp3 a.wav --bit_rate 32 -o x.wav; that test "$(length x.wav)" = 22050
ok mp3 stereo.wav --quality 9 -o x.wav; that test "$(length x.wav)" = 44100
cp a.wav ir.wav
run effects convolve b.wav --ir ir.wav -o ir.wav; exits 2; says "ir.wav: would be replaced"; same a.wav ir.wav
run effects convolve a.wav --ir missing.wav -o no.wav; exits 4; says "missing.wav"; one_sentence
run effects noise a.wav -o no.wav; exits 2; says "noise: --snr is missing"
run effects noise a.wav --snr x -o no.wav; exits 2; says "not a number"
run effects noise a.wav --snr 1 --color blue -o no.wav; exits 2; says "white|pink|brown"
run effects noise a.wav --snr 1 --noise order.txt -o no.wav; exits 4; one_sentence
run effects polarity a.wav --wet 1 -o no.wav; exits 2; says "polarity, which takes none"
run effects filter a.wav --frequency 11025 -o no.wav; exits 2; says "11025"; one_sentence
for bands in foo:100 peaking peaking: peaking:x peaking:100:1:1:1 peaking:100:; do
    run effects equalize a.wav --bands $bands -o no.wav; exits 2; says "--bands $bands"; one_sentence
done
run effects equalize a.wav --bands , -o no.wav; exits 2; one_sentence
run effects clip a.wav --level 0.5 --percentile 1 -o no.wav; exits 2; one_sentence
absent no.wav

# --- rate and channels stay, unless asked otherwise ---
ok normalize stereo.wav -o x.flac --subtype pcm_24; run info x.flac; prints "24 bit"; prints "44100    2"
ok normalize stereo.wav -o x.wav --mono --sr 8000; run info x.wav; prints " 8000    1"; prints "0:00:01.000"
ok normalize stereo.wav -o x.wav --offset 0.5; that test "$(length x.wav)" = 22050
ok normalize a.wav -o 1.wav --threads 1; ok normalize a.wav -o 2.wav --threads 3; same 1.wav 2.wav

# --- several results ---
ok hpss a.wav -o x.wav; exists x_harmonic.wav; exists x_percussive.wav
ok hpss stereo.wav -o parts/ --format flac; exists parts/stereo_harmonic.flac; exists parts/stereo_percussive.flac
ok split gap.wav -o pieces; that test "$(ls pieces | paste -sd,)" = gap_000.wav,gap_001.wav
ok split gap.wav -o p.flac; exists p_000.flac; exists p_001.flac; absent p_002.flac
ok split gap.wav -o gap.txt; that test "$(wc -l <gap.txt)" = 2; that grep -q $'^0.0*\t1.0' gap.txt
ok split gap.wav --offset 1 -o later.csv; that grep -q '^1.9[0-9]*,3.0*,000' later.csv
ok split gap.wav a.wav -o labels --format jams; exists labels/gap.jams; exists labels/a.jams
wav silent.wav 8000 1 8000
ok trim silent.wav -o x.wav; same x.wav silent.wav   # the loudest is never silent, as librosa has it
run effects split silent.wav --top_db 0 -o pieces; exits 0; says "silence"; absent pieces/silent_000.wav
run effects trim silent.wav --top_db 0 -o no.wav; exits 3; says "silent.wav: no sound is left"; one_sentence

# --- labels to sound ---
printf '2.5\t2.75\tb\n0\t0.5\ta\n' >order.txt
ok remix gap.wav --labels order.txt --no-align_zeros -o x.wav; that test "$(length x.wav)" = 16538
ok remix gap.wav --labels gap.txt -o x.wav
run effects remix a.wav --labels order.txt -o no.wav; exits 2; says "a.wav: the label from 2.5 to 2.75 s"; one_sentence
: >none.txt
run effects remix a.wav --labels none.txt -o no.wav; exits 3; says "none.txt: there is no label"; one_sentence
run effects remix a.wav --labels missing.txt -o no.wav; exits 4; says "missing.txt"; one_sentence

# --- several files, odd names ---
ok normalize a.wav stereo.wav gap.wav -o many; exists many/a.wav; exists many/stereo.wav; exists many/gap.wav
for name in "with blank" 소리 $'new\nline' -minus "%s"; do
    cp a.wav "./$name.wav"; ok normalize -o odd/ -- "$name.wav"; exists "odd/$name.wav"
done
echo text >text.wav; : >empty.wav
run effects normalize a.wav text.wav missing.wav empty.wav stereo.wav -o mixed; exits 1; says "3 of 5 files failed"
exists mixed/a.wav; exists mixed/stereo.wav; absent mixed/text.wav; absent mixed/empty.wav
run effects normalize text.wav -o x.wav; exits 3; one_sentence
run effects normalize missing.wav -o x.wav; exits 4; one_sentence

# --- a FILE is never replaced unless that is wanted ---
cp a.wav keep.wav; ln -s keep.wav link.wav; mkdir here; cp a.wav here/1.wav; cp stereo.wav here/2.wav
run effects speed keep.wav --factor 2 -o keep.wav; exits 2; says "keep.wav: would be replaced"; one_sentence
run effects speed keep.wav --factor 2 -o link.wav; exits 2; says "would be replaced"
run effects speed keep.wav --factor 2 -o .; exits 2; same a.wav keep.wav
run effects speed here/1.wav here/2.wav --factor 2 -o here; exits 1; same a.wav here/1.wav; same stereo.wav here/2.wav
cp a.wav keep_harmonic.wav; run effects hpss keep.wav keep_harmonic.wav -o ./; exits 1; same a.wav keep_harmonic.wav
ok speed keep.wav --factor 2 -o keep.wav --overwrite; that test "$(length keep.wav)" = 11025
ok speed here/*.wav --factor 2 -o here --overwrite; that test "$(length here/1.wav)" = 11025

# --- mistakes ---
run effects; exits 2; says "--list"
run effects --rate 2; exits 2
run effects trimm a.wav -o x.wav; exits 2; says "did you mean trim?"
run effects xylophone a.wav -o x.wav; exits 2; says "--list"
for name in $every; do
    run effects $name; exits 2; says "FILE... is missing"; one_sentence
    run help effects; prints "$name"
done
run completion fish; prints "-a '$(echo $every)'"   # the same words as the table's
run effects trim a.wav; exits 2; says "--out is missing"
run effects stretch a.wav -o no.wav; exits 2; says "stretch: --rate is missing"; one_sentence
run effects trim a.wav --rate 2 -o no.wav; exits 2; says "--rate is no option of trim"; one_sentence
run effects stretch a.wav --rate 0 -o no.wav; exits 2; says "at least"
run effects pitch a.wav --n_steps x -o no.wav; exits 2; says "not a number"
run effects quantize a.wav --bits 1 -o no.wav; exits 2; says "at least 2"
run effects quantize a.wav --bits 24 -o no.wav; exits 2; says "--subtype pcm_24"
run effects trim a.wav -o no.mp3; exits 2; says ".wav or .flac"
run effects trim a.wav -o -; exits 2; says "standard output"
run effects trim a.wav -o no.txt; exits 2; says "makes sound"
run effects trim a.wav -o no/ --format txt; exits 2; says "makes sound"; absent no
run effects trim a.wav -o no.wav --format flac; exits 2; says "--format flac"
run effects trim a.wav -o no.flac --subtype float; exits 2; says "FLAC"
run effects trim a.wav b.wav -o no.wav; exits 2; says "need a folder"
run effects trim a.wav here/../a.wav -o no; exits 2; says "would both become no/a.wav"
run effects trim a.wav --sr 8000 --res_type fft -o no.wav; exits 2; one_sentence
run effects trim a.wav --frame_length 0 -o no.wav; exits 2; says "at least 1"
absent no.wav

# --- outputs that cannot be written: nothing is left, the old one stays ---
for out_name in x.wav x.flac; do
    echo old >$out_name; last="effects -o $out_name, files limited to 8 kB"
    head -c 60000 /dev/urandom >noise; { wav_header 22050 1 16 60000; cat noise; } >noise.wav
    (ulimit -f 8; "$sori" effects stretch noise.wav --rate 0.9 -o $out_name >"$out" 2>"$err"); code=$?
    exits 4; says "$out_name"; one_sentence; that test "$(cat $out_name)" = old
    no_leftovers
    run effects trim a.wav -o /proc/$out_name; exits 4; one_sentence
    run effects trim a.wav -o a.wav/$out_name; exits 4; one_sentence
done
if [ "$(id -u)" != 0 ]; then
    mkdir readonly; chmod 555 readonly
    run effects trim a.wav -o readonly/x.wav; exits 4; says "Permission denied"; one_sentence
fi
if [ -w /dev/full ]; then
    run effects normalize a.wav --overwrite -o /dev/full; exits 2   # no name of a sound file
fi

# --- Ctrl-C in the middle of files: whole ones only ---
set -m
mkdir links
for i in {1..400}; do ln -s ../a.wav links/$i.wav; done
for threads in 1 4; do
    last="effects --threads $threads, interrupted"
    "$sori" effects stretch links/* --rate 0.7 -o stopped --threads $threads >"$out" 2>"$err" & pid=$!
    for i in {1..200}; do [ -n "$(ls stopped 2>/dev/null | head -1)" ] && break; sleep 0.05; done
    kill -INT $pid; wait $pid; code=$?
    exits 130; no_leftovers
    that test "$(cat stopped/*.wav | wc -c)" = $(((44 + 63000) * $(ls stopped | wc -l)))
    rm -r stopped
done
set +m
finish
