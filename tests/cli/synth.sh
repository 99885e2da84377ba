# sori synth: files, their names, lists and labels, mistakes, full disks, interruption.
source "$(dirname "$0")/lib.bash"

# --- what needs no SoundFont ---
run synth --list; exits 0; silent; prints "Acoustic Grand Piano"; that test "$(wc -l <"$out")" = 129
run synth --list --json; exits 0; prints '"name": "violin"'
run synth chords --list; exits 0; silent; prints "min7"; run synth drums --list --json; exits 0; prints '"snare"'
run synth scale --list; exits 0; prints "dorian"; run synth mix --list; exits 0; prints "Acoustic Grand Piano"
run synth; exits 2; says "sori synth notes"
run synth chord; exits 2; says "did you mean chords?"
run synth opera; exits 2; says "opera cannot be made"
run synth chords; exits 2; says "chords: CHORD... is missing"; one_sentence
run synth noise loud; exits 2; says "'loud' is one too many"
run synth noise --wave saw -o x.wav; exits 2; says "--wave is no option of noise"
run synth tone --pitches C4 -o x.wav; exits 2; says "--pitches is no option of tone"
run synth notes; exits 2; says "--instruments is missing"
run synth notes -i piano; exits 2; says "--out is missing"
run synth notes -i kazooo -o x; exits 2; says "kazooo"; one_sentence
run synth notes -i piano,128 -o x; exits 2; one_sentence
run synth notes -i piano -o x -v 0; exits 2; says "1 to 127"
run synth notes -i piano -o x -v 100,abc; exits 2; says "abc"
run synth notes -i piano -o x -p C5:C3; exits 2; one_sentence
run synth notes -i piano -o x -p H4; exits 2; says "H4"
run synth notes -i piano -o x -p C-1; exits 2; says "C#-1"
run synth notes -i piano -o x --duration 0; exits 2; says "at least"
run synth notes -i piano -o x --format flac --subtype float; exits 2; says "FLAC"
run synth notes -i piano -o x --soundfont missing.sf2; exits 4; says "missing.sf2"
echo text >text.sf2
run synth notes -i piano -o x --soundfont text.sf2; exits 3; says "text.sf2"; one_sentence
absent x

# --- tones ---
field() { "$sori" info --json "$1" | sed -n "s/.*\"$2\": \([0-9.e-]*\).*/\1/p"; }
ok() { run synth "$@"; exits 0; silent; prints_nothing; }
for wave in sine triangle square saw fm pluck; do
    ok tone --wave $wave -f A3 --duration 0.5 -o tone.wav; that test "$(field tone.wav frames)" = 11025
done
ok tone -o tone.wav --sr 8000 --amplitude 0.25
that test "$(field tone.wav frames) $(field tone.wav peak)" = "8000 0.25"
ok tone --wave harmonics --harmonics 1,0,0.3333 -f 220 --phase 1.5 -o tone.flac --subtype pcm24
ok tone --wave square --adsr 0.1,0.1,0.5,0.2 -o tone.wav
ok tone --wave fm --ratio 1.4 --index 5 --index_envelope --adsr 0,0.5,0,0 -o tone.wav
ok tone --wave pluck -f E2 --damping 0.1 --t60 1 -o tone.wav
ok tone --wave pluck -f E2 --damping 0.1 --t60 1 --seed 1 -o other.wav
that test "$(cmp -s tone.wav other.wav; echo $?)" = 1
ok tone --wave chirp -f 100 --to A6 --amplitude 0.5 -o tone.wav
ok tone --wave chirp -f 100 --to 200 --linear -o tone.wav
ok tone -f A4 --tuning 432 -o a.wav; ok tone -f 432 -o b.wav; same a.wav b.wav
for color in white pink brown; do
    ok noise --color $color --duration 2 -o noise.wav; that test "$(field noise.wav frames)" = 44100
