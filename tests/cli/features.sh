# sori features: every output, librosa's options, mistakes, hostile files, memory.
source "$(dirname "$0")/lib.bash"
tone a.wav 22050 22050
wav b.wav 8000 2 8000 41

# --- the table ---
run features --list; exits 0; silent; prints "librosa.feature.melspectrogram"; prints "mfcc"
run features --list --json; exits 0; prints '"name": "mel"'

# --- without --out: shapes and ranges ---
run features a.wav --feature mel,mfcc; exits 0; prints "128x44"; prints "20x44"; says "--out"
run features a.wav --feature mel --feature mfcc --quiet; exits 0; silent; prints "128x44"; prints "20x44"
run features a.wav b.wav -f mfcc --n_mfcc 1 --json -q; exits 0; silent
prints '"mfcc": {"shape": [1, 44]'; that test "$(grep -c '"path"' "$out")" = 2
if command -v jq >/dev/null; then that test "$(jq length "$out")" = 2; fi

# --- files ---
npy_header() { head -c 128 "$1" | tr -d '\0'; }
run features a.wav -f mel -o mel.npy; exits 0; silent; prints_nothing; exists mel.npy
that grep -q "'shape': (128, 44)" <(npy_header mel.npy)
that grep -q "'descr': '<f4'" <(npy_header mel.npy)
run features a.wav -f mel,mfcc,stft -o all.npz; exits 0; that grep -qa 'mfcc.npy' all.npz
that test "$(head -c 2 all.npz)" = PK
run features a.wav -f mfcc,mel --n_mfcc 3 --n_mels 4 -o a.csv; exits 0
that test "$(head -1 a.csv)" = "time,mfcc_0,mfcc_1,mfcc_2,mel_0,mel_1,mel_2,mel_3"; that test "$(wc -l <a.csv)" = 45
that test "$(sed -n 3p a.csv | cut -d, -f1)" = 0.0232199546
run features a.wav -f mfcc --n_mfcc 1 -o - ; exits 0; silent; that test "$(head -1 "$out")" = "time,mfcc"
run features a.wav -f mfcc --n_mfcc 1 -o - --json; exits 0; prints '"features": {'; prints '"data":'
run features a.wav -f mfcc --n_mfcc 1 -o a.json; exits 0; that grep -q '"shape": \[1, 44\]' a.json
if command -v jq >/dev/null; then that test "$(jq '.features.mfcc.data[0] | length' a.json)" = 44; fi
run features a.wav -f stft -o stft.csv; exits 0; that grep -q '^time,stft_0_re,stft_0_im,stft_1_re' stft.csv
run features b.wav -f mfcc --n_mfcc 1 --multichannel --sr 0 -o b.csv
exits 0; that grep -q '^time,ch0_mfcc,ch1_mfcc' b.csv
run features a.wav b.wav -f mel -o folder; exits 0; exists folder/a.npy; exists folder/b.npy
run features a.wav b.wav -f mel,mfcc -o folder2/; exits 0; exists folder2/a.npz
run features a.wav -f mel -o folder; exits 0; exists folder/a.npy
run features a.wav b.wav -f mfcc --n_mfcc 1 -o folder3 --format csv; exits 0; exists folder3/b.csv
cp a.wav 소리.wav; run features 소리.wav -f mfcc --n_mfcc 1 -o 폴더/; exits 0; exists 폴더/소리.npy

run features a.wav -f rms,zcr,centroid -o - ; exits 0; that test "$(head -1 "$out")" = "time,rms,zcr,centroid"
that grep -qE '^0\.464[0-9]*,0\.25,0\.03[01]' "$out"   # a square wave of 0.25 with 64 samples a period
every=$("$sori" features --list | sed '1d;s/ .*//' | paste -sd,)
run features a.wav -f "$every" -o every.npz; exits 0; silent; exists every.npz

