# sori labels: shown, converted, odd texts, mistakes; and the events of sori features.
source "$(dirname "$0")/lib.bash"
printf '0.500000\t1.250000\t소리, "a"\n2.000000\t2.000000\tb\n' >a.txt
run labels a.txt; exits 0; silent; prints '0.500000     1.250000  소리, "a"'; that test "$(wc -l <"$out")" = 3
run labels a.txt --json; exits 0; prints '{"start": 0.5, "end": 1.25, "text": "소리, \"a\""}'
if command -v jq >/dev/null; then that test "$(jq -r '.[1].text' "$out")" = b; fi

# --- there and back: times and texts stay ---
for ending in csv jams; do
    run labels a.txt -o b.$ending; exits 0; silent; prints_nothing; exists b.$ending
    run labels b.$ending -o c.txt; exits 0; same a.txt c.txt
done
run labels b.csv -o c.jams --duration 10; exits 0; that test "$(grep -c '"duration": 10' c.jams)" = 2
run labels a.txt -o odd --format csv; exits 0; same odd b.csv
run labels odd --from csv -o c.txt; exits 0; same a.txt c.txt
run labels a.txt -o d.jams --namespace beat; exits 0; that grep -q '"beat"' d.jams
run labels d.jams --from_namespace beat; exits 0; prints "소리"
run labels d.jams --from_namespace chord; exits 3; one_sentence
printf '0.1\t0.2\tx\n\\\t100\t200.5\n' >band.txt
run labels band.txt --json; exits 0; prints '"low": 100, "high": 200.5'
: >none.txt; run labels none.txt; exits 0; prints_nothing; run labels none.txt --json; exits 0; prints "[]"
printf '0\t1\t\033[2J\n' >hostile.txt; run labels hostile.txt; exits 0; prints '\x1b[2J'; prints_not $'\033'
for name in "with blank" 소리 $'new\nline' -minus; do
    cp a.txt "./$name.txt"; run labels -o "./$name.csv" -- "$name.txt"; exits 0; same "./$name.csv" b.csv
done

# --- mistakes ---
run labels; exits 2; says "FILE is missing"
run labels a.txt b.csv; exits 2; says "one too many"
run labels missing.txt; exits 4; one_sentence
run labels a.txt -o a.txt; exits 2; says "is the file that is read"
run labels a.txt -o "$PWD/a.txt"; exits 2
run labels a.txt --format csv; exits 2; says "--out"
run labels a.txt -o x.txt --format srt; exits 2; says "audacity|csv|jams"
printf '0.5 x\n' >bad.txt; run labels bad.txt; exits 3; says "bad.txt: line 1"; one_sentence
printf '2\t1\tx\n' >bad.txt; run labels bad.txt -o x.csv; exits 3; says "line 1"; absent x.csv
printf 'start,end\n1,x\n' >bad.csv; run labels bad.csv; exits 3; says "line 2"
echo '{"annotations": 5}' >bad.jams; run labels bad.jams; exits 3; one_sentence
run labels a.txt -o /proc/x.csv; exits 4; one_sentence
run labels a.txt -o a.txt/x.csv; exits 4; one_sentence
{ for i in {1..3000}; do printf '%d\t%d\ttext\n' $i $i; done; } >long.txt
echo old >x.csv; last="labels, files limited to 8 kB"
(ulimit -f 8; "$sori" labels long.txt -o x.csv >"$out" 2>"$err"); code=$?
exits 4; one_sentence; that test "$(cat x.csv)" = old
if [ -w /dev/full ]; then
    last="labels >/dev/full"; "$sori" labels a.txt >/dev/full 2>"$err"; code=$?; exits 4; one_sentence
fi

# --- events of features ---
# Eight bursts of noise, four a second.
head -c 2000 /dev/urandom >click
{ wav_header 22050 1 16 $((8 * 11026))
  for i in {1..8}; do cat click; head -c $((11026 - 2000)) /dev/zero; done; } >c.wav
run features c.wav -f onsets -o on.txt; exits 0; silent; exists on.txt; run labels on.txt; exits 0; prints "onsets"
run features c.wav -f onsets,beats -o both.csv; exits 0; that test "$(head -1 both.csv)" = time,label
that sort -c -t, -k1,1g <(tail -n +2 both.csv)
run labels both.csv; exits 0; prints onsets
run features c.wav -f onsets -o on.jams; exits 0; that grep -q '"duration": 2.0' on.jams
run labels on.jams -o on2.txt; exits 0; same on.txt on2.txt
run features c.wav -f onsets -o -; exits 0; that test "$(wc -l <"$out")" = $(($(wc -l <on.txt) + 1))
run features c.wav -f onsets,tempo,mel -o all.npz; exits 0; that grep -qa tempo.npy all.npz
run features c.wav -f tempo -o t.json; exits 0; that grep -q '"unit": "BPM"' t.json
run features c.wav -f onsets -o on.npy; exits 0; that grep -qa "'descr': '<f8'" on.npy
run features c.wav c.wav -f onsets -o on/ --format txt; exits 2; says "would both become"
run features c.wav -f onsets,mel -o x.csv; exits 2; says "onsets is events and mel comes in frames"; one_sentence
run features c.wav -f tempo -o x.csv; exits 2; says "tempo is one number a file"
run features c.wav -f mel -o x.txt; exits 2; says "mel is not events"; says "csv"
run features c.wav -f onsets,tempo -o x.jams; exits 2; says "tempo is not events"
run features c.wav -f mel -o x.srt; exits 2; says ".txt or .jams"

# --- librosa's names of the options of the whole sound ---
run features c.wav -f chroma --n_chroma 24 -q; exits 0; prints " 24x"
run features c.wav -f cqt --n_bins 36 --bins_per_octave 24 -q; exits 0; prints " 36x"
run features c.wav -f chroma --tuning 0 -o 1.npy; run features c.wav -f chroma --tuning 0.3 -o 2.npy
exits 0; that test "$(cmp -s 1.npy 2.npy; echo $?)" = 1
run features c.wav -f chroma --tuning none -o 1.npy; run features c.wav -f chroma -o 2.npy; exits 0; same 1.npy 2.npy
run features c.wav -f tempo --start_bpm 60 -q; exits 0
run features c.wav -f cqt --tuning x -q; exits 2; says "not a number"
for type in kaiser_best kaiser_fast polyphase; do run features c.wav -f rms --sr 8000 --res_type $type -q; exits 0; done
finish
