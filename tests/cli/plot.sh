# sori plot: every kind and format, mistakes, outputs that cannot be written.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
run plot a.wav -o probe.png
if grep -q "not built" "$err"; then echo "skipped: built without cairo"; exit 0; fi

is() {
    checks=$((checks + 1))
    [ "$(head -c ${#2} "$1" | tr -d '\0')" = "$2" ] || fail "$1 does not begin as it should"
}
exits 0; silent; prints_nothing; is probe.png $'\x89PNG'
for kind in waveform spectrum spectrogram mel mfcc all waveform,mel; do
    run plot a.wav --kind $kind -o $kind.png; exits 0; silent; is $kind.png $'\x89PNG'
    run plot a.wav --kind $kind --scale linear -o $kind.svg; exits 0; is $kind.svg "<?xml"
done
run plot a.wav -o a.pdf; exits 0; is a.pdf "%PDF"
for axis in linear log mel auto; do
    run plot a.wav --kind spectrogram --y_axis $axis -o $axis.svg; exits 0
done
that test "$(cmp -s linear.svg log.svg; echo $?)" = 1
that test "$(cmp -s linear.svg mel.svg; echo $?)" = 1
same linear.svg auto.svg
run plot a.wav -k mel --title "소리 <&\"'>" -o title.svg; exits 0
run plot a.wav -k mel --dark --width 600 --height 300 --density 2 -o dark.png; exits 0
run plot a.wav -k all --n_fft 512 --hop_length 128 --n_mels 40 --fmax 8000 --offset 0.2 --duration 0.5 -o part.png
exits 0
wav stereo.wav 44100 2 4410 41
run plot stereo.wav -k all --multichannel --sr 0 -o stereo.png; exits 0
wav tiny.wav 22050 1 1 41
run plot tiny.wav -k all -o tiny.png; exits 0
wav silent.wav 22050 1 22050
run plot silent.wav -k all -o silent.png; exits 0

# --- every kind, of every sound, in every look ---
run plot --list; exits 0; silent; prints "fourier_tempogram"
kinds=$(sed '1d;s/ .*//' "$out"); every=$(echo $kinds | tr ' ' ,)
that test "$(echo "$kinds" | wc -l)" -ge 29
run plot --list --json; exits 0; prints '"name": "tempogram"'
tone short.wav 22050 661   # 30 ms
for kind in $kinds; do
    run plot a.wav --kind $kind -o $kind.png; exits 0; silent; is $kind.png $'\x89PNG'
    run plot a.wav --kind $kind --scale linear --dark -o $kind.svg; exits 0; is $kind.svg "<?xml"
    that grep -q '</svg>' $kind.svg; that test "$(grep -c 'nan' $kind.svg)" = 0
    [ -z "${before:-}" ] || that test "$(cmp -s $kind.png $before.png; echo $?)" = 1
    before=$kind
done
for sound in tiny silent short stereo; do
    run plot $sound.wav -q -k $every --multichannel --sr 0 -o $sound.png; exits 0; silent; is $sound.png $'\x89PNG'
done
run plot a.wav -k $every --offset 0.5 --no-center --hop_length 100 --n_fft 1000 --n_bands 3 -o odd.pdf; exits 0
run plot a.wav -k mfcc,waveform -o 1.png; run plot a.wav -k waveform,mfcc,waveform -o 2.png; exits 0
that test "$(cmp -s 1.png 2.png; echo $?)" = 1   # in the order that was asked for
tone long.wav 8000 800000   # frames enough that similar ones are put together
run plot long.wav --sr 0 -k similarity_mfcc --hop_length 100 -o long.png; exits 0; is long.png $'\x89PNG'

