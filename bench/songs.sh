#!/usr/bin/env bash
# Songs with stems, whole processes: how many times faster than they sound they are rendered, mixed and written.
#   songs.sh SORI     composed songs of a minute at 44.1 kHz, by the SoundFont of the system
# Elapsed time is what the machine's other work leaves; processor time and two cores bound it from the other side.
set -euo pipefail
sori=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# row WHAT TRACKS JOBS OPTION...: medians of three runs
row() {
    local what=$1 tracks=$2 jobs=$3
    shift 3
    for _ in 1 2 3; do
        rm -rf songs
        /usr/bin/time -o time.txt -f '%e %U %S %M' "$sori" synth song --tracks "$tracks" --jobs "$jobs" \
            --threads "$jobs" -o songs --json --quiet "$@" >result.json
        sound=$(sed 's/.*"duration_s": \([0-9.]*\).*/\1/' result.json)
        awk -v s="$sound" '{ cpu = $2 + $3; printf "%.2f %.2f %.0f %.0f %d\n", $1, cpu, s / $1, s / cpu, $4 / 1024 }' \
            time.txt
    done | sort -n | sed -n 2p | {
        read -r elapsed cpu speed cpu_speed mb
        printf '| %-36s | %d | %s | %s | %s | %s | %s |\n' "$what" "$jobs" "$elapsed" "$cpu" "$speed" "$cpu_speed" "$mb"
    }
}

echo "| songs of a minute                    | jobs |    s | processor s | times faster than it sounds | a core | MB |"
echo "|---|--:|--:|--:|--:|--:|--:|"
row "8, 4 stems, as Slakh2100" 8 2
row "4, 4 stems, as Slakh2100" 4 1
row "4, 4 stems, in a room" 4 2 --room 0.5
row "4, 8 stems" 4 2 --instruments 8
row "4, 4 stems, as MUSDB18 (stereo)" 4 2 --layout musdb
