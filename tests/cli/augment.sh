# Augmentation from the command line: copies, their draws and labels, the sheet, the list.
source "$(dirname "$0")/lib.bash"

run synth tone --wave saw -f A3 --duration 1 -o a.wav; exits 0
run synth clicks --times 0.25,0.5 --duration 1 -o b.wav; exits 0
printf '0.25\t0.5\tone\n0.5\t0.75\ttwo\n' >a.txt

run augment a.wav b.wav --chain 'pitch_shift(-2..2) noise(snr=10..30,p=0.5)' --copies 2 --seed 3 -o out; exits 0
for name in a_1 a_2 b_1 b_2; do that test -s out/$name.wav; done
that test "$(wc -l <"$out")" = 4
that test "$(jq -r '.out' "$out" | tr '\n' ' ')" = 'out/a_1.wav out/a_2.wav out/b_1.wav out/b_2.wav '
that test "$(jq -r '.changes[0].change' "$out" | sort -u)" = pitch_shift
that test "$(jq -r '.changes[0].steps' "$out" | sort -u | wc -l)" = 4
cp "$out" first.jsonl
run augment a.wav b.wav --chain 'pitch_shift(-2..2) noise(snr=10..30,p=0.5)' --copies 2 --seed 3 -o two --threads 1
exits 0
for name in a_1 a_2 b_1 b_2; do same out/$name.wav two/$name.wav; done
that cmp -s <(jq -c .changes first.jsonl) <(jq -c .changes "$out")

run augment a.wav --labels a.txt --chain 'time_stretch(0.5)' -o slow; exits 0
that test "$(awk '{ print $1 + 0, $2 + 0, $3 }' slow/a.txt | tr '\n' ' ')" = '0.5 1 one 1 1.5 two '
run augment a.wav --chain 'gain(-6)' --format flac -o slow; exits 0
that test -s slow/a.flac

run augment a.wav --preview -o sheet; exits 0
that test -s sheet/preview.png
for name in as_it_is pitch_shift reverb mp3; do that test -s sheet/$name.wav; done
run augment a.wav --preview --chain 'gain time_mask(0.3)' --copies 2 -o sheet2; exits 0
that test -s sheet2/copy_2.wav

run augment --list; exits 0; prints 'pitch_shift'; prints 'one_of'
run augment --list --json; exits 0
that test "$(jq -r '.[] | select(.name == "mixup").stage' "$out")" = batch

run augment a.wav -o x; exits 2; says 'sori augment: --chain is missing; --list shows what it may hold'
run augment --chain gain -o x; exits 2; says 'FILE... is missing'
run augment a.wav --chain gain; exits 2; says '--out is missing: a folder'
run augment a.wav --chain 'nois' -o x; exits 2; says 'augment: there is no change nois'
run augment a.wav b.wav --labels a.txt --chain gain -o x; exits 2; says '--labels: of one FILE only'
run augment a.wav --chain gain -o .; exits 2; says 'would be replaced by its copy'
run augment none.wav --chain gain -o x; exits 4; says none.wav
: >empty.wav
run augment empty.wav --chain gain -o x; exits 3; says empty.wav
finish
