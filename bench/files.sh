#!/usr/bin/env bash
# From sound file to features, whole processes as a user starts them: elapsed and processor time, peak memory.
#   files.sh SORI [PYTHON]     PYTHON: one that has librosa, the peer; left out, sori alone is measured
# The sounds are made by ffmpeg in a temporary folder: a tone under noise, stereo, 44.1 kHz. Medians of five runs.
set -euo pipefail
sori=$(realpath "$1") python=${2:-}
case $python in
"" | /*) ;;
*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;;   # realpath would leave the virtual environment
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

make_sounds() {
    ffmpeg -v error -f lavfi -i sine=f=220:d=180 -f lavfi -i anoisesrc=d=180:c=pink:a=0.3:r=44100:seed=1 \
        -filter_complex '[0][1]amerge=inputs=2' -ar 44100 -c:a pcm_s16le minutes.wav
    ffmpeg -v error -i minutes.wav minutes.flac
    ffmpeg -v error -i minutes.wav -b:a 192k minutes.mp3
    ffmpeg -v error -t 5 -i minutes.wav five.wav
    ffmpeg -v error -stream_loop 19 -i minutes.wav -c:a pcm_s16le hour.wav
    ffmpeg -v error -ss 10 -t 30 -i minutes.wav thirty.flac
    mkdir hundred
    for i in $(seq 100 199); do cp thirty.flac "hundred/$i.flac"; done
    cat >peer.py <<'PYTHON'
import sys
import librosa
import numpy as np
for path in sys.argv[3:]:
    y, sr = librosa.load(path)
    f = {"mel": lambda: librosa.feature.melspectrogram(y=y, sr=sr), "rms": lambda: librosa.feature.rms(y=y),
         "mfcc": lambda: librosa.feature.mfcc(y=y, sr=sr), "spectrogram": lambda: np.abs(librosa.stft(y))}[sys.argv[1]]
    np.save(sys.argv[2], f())
PYTHON
}

# measure RUNS COMMAND...: "elapsed ms, processor ms, peak MB" of the run in the middle
measure() {
    local runs=$1
    shift
    for _ in $(seq "$runs"); do
        /usr/bin/time -o time.txt -f '%e %U %S %M' "$@" >/dev/null 2>&1
        awk '{ printf "%d %d %d\n", 1000 * $1, 1000 * ($2 + $3), $4 / 1024 }' time.txt
    done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

# row WHAT FEATURE OUT THREADS FILE...
row() {
    local what=$1 feature=$2 out=$3 threads=$4 ours theirs="- - -" runs=5
    shift 4
    ours=$(measure 5 "$sori" features "$@" --feature "$feature" -o "$out" --threads "$threads")
    case $what in *hour*) runs=1 ;; esac
    if [ -n "$python" ] && [ "$threads" = 1 ]; then
        theirs=$(measure "$([ $# -gt 1 ] && echo 1 || echo $runs)" "$python" peer.py "$feature" peer.npy "$@")
    fi
    # shellcheck disable=SC2086
    printf '| %-34s | %7s | %7s | %6s | %8s | %8s | %7s |\n' "$what" $ours $theirs
}

make_sounds
echo "| whole process                      | sori ms |  cpu ms |     MB | librosa ms | cpu ms | MB |"
echo "|---|--:|--:|--:|--:|--:|--:|"
row "WAV 5 s, mel" mel x.npy 1 five.wav
row "WAV 3 min, mel" mel x.npy 1 minutes.wav
row "FLAC 3 min, mel" mel x.npy 1 minutes.flac
row "MP3 3 min, mel" mel x.npy 1 minutes.mp3
row "100 FLAC of 30 s, mel" mel out/ 1 hundred/*.flac
row "100 FLAC of 30 s, mel, two threads" mel out/ 2 hundred/*.flac
row "WAV, one hour, rms" rms x.npy 1 hour.wav
row "WAV, one hour, mel" mel x.npy 1 hour.wav
row "WAV, one hour, mfcc" mfcc x.npy 1 hour.wav
row "WAV, one hour, spectrogram" spectrogram x.npy 1 hour.wav