# --- the same numbers, however they are asked for ---
shape() { run features a.wav -q -f "$1" "${@:3}"; exits 0; prints " $2 "; }
shape mel 128x44; shape mel 64x44 --n_mels 64; shape mel 64x44 --n-mels=64; shape mel 128x87 --hop_length 256
shape mel 128x44 --n-fft 1024; shape mel 128x44 --n_fft=1024 --hop-length 512; shape mel 128x40 --no-center
shape mel 128x16 --sr 8000; shape mfcc 13x44 --n_mfcc 13; shape spectrogram 1025x44; shape stft 1025x44
shape mel 128x22 --duration 0.5; shape mel 128x22 --offset 0.5; shape mel 128x44 --win_length 1024 --hop_length 512
run features a.wav -f mel -o 1.npy; exits 0
for same in --center "--window hann" "--pad_mode constant" "--power 2" "--fmin 0" "--fmax 11025" "--norm slaney" \
    "--sr 22050" "--threads 1" "--threads 3" "--mono" "--no-center --center" "--res_type soxr_vhq"; do
    run features a.wav -f mel $same -o 2.npy; exits 0; same 1.npy 2.npy
done
for other in --no-center "--window hamming" "--pad_mode reflect" "--power 1" "--fmin 100" "--fmax 4000" --htk \
    "--norm none" "--norm 1" "--db" "--sr 0 --offset 0.1"; do
    run features a.wav -f mel $other -o 2.npy; exits 0; that test "$(cmp -s 1.npy 2.npy; echo $?)" = 1
done
for other in "--lifter 22" "--dct_type 3" "--top_db none" "--top_db 10"; do
    run features a.wav -f mfcc -o 1.npy; run features a.wav -f mfcc $other -o 2.npy; exits 0
    that test "$(cmp -s 1.npy 2.npy; echo $?)" = 1
done
run features a.wav -f mel --exact -o 2.npy; exits 0

# --- mistakes ---
run features; exits 2; says "FILE"
run features a.wav; exits 2; says "--feature is missing"
run features a.wav -f mell; exits 2; says "did you mean mel?"
run features a.wav -f xylophone; exits 2; says "--list"
run features a.wav -f ,; exits 2
run features a.wav -f mel -o x.wav; exits 2; says "x.wav: must end in .npy, .npz, .csv, .json, .txt or .jams"
run features a.wav -f mel,mfcc -o x.npy; exits 2; says "one feature"
run features a.wav b.wav -f mel -o x.npy; exits 2; says "several FILEs need a folder"
run features a.wav b.wav -f mel -o -; exits 2
run features a.wav -f mel -o - --format npy; exits 2
mkdir -p other; cp b.wav other/a.wav
run features a.wav other/a.wav -f mel -o folder; exits 2; says "would both become folder/a.npy"
run features a.wav -f mel --hop_length 0; exits 2; says "--hop_length 0: must be at least 1"
run features a.wav -f mel --n_fft 2048.5; exits 2; says "not a whole number"
run features a.wav -f mel --fmax x; exits 2; says "not a number"
run features a.wav -f mel --fmax inf; exits 2; says "not a number"
run features a.wav -f mel --fmax 1,5; exits 2; says "not a number"
run features a.wav -f mel --pad_mode mirror; exits 2; says "constant|edge"
run features a.wav -f mel --top_db x; exits 2
run features a.wav -f mel --fmax 12000; exits 2; says "fmax"; says "a.wav"; one_sentence
run features a.wav -f mel --fmin 5000 --fmax 4000; exits 2; says "fmin"
run features a.wav -f mel --win_length 4096; exits 2; says "win_length"
run features a.wav -f mel --window nonsense; exits 2; says "nonsense"
run features a.wav -f mel --offset 5; that test "$code" -ne 0; one_sentence
wav tiny.wav 22050 1 100 41
run features tiny.wav -f mel,mfcc -q; exits 0; prints "128x1"
run features tiny.wav -f mel -q --no-center; exits 2; one_sentence
run features tiny.wav -f mel -q --pad_mode reflect; that test "$code" -le 2

