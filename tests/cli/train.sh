# sori train, evaluate, classify, summary: the way of a model from recordings to use, and what can go wrong on it.
source "$(dirname "$0")/lib.bash"

# note FILE PERIOD FRAMES LEVEL: a square wave at 8000 Hz, peak 0xLEVEL01
note() {
    local half=$(($2 / 2)) high low
    high=$(printf "\\x01\\x$4%.0s" $(seq $half))
    low=$(printf "\\x01\\x$(printf %02x $((256 - 0x$4)))%.0s" $(seq $half))
    { wav_header 8000 1 16 $((2 * $3)); head -c $((2 * $3)) < <(yes "$(printf "$high$low")" | tr -d '\n'); } >"$1"
}
mkdir -p data/{high,low,북} flat
for level in 08 10 18 20 28 30; do
    note data/high/high_$level.wav 8 4000 $level
    note data/low/low_$level.wav 40 4000 $level
    note "data/북/북_$level.wav" 80 4000 $level
done
cp data/*/*.wav flat
small=(--segment 0.25 --segment-hop 0.25 --n-fft 256 --hop-length 128 --n-mels 16 --seed 5)
train() { run train --quiet "${small[@]}" "$@"; }
is_json() { if command -v jq >/dev/null; then that jq -e . "$out" >"$scratch/jq"; else prints "}"; fi; }
# A model file with one piece of its header replaced by another of the same length.
edited() { LC_ALL=C sed "s/$1/$2/" m.safetensors >"$3"; that test "$(wc -c <"$3")" = "$(wc -c <m.safetensors)"; }

# --- train, evaluate, classify, summary ---
run train data -o m.safetensors -e 8 "${small[@]}"
exits 0; prints "24 train, 6 validation, 6 test"; prints "m.safetensors"; says "Epoch 8/8"; exists m.safetensors
absent m.safetensors.checkpoint
run evaluate m.safetensors data; exits 0; silent; prints "북"; prints "precision"; prints "of 3 recordings"
run evaluate m.safetensors data --json; exits 0; silent; is_json; prints '"labels": ["high", "low", "북"]'
run evaluate m.safetensors data --split all --report "보고서"; exits 0; prints "of 18 recordings"
exists "보고서/report.html"; exists "보고서/confusion.png"
run evaluate m.safetensors data --split most; exits 2; one_sentence
run classify m.safetensors data/high/high_08.wav "data/북/북_30.wav"; exits 0; silent
that test "$(wc -l <"$out")" = 2; prints "data/북/북_30.wav"
run classify m.safetensors data/low/low_08.wav --top 1; exits 0; that test "$(grep -o % "$out" | wc -l)" = 1
run classify m.safetensors data/*/*.wav --json; exits 0; silent; is_json; that test "$(grep -c '"label"' "$out")" = 18
run summary m.safetensors; exits 0; silent; prints "Dense"; prints "Total params"
run summary m.safetensors --json; exits 0; is_json; prints '"total_params"'
train data -o j.safetensors -e 1 --json; exits 0; silent; is_json; prints '"test_segments": 6'
for model in cnn mlp; do
    train data -o other.safetensors -e 1 -m $model -f mfcc; exits 0; silent
    run classify other.safetensors data/low/low_08.wav; exits 0
done

