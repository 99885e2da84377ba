# The command line itself: help, versions, mistakes, exit codes, where the output goes.
source "$(dirname "$0")/lib.bash"

# --- help ---
run --version; exits 0; prints "sori 0."; silent
run --help; exits 0; prints "Commands"; prints "Exit codes"; silent
run help; exits 0; prints "Commands"
run -h; exits 0; prints "Commands"
run; exits 2; prints_nothing; says "Commands"
for name in $("$sori" help | sed -n '/^Commands/,/^$/s/^  \([a-z]\+\).*/\1/p'); do
    run help "$name"; exits 0; silent; prints "sori $name - "; prints "Usage"; prints "--threads"
    mv "$out" "$out.help"
    run "$name" --help; exits 0; same "$out" "$out.help"
    run --help "$name"; exits 0; same "$out" "$out.help"
    that test "$(wc -L <"$out")" -le 110
    that test "$(grep -n '^Examples' "$out" | cut -d: -f1)" -lt "$(grep -n '^Usage' "$out" | cut -d: -f1)"
done
run help hepl; exits 2; says "did you mean help?"
run help no-such; exits 2; says "sori help"

# --- man page and completion, from the same tables ---
run help --man; exits 0; prints ".TH SORI 1"; prints "NO_COLOR"
if command -v mandoc >/dev/null; then
    mandoc -Tlint "$out" >"$scratch/lint" 2>&1
    that test ! -s "$scratch/lint"
fi
run completion bash; exits 0; prints "--threads"; that bash -n "$out"
# What bash would offer: complete "sori WORD..." and print the candidates.
offers() {
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sori; printf "%s\n" "${COMPREPLY[@]}"' \
        - "$out" "$@" 2>"$err"
}
that test "$(offers sori hel)" = help
that test "$(offers sori completion z)" = zsh
that test "$(offers sori effects tri)" = trim
that test "$(offers sori effects --n_s)" = --n_steps
that test "$(touch trick; offers sori effects trim tri)" = trick
that test "$(offers sori help --se)" = --seed
run completion zsh; exits 0; prints "#compdef sori"; prints "--threads="
if command -v zsh >/dev/null; then that zsh -n "$out"; fi
run completion fish; exits 0; prints "complete -c sori"
if command -v fish >/dev/null; then that fish -n "$out"; fi
run completion tcsh; exits 2; says "bash, zsh and fish"
run completion; exits 2; says "missing"

# --- mistakes ---
run hlep; exits 2; says "sori: unknown command hlep; did you mean help?"; one_sentence
run zzzzzz; exits 2; says "see 'sori help'"; one_sentence
run help --mam; exits 2; says "sori help: unknown option --mam; did you mean --man?"; one_sentence
run help --qqqqqqq; exits 2; says "unknown option --qqqqqqq"; one_sentence
run help -x; exits 2; says "unknown option -x"; one_sentence
run help help help; exits 2; says "'help' is one too many"; one_sentence
run help --man=1; exits 2; says "--man takes no value"
run help --threads; exits 2; says "--threads needs a value"
run --threads; exits 2; says "--threads needs a value"
for bad in '' x 1x 0x10 1.5 ' 1' 1e3 99999999999999999999 --; do
    run help --threads "$bad"; exits 2; says "not a whole number"; one_sentence
done
run help --threads=; exits 2; says "not a whole number"
run help --threads -1; exits 2; says "at least 0"
run help --threads 257; exits 2; says "at most 256"
run help --seed 9223372036854775807; exits 2; says "at most"

# --- where options may stand ---
run --threads 1 help; exits 0; prints "Commands"
run --threads=1 help help; exits 0; prints "sori help - "
run help help --threads 1 --threads 2; exits 0; silent
run help -- help; exits 0; prints "sori help - "
run help -- --man; exits 2; says "no command --man"
run help -qj help; exits 0
run help -qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq help; exits 0
run --seed help; exits 2
run $'hel\np\033[2J'; exits 2; says 'hel\np\x1b[2J'; one_sentence

# --- where the output goes ---
code_of() { last="$1"; bash -c "$1" 2>"$err"; code=$?; }
if [ -w /dev/full ]; then
    code_of "'$sori' help >/dev/full"; exits 4; says "standard output: cannot write"
fi
code_of "'$sori' help >&-"; exits 4; says "standard output: cannot write"
code_of "{ sleep 0.3; '$sori' help; } | true; exit \${PIPESTATUS[0]}"; exits 4; says "standard output"
code_of "'$sori' zzz 2>&-"; exits 2
if command -v script >/dev/null; then   # a terminal: bold headings, unless colour is unwanted
    script -qec "'$sori' help" /dev/null >"$out" 2>&1; last="help on a terminal"; prints $'\033[1m'
    NO_COLOR=1 script -qec "'$sori' help" /dev/null >"$out" 2>&1; last="NO_COLOR=1 help"; prints_not $'\033['
    script -qec "'$sori' help --no-color" /dev/null >"$out" 2>&1; last="help --no-color"; prints_not $'\033['
fi
run help; prints_not $'\033['

finish
