# sori features --batch: a tree of files, bad ones among them, resumed, killed, with other settings.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
mkdir -p data/x/y "data/with blank" data/소리 $'data/new\nline' data/-minus data/.hidden data/empty
for place in 1 x/2 x/y/3 "with blank/4" 소리/소리 $'new\nline/n\nl' -minus/-5 .hidden/6; do
    cp a.wav "data/$place.wav"
done
cp a.wav data/x/7.WAV; cp a.wav data/.8.wav; echo text >data/notes.txt
ln -s .. data/x/y/loop; ln -s nowhere data/gone.wav
batch() { run features --batch data --out "$@"; }
count() { find "$1" -name "*.$2" -printf x | wc -c; }

# --- the tree ---
batch out -f mel; exits 0; says "8 files in out"; one_sentence; prints_nothing
for place in 1 x/2 x/y/3 x/7 "with blank/4" 소리/소리 $'new\nline/n\nl' -minus/-5; do exists "out/$place.npy"; done
that test "$(count out npy)" = 8; absent out/empty; absent out/sori-failed.txt
run features a.wav -f mel -o one.npy; same one.npy out/x/y/3.npy
that grep -q '"n_mels": 128' out/sori-features.json
if command -v jq >/dev/null; then that test "$(jq -r '.feature[0]' out/sori-features.json)" = mel; fi
(cd data && run features --batch . --out ../dot -f mel; exits 0)
that diff -r -x '*.json' out dot
run features --batch data// --out slash/ -f mel -q; exits 0; silent; that diff -r out slash
batch several -f mel,rms; exits 0; exists several/x/2.npz
batch text -f rms --format csv --json; exits 0; exists text/x/2.csv
prints '"files": 8, "done": 8, "before": 0, "failed": 0'
batch events -f onsets --format txt -q; exits 0; silent; that test "$(count events txt)" = 8

# --- the same bytes whatever is done at once ---
for jobs in 1 4 8; do
    batch jobs$jobs -f mel,mfcc,chroma --jobs $jobs; exits 0; that diff -r jobs1 jobs$jobs
done

# --- resumed: only what is missing or old ---
stamp() { stat -c %y:%i "$1"; }
before=$(stamp out/1.npy); old=$(stamp out/x/2.npy)
rm out/x/7.npy; sleep 0.01; touch data/x/2.wav
batch out -f mel; exits 0; says "6 of 8 files were done before"; exists out/x/7.npy
that test "$(stamp out/1.npy)" = "$before"; that test "$(stamp out/x/2.npy)" != "$old"
batch out -f mel; exits 0; says "8 of 8"
batch out -f mel --n_fft 2048 --n_mels 128 --threads 1 --jobs 3; exits 0; says "8 of 8"

# --- other settings are another result ---
for other in "--n_mels 64" "--sr 8000" "--exact" "--window hamming" "--center --no-center" "--top_db none" "--htk"; do
    batch out -f mel $other; exits 2; says "out was made with"; says "--overwrite"; one_sentence
done
batch out -f rms; exits 2; says '"feature": ["mel"]'; says '"feature": ["rms"]'
batch out -f mel --format npz; exits 2
run features --batch data/x --out out -f mel; exits 2; says '"batch"'
batch out -f mel --n_mels 64 --overwrite; exits 0; says "8 files in out"; that grep -q 64 out/x/2.npy
batch out -f mel --n_mels 64; exits 0; says "8 of 8"
batch out -f mel --n_mels 64 --overwrite; exits 0; that test "$(wc -l <"$err")" = 1
echo broken >out/sori-features.json; batch out -f mel; exits 2; says "broken"
batch out -f mel --overwrite; exits 0