# --- the same seed, the same file: threads, the cache and what lies in it change nothing ---
train data -o a.safetensors -e 8 --threads 1; exits 0; same m.safetensors a.safetensors
train data -o b.safetensors -e 8 --threads 2 --cache cache; exits 0; same m.safetensors b.safetensors
that test "$(ls cache | wc -l)" = 18
for entry in cache/*; do echo rubbish >"$entry"; done
train data -o b.safetensors -e 8 --cache cache; exits 0; silent; same m.safetensors b.safetensors
that test "$(grep -l rubbish cache/* | wc -l)" = 0
train data -o b.safetensors -e 8 --cache cache; exits 0; same m.safetensors b.safetensors
train data -o b.safetensors -e 8 --cache /proc/cache; exits 4; says "/proc/cache"; one_sentence
train data -o b.safetensors -e 8 --seed 6; exits 0; that test "$(cmp -s m.safetensors b.safetensors; echo $?)" = 1

# --- Ctrl-C, and going on from there ---
train data -o whole.safetensors -e 400; exits 0
set -m
last="train, interrupted"
"$sori" train --quiet "${small[@]}" data -o cut.safetensors -e 400 >"$out" 2>"$err" & pid=$!
for i in {1..400}; do [ -e cut.safetensors.checkpoint ] && break; sleep 0.02; done
kill -INT $pid; wait $pid; code=$?
set +m
exits 130; says "interrupted"; prints_nothing; exists cut.safetensors.checkpoint; no_leftovers
absent cut.safetensors; run classify cut.safetensors.checkpoint data/low/low_08.wav; exits 0
cp cut.safetensors.checkpoint kept
train data -o cut.safetensors -e 399 --resume; exits 2; says "other data or settings"; one_sentence
train flat --label-pattern '{label}_*' -o cut.safetensors -e 400 --resume; exits 2; says "cut.safetensors.checkpoint"
same kept cut.safetensors.checkpoint
train data -o cut.safetensors -e 400 --resume --threads 1; exits 0; same whole.safetensors cut.safetensors
absent cut.safetensors.checkpoint
for bytes in 0 7 100 5000; do
    head -c $bytes kept >cut.safetensors.checkpoint
    train data -o cut.safetensors -e 400 --resume; exits 6; says "cut.safetensors.checkpoint"; one_sentence
done
same whole.safetensors cut.safetensors
run train data -o fresh.safetensors -e 1 "${small[@]}" --resume; exits 0; says "fresh.safetensors.checkpoint"

# --- batches mixed: one of three kinds each, the same bits on any number of threads; another model than without ---
mixed=(-e 3 --mixup 0.4 --cutmix 1 --manifold-mixup 2)
train data -o mixed.safetensors "${mixed[@]}"; exits 0; silent
train data -o again.safetensors "${mixed[@]}" --threads 1; exits 0; same mixed.safetensors again.safetensors
train data -o layers.safetensors "${mixed[@]}" --mixup-layers input,1; exits 0
that test -n "$(cmp mixed.safetensors layers.safetensors)"
run evaluate mixed.safetensors data; exits 0; silent

# --- a run folder: the same model, with the log, the curves and TensorBoard's files beside it ---
train data --run runs/북 -e 8 --csv logs/8.csv; exits 0; silent; same m.safetensors runs/북/model.safetensors
that test "$(wc -l <runs/북/log.csv)" = 9; same runs/북/log.csv logs/8.csv; prints "runs/북/model.safetensors"
that grep -q "^epoch,accuracy,learning_rate,loss,val_accuracy,val_loss$" runs/북/log.csv
that grep -q "</svg>" runs/북/curves.svg; absent runs/북/skipped.txt; absent runs/북/model.safetensors.checkpoint
for part in train validation; do that test "$(ls runs/북/$part | grep -c tfevents)" = 1; done
train data --run runs/one -o elsewhere.safetensors -e 1; exits 0; exists elsewhere.safetensors; exists runs/one/log.csv
absent runs/one/model.safetensors
train data --run flat/low_08.wav; exits 4; says "flat/low_08.wav"; one_sentence
train data -o x.safetensors --csv data/low; exits 4; says "data/low"; one_sentence; absent x.safetensors

# --- short runs, limits ---
train data --fast-dev-run --run runs/none; exits 0; silent; absent runs/none; prints "24 train"; prints_not model
train data --fast-dev-run -o m.safetensors -e 8 --json; exits 0; is_json; prints '"model": null'
train data -o a.safetensors -e 8; exits 0; same m.safetensors a.safetensors
train data --run runs/over -e 5 --overfit-batches 1 --batch-size 8 --reduce-lr 1; exits 0; silent
that test "$(wc -l <runs/over/log.csv)" = 6
run train data --run runs/timed -e 100000 --max-time 0.05 "${small[@]}"; exits 0; says "--resume goes on"
exists runs/timed/model.safetensors; exists runs/timed/model.safetensors.checkpoint
train data --run runs/timed -e 99999 --max-time 0.05 --resume; exits 2; says "other data or settings"; one_sentence
train data --run runs/timed -e 100000 --max-time 0.05 --resume; exits 0; exists runs/timed/model.safetensors.checkpoint

# --- flat folders and CSVs ---
train flat -o f.safetensors -e 2 --label-pattern '{label}_*' --test-pattern '*_[0-1]0.wav'; exits 0; silent
prints "6 test"
run evaluate f.safetensors flat --json; exits 0; is_json; prints '"recordings": 3'
train flat -o x.safetensors -e 2; exits 3; says "label pattern"; one_sentence
train flat -o x.safetensors -e 2 --label-pattern '{label}-*'; exits 3; says "does not fit"; one_sentence
train flat -o x.safetensors --label-pattern '{label}_*' --test-pattern 'x*'; exits 3; says "x*"; one_sentence
{
    printf '\xef\xbb\xbfpath,label,split,group\r\n'
    for level in 08 10 18 20 28 30; do
        split=train; [ $level = 20 ] && split=val; [ $level = 30 ] && split=test
        printf '"flat/북_%s.wav","북, 큰 ""것""",%s,g%s\r\nflat/low_%s.wav,low,%s,\r\n' $level $split $level $level $split
    done
} >목록.csv
train 목록.csv -o c.safetensors -e 2; exits 0; silent; prints "16 train, 4 validation, 4 test"
run evaluate c.safetensors 목록.csv --json; exits 0; is_json; prints '"북, 큰 \"것\""'
run evaluate c.safetensors data; exits 3; says "high"; one_sentence
train 목록.csv -o x.safetensors --test-pattern '*_08.wav'; exits 2; says "patterns"; one_sentence
bad_csv() { printf "$1" >bad.csv; train bad.csv -o x.safetensors; exits 3; says "bad.csv"; says "$2"; one_sentence; }
bad_csv 'path,label\nflat/low_08.wav,low\nflat/low_10.wav\n' "line 3: 1 fields"
bad_csv 'path,label\r\n\r\n"flat/low_08.wav,low\r\n' "line 3"
bad_csv 'path,label\nflat/low_08.wav,\n' "line 2: the label is empty"
bad_csv 'path,label,split\nflat/low_08.wav,low,sometimes\n' "line 2: the split"
bad_csv 'path,label\nflat/low_08.wav,low\nflat/low_08.wav,high\n' "line 3"
bad_csv 'file,class\nflat/low_08.wav,low\n' "path,label"
bad_csv '' "empty"
bad_csv 'path,label\n' "no recordings"

# --- data that cannot be trained on ---
mkdir -p empty one single; cp -r data/low one
cp -r data/low single; mkdir single/lone; cp data/high/high_08.wav single/lone
train missing -o x.safetensors; exits 4; says "missing"; one_sentence
train empty -o x.safetensors; exits 3; says "no recordings"; one_sentence
train one -o x.safetensors; exits 3; says "at least two classes"; one_sentence
train single -o x.safetensors; exits 3; says "lone"; says "1 recording,"; one_sentence
train flat/low_08.wav -o x.safetensors; exits 3; says "one recording"; one_sentence
train data; exits 2; says "-o MODEL"; one_sentence
for split in nonsense 70/15 70/15/15/1 0/1/1 nan/1/1 -1/1/1 70/15/15x ''; do
    train data -o x.safetensors --split "$split"; exits 2; says "TRAIN/VAL/TEST"; one_sentence
done
train data -o x.safetensors -m resnet; exits 2; says "resnet"; says "melcnn"; one_sentence
train data -o x.safetensors --recipe cake; exits 2; says "cake"; says "sounds"; one_sentence
train data -o x.safetensors -f taste; exits 2; says "taste"; one_sentence
train data -o x.safetensors --fmax 5000; exits 2; says "5000"; one_sentence
train data -o x.safetensors --mixup-layers conv1; exits 2; says "manifold_mixup"; one_sentence
train data -o x.safetensors --manifold-mixup 1 --mixup-layers input,cake; exits 2; says "cake"; one_sentence
for alpha in -1 101 nan x ''; do
    train data -o x.safetensors --cutmix "$alpha"; exits 2; says "cutmix"; one_sentence
    train data -o x.safetensors --manifold-mixup "$alpha"; exits 2; says "manifold_mixup"; one_sentence
done
train data -o x.safetensors --segment 0.01; exits 2; says "segment"; one_sentence
absent x.safetensors; absent x.safetensors.checkpoint

# --- files that cannot be read ---
cp -r data some; echo rubbish >some/low/bad.wav; : >some/high/none.wav
train some -o x.safetensors -e 1; exits 3; says "cannot be read"; one_sentence; absent x.safetensors
train some -o x.safetensors -e 1 --max-bad 0.2 --split 1/0/0; exits 0; prints "2 unreadable"
run train some -o x.safetensors -e 1 --max-bad 0.2 --split 1/0/0 "${small[@]}"; exits 0
says "low/bad.wav"; says "high/none.wav"
run evaluate m.safetensors some --split all; exits 3; says "2 of 20"; one_sentence
run evaluate m.safetensors some --split all --max-bad 0.2; exits 0; prints "2 unreadable"; says "low/bad.wav"
mkdir -p hundred/{low,high}
for i in {1..50}; do cp data/low/low_08.wav hundred/low/$i.wav; cp data/high/high_08.wav hundred/high/$i.wav; done
echo rubbish >hundred/low/1.wav
train hundred -o x.safetensors -e 1; exits 0; prints "1 unreadable"
train hundred -o x.safetensors -e 1 --max-bad 0; exits 3; says "hundred/low/1.wav"; one_sentence
run classify m.safetensors flat/low_08.wav some/low/bad.wav missing.wav flat/low_10.wav; exits 1
says "some/low/bad.wav"; says "missing.wav"; says "2 of 4"; that test "$(wc -l <"$out")" = 2
run classify m.safetensors flat/low_08.wav some/low/bad.wav --json; exits 1; is_json
run classify m.safetensors missing.wav; exits 4; one_sentence
run classify m.safetensors; exits 2; run evaluate m.safetensors; exits 2; run summary; exits 2; run train; exits 2
run summary m.safetensors m.safetensors; exits 2; one_sentence

# --- what cannot be written: the old model stays ---
cp m.safetensors old.safetensors
train data -o data/low; exits 4; says "data/low"; one_sentence
train data -o flat/low_08.wav/m.safetensors; exits 4; one_sentence
train data -o /proc/m.safetensors; exits 4; says "/proc/m.safetensors"; one_sentence
last="train, files limited to 8 kB"   # less than a model
(ulimit -f 8; "$sori" train --quiet "${small[@]}" data -o old.safetensors -e 2 >"$out" 2>"$err"); code=$?
exits 4; says "cannot write"; one_sentence; same m.safetensors old.safetensors; no_leftovers
run evaluate m.safetensors data --report /proc/report; exits 4; says "/proc/report"; one_sentence
run evaluate m.safetensors data --report flat/low_08.wav; exits 4; one_sentence

# --- model files that are none ---
reject() {
    local command
    for command in "evaluate $1 data" "classify $1 flat/low_08.wav" ${2:-"summary $1"}; do
        run $command; exits 6; says "$1"; one_sentence; prints_nothing
    done
}
: >empty.safetensors; echo "this is no model" >text.safetensors
{ printf '\xff\xff\xff\xff\xff\xff\xff\x7f'; cat m.safetensors; } >huge.safetensors
{ le 8 2; printf '{}'; } >bare.safetensors
for bytes in 1 8 9 500 3000 8000 50000; do head -c $bytes m.safetensors >cut$bytes.safetensors; done
head -c -1 m.safetensors >short.safetensors; { cat m.safetensors; printf x; } >long.safetensors
edited '"version\\":1' '"version\\":7' version.safetensors
edited '"sori"' '"sari"' foreign.safetensors
edited '"filters\\":16' '"filters\\":99' filters.safetensors
edited '"op\\":\\"dropout' '"op\\":\\"drapout' layer.safetensors
for file in {empty,text,huge,bare,short,long,version,foreign,filters,layer}.safetensors cut*[0-9].safetensors \
        flat/low_08.wav; do
    reject $file
done
edited '"format\\":1' '"format\\":2' format.safetensors
edited '"kind\\"' '"kynd\\"' kind.safetensors
edited '"n_mels\\":16' '"n_mels\\":17' mels.safetensors
edited '"sr\\":8000.0' '"sr\\":-800.0' rate.safetensors
edited '"feature\\":\\"mel\\"' '"feature\\":\\"mol\\"' feature.safetensors
for file in {format,kind,mels,rate,feature}.safetensors; do reject $file " "; done
run classify missing.safetensors flat/low_08.wav; exits 4; says "missing.safetensors"; one_sentence
run summary data; exits 4; one_sentence

# --- notes made by the command itself ---
if ls /usr/share/sounds/sf2/*.sf2 >/dev/null 2>&1; then
    run synth notes -i piano,violin,flute -p C4:F4 -v 60,110 --duration 0.2 --out notes --quiet; exits 0
    run train notes -o notes.safetensors -e 3 --segment 0.25 --quiet; exits 0; silent
    run classify notes.safetensors notes/flute/*.wav; exits 0; silent; prints "flute"
fi
finish
