# sori mix: sums, levels, signal-to-noise ratios, mistakes.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
tone slow.wav 11025 5512
wav stereo.wav 44100 2 44100 41
wav silent.wav 22050 1 4410
field() { "$sori" info --json "$1" | sed -n "s/.*\"$2\": \([0-9.e-]*\).*/\1/p"; }
ok() { run mix "$@"; exits 0; silent; prints_nothing; }

# --- sums ---
ok a.wav a.wav -o x.wav; that test "$(field x.wav peak) $(field x.wav frames)" = "0.5 22050"
ok a.wav silent.wav -o x.wav; same x.wav a.wav
ok silent.wav a.wav -o x.wav; same x.wav a.wav
ok a.wav a.wav a.wav --gain_db 0,-200,-6.0206 -o x.wav; that test "$(field x.wav peak)" = 0.375
ok a.wav slow.wav -o x.wav; that test "$(field x.wav frames) $(field x.wav sr)" = "22050 22050"
ok slow.wav a.wav --sr 8000 -o x.flac --subtype pcm_24; that test "$(field x.flac frames)" = 8000
run mix a.wav stereo.wav -o x.wav; exits 0; says "different channels"; that test "$(field x.wav channels)" = 1
run mix a.wav a.wav --gain_db 12,12 -o x.wav; exits 0; says "softer"
ok a.wav a.wav --gain_db 12,12 -o x.wav --subtype float

# --- ratios: what was added has a tenth of the power ---
ok a.wav stereo.wav --sr 22050 --snr 10 -o x.wav --quiet; that test "$(field x.wav frames)" = 22050
ok a.wav a.wav --snr 20 -o x.wav --subtype float
that awk -v p="$(field x.wav peak)" 'BEGIN { exit !(p > 0.2749 && p < 0.2751) }'
ok a.wav silent.wav --snr 10 -o x.wav; same x.wav a.wav
ok a.wav slow.wav --snr 0 -o x.wav; that test "$(field x.wav frames)" = 22050

# --- mistakes ---
run mix; exits 2; one_sentence
run mix a.wav -o no.wav; exits 2; one_sentence
run mix a.wav a.wav; exits 2; says "--out is missing"
run mix a.wav a.wav -o no.mp3; exits 2; says ".wav or .flac"
run mix a.wav a.wav -o no.flac --subtype float; exits 2; says "FLAC"
run mix a.wav missing.wav -o no.wav; exits 4; says "missing.wav"; one_sentence
echo text >text.wav
run mix text.wav a.wav -o no.wav; exits 3; says "text.wav"; one_sentence
run mix a.wav a.wav --snr x -o no.wav; exits 2; says "not a number"
run mix a.wav a.wav --gain_db 1 -o no.wav; exits 2; says "1 values for 2 sounds"
run mix a.wav a.wav --gain_db 1,x -o no.wav; exits 2; says "--gain_db x"
cp a.wav keep.wav; run mix keep.wav slow.wav -o keep.wav; exits 2; says "would be replaced"; same a.wav keep.wav
ok keep.wav a.wav -o keep.wav --overwrite; that test "$(field keep.wav peak)" = 0.5
run mix a.wav a.wav -o /proc/no.wav; exits 4; one_sentence
absent no.wav
finish