# --- bad files never stop it ---
: >data/empty.wav; echo text >data/x/text.wav; wav_header 8000 1 16 0 >"data/x/no frames.wav"
head -c 9000 a.wav >data/short.wav
cp a.wav data/1.flac; cp a.wav data/sori-features.wav
batch bad -f mel --format json; exits 1; that test "$(count bad json)" = 10   # and the settings
says "5 of 14 files failed"; says "data/x/text.wav: is a text file"; says "data/short.wav: truncated"
that test "$(wc -l <bad/sori-failed.txt)" = 5; that grep -q "^data/x/no frames.wav: " bad/sori-failed.txt
that grep -q "^data/1.wav: would become bad/1.json, as does data/1.flac" bad/sori-failed.txt
that grep -q "^data/sori-features.wav: " bad/sori-failed.txt
batch bad -f mel --format json; exits 1; says "9 of 12 files were done before"
batch bad -f mel --format json --max_bad 0.5 -q; exits 0; says "text.wav"
batch bad -f mel --format json --max_bad 0.1; exits 1
rm data/empty.wav data/x/text.wav "data/x/no frames.wav" data/1.flac data/sori-features.wav
batch bad -f mel --format json; exits 0; absent bad/sori-failed.txt
if [ "$(id -u)" != 0 ]; then
    mkdir data/locked; chmod 0 data/locked; batch locked -f mel; exits 1; says "data/locked: cannot read the folder"
    chmod 755 data/locked
    mkdir readonly; chmod 555 readonly; batch readonly -f mel; exits 4; says "readonly"; one_sentence
fi
mkdir only; echo text >only/a.wav; run features --batch only --out x -f mel; exits 1; says "1 of 1 files failed"

# --- mistakes ---
run features --batch data; exits 2; says "--feature is missing"
run features --batch data -f mel; exits 2; says "--batch needs --out"
batch - -f mel; exits 2; says "a folder"
batch no -f mel a.wav; exits 2; says "no FILE besides"
batch no -f mel,rms --format npy; exits 2; says "npz"
batch no -f mel --format txt; exits 2; says "mel is not events"
batch no -f mell; exits 2; says "did you mean mel?"
batch no -f mel --jobs -1; exits 2; says "at least 0"
batch no -f mel --max_bad 2; exits 2; says "at most 1"
run features a.wav -f mel --jobs 2; exits 2; says "--jobs needs --batch"
run features a.wav -f mel --overwrite; exits 2; says "--overwrite needs --batch"
run features --batch missing --out no -f mel; exits 4; says "missing"; one_sentence
run features --batch a.wav --out no -f mel; exits 4; says "not a folder"; one_sentence
run features --batch data/empty --out no -f mel; exits 3; says "no sound file"; one_sentence
run features --batch '' --out no -f mel; exits 2; says "empty"
absent no
batch a.wav -f mel; exits 4; says "a.wav"; one_sentence
batch /proc/no -f mel; exits 4; one_sentence
last="batch, files limited to 8 kB"
(ulimit -f 8; "$sori" features --batch data --out full -f mel >"$out" 2>"$err"); code=$?
exits 1; says "cannot write"; that test "$(count full npy)" = 1; no_leftovers   # of the short one
batch full -f mel; exits 0; that test "$(count full npy)" = 9

# --- killed and interrupted runs go on: in the end the same tree as of one run ---
mkdir many
for i in {1..300}; do ln -s ../a.wav many/$i.wav; done
run features --batch many --out whole -f mel -q; exits 0
set -m
for signal in KILL INT; do
    last="batch, stopped by $signal"
    "$sori" features --batch many --out cut -f mel --jobs 3 >"$out" 2>"$err" & pid=$!
    for i in {1..200}; do [ "$(ls cut 2>/dev/null | wc -l)" -gt 20 ] && break; sleep 0.02; done
    kill -$signal $pid; wait $pid 2>/dev/null; code=$?
    if [ $signal = INT ]; then exits 130; says "the same command goes on"; no_leftovers; else exits 137; fi
    that test "$(count cut npy)" -lt 300; that test "$(count cut npy)" -gt 10
    for file in cut/*.npy; do cmp -s $file whole/1.npy || fail "half-written: $file"; done
    : >cut/.sori-7ffffff0-1-0; : >cut/.sori-7ffffff0-2-0; touch -d '1 hour ago' cut/.sori-7ffffff0-1-0
    find cut -name '.sori-*' -exec touch -d '1 hour ago' {} +
    run features --batch many --out cut -f mel; exits 0; says "of 300 files were done before"; no_leftovers
    that diff -r whole cut
    rm -r cut
done
set +m
mkdir -p young; : >young/.sori-7ffffff0-1-0
run features --batch many --out young -f rms; exits 0; exists young/1.npy; that test -e young/.sori-7ffffff0-1-0
rm young/.sori-7ffffff0-1-0
finish
