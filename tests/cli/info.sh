# sori info: good files, hostile files, odd names, JSON.
source "$(dirname "$0")/lib.bash"

# --- what is right ---
wav a.wav 8000 1 8000 41   # every sample is 0x2041 = 8257: -12.0 dB below 32768
run info a.wav; exits 0; silent; prints "FORMAT"; prints "PCM 16 bit"; prints "8000"; prints "0:00:01.000"
that grep -qE ' 1  +0:00:01.000 +-12.0 +-12.0  a.wav$' "$out"
wav stereo.wav 44100 2 44100
run info stereo.wav; exits 0; prints "-inf"; prints "44100"
tone tone.wav 22050 22050
run info tone.wav; exits 0; that grep -qE -- '-12.0 +-12.0  tone.wav$' "$out"
run info --json a.wav stereo.wav; exits 0; silent
prints '{"path": "a.wav", "format": "WAV", "encoding": "PCM 16 bit", "sr": 8000, "channels": 1, "frames": 8000,'
prints '"peak_dbfs": null'
that test "$(head -c 1 "$out")" = '['
run info -j a.wav --threads=2 --seed 5; exits 0; prints '"frames": 8000'
run info --quiet a.wav; exits 0; silent
run info; exits 2; says "FILE... is missing"; one_sentence
run info --jsn a.wav; exits 2; says "did you mean --json?"

# --- what is wrong: one sentence with the path and the reason ---
bad() {   # bad FILE CODE REASON
    run info "$1"; exits "$2"; says "$1: "; says "$3"; one_sentence; prints_nothing
    run info --json "$1"; exits "$2"; prints '"error": '
    run info a.wav "$1" tone.wav; exits 1; prints "a.wav"; prints "tone.wav"; says "1 of 3 files failed"
}
: >empty.wav
bad empty.wav 3 "empty"
wav_header 8000 1 16 0 >header.wav
bad header.wav 3 "0 frames"
head -c 20 a.wav >cut.wav
bad cut.wav 3 ""
echo "this is a text" >text.wav
bad text.wav 3 "text"
wav_header 0 1 16 100 >rate0.wav; head -c 100 /dev/zero >>rate0.wav
bad rate0.wav 3 "below 1 Hz"
wav_header 8000 65535 16 131070 >channels.wav; head -c 131070 /dev/zero >>channels.wav
bad channels.wav 3 "channels"
wav_header 8000 0 16 100 >channels0.wav; head -c 100 /dev/zero >>channels0.wav
bad channels0.wav 3 "0 channels"
mkdir folder.wav
bad folder.wav 4 "directory"
bad missing.wav 4 "No such file"
ln -s loop.wav loop.wav
bad loop.wav 4 "symbolic links"
head -c 3000 /dev/urandom >noise.mp3
run info noise.mp3; that test "$code" = 3 -o "$code" = 0   # an MP3 frame may be found in anything
if [ "$(id -u)" != 0 ]; then
    wav locked.wav 8000 1 10; chmod 0 locked.wav
    bad locked.wav 4 "Permission denied"
fi
run info missing.wav missing2.wav; exits 1; says "2 of 2 files failed"

# --- truncated: what is there, and a word about it ---
head -c 8044 a.wav >short.wav
run info short.wav; exits 0; says "short.wav: truncated"; one_sentence; prints "0:00:00.500"
run info --json --quiet short.wav; exits 0; silent; prints '"frames": 4000'; prints '"truncated": true'

# --- NaN and infinity are counted and left out of the levels ---
{ wav_header 8000 1 32 16 3; printf '\0\0\xc0\x7f\0\0\x80\x7f\0\0\0\x3f\0\0\0\x3f'; } >nan.wav
run info nan.wav; exits 0; says "2 samples are NaN or infinite"; that grep -q -- '-6.0 .* -6.0 ' "$out"
run info --json nan.wav; exits 0; prints '"peak": 0.5'; prints '"nonfinite": 2'

# --- names ---
for name in 소리.wav "with blank.wav" $'new\nline.wav' \
    $'escape\033[2J.wav' $'raw\377.wav' 'quote".wav' "*.wav" "%s%n.wav"; do
    cp a.wav "$name"
    run info "$name"; exits 0; silent; that test "$(wc -l <"$out")" = 2
    run info --json "$name"; exits 0; that test "$(wc -l <"$out")" = 3
    prints_not $'\033'
    rm "$name"
done
cp a.wav ./-minus.wav; cp a.wav ./-
run info -- -minus.wav; exits 0; prints "-minus.wav"
run info -minus.wav; exits 2; says "unknown option"; says "--"
run info ./-; exits 0
run info $'missing\n\033[2J.wav'; exits 4; says 'missing\n\x1b[2J.wav'; one_sentence
cp a.wav $'q"\\\377.wav'
run info --json $'q"\\\377.wav'; exits 0; prints '"path": "q\"\\\udcff.wav"'

# --- many files on many threads: the output is that of one thread, messages too ---
set --
for i in {1..60}; do set -- "$@" a.wav text.wav tone.wav short.wav missing.wav; done
for option in --threads=1 --json; do
    run info $option --threads=1 "$@"; exits 1; cp "$out" one.out; cp "$err" one.err
    for threads in 2 7 64; do
        run info $option --threads=$threads "$@"; exits 1; same "$out" one.out; same "$err" one.err
    done
done
says "120 of 300 files failed"

# --- output that cannot be written ---
if [ -w /dev/full ]; then
    last="info >/dev/full"
    "$sori" info a.wav >/dev/full 2>"$err"; code=$?; exits 4; says "standard output"; one_sentence
fi

# --- Ctrl-C stops between files at the latest ---
set -m   # so that the background job does not ignore SIGINT
for threads in 1 4; do
    last="info --threads $threads, interrupted"
    "$sori" info --threads $threads $(yes tone.wav | head -20000) >"$out" 2>"$err" & pid=$!
    sleep 0.2; kill -INT $pid; wait $pid; code=$?
    exits 130
done
finish
