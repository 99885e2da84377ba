#!/usr/bin/env bash
# The libraries give away exactly what the public headers declare: sori_* functions marked SORI_API, no more, no less;
# and every symbol that crosses files inside the library carries its room's name.
#   exports.sh BUILD SCRATCH     from the source root
set -euo pipefail
build=$1 scratch=$2

# Names declared with SORI_API in the headers given: the word before the first parenthesis.
declared() { sed -n '/#define/d; s/^.*SORI_API [^(]*[ *]\(sori_[A-Za-z0-9_]*\)(.*/\1/p' "$@" | LC_ALL=C sort -u; }
shared() { nm -D --defined-only "$1" | awk '{ print $NF }' | LC_ALL=C sort -u; }
archive() { nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u; }

# Print the differences of two sorted lists of names.
differences() {
    comm -23 "$1" "$2" | sed "s|\$|: exported by $3, but no public header declares it|"
    comm -13 "$1" "$2" | sed "s|\$|: declared, but $3 does not export it|"
}

# Print the global symbols of src/<room>/ objects under $1 that begin with neither sori_ nor <room>_.
strangers() {
    find "$1" -path '*/src/*' -name '*.o' | LC_ALL=C sort | while read -r object; do
        source=${object#*/src/}
        [ -f "$2/src/${source%.o}" ] || continue   # left over from a source that is gone
        room=${source%%/*}
        nm -g --defined-only "$object" | awk -v room="$room" -v source="src/${source%.o}" '
            NF == 3 && index($3, "sori_") != 1 && index($3, room "_") != 1 {
                print source ": " $3 " should begin with " room "_ or be static" }'
    done
}

# The check must be able to fail.
printf 'SORI_API int sori_here(int x);\nSORI_API const sori_array *sori_gone(\n' >"$scratch/planted.h"
declared "$scratch/planted.h" >"$scratch/planted.declared"
printf 'sori_here\nzig\n' >"$scratch/planted.exported"
mkdir -p "$scratch/planted/src/feat"
planted=$scratch/planted/src/feat/mel.c
echo 'int feat_x, mel_x, sori_x; static int y; int *feat_y(void); int *feat_y(void) { return &y; }' >"$planted"
"${CC:-cc}" -w -c -o "$planted.o" "$planted"
found=$(differences "$scratch/planted.exported" "$scratch/planted.declared" library
        strangers "$scratch/planted" "$scratch/planted")
expected="zig: exported by library, but no public header declares it
sori_gone: declared, but library does not export it
src/feat/mel.c: mel_x should begin with feat_ or be static"
[ "$found" = "$expected" ] || { echo "exports: self-test found: $found"; exit 1; }

declared include/sori/*.h >"$scratch/declared"
shared "$build/libsori.so" >"$scratch/shared"
archive "$build/libsori.a" >"$scratch/archive"
found=$(differences "$scratch/shared" "$scratch/declared" libsori.so
        differences "$scratch/archive" "$scratch/declared" libsori.a
        strangers "$build/CMakeFiles" .)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
