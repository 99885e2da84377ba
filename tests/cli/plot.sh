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
cp a.wav $'새\n.wav'
run plot $'새\n.wav' -o $'새\n.png'; exits 0; exists $'새\n.png'

# --- mistakes ---
run plot; exits 2; says "FILE is missing"
run plot a.wav; exits 2; says "--out is missing"
run plot a.wav a.wav -o x.png; exits 2; says "one too many"
run plot a.wav -o x.bmp; exits 2; says "x.bmp"; one_sentence
run plot a.wav -o x; exits 2
run plot a.wav -k spectogram -o x.png; exits 2; says "waveform|spectrum|spectrogram"
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
