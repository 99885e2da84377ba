# sori compare: the table, JSON, the sheet, mistakes.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
tone faster.wav 44100 44100
wav silent.wav 8000 1 800
wav stereo.wav 44100 2 44100 41

# --- a sound and itself ---
run compare a.wav a.wav; exits 0; silent
prints "A  a.wav"; prints "1.000 s of both, mono, 22050 Hz, from the onset, RMS -20 dBFS"
that test "$(grep -c '^distance.* 0.00' "$out")" = 4
# a square wave of 22050 / 64 Hz: odd partials at 1/k, even ones not there
prints "       1      344.5      0.0     +0.0"
that grep -qE '^ +2 +- +- +- ' "$out"
that grep -qE '^ +3 +1033.6 +-9.5 +[+-]0.0 ' "$out"
run compare a.wav a.wav --json; exits 0; silent; prints '"log_mel_db": 0,'; prints '"mfcc_dtw": 0,'
if command -v jq >/dev/null; then
    that test "$(jq '.a.partials | length' "$out")" = 10
    that test "$(jq '.a.path' "$out")" = '"a.wav"'
    that test "$(jq '.b.partials[1].hz' "$out")" = null
fi
run compare a.wav a.wav --n_partials 3 --json; exits 0; prints '"number": 3'; prints_not '"number": 4'

# --- what is made alike ---
run compare a.wav faster.wav; exits 0; prints "22050 Hz, from the onset"; prints "+1200.0"
run compare a.wav faster.wav --sr 8000 --duration 0.5 --no-align --no-level; exits 0
prints "0.500 s of both, mono, 8000 Hz"; prints_not "onset,"; prints_not "RMS -20"
run compare a.wav stereo.wav; exits 0; prints "1.000 s of both, mono, 22050 Hz"
run compare a.wav faster.wav --f0 A4; exits 0; prints "440.00"
run compare a.wav faster.wav --f0 344.53125; exits 0; prints "344.53"
run compare a.wav silent.wav; exits 0; silent; prints "distance of partials                         - dB"
run compare silent.wav silent.wav --json; exits 0; prints '"f0_hz": null'

# --- the sheet ---
for ending in png svg pdf; do
    run compare a.wav stereo.wav -o sheet.$ending --dark --title "제목"; exits 0; silent; exists sheet.$ending
done
run compare silent.wav silent.wav -o silent.svg --width 800 --density 2; exits 0; exists silent.svg
that test "$(grep -c Partial silent.svg)" = 0

# --- mistakes ---
run compare; exits 2; one_sentence
run compare a.wav; exits 2; one_sentence
run compare a.wav b.wav c.wav; exits 2; one_sentence
run compare a.wav missing.wav; exits 4; says "missing.wav"; one_sentence; prints_nothing
run compare missing.wav a.wav; exits 4; says "missing.wav"; one_sentence
echo text >text.wav
run compare a.wav text.wav; exits 3; says "text.wav"; one_sentence; prints_nothing
run compare a.wav a.wav --f0 H4; exits 2; says "--f0 H4"; one_sentence
run compare a.wav a.wav --f0 0; exits 2; one_sentence
run compare a.wav a.wav --f0 -1; exits 2; one_sentence
run compare a.wav a.wav --f0 ""; exits 2; one_sentence
run compare a.wav a.wav --n_partials 33; exits 2; says "at most 32"
run compare a.wav a.wav --duration 0; exits 2; says "at least"
run compare a.wav a.wav --offset 5; exits 2; one_sentence
run compare a.wav a.wav -o sheet.gif; exits 2; says ".png, .svg or .pdf"; prints_nothing
run compare a.wav a.wav -o /proc/sheet.png; exits 4; one_sentence; prints_nothing
run compare a.wav a.wav -o a.wav/sheet.png; exits 4; one_sentence
finish
