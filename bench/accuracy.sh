#!/usr/bin/env bash
# Accuracy of `sori train` over five seeds: spoken digits (FSDD) on the official split and with every speaker left out
# once, environmental sounds (ESC-10) with every fold left out once. Each figure is a training of its own, appended to
# RESULTS as "TASK LEFT_OUT SEED PERCENT SECONDS"; what stands there already is not run again, so the script can be
# stopped, and run twice at once for different tasks. Ends with the table of all that RESULTS holds.
#   accuracy.sh SORI DATA RESULTS [TASK...]     DATA: the folder of speech/fsdd and sounds/esc10
#                                               TASK: official, speaker, esc10; all of them
#   SEEDS="1 2 3 4 5" THREADS=1                 from the environment
set -euo pipefail
sori=$1 data=$2 results=$3
shift 3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
touch "$results"

# train TASK LEFT_OUT SEED FOLDER OPTION...: one row of the results; the test is the files left out
train() {
    local row="$1 $2 $3" seed=$3 folder=$4
    shift 4
    if grep -q "^$row " "$results"; then return; fi
    "$sori" train "$data/$folder" -o "$out/model.safetensors" --seed "$seed" --threads "${THREADS:-1}" \
        --cache "$out/cache" --quiet --json "$@" |
        sed 's/.*"test_accuracy": \([0-9.]*\).*"seconds": \([0-9.]*\).*/\1 \2/' |
        awk -v row="$row" '{ printf "%s %.2f %.0f\n", row, 100 * $1, $2 }' >> "$results"
}

# The official split and the folds are the whole of the data: nothing is taken away for validation.
official() {
    train official takes_0-4 "$1" speech/fsdd --label-pattern '{label}_*' --split 100/0/0 --test-pattern '*_[0-4].wav'
}

speaker() {
    for name in $(find "$data/speech/fsdd" -name '*_*_*.wav' -printf '%f\n' | cut -d_ -f2 | sort -u); do
        train speaker "$name" "$1" speech/fsdd --label-pattern '{label}_*' --test-pattern "*_${name}_*"
    done
}

esc10() {
    for fold in 1 2 3 4; do
        train esc10 "fold_$fold" "$1" sounds/esc10 --recipe sounds --split 100/0/0 --test-pattern "$fold-*"
    done
}

# One line for every part, then for the means over the parts of a seed: mean, standard deviation, least and greatest
# over the seeds. Only seeds that have all parts count in the second.
table() {
    printf '%-26s %5s %8s %8s %8s %8s\n' 'percent right' seeds mean std least most
    awk '
        function add(key, x) {
            if (!count[key] || x < least[key]) least[key] = x
            if (!count[key] || x > most[key]) most[key] = x
            count[key]++; sum[key] += x; squares[key] += x * x
        }
        { add($1 " " $2, $4); part[$1 " " $2] = $1; of_seed[$1 " " $3] += $4; parts[$1 " " $3]++ }
        END {
            for (p in part) of_task[part[p]]++
            for (k in of_seed) {
                split(k, s, " ")
                if (of_task[s[1]] > 1 && parts[k] == of_task[s[1]]) add(s[1] " ~ mean of all", of_seed[k] / parts[k])
            }
            for (k in count) {
                n = count[k]; variance = n > 1 ? (squares[k] - sum[k] * sum[k] / n) / (n - 1) : 0
                printf "%-26s %5d %8.2f %8.2f %8.2f %8.2f\n", k, n, sum[k] / n, (variance > 0 ? sqrt(variance) : 0),
                    least[k], most[k]
            }
        }' "$results" | LC_ALL=C sort | sed 's/ ~ mean of all  /, mean of all  /'
}

if [ $# -eq 0 ]; then set -- official speaker esc10; fi
for seed in ${SEEDS:-1 2 3 4 5}; do
    for task in "$@"; do "$task" "$seed"; done
done
table
