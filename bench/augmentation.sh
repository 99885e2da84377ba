#!/usr/bin/env bash
# What each augmentation does for accuracy: `sori train` without any, with the recipe's, with many at once and with each
# change alone, over seeds 1, 2, 3. Rows of RESULTS are "TASK CHANGE SEED PERCENT"; what stands there already is not run
# again, so the script can be stopped, and run at once for different tasks. Ends with the table.
#   augmentation.sh SORI DATA RESULTS [TASK...]    DATA: the folder of speech/fsdd, sounds/esc10 and instruments
#     digits        spoken digits, a speaker never heard (theo) is the test
#     esc10         environmental sounds, the first fold is the test
#     instruments   trained on notes of FluidSynth, tested on real ones: Philharmonia's and the Salamander piano
#   SEEDS="1 2 3" THREADS=1 SOUNDFONT=              from the environment
set -euo pipefail
sori=$1 data=$2 results=$3
shift 3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
touch "$results"

changes=(
    gain noise pitch_shift time_stretch speed shift polarity 'reverb(p=0.5)' filter equalizer compress clip mp3
    'harmonic(p=0.5)' 'percussive(p=0.5)' time_mask freq_mask freq_warp time_warp random_resized_crop
    'mixup' 'cutmix' 'manifold_mixup'
)
rich='pitch_shift(-0.5..0.5,p=0.5) equalizer(-12..12) reverb(decay=0.2..2,wet=0.05..0.5,p=0.6) compress(p=0.3)
    noise(snr=15..50,color=pink,p=0.5) gain(-6..6) shift(-0.2..0.2,p=0.5)
    time_mask(0.15) freq_mask(0.15) freq_warp(0.1)'

# Options of `sori train` for a row of the table.
options_of() {
    case $1 in
    nothing) augment=(--no-augment) ;;
    recipe) augment=() ;;
    many) augment=(--augment "$rich") ;;
    *) augment=(--augment "$1") ;;
    esac
}

percent() { sed -n 's/.*"'"$1"'": \([0-9.]*\).*/\1/p' | awk '{ printf "%.2f", 100 * $1 }'; }

# train SEED FOLDER OPTION...: a model at $out/model.safetensors, its summary on standard output
train() {
    local seed=$1 folder=$2
    shift 2
    "$sori" train "$folder" -o "$out/model.safetensors" --seed "$seed" --threads "${THREADS:-1}" --quiet --json \
        --cache "$out/cache" "$@" "${augment[@]}"
}

digits() {
    train "$1" "$data/speech/fsdd" --label-pattern '{label}_*' --split 100/0/0 --test-pattern '*_theo_*' --epochs 20 |
        percent test_accuracy
}

esc10() {
    train "$1" "$data/sounds/esc10" --recipe sounds --epochs 40 --split 100/0/0 --test-pattern '1-*' |
        percent test_accuracy
}

# The instruments that General MIDI and the real notes have in common, each over its compass.
make_notes() {
    local notes=$out/notes name pitches as
    test ! -d "$notes" || return 0
    while read -r name pitches as; do
        for seconds in 0.4 1; do
            "$sori" synth notes --quiet -i "$name" -p "$pitches" -v 50,80,110 --duration "$seconds" \
                ${SOUNDFONT:+--soundfont "$SOUNDFONT"} -o "$out/made"
            mkdir -p "$notes/$as"
            for file in "$out/made/$name"/*.wav; do mv "$file" "$notes/$as/${seconds}_${file##*/}"; done
            rm -r "$out/made"
        done
    done <<'END'
bassoon A#1:C5 bassoon
cello C2:C6 cello
clarinet D3:G6 clarinet
flute C4:C7 flute
oboe A#3:G6 oboe
alto_sax Db3:A5 saxophone
tenor_sax Ab2:E5 saxophone
trombone E2:D5 trombone
piano A0:C8 piano
END
    mkdir -p "$out/real"
    for name in bassoon cello clarinet flute oboe saxophone trombone; do
        ln -s "$(realpath "$data")/instruments/philharmonia/$name" "$out/real/$name"
    done
    ln -s "$(realpath "$data")/instruments/salamander_piano/salamander" "$out/real/piano"
}

instruments() {
    make_notes
    train "$1" "$out/notes" --split 85/15/0 >/dev/null
    "$sori" evaluate "$out/model.safetensors" "$out/real" --split all --quiet --json | percent accuracy
}

table() {
    awk '
        { n[$1 " " $2]++; sum[$1 " " $2] += $4; squares[$1 " " $2] += $4 * $4 }
        !($2 in seen) { seen[$2] = 1; order[++rows] = $2 }
        function cell(task, change,    k, mean) {
            k = task " " change
            if (!n[k]) return "-"
            mean = sum[k] / n[k]
            if (n[k] == 1) return sprintf("%.1f", mean)
            return sprintf("%.1f ± %.1f", mean, sqrt((squares[k] - n[k] * mean * mean) / (n[k] - 1) + 1e-9))
        }
        END {
            print "| change | spoken digits, a speaker never heard | ESC-10, a fold | real instruments |"
            print "|---|--:|--:|--:|"
            for (i = 1; i <= rows; i++)
                printf "| `%s` | %s | %s | %s |\n", order[i], cell("digits", order[i]), cell("esc10", order[i]),
                       cell("instruments", order[i])
        }' "$results"
}

[ $# -gt 0 ] || set -- digits esc10 instruments
for task; do
    for change in nothing recipe many "${changes[@]}"; do
        for seed in ${SEEDS:-1 2 3}; do
            row="$task $change $seed"
            if grep -qF "$row " "$results"; then continue; fi
            options_of "$change"
            echo "$row $("$task" "$seed")" >>"$results"
        done
    done
done
table
