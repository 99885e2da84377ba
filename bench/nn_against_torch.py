# Times sori's networks against PyTorch's on the processor, side by side in one run: both are processes that are told
# in turns to do some steps. Markdown on standard output.
#
#     bench/peers DIR                                       a virtual environment with the pinned peers, once
#     DIR/bin/python bench/nn_against_torch.py build/bench/bench/bench_nn [MODEL ... | unet | lesson | threads]
#         --compile       also torch.compile: minutes of compilation a row
#         --seconds 2     of measuring a row
#
# One thread in processor time, two in wall time. Medians of rounds; ratios are medians of those within a round. See
# bench/README.md; the models are in bench_nn.c and torch_nn.py.
import argparse
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
SLICE_MS = 25        # of steps in a row
ROUNDS = (3, 15)     # at least, at most
MODELS = ("mlp", "cnn", "lstm", "m5_32", "m5", "melcnn", "crnn")
MORE = ("maxcnn",)     # by name only
ROWS = (("train", 32), ("train", 256), ("infer", 1), ("infer", 32))
UNET_BATCH = 8
UPDATES = 350000     # 100 epochs of the lesson
GOALS = {("mlp", "train", 32): 1.4, ("cnn", "train", 32): 2.5, ("lstm", "train", 32): 1.8, ("m5_32", "train", 32): 2.5,
         ("m5", "train", 32): 2.5}
GOALS_BY_MODE = {("train", 32): 1.25, ("train", 256): 1.25, ("infer", 1): 1.5, ("infer", 32): 1.5}
# Freed memory is kept, instead of being returned to the system and faulted in again.
MALLOC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}


