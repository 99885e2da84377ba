#!/usr/bin/env bash
# Every #include obeys layers.txt, and no headers include each other in a circle.
#   layers.sh BUILD SCRATCH     from the source root
set -euo pipefail
scratch=$2
law=tools/lint/layers.txt

# Print one line for each include in the tree under $1 that the law forbids.
violations() {
    (cd "$1" && { find src include cli lessons bench -name '*.[ch]' 2>/dev/null || true; } | LC_ALL=C sort |
        xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' /dev/null) |
    sed 's/^\([^:]*\):\([0-9]*\):[^<"]*\([<"][^>"]*[>"]\).*/\1 \2 \3/' |
    awk -v law="$law" '
        function no_arrow(to) { deny("is an arrow layers.txt does not have: " at[2] " -> " to) }
        function deny(why) { print file ":" line ": " include_ " " why }
        function owner(public) { return public in home ? home[public] : public }
        BEGIN {
            while ((getline text < law) > 0) {
                sub(/#.*/, "", text)
                n = split(text, w, /[ :]+/)
                if (w[1] == "room") known[w[2]] = 1
                if (w[1] == "outside") outside[w[2]] = 1
                if (w[1] == "header") home[w[2]] = w[3]
                if (w[1] == "library") restricted[w[2]] = 1
                for (i = 3; i <= n; i++) grant[w[1], w[2], w[i]] = 1
            }
        }
        { file = $1; line = $2; include_ = $3; name = substr($3, 2, length($3) - 2); split(file, at, "/") }
        at[1] == "include" {   # include/sori/x.h
            self = at[3]; sub(/\.h$/, "", self)
            other = name; sub(/^sori\//, "", other); sub(/\.h$/, "", other)
            if (include_ ~ /^"/) deny("in a public header: write <sori/...>")
            else if (name ~ /^sori\// && self != "sori" && !(("public", self, other) in grant))
                deny("is not among what include/sori/" self ".h may include")
            else if (name !~ /^sori\// && name !~ /^(stdbool|stddef|stdint)\.h$/)
                deny("in a public header: only stdbool.h, stddef.h and stdint.h")
            next
        }
        at[1] in outside {
            if (include_ ~ /^"/ && name ~ /\// && !(("outside", at[1], name) in grant))
                deny("reaches inside the library: " at[1] " sees public headers only")
            next
        }
        !(at[2] in known) { deny("in a room that layers.txt does not know: " at[2]); next }
        include_ ~ /^"/ {
            split(name, to, "/")
            if (name !~ /\//) deny("has no room: write \"" at[2] "/" name "\"")
            else if (to[1] == at[2]) next
            else if (("room", at[2], name) in grant) next
            else if (!(("room", at[2], to[1]) in grant)) no_arrow(to[1])
            else if (name != to[1] "/" to[1] ".h") deny("enters by the window: include " to[1] "/" to[1] ".h")
            next
        }
        name ~ /^sori\// {
            other = name; sub(/^sori\//, "", other); sub(/\.h$/, "", other)
            if (other == "sori") deny("is for users: name the header that is needed")
            else if (owner(other) == at[2] || (("room", at[2], owner(other)) in grant)) next
            else if (!(("room", at[2], include_) in grant)) no_arrow(owner(other))
            next
        }
        {
            for (prefix in restricted)
                if (index(name, prefix) == 1 && !(("library", prefix, at[2]) in grant)) deny("is not for " at[2])
        }'
}

# Print the headers that include each other in a circle: those left after removing, again and again, every header
# that includes none of the rest.
cycles() {
    (cd "$1" && { find src include cli -name '*.h' 2>/dev/null || true; } |
        xargs -r grep -HE '^#include ["<]' /dev/null) |
    sed 's/^\(src\/\|include\/\)\{0,1\}\([^:]*\):#include ["<]\([^">]*\)[">].*/\2 \3/' |
    awk '
        { from[NR] = $1; to[NR] = $2; header[$1] = 1 }
        END {
            do {
                changed = 0
                for (h in header) {
                    busy = 0
                    for (i = 1; i <= NR; i++) if (from[i] == h && (to[i] in header)) busy = 1
                    if (!busy) { delete header[h]; changed = 1 }
                }
            } while (changed)
            for (h in header) print h ": includes itself through other headers"
        }'
}

# The check must be able to fail: a small tree with one violation of each kind.
plant() {
    local tree=$scratch/planted
    rm -rf "$tree"
    mkdir -p "$tree"/src/{num,feat,attic} "$tree"/include/sori "$tree"/cli
    echo '#include "array/array.h"' >"$tree/src/num/fft.c"
    echo '#include <sori/array.h>' >"$tree/src/num/dct.c"
    echo '#include "num/fft.h"' >"$tree/src/feat/mel.c"
    echo '#include <sndfile.h>' >"$tree/src/feat/load.c"
    echo '#include "mel.h"' >"$tree/src/feat/stft.c"
    echo '#include "base/base.h"' >"$tree/src/attic/old.c"
    echo '#include <sori/task.h>' >"$tree/include/sori/feat.h"
    echo '#include "nn/nn.h"' >"$tree/cli/main.c"
    echo '#include "feat/b.h"' >"$tree/src/feat/a.h"
    echo '#include "feat/a.h"' >"$tree/src/feat/b.h"
    local found
    found=$( (violations "$tree"; cycles "$tree") | sed 's/:.*//' | LC_ALL=C sort | tr '\n' ' ')
    local expected="cli/main.c feat/a.h feat/b.h include/sori/feat.h src/attic/old.c src/feat/load.c src/feat/mel.c \
src/feat/stft.c src/num/dct.c src/num/fft.c "
    [ "$found" = "$expected" ] || { echo "layers: self-test found: $found"; exit 1; }
}

plant
found=$(violations .; cycles .)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
