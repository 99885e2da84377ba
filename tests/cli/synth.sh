# sori synth notes: files, their names and list, mistakes, full disks, interruption.
source "$(dirname "$0")/lib.bash"

# --- what needs no SoundFont ---
run synth --list; exits 0; silent; prints "Acoustic Grand Piano"; that test "$(wc -l <"$out")" = 129
run synth --list --json; exits 0; prints '"name": "violin"'
run synth; exits 2; says "sori synth notes"
run synth chords; exits 2; says "chords cannot be made"
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