class Worker:
    """A process that takes bench_nn's commands."""

    def __init__(self, *command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer to {' '.join(map(str, words))}")
        return answer.split(maxsplit=1)

    def setup(self, *what):
        entry, rest = self.ask("setup", *what)
        return Entry(self, int(entry), what[-1]), rest.strip()

    def memory(self):
        return float(self.ask("memory")[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Entry:
    """A model, a batch and a number of threads in a worker."""

    def __init__(self, worker, number, threads):
        self.worker, self.number, self.threads = worker, number, threads
        self.cpu, self.wall, self.steps = [], [], 1

    def run(self):
        wall, cpu = (float(v) / self.steps for v in self.worker.ask("time", self.number, self.steps))
        self.wall.append(wall)
        self.cpu.append(cpu)
        return wall

    def warm_up(self):
        for _ in range(2):
            self.steps = max(1, round(SLICE_MS / self.run()))
        self.cpu.clear()
        self.wall.clear()

    def times(self):
        return self.cpu if self.threads == 1 else self.wall


def measure(entries, seconds):
    """All in turns."""
    for entry in entries:
        entry.warm_up()
    started = time.monotonic()
    for done in range(ROUNDS[1]):
        if done >= ROUNDS[0] and time.monotonic() - started > seconds:
            return
        for entry in entries:
            entry.run()


def median(values):
    return statistics.median(values)


def ratio(above, below):
    return median([a / b for a, b in zip(above, below)])


def digits(ms):
    return f"{ms:.3g}" if ms < 100 else f"{ms:.0f}"


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def head(columns, *left):
    row(*columns)
    print("|" + "|".join("---" if c in left else "--:" for c in columns) + "|")


# --- tables ----------------------------------------------------------------------------------------------------------

def quartet(sori, torch, model, mode, batch, seconds):
    """sori and PyTorch on one and on two threads; GFLOP of a step and how PyTorch does it."""
    entries, notes = [], []
    for worker in (sori, torch):
        for threads in (1, 2):
            entry, note = worker.setup(model, mode, batch, threads)
            entries.append(entry)
            notes.append(note)
    measure(entries, seconds)
    return entries, float(notes[0]), notes[2:]


def cells(entries, gflop, peak, ways, goal):
    one, two, theirs, theirs2 = entries
    speed = 1e3 * gflop / median(one.cpu)
    way = ways[0] if ways[0] == ways[1] else f"{ways[0]}; {ways[1]}"
    return (f"{goal}", digits(median(one.cpu)), digits(median(theirs.cpu)), f"**{ratio(theirs.cpu, one.cpu):.2f}**",
            f"{speed:.0f}", f"{100 * speed / peak:.0f} %", digits(median(two.wall)), digits(median(theirs2.wall)),
            f"**{ratio(theirs2.wall, two.wall):.2f}**", f"{ratio(one.wall, two.wall):.2f}", way)


COLUMNS = ("goal", "sori ms", "PyTorch ms", "ratio", "GFLOP/s", "of the peak", "2 threads: sori ms", "PyTorch ms",
           "ratio", "2 threads over 1", "PyTorch's way")


def models(bench, names, peak, new_torch, seconds):
    sori, torch = Worker(bench), new_torch()
    head(("model", "", "batch", *COLUMNS), "model", "", COLUMNS[-1])
    for model in names:
        for mode, batch in ROWS:
            entries, gflop, ways = quartet(sori, torch, model, mode, batch, seconds)
            goal = GOALS.get((model, mode, batch), GOALS_BY_MODE[mode, batch])
            row(model, mode, batch, *cells(entries, gflop, peak, ways, goal))
            sori.ask("forget")
            torch.ask("forget")
    sori.close()
    torch.close()


def unet(bench, peak, new_torch, seconds):
    """Each mode in processes of its own, for their peak memory."""
    head(("U-Net", "GFLOP", *COLUMNS, "sori MB", "PyTorch MB"), "U-Net", COLUMNS[-1])
    for mode in ("train", "infer"):
        sori, torch = Worker(bench), new_torch()
        entries, gflop, ways = quartet(sori, torch, "unet", mode, UNET_BATCH, seconds)
        sori.close()
        torch.close()
        row(mode, f"{gflop:.1f}", *cells(entries, gflop, peak, ways, 1.8),
            *(f"{peak_memory(worker, mode):.0f}" for worker in (lambda: Worker(bench), new_torch)))


def peak_memory(new_worker, mode):
    """MB that one thread and some steps add to the process as it starts."""
    worker = new_worker()
    before = worker.memory()
    worker.setup("unet", mode, UNET_BATCH, 1)[0].run()
    after = worker.memory()
    worker.close()
    return after - before


def lesson(bench, new_torch):
    """The updates in seconds; PyTorch's from a hundredth of them."""
    sori, torch = Worker(bench), new_torch()
    ours, floor, theirs = (w.setup(m, "train", 1, 1)[0]
                           for w, m in ((sori, "lesson"), (sori, "plain"), (torch, "lesson")))
    for _ in range(7):
        for entry, steps in ((ours, UPDATES), (floor, UPDATES), (theirs, UPDATES // 100)):
            entry.steps = steps
            entry.run()
    seconds = [median(entry.cpu) * UPDATES / 1e3 for entry in (ours, floor, theirs)]
    head(("2-5-1, batch 1", "goal s", "sori s", "plain C s", "PyTorch s", "ratio to plain C", "to PyTorch"),
         "2-5-1, batch 1")
    row(f"{UPDATES:,} updates", 0.06, f"{seconds[0]:.3f}", f"{seconds[1]:.3f}", f"{seconds[2]:.1f}",
        f"{ratio(ours.cpu, floor.cpu):.1f}", f"{ratio(theirs.cpu, ours.cpu):.0f}")
    sori.close()
    torch.close()


def busy(core):
    os.sched_setaffinity(0, {core})
    while True:
        pass


def threads(bench, seconds):
    """One and two threads in turns, alone and while another process keeps a core busy; wall time."""
    head(("training step", "batch", "1 thread ms", "2 threads ms", "ratio (goal 1.7)",
          "beside a busy process: 1 thread ms", "2 threads ms", "ratio (goal 1)"), "training step")
    for model, batch in (("mlp", 32), ("cnn", 32), ("lstm", 32), ("m5_32", 32), ("crnn", 32), ("cnn", 256),
                         ("unet", UNET_BATCH)):
        sori, columns = Worker(bench), []
        for disturbed in (False, True):
            other = multiprocessing.Process(target=busy, args=(max(os.sched_getaffinity(0)),), daemon=True)
            if disturbed:
                other.start()
            pair = [sori.setup(model, "train", batch, n)[0] for n in (1, 2)]
            measure(pair, seconds / 2)
            columns += [*(digits(median(e.wall)) for e in pair), f"**{ratio(pair[0].wall, pair[1].wall):.2f}**"]
            if disturbed:
                other.kill()
                other.join()
        row(model, batch, *columns)
        sori.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_intermixed_args()
    names = args.names or [*MODELS, "unet", "lesson", "threads"]

    def new_torch():
        return Worker(sys.executable, str(HERE / "torch_nn.py"), *["--compile"] * args.compile, **MALLOC)

    sori = Worker(args.bench)
    peak = float(sori.ask("peak")[0])
    sori.close()
    print(f"One core does at most {peak:.0f} GFLOP/s.\n", flush=True)
    chosen = [name for name in names if name in MODELS + MORE]
    parts = [(chosen, lambda: models(args.bench, chosen, peak, new_torch, args.seconds)),
             ("unet" in names, lambda: unet(args.bench, peak, new_torch, args.seconds)),
             ("lesson" in names, lambda: lesson(args.bench, new_torch)),
             ("threads" in names, lambda: threads(args.bench, args.seconds))]
    for wanted, part in parts:
        if wanted:
            part()
            print()


if __name__ == "__main__":
    main()
