# lib.bash - what the command's tests share. Each test is started with the build folder and a scratch folder:
#
#     source "$(dirname "$0")/lib.bash"
#     run info missing.wav;  exits 4;  says "missing.wav"
#     finish
#
# `run` leaves the exit code in $code, standard output in the file $out and standard error in $err.
set -u
unset NO_COLOR
sori=$1/sori
scratch=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$scratch"
mkdir -p "$scratch/work"
cd "$scratch/work" || exit 1
out=$scratch/stdout err=$scratch/stderr
code=0 checks=0 failures=0 last=

run() {
    last="sori $*"
    timeout -k 5 ${limit:-60} "$sori" "$@" >"$out" 2>"$err" </dev/null
    code=$?
}

fail() {
    failures=$((failures + 1))
    echo "FAILED (line ${BASH_LINENO[1]}): $last"
    echo "  $1"
    sed 's/^/  stderr: /' "$err" | head -5
    sed 's/^/  stdout: /' "$out" | head -5
}

exits() { checks=$((checks + 1)); [ "$code" = "$1" ] || fail "exit code $code, expected $1"; }
says() { checks=$((checks + 1)); grep -qF -e "$1" "$err" || fail "standard error lacks: $1"; }
prints() { checks=$((checks + 1)); grep -qF -e "$1" "$out" || fail "standard output lacks: $1"; }
prints_not() { checks=$((checks + 1)); ! grep -qF -e "$1" "$out" || fail "standard output has: $1"; }
silent() { checks=$((checks + 1)); [ ! -s "$err" ] || fail "standard error is not empty"; }
prints_nothing() { checks=$((checks + 1)); [ ! -s "$out" ] || fail "standard output is not empty"; }
# One clear sentence: one line, no trace of a sanitizer.
one_sentence() { checks=$((checks + 1)); [ "$(wc -l <"$err")" = 1 ] || fail "standard error is not one line"; }
exists() { checks=$((checks + 1)); [ -s "$1" ] || fail "no such file, or empty: $1"; }
absent() { checks=$((checks + 1)); [ ! -e "$1" ] || fail "should not exist: $1"; }
same() { checks=$((checks + 1)); cmp -s "$1" "$2" || fail "files differ: $1 $2"; }
that() { checks=$((checks + 1)); "$@" || fail "not true: $*"; }

# Nothing half-written may stay behind.
no_leftovers() {
    checks=$((checks + 1))
    [ -z "$(find "$scratch" -name '.sori-*' -print -quit)" ] || fail "left behind: $(find "$scratch" -name '.sori-*')"
}

finish() {
    no_leftovers
    echo "$checks checks, $failures failed"
    [ "$failures" = 0 ] && [ "$checks" -gt 1 ]
    exit
}

# --- small files made with printf -------------------------------------------------------------------------------

# The little-endian bytes of a number: le COUNT VALUE
le() {
    local i n=$2
    for ((i = 0; i < $1; i++)); do printf "\\x$(printf %02x $((n & 255)))"; n=$((n >> 8)); done
}

# wav_header RATE CHANNELS BITS DATA_BYTES [FORMAT: 1 PCM, 3 float]
wav_header() {
    local frame=$(($2 * $3 / 8))
    printf RIFF; le 4 $((36 + $4)); printf 'WAVEfmt '; le 4 16; le 2 ${5:-1}; le 2 $2; le 4 $1
    le 4 $(($1 * frame)); le 2 $frame; le 2 $3; printf data; le 4 $4
}

# wav FILE RATE CHANNELS FRAMES [BYTE]: 16 bit, every sample 0xBYTE 0x20 (a constant), or silence for 00
wav() {
    local bytes=$((2 * $3 * $4))
    { wav_header $2 $3 16 $bytes
      if [ "${5:-00}" = 00 ]; then head -c $bytes /dev/zero
      else head -c $bytes < <(yes "$(printf "\\x$5\\x20")" | tr -d '\n'); fi; } >"$1"
}

# tone FILE RATE FRAMES: a 16-bit square wave of period 64 samples at a quarter of full scale
tone() {
    local i high low period
    high=$(printf '\\x00\\x20%.0s' {1..32}) low=$(printf '\\x00\\xe0%.0s' {1..32})
    period=$scratch/period
    printf "$high$low" >"$period"
    for ((i = 0; i < 8; i++)); do cat "$period" "$period" >"$period.2"; mv "$period.2" "$period"; done   # 16384 samples
    { wav_header $2 1 16 $((2 * $3))
      for ((i = 0; i < $3; i += 16384)); do cat "$period"; done | head -c $((2 * $3)); } >"$1"
}
