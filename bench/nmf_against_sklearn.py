# Times sori's factorisations against scikit-learn's, side by side in one run: both are processes that are told in turns
# to make some sweeps from the same start. Markdown on standard output.
#
#     bench/peers DIR --small                               a virtual environment with the pinned peers, once
#     DIR/bin/python bench/nmf_against_sklearn.py build/bench/bench/bench_nmf
#         --sweeps 100 --rounds 7
#
# 1025 x 1300, rank 32. One thread in processor time, two in wall time, of whole calls; medians of rounds, and of ratios
# within a round. scikit-learn computes in the precision it is given: float32, as spectrograms are, and float64.
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

FEATURES, FRAMES, K = 1025, 1300, 32
LOSSES = ("frobenius", "kullback-leibler", "itakura-saito", "frobenius")     # the last one by coordinate descent
NAMES = ("Frobenius", "Kullback-Leibler", "Itakura-Saito", "Frobenius, HALS")
PASSES = (4, 8, 12, 4)     # operations a value and component a sweep


def peer(folder):
    """scikit-learn's half: the commands of bench_nmf."""
    import warnings

    import numpy as np
    from sklearn.decomposition import non_negative_factorization
    from sklearn.decomposition._nmf import _beta_divergence
    warnings.simplefilter("ignore")
    arrays = [np.load(f"{folder}/{name}.npy") for name in "SWH"]
    for line in sys.stdin:
        loss, _, sweeps, exact = (int(v) for v in line.split()[1:])
        S, W, H = (a.astype(np.float64 if exact else np.float32) for a in arrays)
        wall, cpu = time.perf_counter(), time.process_time()
        W, H, _ = non_negative_factorization(S, W, H, K, init="custom", solver="cd" if loss == 3 else "mu", tol=0,
                                             beta_loss=LOSSES[loss], max_iter=sweeps)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        end = _beta_divergence(*(a.astype(np.float64) for a in (S, W, H)), LOSSES[loss])
        print(1e3 * wall, 1e3 * cpu, end, flush=True)


class Worker:
    def __init__(self, *command, threads=1):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads),
                                             "OMP_NUM_THREADS": str(threads)})

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer to {' '.join(map(str, words))}")
        return [float(v) for v in answer.split()]


def make(folder):
    """Notes that come and go, over noise."""
    import numpy as np
    draw = np.random.default_rng(1)
    spectra = draw.gamma(0.3, size=(FEATURES, K))
    loudness = draw.gamma(0.3, size=(K, FRAMES))
    arrays = {"S": spectra @ loudness + draw.gamma(1, 0.01, (FEATURES, FRAMES)) + 1e-3,
              "W": draw.uniform(0.1, 1, (FEATURES, K)), "H": draw.uniform(0.1, 1, (K, FRAMES))}
    for name, values in arrays.items():
        np.save(f"{folder}/{name}.npy", values.astype(np.float32))


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench", help="bench_nmf; or, with --peer, the folder of the arrays")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--sweeps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    o = parser.parse_args()
    if o.peer:
        return peer(o.bench)
    with tempfile.TemporaryDirectory() as folder:
        make(folder)
        script = str(pathlib.Path(__file__).resolve())
        sori = Worker(o.bench, folder)
        peers = {n: Worker(sys.executable, script, "--peer", folder, threads=n) for n in (1, 2)}
        peak = sori.ask("peak")[0]
        print("| loss | threads | sori ms | GFLOP/s | of the peak | scikit-learn float32 ms | ratio | float64 ms "
              "| ratio | sori exact ms | ratio to float64 | loss differs by |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for threads in (1, 2):
            for loss, name in enumerate(NAMES):
                sides = [(sori, 0), (sori, 1), (peers[threads], 0), (peers[threads], 1)]
                times, ends = [[] for _ in sides], [0] * 4
                for round_ in range(o.rounds + 1):     # the first warms up
                    for i, (worker, exact) in enumerate(sides):
                        wall, cpu, ends[i] = worker.ask("run", loss, threads, o.sweeps, exact)
                        if round_:
                            times[i].append((cpu if threads == 1 else wall) / o.sweeps)
                ours, exact, single, double = times
                ms = [statistics.median(t) for t in times]
                speed = PASSES[loss] * FEATURES * FRAMES * K / ms[0] / 1e6
                print(f"| {name} | {threads} | {ms[0]:.2f} | {speed:.0f} | {100 * speed / peak / threads:.0f} % "
                      f"| {ms[2]:.2f} | **{median_ratio(single, ours):.1f}** | {ms[3]:.2f} "
                      f"| **{median_ratio(double, ours):.1f}** | {ms[1]:.2f} | {median_ratio(double, exact):.1f} "
                      f"| {abs(ends[0] / ends[3] - 1):.0e} |", flush=True)


main()
