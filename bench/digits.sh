#!/usr/bin/env bash
# Accuracy of `sori train` with default settings on the spoken digits of FSDD: the official split, and every speaker
# left out once. Each row is a training of its own.
#   digits.sh SORI DATA [SEED]     DATA: the folder of <digit>_<speaker>_<take>.wav
set -euo pipefail
sori=$1 data=$2 seed=${3:-0}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# train PATTERN: test accuracy in percent and seconds, of a run whose test files are those of that name
train() {
    "$sori" train "$data" -o "$out/model.safetensors" --label-pattern '{label}_*' --test-pattern "$1" --seed "$seed" \
        --quiet --json | sed 's/.*"test_accuracy": \([0-9.]*\).*"seconds": \([0-9.]*\).*/\1 \2/' |
        awk '{ printf "%.2f %.0f\n", 100 * $1, $2 }'
}

printf '%-34s %10s %8s\n' 'test recordings' 'accuracy' 'time'
read -r accuracy seconds < <(train '*_[0-4].wav')
printf '%-34s %8s %% %6s s\n' 'takes 0-4 of every speaker' "$accuracy" "$seconds"
sum=0 n=0
for speaker in $(find "$data" -name '*_*_*.wav' -printf '%f\n' | cut -d_ -f2 | sort -u); do
    read -r accuracy seconds < <(train "*_${speaker}_*")
    printf '%-34s %8s %% %6s s\n' "$speaker, never heard in training" "$accuracy" "$seconds"
    sum=$(awk "BEGIN { print $sum + $accuracy }") n=$((n + 1))
done
awk "BEGIN { printf \"%-34s %8.2f %%\n\", \"mean of speakers never heard\", $sum / $n }"
