# Times sori against librosa and the other peers on the same sound in memory and compares the answers with librosa's.
#
#     bench/peers DIR                                     a virtual environment with the pinned peers, once
#     DIR/bin/python bench/against_peers.py build/bench/bench/bench_feat [--seconds 30,600] [--threads 1] [WORK ...]
#
# One thread each, medians of processor time. The works are in bench/works: <family>.py is this half, <family>.c sori's.
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import glob
import importlib.util
import subprocess
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def load_works():
    """All families' tables merged: {work: {peer: maker}}, and the works with a second precision."""
    works, exact = {}, set()
    for path in sorted(glob.glob(os.path.join(HERE, "works", "*.py"))):
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for work, peers in module.WORKS.items():
            works[work] = {peer: (lambda y, call=call: call) for peer, call in peers.items()}
        for work, peers in getattr(module, "PREPARED", {}).items():
            works.setdefault(work, {}).update(peers)
        exact.update(getattr(module, "EXACT", []))
    return works, exact


def sound(seconds):
    """A chord under noise that swells and fades, with a click every half second."""
    n = int(22050 * seconds)
    t = np.arange(n) / 22050
    rng = np.random.default_rng(0)
    chord = sum(a * np.sin(2 * np.pi * f * t) for f, a in ((220, 0.2), (277.2, 0.2), (1318.5, 0.1)))
    noise = 0.05 * rng.standard_normal(n) * (1 + np.sin(2 * np.pi * t / 4))
    clicks = np.exp(-(np.arange(n) % 11025) / 300) * rng.standard_normal(n) * 0.2
    return (chord + noise + clicks).astype(np.float32)


def repeats(estimate_s):
    return int(max(1, min(31, 2 / max(estimate_s, 1e-6))))


def median_ms(call, y):
    """The median of a peer's processor time, ms, and its answer."""
    call(y)   # compiles and fills caches
    started = time.process_time()
    answer = call(y)
    once = time.process_time() - started
    times = [once]
    for _ in range(repeats(once) - 1):
        started = time.process_time()
        call(y)
        times.append(time.process_time() - started)
    return 1e3 * float(np.median(times)), answer


def sori(bench, work, precision, threads, folder):
    """Medians of processor and wall time, ms, and the answer."""
    result, sound = os.path.join(folder, "result.npy"), os.path.join(folder, "sound.npy")

    def run(n):
        out = subprocess.run([bench, work, precision, str(threads), str(n), sound, result], check=True,
                             capture_output=True, text=True).stdout
        return [float(x) for x in out.split()]

    first = run(1)
    return *run(repeats(first[0] / 1e3)), np.load(result)


def error(answer, expected):
    """The largest difference, relative to the largest value."""
    expected = np.asarray(expected)
    if answer.shape != expected.shape:
        return "shape"
    both = np.isfinite(answer) & np.isfinite(expected)
    return f"{np.abs(answer - expected)[both].max(initial=0) / np.abs(expected[both]).max(initial=1e-30):.1e}"


def row(bench, work, peers, exact, seconds, threads, y, folder):
    theirs, expected = {}, None
    for peer, maker in peers.items():
        try:
            theirs[peer], answer = median_ms(maker(y), y)
        except Exception as problem:
            print(f"{work}: {peer}: {problem}", flush=True)
            continue
        if peer == "librosa":
            expected = answer
    best = min((ms, peer) for peer, ms in theirs.items()) if theirs else (float("nan"), "-")
    librosa = theirs.get("librosa", float("nan"))
    for precision in ("fast", "exact") if exact else ("fast",):
        cpu, wall, answer = sori(bench, work, precision, threads, folder)
        off = "-" if expected is None else error(answer, expected)
        print(f"| {work} | {precision} | {seconds} | {cpu:.2f} | {librosa:.1f} | {librosa / cpu:.1f} | "
              f"{best[1]} {best[0]:.1f} | {best[0] / cpu:.1f} | {off} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--seconds", default="30,600")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("works", nargs="*")
    args = parser.parse_args()
    works, exact = load_works()
    print("| work | precision | s | sori ms | librosa ms | ratio | best peer ms | ratio | largest error |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for seconds in (float(s) for s in args.seconds.split(",")):
            y = sound(seconds)
            np.save(os.path.join(folder, "sound.npy"), y)
            for work in args.works or works:
                row(args.bench, work, works[work], work in exact, seconds, args.threads, y, folder)


main()