done
ok noise --rms 0.05 --sr 44100 -o noise.wav
that awk -v r="$(field noise.wav rms)" 'BEGIN { exit !(r > 0.049 && r < 0.051) }'
run synth noise --rms 1 -o noise.wav; exits 0; says "softer"; ok noise --rms 1 --subtype float -o noise.wav
ok clicks --times 0,0.5 -o clicks.wav; that test "$(field clicks.wav frames)" = 13230
ok clicks --bpm 120 --duration 2 --click_freq 500 --click_duration 0.05 -o clicks.wav
that test "$(field clicks.wav frames)" = 44100
run synth tone; exits 2; says "--out is missing"
run synth tone -o x; exits 2; says ".wav or .flac"
run synth tone -o x.flac --subtype float; exits 2; says "FLAC"
run synth tone -f H4 -o x.wav; exits 2; says "--frequency H4"; one_sentence
for hz in 0 -1 1e4 "" nan; do run synth tone --frequency "$hz" -o x.wav; exits 2; one_sentence; done
run synth tone -f 12000 -o x.wav; exits 2; says "12000"; one_sentence
run synth tone --wave organ -o x.wav; exits 2; one_sentence
run synth tone --wave harmonics -o x.wav; exits 2; says "--harmonics is missing"
run synth tone --wave chirp -o x.wav; exits 2; says "--to is missing"
run synth tone --ratio 2 -o x.wav; exits 2; says "--ratio is for --wave fm"
run synth tone --adsr 1,2,3 -o x.wav; exits 2; says "4 numbers, not 3"
run synth tone --adsr 1,x,1,1 -o x.wav; exits 2; says "--adsr x: not a number"
run synth tone --adsr 1,1,1,1 -o x.wav; exits 2; one_sentence
run synth clicks --times x -o x.wav; exits 2; says "--times x"; one_sentence
run synth clicks --times -1 -o x.wav; exits 2; one_sentence
run synth clicks --times , -o x.wav; exits 2; one_sentence
run synth tone -o /proc/x.wav; exits 4; one_sentence
absent x.wav; absent x.flac

# --- pieces that cannot be ---
for parts in C:maj =C4 piano= piano; do
    run synth mix $parts -o x.wav; exits 2; says "$parts: not INSTRUMENT"; one_sentence
done
run synth drums kick=C4 -o x.wav; exits 2; says "a pattern is made of"
run synth drums kick=... -o x.wav; exits 2; says "a pattern is made of"
run synth drums kicks=x -o x.wav; exits 2; says "kicks"; one_sentence
run synth mix kazooo=C4 -o x.wav; exits 2; says "kazooo"; one_sentence
run synth mix piano=H4 -o x.wav; exits 2; says "H4"; one_sentence
run synth mix piano=C-1 -o x.wav; exits 2; says "C#-1"; one_sentence
for length in "C4*" "C4*0" "C4*x" "C4*1001" "C4*-1"; do
    run synth mix "piano=$length" -o x.wav; exits 2; says "$length"; one_sentence
done
run synth mix piano=C4 -o folder/; exits 2; says "must end in"
run synth mix piano=C4 -o x.wav --velocity 0; exits 2; says "1 to 127"
run synth chords C:maj -o x.wav --format flac; exits 2; says "--format flac"
run synth chords C:maj -o x.wav --soundfont missing.sf2; exits 4; says "missing.sf2"; one_sentence
absent x.wav; absent folder

