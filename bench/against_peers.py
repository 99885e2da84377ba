# Times sori against librosa and the other peers on the same sound in memory and compares the answers with librosa's.
#
#     bench/peers DIR                                     a virtual environment with the pinned peers, once
#     DIR/bin/python bench/against_peers.py build/bench/bench/bench_feat [WORK ... | chief | others]
#         --seconds 30,600     lengths of the sound
#         --slow               also those runs of peers that should take more than 40 s
#         --two-threads        instead: sori with two threads against one, wall time
#
# One thread each, medians of processor time. The works are in bench/works: <family>.py is this half, <family>.c sori's.
# "chief" (the default) are the works that have goals and their kin, "others" the rest.
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import importlib
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LONG_S = 40       # a peer's run that should take longer is left out, unless --slow
PATIENCE_S = 600  # a peer that has not answered by then has failed
NAN = float("nan")

# The chief works; ms wanted of 30 s and of 10 min of sound, on one thread of another machine than yours.
GOALS = {
    "stft": (2.5, 70), "mel": (2.0, 50), "mfcc": (2.2, 55),
    "cqt": (9, 130), "chroma_stft": None, "chroma_cqt": (9, 200),
    "hpss": (30, 700), "effects_hpss": None, "nmf": None,
    "kaiser_best": (6, 120), "pitch_shift": (25, 600), "stretch": (20, 450), "griffinlim": (250, 6000),
    "yin": (8, 170), "pyin": (100, 2200), "onset_detect": None, "beat_track": (8, 180),
}
EXACT_GOALS = {"mel": (3.5, 85)}


class Works:
    """All families' tables merged; see works/common.py."""

    def __init__(self):
        self.peers, self.reference, self.compare, self.exact = {}, {}, {}, set()
        for path in sorted(os.listdir(os.path.join(HERE, "works"))):
            if path.endswith(".py"):
                self.add(importlib.import_module("works." + path[:-3]))

    def add(self, family):
        for work, peers in getattr(family, "WORKS", {}).items():
            self.peers.setdefault(work, {}).update({peer: (lambda y, call=call: call) for peer, call in peers.items()})
        for work, peers in getattr(family, "PREPARED", {}).items():
            self.peers.setdefault(work, {}).update(peers)
        self.reference.update(getattr(family, "REFERENCE", {}))
        self.compare.update(getattr(family, "COMPARE", {}))
        self.exact.update(getattr(family, "EXACT", []))

    def named(self, names):
        chief = [work for work in GOALS if work in self.peers]
        groups = {"chief": chief, "others": [work for work in self.peers if work not in GOALS]}
        return [work for name in names or ["chief"] for work in groups.get(name, [name])]


def sound(seconds):
    """A chord under noise that swells and fades, with a click every half second."""
    n = int(22050 * seconds)
    t = np.arange(n) / 22050
    rng = np.random.default_rng(0)
    chord = sum(a * np.sin(2 * np.pi * f * t) for f, a in ((220, 0.2), (277.2, 0.2), (1318.5, 0.1)))
    noise = 0.05 * rng.standard_normal(n) * (1 + np.sin(2 * np.pi * t / 4))
    clicks = np.exp(-(np.arange(n) % 11025) / 300) * rng.standard_normal(n) * 0.2
    return (chord + noise + clicks).astype(np.float32)


def expected_file(folder, seconds):
    """The answer that sori's is compared with."""
    return pathlib.Path(folder, f"expected{seconds:g}.npy")


def repeats(estimate_s):
    return int(max(1, min(31, 0.8 / max(estimate_s, 1e-6))))


# --- peers: each in a process of its own, so that one that falls over takes nothing with it -------------------------

def median_ms(call, y):
    """The median of a peer's processor time, ms, and its answer."""
    times = []
    while len(times) < (repeats(times[0]) if times else 1):
        started = time.process_time()
        answer = call(y)
        times.append(time.process_time() - started)
    return 1e3 * float(np.median(times)), answer


def peer_process(pipe, maker, reference, sounds, slow, folder):
    """Sends (ms, False), or (ms expected, True) where a run would take long, for each sound; saves what is compared."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)   # warnings
    try:
        ms, before = None, None
        short = sound(5)
        maker(short)(short)   # compiles and fills caches
        for seconds, y in sounds.items():
            expected = ms * seconds / before if ms else 0
            if expected > 1e3 * LONG_S and not slow:
                pipe.send((expected, True))
                continue
            ms, answer = median_ms(maker(y), y)
            before = seconds
            if folder:
                answer = reference(y) if reference else answer
                np.save(expected_file(folder, seconds), np.asarray(answer))
            pipe.send((ms, False))
    except Exception as problem:
        pipe.send(str(problem).strip().splitlines()[0] if str(problem).strip() else repr(problem))


def ask(maker, reference, sounds, slow, folder):
    """{seconds: (ms, left out)} and what went wrong, or None."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=peer_process, args=(theirs, maker, reference, sounds, slow, folder))
    process.start()
    theirs.close()
    answers, problem = {}, None
    for seconds in sounds:
        try:
            message = ours.recv() if ours.poll(PATIENCE_S) else "takes too long"
        except EOFError:
            message = "died"
        if isinstance(message, str):
            problem = message
            break
        answers[seconds] = message
    if problem:
        process.kill()
    process.join()
    return answers, problem


