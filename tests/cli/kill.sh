# kill -9 at any moment of training: at most the work since the last checkpoint is lost, and every file can be read.
#   kill.sh BUILD SCRATCH [KILLS]     30 kills if not said otherwise; 300 take two or three minutes
source "$(dirname "$0")/lib.bash"
kills=${3:-30} epochs=$((40 + kills / 3))

# note FILE PERIOD: half a second of a square wave at 8000 Hz
note() {
    local half=$(($2 / 2)) period
    period=$(printf '\1\10%.0s' $(seq $half))$(printf '\1\370%.0s' $(seq $half))
    { wav_header 8000 1 16 8000; head -c 8000 < <(yes "$period" | tr -d '\n'); } >"$1"
}
mkdir -p data/high data/low
for i in 1 2 3 4 5 6; do note data/high/$i.wav $((8 + 2 * i)); note data/low/$i.wav $((60 + 4 * i)); done
settings=(data --quiet --segment 0.25 --segment-hop 0.25 --n-fft 256 --hop-length 128 --n-mels 16 --batch-size 4
    --epochs $epochs --reduce-lr 20 --seed 5)
checkpoint=run/model.safetensors.checkpoint

# Epochs done, as the checkpoint has it; 0 when there is none yet.
epochs_done() {
    [ -e $checkpoint ] || { echo 0; return; }
    LC_ALL=C grep -a -o 'training\\":{\\"seed[^}]*' $checkpoint | sed 's/.*\\"epoch\\":\([0-9]*\),.*/\1/' | head -1
}

# What a process killed at any time may leave.
readable() {
    local done rows
    if [ -e $checkpoint ]; then run summary $checkpoint; exits 0; fi
    if [ -e run/model.safetensors ]; then run summary run/model.safetensors; exits 0; fi
    if [ -e run/curves.svg ]; then that test "$(tail -c 7 run/curves.svg)" = "</svg>"; fi
    if [ -e run/log.csv ]; then
        that test "$(grep -cvE '^[0-9]+(,[0-9.e-]+){5}$' run/log.csv)" = 1   # the header alone
        done=$(epochs_done) rows=$(($(wc -l <run/log.csv) - 1))
        that test $rows -ge $done
        that test $rows -le $((done + 1))
    fi
}

run train "${settings[@]}" -o whole.safetensors --csv whole.csv; exits 0
set -m
before=0
for ((i = 0; i < kills; i++)); do
    "$sori" train "${settings[@]}" --run run --save-freq 2 --resume >"$out" 2>"$err" & pid=$!
    sleep 0.$(printf %03d $((20 + RANDOM % 130)))
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null; code=$?
    last="train, kill $i"
    # it was faster, or killed between its last act and its end: once more from the beginning
    if [ $code = 0 ] || { [ -e run/model.safetensors ] && [ ! -e $checkpoint ]; }; then
        same whole.safetensors run/model.safetensors
        rm -r run
        before=0
        continue
    fi
    exits 137
    readable
    now=$(epochs_done)
    that test "$now" -ge "$before"
    before=$now
done
set +m
echo "$kills kills, the last after epoch $before of $epochs"
run train "${settings[@]}" --run run --resume; exits 0
same whole.safetensors run/model.safetensors; same whole.csv run/log.csv; absent $checkpoint
find . -name '.sori-*' -delete   # nobody was left to remove what was being written
finish