# --- hostile files: the good ones are done, the bad ones named ---
: >empty.wav; wav_header 8000 1 16 0 >header.wav; echo "a text" >text.wav; mkdir dir.wav
wav_header 8000 65535 16 100 >channels.wav; head -c 100 /dev/zero >>channels.wav
{ wav_header 8000 1 32 16 3; printf '\0\0\xc0\x7f\0\0\x80\x7f\0\0\0\x3f\0\0\0\x3f'; } >nan.wav
for bad in empty header text channels nan; do
    run features $bad.wav -f mel -o x.npy; exits 3; says "$bad.wav: "; one_sentence; absent x.npy
done
run features dir.wav -f mel -o x.npy; exits 4; one_sentence
run features missing.wav -f mel -o x.npy; exits 4; one_sentence; absent x.npy
run features a.wav empty.wav text.wav b.wav -f mel -o mixed; exits 1; exists mixed/a.npy; exists mixed/b.npy
absent mixed/empty.npy; says "2 of 4 files failed"
head -c 10000 a.wav >short.wav
run features short.wav -f mel -o x.npy; exits 0; says "truncated"; exists x.npy; rm x.npy
run features short.wav -f mel -o x.npy --strict; exits 3; absent x.npy

# --- outputs that cannot be written: nothing is left, the old one stays ---
echo old >x.npy
run features a.wav -f mel --fmax 12000 -o x.npy; exits 2; that test "$(cat x.npy)" = old
for out_name in x.npy x.npz x.csv x.json; do
    echo old >$out_name; last="features -o $out_name, files limited to 8 kB"
    (ulimit -f 8; "$sori" features a.wav -f stft -o $out_name >"$out" 2>"$err"); code=$?
    exits 4; says "$out_name"; one_sentence; that test "$(cat $out_name)" = old
    no_leftovers
    rm $out_name
    run features a.wav -f mel -o /proc/$out_name; exits 4; one_sentence
    run features a.wav -f mel -o a.wav/$out_name; exits 4; one_sentence
done
if [ -w /dev/full ]; then
    "$sori" features a.wav -f mel -o - >/dev/full 2>"$err"; code=$?; last="features >/dev/full"; exits 4; one_sentence
fi
run features a.wav b.wav -f mel -o a.wav; exits 4; one_sentence
run info a.wav; exits 0

# --- Ctrl-C in the middle of files ---
set -m
for threads in 1 4; do
    last="features --threads $threads, interrupted"
    mkdir links$threads
    for i in {1..400}; do ln -s ../a.wav links$threads/$i.wav; done
    "$sori" features links$threads/* -f stft -o many --format csv --threads $threads >"$out" 2>"$err" & pid=$!
    for i in {1..100}; do [ -e many/100.csv ] && break; sleep 0.05; done
    kill -INT $pid; wait $pid; code=$?
    exits 130; no_leftovers
    that test "$(cat many/*.csv | wc -l)" = $((45 * $(ls many | wc -l)))   # whole files only
    rm -r many
done
set +m

# --- long files pass through in blocks: ten minutes are 53 MB of samples and 13 MB of mel, of which only the latter
# --- may be held (an hour at 22050 Hz then needs about 95 MB)
if ldd "$sori" | grep -qE 'asan|tsan' || ! [ -x /usr/bin/time ]; then
    echo "skipped: peak memory (sanitizer, or no /usr/bin/time)"
else
    tone long.wav 22050 $((600 * 22050))
    last="features long.wav"
    /usr/bin/time -o peak -f %M "$sori" features long.wav -f mel -o long.npy >"$out" 2>"$err"; code=$?; exits 0
    echo "peak memory for ten minutes: $(($(cat peak) / 1024)) MB"
    that test "$(cat peak)" -lt 51200
fi
finish
