# Times sori's features against librosa's on the same sound in memory, one thread each, and compares the answers.
#
#     bench/peers DIR                                     a virtual environment with the pinned librosa, once
#     DIR/bin/python bench/against_librosa.py build/bench/bench/bench_feat [feature ...]
#
# Medians of processor time. sori: the default precision (fast) and .exact.
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import subprocess
import sys
import tempfile
import time

import librosa
import numpy as np

FEATURES = {
    "stft": lambda y: librosa.stft(y),
    "power": lambda y: np.abs(librosa.stft(y)) ** 2,
    "mel": lambda y: librosa.feature.melspectrogram(y=y),
    "mfcc": lambda y: librosa.feature.mfcc(y=y),
    "centroid": lambda y: librosa.feature.spectral_centroid(y=y),
    "rms": lambda y: librosa.feature.rms(y=y),
    "istft": None,
}


def sound(seconds):
    """A chord under noise that swells and fades."""
    t = np.arange(int(22050 * seconds)) / 22050
    rng = np.random.default_rng(0)
    chord = sum(a * np.sin(2 * np.pi * f * t) for f, a in ((220, 0.2), (277.2, 0.2), (1318.5, 0.1)))
    noise = 0.05 * rng.standard_normal(t.size) * (1 + np.sin(2 * np.pi * t / 4))
    return (chord + noise).astype(np.float32)


def median_ms(call, repeats):
    call()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return 1e3 * float(np.median(times))


def sori(bench, feature, precision, folder):
    result = os.path.join(folder, "result.npy")
    out = subprocess.run([bench, feature, precision, os.path.join(folder, "sound.npy"), result], check=True,
                         capture_output=True, text=True).stdout
    return float(out), np.load(result)


def row(bench, feature, y, folder):
    call = FEATURES[feature]
    if feature == "istft":
        spectrum = librosa.stft(y)
        call = lambda y: librosa.istft(spectrum)
    theirs = median_ms(lambda: call(y), 15 if y.size < 3_000_000 else 5)
    expected = call(y)
    times, errors = [], []
    for precision in ("fast", "exact"):
        ms, answer = sori(bench, feature, precision, folder)
        times.append(ms)
        errors.append(np.abs(answer - expected).max() / np.abs(expected).max())
    print(f"{feature:10} {y.size / 22050:8.0f} {theirs:9.2f} {times[0]:9.2f} {theirs / times[0]:7.1f} {times[1]:9.2f} "
          f"{theirs / times[1]:7.1f} {errors[0]:10.1e} {errors[1]:9.1e}", flush=True)


def main():
    bench = sys.argv[1]
    print("                    librosa      fast             exact            largest error / largest value")
    print(f"{'feature':10} {'s':>8} {'ms':>9} {'ms':>9} {'ratio':>7} {'ms':>9} {'ratio':>7} {'fast':>10} {'exact':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for seconds in (30, 600):
            y = sound(seconds)
            np.save(os.path.join(folder, "sound.npy"), y)
            for feature in sys.argv[2:] or FEATURES:
                row(bench, feature, y, folder)


main()
