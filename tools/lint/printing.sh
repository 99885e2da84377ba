#!/usr/bin/env bash
# The library never prints, exits, reads the environment, or changes what belongs to the whole process (locale, signals,
# the C library's random numbers); and it uses no function with hidden state. Asked of the undefined symbols of its
# objects, so that no macro hides one.
#   printing.sh BUILD SCRATCH     from the source root
set -euo pipefail
build=$1 scratch=$2

forbidden='printf|vprintf|puts|putchar|stdout|stderr|stdin|perror|psignal|warn|warnx|err|errx|syslog'
forbidden+='|exit|_Exit|quick_exit|abort|atexit|on_exit'
forbidden+='|getenv|secure_getenv|setenv|putenv|unsetenv|clearenv'
forbidden+='|setlocale|signal|sigaction|sigprocmask|pthread_sigmask|raise|alarm|umask|chdir|system|popen'
forbidden+='|rand|srand|random|srandom|drand48|strtok|localtime|gmtime|asctime|ctime|tmpnam|tempnam|mktemp'

# Print "object: calls NAME" for every forbidden symbol that archive or object $1 needs. Fortified names count as plain.
calls() {
    nm -o --undefined-only "$1" | sed 's/^.*[\/:]\([^:]*\)\.o:[^U]*U /\1 /; s/__\([a-z]*\)_chk$/\1/; s/_IO_//' |
        awk -v forbidden="^($forbidden)\$" '$2 ~ forbidden { print $1 ": uses " $2 }'
}

# The check must be able to fail.
cat >"$scratch/planted.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
int f(char *out, int n) {
    printf("%d\n", n);
    fprintf(stderr, "%s", getenv("HOME"));
    if (n > 3) exit(1);
    return snprintf(out, 10, "%d", n);
}
C
"${CC:-cc}" -O2 -D_FORTIFY_SOURCE=2 -w -c -o "$scratch/planted.o" "$scratch/planted.c"
found=$(calls "$scratch/planted.o" | sed 's/.* //' | LC_ALL=C sort | tr '\n' ' ')
[ "$found" = "exit getenv printf stderr " ] || { echo "printing: self-test found: $found"; exit 1; }

found=$(calls "$build/libsori_internal.a")
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
