# sori sweep: every combination of a grid, interrupted and gone on with, in any number of jobs.
source "$(dirname "$0")/lib.bash"

# note FILE PERIOD FRAMES LEVEL: a square wave at 8000 Hz, peak 0xLEVEL01
note() {
    local half=$(($2 / 2)) high low
    high=$(printf "\\x01\\x$4%.0s" $(seq $half))
    low=$(printf "\\x01\\x$(printf %02x $((256 - 0x$4)))%.0s" $(seq $half))
    { wav_header 8000 1 16 $((2 * $3)); head -c $((2 * $3)) < <(yes "$(printf "$high$low")" | tr -d '\n'); } >"$1"
}
mkdir -p data/{high,low,북}
for level in 08 10 18 20 28 30; do
    note data/high/high_$level.wav 8 4000 $level
    note data/low/low_$level.wav 40 4000 $level
    note "data/북/북_$level.wav" 80 4000 $level
done
fast=(n_fft=256 hop_length=128 epochs=2)
sweep() { run sweep data "$@" "${fast[@]}" --quiet; }
is_json() { if command -v jq >/dev/null; then that jq -e "${1:-.}" "$out" >"$scratch/jq"; else prints "}"; fi; }
# Everything but the times, which stand last.
timeless() { sed 's/,[^,]*$//' "$1"; }
results() { timeless "$1/results.csv"; sed '/"seconds"/d' "$1"/runs/*.json; }

# --- a grid, with what fails in it ---
run sweep data --grid segment=0.25,0.02 n_mels=8,16 "${fast[@]}" --seeds 2 --seed 5 -o a
exits 1; prints "what pays"; prints "failed: segments of 8 x 1"; prints "8 runs: 8 trained, 0 done before, 4 failed"
prints "no combination to compare"
says "8/8 "; says "segment=0.25 n_mels=16 seed=6: "; says "wrote a/report.html"; exists a/sweep.svg; exists a/sweep.png
that grep -q n_mels a/report.html; that test "$(ls a/runs | wc -l)" = 8; that test "$(ls a/cache | wc -l)" != 0
that test "$(head -1 a/results.csv)" = \
    "segment,n_mels,n_fft,hop_length,epochs,runs,accuracy,spread,val_accuracy,test_accuracy,error,seconds"
that test "$(wc -l <a/results.csv)" = 5
results a >kept

# --- done is done: nothing is trained again, and a larger grid only what is new ---
sweep --grid segment=0.25,0.02 n_mels=8,16 --seeds 2 --seed 5 -o a
exits 1; silent; prints "0 trained, 8 done before, 4 failed"; results a >again; same kept again
sweep --grid n_mels=16,8.0,32 segment=0.25 --seeds 2 --seed 5 -o a; exits 2; says "n_mels=8.0: not a whole number"
sweep --grid n_mels=16,8,32 segment=.25 --seeds 2 --seed 5 -o a; exits 0; silent; prints "2 trained, 4 done before"
for file in a/runs/*; do echo rubbish >"$file"; done
sweep --grid segment=0.25,0.02 n_mels=8,16 --seeds 2 --seed 5 -o a; prints "8 trained"
that test "$(grep -l rubbish a/runs/* | wc -l)" = 2; timeless a/results.csv >again
that test "$(head -5 kept)" = "$(cat again)"
cp -r data moved
run sweep moved --grid segment=0.25,0.02 --grid n_mels=8,16 "${fast[@]}" --seeds 2 --seed 5 -o a --quiet
prints "0 trained"
note moved/low/low_08.wav 40 4000 09
run sweep moved --grid segment=0.25,0.02 n_mels=8,16 "${fast[@]}" --seeds 2 --seed 5 -o a --quiet; prints "8 trained"

# --- jobs and threads change no bit; a run is a training ---
for jobs in 1 2; do
    sweep --grid segment=0.25 n_mels=8,16 --seeds 2 --jobs $jobs --threads 2 -o jobs$jobs --json
    exits 0; silent; is_json
    sed 's/, "seconds": [^}]*}/}/' "$out" >jobs$jobs.json; results jobs$jobs >jobs$jobs.txt
done
same jobs1.json jobs2.json; same jobs1.txt jobs2.txt
sweep --grid segment=0.25 n_mels=8,16 --seeds 2 --threads 1 -o jobs3; results jobs3 >jobs3.txt; same jobs1.txt jobs3.txt
run train data -o m.safetensors --segment 0.25 --n-fft 256 --hop-length 128 -e 2 --n-mels 16 --seed 1 --quiet --json
accuracy=$(sed 's/.*"test_accuracy": \([^,]*\),.*/\1/' "$out")
that grep -q "\"test_accuracy\": ${accuracy:0:8}" $(grep -l '"n_mels": 16' $(grep -l '"seed": "1"' jobs1/runs/*.json))

# --- Ctrl-C, kill -9, and the same command again ---
long=(--grid segment=0.25 n_mels=8,16 n_fft=256 hop_length=128 epochs=150 -o cut --quiet)
run sweep data "${long[@]/cut/whole}"; exits 0; results whole >whole.txt
# stop SIGNAL: as soon as there is a checkpoint
stop() {
    last="sweep, stopped by $1"
    set -m
    "$sori" sweep data "${long[@]}" >"$out" 2>"$err" & pid=$!
    for i in {1..400}; do compgen -G 'cut/runs/*.checkpoint' >"$scratch/found" && break; sleep 0.02; done
    kill -$1 $pid; wait $pid 2>"$scratch/killed"; code=$?
    set +m
}
stop INT; exits 130; says "interrupted"; one_sentence; prints_nothing; absent cut/results.csv; no_leftovers
stop KILL; exits 137; absent cut/results.csv
run sweep data "${long[@]}"; exits 0; silent; rm -f cut/runs/.sori-*; results cut >cut.txt; same whole.txt cut.txt
that test -z "$(ls cut/runs | grep safetensors)"

# --- which split is compared ---
sweep --by validation -o v --json; exits 0; silent; is_json '.compared == "validation" and (.rows | length) == 1'
sweep --by validation --split 70/0/30 -o x; exits 2; says "no validation recordings"; one_sentence
sweep --split 1/0/0 -o x; exits 2; says "no validation or test recordings"; one_sentence
sweep --split 70/30/0 n_mels=8,16,32 segment=0.25 --top 1 -o t; exits 0; prints "and 2 more in t/results.csv"
prints "mean validation accuracy"
run sweep data --jobs 2 -g model=mlp,cnn -g feature=mel,mfcc segment=0.25 epochs=1 augment=no -o m --quiet
exits 0; silent

# --- bad input: one sentence, nothing written ---
bad() { local says=$1; shift; run sweep data -o bad "$@" --quiet; exits 2; says "$says"; one_sentence; }
bad 'no parameter "taste"; there are model, feature, sr, segment, overlap' --grid taste=1
bad "sr=99 is outside 100..768000" --grid sr=8000,99
bad "overlap=1 is outside 0..0.95" --grid overlap=0,1
bad "n_mels=4x: not a whole number" --grid n_mels=4x
bad "segment=long: not a number" --grid segment=long
bad "augment=maybe: must be yes or no" --grid augment=maybe
bad "resnet" --grid model=resnet
bad 'no feature "smell"' --grid feature=smell
bad "sr has 0 values" --grid sr=
bad "sr=8000.0 is given twice" --grid sr=8000,8000.0
bad "parameter sr is given twice" --grid sr=8000 sr=16000
bad "more than 10000 runs" --grid "n_mels=$(seq -s, 101)" --seeds 100
bad "not NAME=VALUE" --grid 8000
bad "not NAME=VALUE" other
absent bad
run sweep data --grid sr=8000; exits 2; says "-o DIR"; one_sentence
run sweep data -o x --seeds 0; exits 2; one_sentence
run sweep missing -o x --quiet; exits 4; says "missing"; one_sentence
mkdir -p empty; run sweep empty -o x --quiet; exits 3; says "no recordings"; one_sentence
sweep -o /proc/sweep; exits 4; says "/proc/sweep"; one_sentence
sweep -o data/low/low_08.wav; exits 4; one_sentence
sweep -o x --cache /proc/cache; exits 4; says "/proc/cache"; one_sentence
run sweep; exits 2; one_sentence
cp -r data some; echo rubbish >some/low/bad.wav
run sweep some --max-bad 0.2 "${fast[@]}" segment=0.25 -o s; exits 0; says "1 unreadable recording was"
run sweep some "${fast[@]}" segment=0.25 -o s2 --quiet; exits 1; prints "cannot be read"
finish
