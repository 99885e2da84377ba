#!/usr/bin/env bash
# The lessons run and print the numbers their pages speak of.
#   lessons.sh BUILD SCRATCH
set -euo pipefail
build=$1

expect() {   # expect TEXT PATTERN
    grep -Eq -- "$2" <<<"$1" || { printf 'lessons: expected /%s/ in:\n%s\n' "$2" "$1"; exit 1; }
}

neuron=$("$build/lessons/01_neuron")
expect "$neuron" 'sum +0\.4500'
expect "$neuron" 'activation +0\.6106'      # 1 / (1 + e^-0.45)

keras_like=$("$build/lessons/05_keras_like")
expect "$keras_like" 'Total params: 21 \(84\.00 B\)'
expect "$keras_like" 'Epoch 100/100'
expect "$keras_like" '0\.1 \+ 0\.2 = 0\.(29|30|31|32|33)'   # 0.297 to 0.328 in 90 % of seeds
expect "$keras_like" '0\.2 \+ 0\.2 = 0\.(39|40|41)'         # 0.396 to 0.412
