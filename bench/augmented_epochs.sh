#!/usr/bin/env bash
# What augmentation costs while a network trains: `sori train --model cnn` on 22 kHz clips, whole processes on the
# machine's cores, without a chain and with pitch shift, stretch, noise and masks. Medians of three runs each.
#   augmented_epochs.sh SORI FOLDER     FOLDER of clips, a folder a class: ESC-10
# Two numbers of epochs tell the cost of an epoch from what is done once: reading, rendering the variants, features.
set -euo pipefail
sori=$1 folder=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
chain='pitch_shift(-2..2) time_stretch(0.8..1.25) noise(snr=10..30) time_mask freq_mask'
few=21 many=101

# seconds EPOCHS OPTION...
seconds() {
    local epochs=$1
    shift
    for _ in 1 2 3; do
        /usr/bin/time -o "$out/time" -f %e "$sori" train "$folder" --model cnn --sr 22050 --segment 3 --split 85/15/0 \
            --seed 1 --epochs "$epochs" --quiet -o "$out/model.safetensors" "$@" >/dev/null
        cat "$out/time"
    done | sort -n | sed -n 2p
}

# row WHAT OPTION...
row() {
    local what=$1
    shift
    echo "$what|$(seconds $few "$@")|$(seconds $many "$@")"
}

seconds 1 --no-augment --cache "$out/cache" >/dev/null
seconds 1 --augment "$chain" --cache "$out/cache" >/dev/null
{
    row "without a chain" --no-augment
    row "with the chain" --augment "$chain"
    row "without, features cached" --no-augment --cache "$out/cache"
    row "with, features cached" --augment "$chain" --cache "$out/cache"
} | awk -F'|' -v few=$few -v many=$many '
    BEGIN {
        print "| training | ms an epoch | ratio | once, s | " many " epochs in all, s | ratio |"
        print "|---|--:|--:|--:|--:|--:|"
    }
    {
        epoch = ($3 - $2) / (many - few)
        if (NR % 2) { epoch_without = epoch; all_without = $3 }
        printf "| %s | %.0f | %.2f | %.1f | %.1f | %.2f |\n", $1, 1000 * epoch, epoch / epoch_without,
               $2 - few * epoch, $3, $3 / all_without
    }'