# --- sori ------------------------------------------------------------------------------------------------------------

def sori(bench, work, precision, threads, seconds, folder):
    """Medians of processor and wall time, ms, and the answer."""
    result, heard = os.path.join(folder, "result.npy"), os.path.join(folder, f"sound{seconds:g}.npy")

    def run(n):
        out = subprocess.run([bench, work, precision, str(threads), str(n), heard, result], check=True,
                             capture_output=True, text=True).stdout
        return [float(x) for x in out.split()]

    first = run(1)
    return *run(repeats(first[0] / 1e3)), np.load(result)


def error(answer, seconds, compare, folder):
    """The largest difference from what is expected, relative to the largest value."""
    path = expected_file(folder, seconds)
    if not path.exists():
        return "-"
    answer, expected = compare(answer), compare(np.load(path))
    if answer.shape != expected.shape:
        return f"{answer.shape} for {expected.shape}"
    both = np.isfinite(answer) & np.isfinite(expected)
    if expected.dtype == bool:
        answer, expected = answer.astype(float), expected.astype(float)
    return f"{np.abs(answer - expected)[both].max(initial=0) / np.abs(expected[both]).max(initial=1e-30):.0e}"


# --- tables ----------------------------------------------------------------------------------------------------------

def digits(x):
    return "-" if np.isnan(x) else f"{x:.{2 if x < 10 else 1 if x < 100 else 0}f}"


def length(seconds):
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def goal(work, seconds):
    which = {30: 0, 600: 1}.get(seconds)
    if which is None or not GOALS.get(work):
        return "-"
    exact = EXACT_GOALS.get(work)
    return f"{GOALS[work][which]:g}" + (f" ({exact[which]:g})" if exact else "")


def cells(ms, left_out, ours):
    """A peer's time and its ratio to ours."""
    more = "> " if left_out else ""
    return (more + digits(ms), more + digits(ms / ours)) if not np.isnan(ms) else ("-", "-")


def ask_all(work, works, sounds, slow, folder):
    """{peer: {seconds: (ms, left out)}}; librosa's answers are saved to compare with."""
    theirs = {}
    for peer, maker in works.peers[work].items():
        judge = (works.reference.get(work), folder) if peer == "librosa" else (None, None)
        theirs[peer], problem = ask(maker, judge[0], sounds, slow, judge[1])
        if problem:
            print(f"{work}: {peer}: {problem}", file=sys.stderr, flush=True)
    return theirs


def rows(bench, work, works, sounds, slow, folder):
    theirs = ask_all(work, works, sounds, slow, folder)
    compare = works.compare.get(work, np.asarray)
    for seconds in sounds:
        cpu, _, answer = sori(bench, work, "fast", 1, seconds, folder)
        exact_cpu, exact_off = NAN, "-"
        off = error(answer, seconds, compare, folder)
        if work in works.exact:
            exact_cpu, _, answer = sori(bench, work, "exact", 1, seconds, folder)
            exact_off = error(answer, seconds, compare, folder)
        librosa = theirs.get("librosa", {}).get(seconds, (NAN, False))
        others = [(*t[seconds], peer) for peer, t in theirs.items() if peer != "librosa" and seconds in t]
        best = min(others) if others else (NAN, False, "")
        columns = (work, length(seconds), goal(work, seconds), digits(cpu), digits(exact_cpu),
                   *cells(*librosa, cpu), best[2] or "-", *cells(*best[:2], cpu), off, exact_off)
        print("| " + " | ".join(columns) + " |", flush=True)
        expected_file(folder, seconds).unlink(missing_ok=True)


def against_peers(bench, works, names, sounds, slow, folder):
    print("| work | sound | goal | sori ms | exact ms | librosa ms | ratio | best other peer | its ms | ratio | error "
          "| exact error |")
    print("|---|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|")
    for work in names:
        try:
            rows(bench, work, works, sounds, slow, folder)
        except (subprocess.CalledProcessError, OSError) as problem:
            print(f"{work}: sori: {getattr(problem, 'stderr', '') or problem}", file=sys.stderr, flush=True)


def two_threads(bench, names, sounds, folder):
    print("| work | sound | one thread ms | two threads ms | ratio |")
    print("|---|--:|--:|--:|--:|")
    for work in names:
        for seconds in sounds:
            one, two = (sori(bench, work, "fast", n, seconds, folder)[1] for n in (1, 2))
            print(f"| {work} | {length(seconds)} | {digits(one)} | {digits(two)} | {one / two:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--seconds", default="30,600")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--two-threads", action="store_true")
    parser.add_argument("works", nargs="*")
    args = parser.parse_intermixed_args()
    warnings.filterwarnings("ignore")
    works = Works()
    names = works.named(args.works)
    with tempfile.TemporaryDirectory() as folder:
        sounds = {seconds: sound(seconds) for seconds in sorted(float(s) for s in args.seconds.split(","))}
        for seconds, y in sounds.items():
            np.save(os.path.join(folder, f"sound{seconds:g}.npy"), y)
        if args.two_threads:
            two_threads(args.bench, names, sounds, folder)
        else:
            against_peers(args.bench, works, names, sounds, args.slow, folder)


if __name__ == "__main__":
    main()
