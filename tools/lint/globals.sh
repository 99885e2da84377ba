#!/usr/bin/env bash
# The library holds no mutable globals: none of its objects has a variable in a writable or thread-local section.
# (.data.rel.ro is constant once loaded: tables that hold addresses.)
#   globals.sh BUILD SCRATCH     from the source root
set -euo pipefail
build=$1 scratch=$2

# Print "object: symbol is a mutable global" for the archive or object $1. In objdump's table the section stands before
# the tab, the name last; *COM* is a variable without a value yet.
mutable() {
    objdump -t "$1" | awk '
        /file format/ { object = $1; sub(/:$/, "", object); sub(/\.o$/, "", object); next }
        {
            split($0, side, "\t"); n = split(side[1], left, " "); section = left[n]
            variable = $0 ~ / O / && section ~ /^\.(data|bss)/ && section !~ /^\.data\.rel\.ro/
            if (variable || (section ~ /^\.(tdata|tbss)/ && $0 !~ / d /) || section == "*COM*")
                print object ": " $NF " is a mutable global"
        }'
}

# The check must be able to fail.
cat >"$scratch/planted.c" <<'C'
int counter = 1, zero;
static _Thread_local int per_thread;
int *f(void) { static int calls; calls++; return &per_thread; }
static const char *const names[] = { "a", "b" };
static const int primes[] = { 2, 3, 5 };
const char *g(int i) { return names[primes[i]]; }
C
"${CC:-cc}" -c -fPIC -o "$scratch/planted.o" "$scratch/planted.c"
found=$(mutable "$scratch/planted.o" | sed 's/.*: \([a-z_]*\).*/\1/' | LC_ALL=C sort | tr '\n' ' ')
[ "$found" = "calls counter per_thread zero " ] || { echo "globals: self-test found: $found"; exit 1; }

found=$(mutable "$build/libsori_internal.a")
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
