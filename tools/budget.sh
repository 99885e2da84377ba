#!/usr/bin/env bash
# A look at the size of things, against the budgets: functions with a median of at most 15 lines and a 95th percentile
# of at most 60; files of 80 to 400 lines. Not a gate.
#   tools/budget.sh [FOLDER...]     default: src cli
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src cli

# A function begins at a line in column one that ends in ") {" and ends at "}" in column one; one-liners count as 1.
functions() {
    find "$@" -name '*.c' | sort | xargs awk '
        FNR == 1 { open = 0 }
        !open && /^[a-z].*\) \{.*\}$/ { print 1, FILENAME, FNR; next }
        !open && /\) \{$/ && /^[a-z ]/ { open = FNR; next }
        open && /^}/ { print FNR - open + 1, FILENAME, open; open = 0 }'
}

functions "$@" | sort -n | awk '
    { n[NR] = $1; at[NR] = $2 ":" $3 }
    END {
        if (!NR) exit
        median = n[int((NR + 1) / 2)]
        printf "functions %d   median %d lines   95th percentile %d   longest:\n", NR, median, n[int(NR * 0.95 + 0.5)]
        for (i = NR; i > NR - 8 && i > 0; i--) printf "  %4d  %s\n", n[i], at[i]
    }'
find "$@" -name '*.[ch]' -print0 | xargs -0 wc -l | grep -v ' total$' | sort -rn | awk '
    { lines[NR] = $1; name[NR] = $2; sum += $1 }
    END {
        printf "files %d   lines %d   longest:\n", NR, sum
        for (i = 1; i <= 5 && i <= NR; i++) printf "  %4d  %s\n", lines[i], name[i]
    }'
