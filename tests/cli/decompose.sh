# sori decompose: files it writes, mistakes, folders that are no templates, full disks.
source "$(dirname "$0")/lib.bash"

# --- mistakes ---
tone mix.wav 22050 22050
mkdir notes empty bad
tone notes/flute_F4_100.wav 22050 12000
tone "notes/electric_piano_F5.wav" 22050 12000
tone bad/flute.wav 22050 8000
wav silent.wav 22050 1 22050
run decompose; exits 2; says "FILE is missing"
run decompose mix.wav; exits 2; says "--out is missing"
run decompose mix.wav -o out; exits 2; says "--templates DIR is missing"
run decompose mix.wav -t notes -o out --fixed --start; exits 2; says "one of them"
run decompose mix.wav --components 2 -o out --fixed; exits 2; says "--templates"
run decompose mix.wav mix.wav -t notes -o out; exits 2; says "one too many"
run decompose mix.wav -t notes -o out --loss foo; exits 2; says "foo"
run decompose mix.wav -t notes -o out --slice -1; exits 2; says "at least"
run decompose mix.wav -t notes -o out --slice 0.05; exits 2; says "fewer than 4"; one_sentence
run decompose mix.wav -t notes -o out --components; exits 2
run decompose mix.wav --components 5000 -o out; exits 2; says "at most"
run decompose mix.wav -t notes -o out --format flac --subtype float; exits 2; says "FLAC"
run decompose mix.wav -t missing -o out; exits 4; says "missing"; one_sentence
run decompose mix.wav -t empty -o out; exits 3; says "no sound file"; one_sentence
run decompose mix.wav -t bad -o out; exits 3; says "bad/flute.wav"; says "piano_C4_100.wav"; one_sentence
run decompose missing.wav -t notes -o out; exits 4; says "missing.wav"; one_sentence
run decompose notes.txt -t notes -o out; exits 4; one_sentence
head -c 100 /dev/urandom >text.wav
run decompose text.wav -t notes -o out; exits 3; says "text.wav"; one_sentence
absent out

# --- what is written ---
run decompose mix.wav --templates notes --out out; exits 0; says "notes of 2 parts in out"; prints_nothing
for file in roll.png notes.mid notes.json notes.jams flute.wav electric_piano.wav; do exists out/$file; done
that grep -q '"instrument": "flute", "pitch": 65, "note": "F4"' out/notes.json
if command -v jq >/dev/null; then that jq -e '.notes | length > 0' out/notes.json; fi
run labels out/notes.jams; exits 0; prints "flute F4"
run info out/flute.wav; exits 0; prints "0:00:01.000"
run decompose mix.wav -t notes -o again --threads 1 --quiet; exits 0; silent
for file in notes.mid notes.json notes.jams flute.wav electric_piano.wav; do same out/$file again/$file; done
run decompose mix.wav -t notes -o "소리 폴더" --fixed --slice 0.5 --drums --loss is --format flac --json --smooth 1
exits 0; prints '"out": "소리 폴더"'; exists "소리 폴더/flute.flac"; exists "소리 폴더/drums.flac"
run decompose mix.wav -t notes -o named --random --components 3 --sparse 0.001 --loss euclidean; exits 0
run decompose mix.wav -o parts --components 3; exits 0; says "3 parts"; exists parts/01.wav; exists parts/03.wav
run decompose mix.wav -t notes -o rest --components 2; exits 0; exists rest/others.wav
run decompose silent.wav -t notes -o nothing; exits 0; says "0 notes"; exists nothing/roll.png; exists nothing/notes.mid

# --- what cannot be written: what was there stays ---
run decompose mix.wav -t notes -o /proc/notes; exits 4; says "/proc/notes"; one_sentence
echo keep >file
run decompose mix.wav -t notes -o file; exits 4; one_sentence
that test "$(cat file)" = keep
cp out/flute.wav before.wav
last="decompose, files limited to 30 kB"
(ulimit -f 30; "$sori" decompose mix.wav -t notes -o out >"$out" 2>"$err"); code=$?
exits 4; says "cannot write"; one_sentence; same before.wav out/flute.wav
finish
