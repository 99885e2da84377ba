#!/usr/bin/env bash
# What every file of ours keeps to: lines of at most 120 characters, no tabs, no trailing blanks, a comment at the head
# that says what the file is for, nothing left undone and nothing commented out.
#   style.sh BUILD SCRATCH     from the source root
set -euo pipefail
scratch=$2
export LC_ALL=C.UTF-8   # a line is measured in characters, not bytes

files() {
    (cd "$1" && find .ci src include cli lessons bench tests tools script cmake CMakeLists.txt -type f 2>/dev/null ||
        true) | grep -E '\.([ch]|sh|cmake|py)$|CMakeLists.txt$|^script/|^\.ci/' | sort
}

# Print "file:line: complaint" for every line of the files in $list that matches the Perl pattern.
lines() {
    xargs grep -nHP "$1" <"$list" | sed "s/^\([^:]*:[0-9]*\):.*/\1: $2/" || true
}

# Print the complaints about the tree under $1.
complaints() {
    local list=$scratch/files
    files "$1" >"$list"
    cd "$1"
    lines '^.{121,}$' "longer than 120 characters"
    lines '\t' "a tab"
    lines '\s$' "blanks at the end"
    lines '\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b' "something left undone"
    lines '^\s*#\s*if\s+0\b' "code switched off"
    while read -r file; do
        case $file in
        *.[ch]) head=1 start='/\*' ;;
        *) head=2 start='#' ;;
        esac
        sed -n "1,${head}p" "$file" | grep -qE "^$start.{15,}" || echo "$file:1: no head comment"
        [ -z "$(tail -c 1 "$file")" ] || echo "$file: no line end at the end"
    done <"$list"
    cd - >/dev/null
}

# The check must be able to fail.
tree=$scratch/planted
rm -rf "$tree"
mkdir -p "$tree/src/feat"
{
    echo 'int x;'
    printf '\tint tab;\n'
    echo 'int blank; '
    printf '/* TO%s */\n' DO
    echo '#if 0'
    printf '/* %0120d */\n' 0
    printf '/* %s */' "$(printf '소%.0s' {1..100})"   # 106 characters, 306 bytes; no line end
} >"$tree/src/feat/bad.c"
found=$(complaints "$tree" | sort | sed 's/^[^:]*//' | tr '\n' ';')
expected=': no line end at the end;:1: no head comment;:2: a tab;:3: blanks at the end;:4: something left undone;'
expected+=':5: code switched off;:6: longer than 120 characters;'
[ "$found" = "$expected" ] || { echo "style: self-test found: $found"; exit 1; }

found=$(complaints .)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