# --- overlays ---
printf '0.1\t0.4\t소리 <&>\n0.5\t0.5\t\n0.2\t0.3\tearlier\n9\t10\tbeyond\n' >labels.txt
printf 'start,end,label\n0.1,0.4,a\n' >labels.csv
run plot a.wav -k waveform,mel,spectrogram,cqt,chroma,mfcc,rms -o none.svg; exits 0
for overlay in onsets beats f0 centroid rolloff labels=labels.txt labels=labels.csv; do
    run plot a.wav -k waveform,mel,spectrogram,cqt,chroma,mfcc,rms --overlay $overlay -o over.svg; exits 0; silent
    that test "$(cmp -s none.svg over.svg; echo $?)" = 1
done
run plot a.wav -k $every --overlay onsets,beats,f0,centroid,rolloff --overlay labels=labels.txt -o all.png; exits 0
run plot a.wav -k onset -o 1.png; run plot a.wav -k onset --overlay onsets -o 2.png; exits 0; same 1.png 2.png
for sound in tiny silent short stereo; do
    run plot $sound.wav -q -k mel,pitch --sr 0 --overlay onsets,beats,f0,centroid,rolloff,labels=labels.txt -o x.pdf
    exits 0; is x.pdf "%PDF"; rm x.pdf
done
: >none.txt; run plot a.wav -k mel --overlay labels=none.txt -o empty.png; exits 0; silent
cp a.wav $'새\n.wav'
run plot $'새\n.wav' -o $'새\n.png'; exits 0; exists $'새\n.png'

# --- mistakes ---
run plot; exits 2; says "FILE is missing"
run plot a.wav; exits 2; says "--out is missing"
run plot a.wav a.wav -o x.png; exits 2; says "one too many"
run plot a.wav -o x.bmp; exits 2; says "x.bmp"; one_sentence
run plot a.wav -o x; exits 2
run plot a.wav -k spectogram -o x.png; exits 2; says "did you mean spectrogram?"; one_sentence
run plot a.wav -k xyzzy -o x.png; exits 2; says "--list"; one_sentence
run plot a.wav --overlay onset -o x.png; exits 2; says "did you mean onsets?"; one_sentence
run plot a.wav --overlay xyzzy -o x.png; exits 2; says "labels=FILE"; one_sentence
run plot a.wav --overlay labels -o x.png; exits 2; says "labels=FILE"; one_sentence
run plot a.wav --overlay labels= -o x.png; exits 2; says "labels=FILE"; one_sentence
run plot a.wav -k spectrum --overlay onsets -o x.png; exits 2; says "over time"; one_sentence
run plot a.wav -k chroma,waveform --overlay f0 -o x.png; exits 2; says "frequency"; one_sentence
run plot a.wav --overlay labels=gone.txt -o x.png; exits 4; says "gone.txt"; one_sentence
printf 'x\ty\tz\n' >bad.txt
run plot a.wav --overlay labels=bad.txt -o x.png; exits 3; says "bad.txt"; one_sentence
run plot a.wav --scale linear --db -o x.png; exits 2; says "contradict"; one_sentence
run plot a.wav -k pitch --fmin 2000 --fmax 1000 -o x.png; exits 2; says "fmin"; one_sentence
run plot a.wav -k , -o x.png; exits 2
run plot a.wav --scale loud -o x.png; exits 2; says "linear|db"
run plot a.wav --power 3 -o x.png; exits 2; says "decibels need 1 or 2"
run plot a.wav --fmax 12000 -o x.png; exits 2; says "a.wav"; says "fmax"; one_sentence
run plot a.wav --width 1e5 -o x.png; exits 2; says "at most"
: >empty.wav
run plot empty.wav -o x.png; exits 3; one_sentence
run plot missing.wav -o x.png; exits 4; one_sentence
absent x.png

# --- outputs that cannot be written ---
for name in x.png x.svg x.pdf; do
    run plot a.wav -o /proc/$name; exits 4; one_sentence
    run plot a.wav -o a.wav/$name; exits 4; one_sentence
    echo old >$name; last="plot -o $name, files limited to 2 kB"
    (ulimit -f 2; "$sori" plot a.wav -o $name >"$out" 2>"$err"); code=$?
    exits 4; says "$name"; one_sentence; that test "$(cat $name)" = old
    no_leftovers
done
finish
