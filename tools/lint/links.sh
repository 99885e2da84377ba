#!/usr/bin/env bash
# Every link of the documents to a file of ours leads somewhere.
#   links.sh BUILD SCRATCH     from the source root
set -euo pipefail
scratch=$2

# Print "file:line: target" for each [text](target) under $1 whose target is not there. Links to the net are not tried.
broken() {
    (cd "$1" && { find ./*.md docs bench lessons tools -name '*.md' 2>/dev/null || true; }) |
        sed 's/^\.\///' | LC_ALL=C sort | while read -r file; do
        { grep -noE '\]\([^)]*\)' "$1/$file" || true; } | while IFS=: read -r line link; do
            target=${link#](} target=${target%)} target=${target%%#*}
            case $link in *'](http'*|*'](mailto'*|*'](#'*) continue ;; esac
            [ -e "$1/$(dirname "$file")/$target" ] || echo "$file:$line: there is no $target"
        done
    done
}

# The check must be able to fail.
mkdir -p "$scratch/planted/docs"
cd "$scratch/planted"
echo 'See [one](docs/a.md), [two](docs/gone.md), [three](https://example.org/x.md), [four](#here).' >b.md
echo 'Back to [b](../b.md#part) and [c](c.md).' >docs/a.md
cd - >/dev/null
found=$(broken "$scratch/planted" | tr '\n' ';')
[ "$found" = 'b.md:1: there is no docs/gone.md;docs/a.md:1: there is no c.md;' ] ||
    { echo "links: self-test found: $found"; exit 1; }

found=$(broken .)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
