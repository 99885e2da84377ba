# sori models: the zoo's table, and that train's words are those of it.
source "$(dirname "$0")/lib.bash"

run models; exits 0; silent; prints "maxcnn"; prints "45322"; prints "57802"
run models --json; exits 0; silent; prints '"name": "m5"'; prints '"input": [8000, 1]'
if command -v jq >/dev/null; then that jq -e '.[0].params > 0' "$out" >"$scratch/jq"; fi
# What train offers: every model for sounds, in the table's order.
words=$(sed -n '/"feature": null/d; s/.*"name": "\([a-z0-9_]*\)".*/\1/p' "$out" | paste -sd '|')
run help train; exits 0; prints "--model $words"
run models x; exits 2; says "one too many"; one_sentence
finish