if ! ls /usr/share/sounds/sf2/*.sf2 >/dev/null 2>&1; then
    echo "skipped: no SoundFont"
    finish
fi

# --- notes ---
run synth notes --instruments piano,bass --pitches C4:D4 --velocity 60,100 --duration 0.1 --out notes
exits 0; says "12 notes in notes"; prints_nothing
for note in C4 "C#4" D4; do for v in 60 100; do exists "notes/piano/piano_${note}_$v.wav"; done; done
that test "$(find notes -type f | wc -l)" = 13
that test "$(grep -c '"note_str"' notes/examples.json)" = 12
that grep -q '"piano_C4_100": {.*"pitch": 60, "velocity": 100.*"instrument_family_str": "keyboard"' notes/examples.json
that grep -q '"instrument_family_str": "bass", .*"instrument_source_str": "electronic"' notes/examples.json
if command -v jq >/dev/null; then that test "$(jq length notes/examples.json)" = 12; fi
run info notes/piano/piano_C4_100.wav; exits 0; prints "22050"; prints "0:00:00.350"; prints_not "inf"
run synth notes -i 0 -p 60 --duration 0.1 -o again --quiet --threads 1; exits 0; silent
same notes/piano/piano_C4_100.wav again/piano/piano_C4_100.wav
run synth notes -i "Acoustic Grand Piano" -p C4 --sr 44100 --stereo --format flac --subtype pcm24 --json -o "소리 폴더"
exits 0; prints '{"notes": 1, "failed": 0, "out": "소리 폴더"}'
run info "소리 폴더/piano/piano_C4_100.flac"; exits 0; prints "44100    2"; prints "24 bit"

# --- chords and scales ---
ok chords C:maj F:7 G:min/1 N --instrument guitar --duration 0.2 -o chords.wav
that test "$(field chords.wav frames)" = 18743   # three of 0.2 s, and 0.25 s
that test "$(grep -c '"pitch"' chords.json)" = 10; that test "$(grep -c '"end_s"' chords.json)" = 4
if command -v jq >/dev/null; then
    that test "$(jq -c '[.notes[].pitch]' chords.json)" = "[60,64,67,65,69,72,75,70,74,79]"
    that test "$(jq -c '[.chords[].name]' chords.json)" = '["C:maj","F:7","G:min/b3","N"]'
fi
ok chords C:maj --duration 0.2 -o chords.flac --labels jams --label_by chords; run labels chords.jams; prints "C:maj"
ok chords C:maj C:maj/E --duration 0.1 --voicing open --bass --octave 3 -o each --format flac --labels none
that test "$(ls each | paste -sd,)" = 000_C_maj.flac,001_C_maj_E.flac
run synth chords C:maj H:maj -o no.wav; exits 2; says "H:maj"; one_sentence; absent no.wav
ok scale "D4 dorian" --direction both --duration 0.1 -o scale.wav --labels csv
that test "$(grep -c , scale.csv)" -ge 15; that grep -q 'D5' scale.csv
run synth scale "D4 doric" -o no.wav; exits 2; says "D4 doric"; one_sentence; absent no.wav

# --- drums and mixtures: labels are where the sound is ---
ok drums kick=x... snare=..X. --bpm 60 --steps 1 --repeat 2 --velocity 90 -o drums.wav
that test "$(grep -c '"instrument": "drums"' drums.json)" = 4
that grep -q '"name": "snare", "hz": null, "velocity": 117, "onset_s": 2,' drums.json
ok mix piano=C4,-,E4*2 bass=C:5,G2 kick=x... --duration 0.5 --bpm 120 --steps 2 -o mix.wav --labels txt
that test "$(head -1 mix.txt)" = $'0.000000\t0.250000\tdrums kick'
that test "$(grep -c piano mix.txt) $(grep -c kick mix.txt)" = "2 2"
ok mix piano=C4,-,E4*2 bass=C:5,G2 kick=x... --duration 0.5 --bpm 120 --steps 2 -o mix2.wav --labels none
same mix.wav mix2.wav; absent mix2.txt
ok mix piano=C4,E4 --humanise -o h1.wav; ok mix piano=C4,E4 --humanise -o h2.wav; same h1.wav h2.wav
ok mix piano=C4,E4 --humanise --seed 1 -o h3.wav; that test "$(cmp -s h1.wav h3.wav; echo $?)" = 1
run synth mix piano=-,- -o no.wav; exits 2; says "nothing to play"; absent no.wav
echo old >mix.wav; last="synth mix, files limited to 8 kB"
(ulimit -f 8; "$sori" synth mix piano=C4 -o mix.wav >"$out" 2>"$err"); code=$?
exits 4; says "mix.wav"; one_sentence; that test "$(cat mix.wav)" = old
run synth mix piano=C4 -o /proc/x.wav; exits 4; one_sentence

# --- what cannot be written: nothing is left, what was there stays ---
run synth notes -i piano -p C4 -o /proc/notes; exits 4; says "/proc/notes"; one_sentence
echo keep >file
run synth notes -i piano -p C4 -o file; exits 4; says "file"; one_sentence
run synth notes -i piano -p C4 -o file/below; exits 4
that test "$(cat file)" = keep
cp notes/examples.json before.json
last="synth, files limited to 8 kB"   # less than a note
(ulimit -f 8; "$sori" synth notes -i piano -p C4 --duration 1 -o notes >"$out" 2>"$err"); code=$?
exits 4; says "cannot write"; one_sentence; same before.json notes/examples.json
no_leftovers

# --- Ctrl-C: whole files only, and no list that is wrong ---
set -m
last="synth, interrupted"
"$sori" synth notes -i all -p C1:C7 -o many >"$out" 2>"$err" & pid=$!
for i in {1..100}; do [ -e many/piano ] && break; sleep 0.05; done
kill -INT $pid; wait $pid; code=$?
exits 130; says "interrupted"; absent many/examples.json
no_leftovers
finish
