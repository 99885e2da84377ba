# PyTorch's half of bench/nn_against_torch.py: the same commands as bench_nn.c, the same models and inputs.
#
# PyTorch at its best on a processor: channels last, Adam in one fused kernel, inference mode, and of the ways to run
# a model that it offers the one that is fastest here (M5 also as 2-D convolutions of height 1; answers also traced and
# frozen, which folds batch norm; on two threads also one; with --compile also torch.compile). Steps run on one batch
# that lies in memory. The malloc settings that spare it page faults are the caller's.
import resource
import sys
import time
import warnings

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 10
INPUTS = {"mlp": (1, 130, 13), "cnn": (1, 130, 13), "lstm": (130, 13), "m5": (1, 8000), "m5_32": (1, 8000),
          "melcnn": (1, 64, 80), "crnn": (1, 64, 80), "maxcnn": (1, 64, 80), "unet": (1, 256, 128), "lesson": (2,)}


def conv_norm(inputs, width):
    return [nn.Conv2d(inputs, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


class MelCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*conv_norm(1, 16), nn.MaxPool2d(2), *conv_norm(16, 32), nn.MaxPool2d(2),
                                  *conv_norm(32, 64), nn.MaxPool2d(2), *conv_norm(64, 64))
        self.drop, self.fc = nn.Dropout(0.3), nn.Linear(128, CLASSES)

    def forward(self, x):
        y = self.body(x)
        return self.fc(self.drop(torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)))


class MaxCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*conv_norm(1, 16), nn.MaxPool2d(2), *conv_norm(16, 32), nn.MaxPool2d(2),
                                  *conv_norm(32, 64))
        self.drop, self.fc = nn.Dropout(0.3), nn.Linear(16 * 64, CLASSES)

    def forward(self, x):
        return self.fc(self.drop(self.body(x).amax(3).flatten(1)))


class Crnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*conv_norm(1, 32), nn.MaxPool2d(2), *conv_norm(32, 64), nn.MaxPool2d(2),
                                  *conv_norm(64, 64), nn.MaxPool2d((4, 1)))
        self.gru = nn.GRU(4 * 64, 32, batch_first=True, bidirectional=True)
        self.drop, self.fc = nn.Dropout(0.3), nn.Linear(64, CLASSES)

    def forward(self, x):
        last = self.gru(self.body(x).permute(0, 3, 2, 1).flatten(2))[1]
        return self.fc(self.drop(torch.cat([last[0], last[1]], 1)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(13, 64, 2, batch_first=True)
        self.head = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, CLASSES))

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        def block(inputs, width):
            return nn.Sequential(*conv_norm(inputs, width), *conv_norm(width, width))
        self.fine, self.middle, self.coarse = block(1, 16), block(16, 32), block(32, 64)
        self.up1, self.up2 = nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)
        self.back1, self.back2, self.last = block(64, 32), block(32, 16), nn.Conv2d(16, 1, 1)

    def forward(self, x):
        fine = self.fine(x)
        middle = self.middle(F.max_pool2d(fine, 2))
        y = self.up1(self.coarse(F.max_pool2d(middle, 2)))
        y = self.up2(self.back1(torch.cat([y, middle], 1)))
        return self.last(self.back2(torch.cat([y, fine], 1)))


M5_LAYERS = {"m5": ((128, 80, 4, 38), (128, 3, 1, 1), (256, 3, 1, 1), (512, 3, 1, 1)),   # channels, taps, step, zeros
             "m5_32": ((32, 80, 16, 0), (32, 3, 1, 0), (64, 3, 1, 0), (64, 3, 1, 0))}


class M5(nn.Module):
    """flat: waveforms as images of height 1, for which channels last is a layout."""
    def __init__(self, name, flat):
        super().__init__()
        self.flat, layers, inputs = flat, [], 1
        for width, taps, step, pad in M5_LAYERS[name]:
            if flat:
                layers += [nn.Conv2d(inputs, width, (1, taps), (1, step), (0, pad), bias=False),
                           nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d((1, 4))]
            else:
                layers += [nn.Conv1d(inputs, width, taps, step, pad, bias=False),
                           nn.BatchNorm1d(width), nn.ReLU(inplace=True), nn.MaxPool1d(4)]
            inputs = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(inputs, CLASSES)

    def forward(self, x):
        y = self.body(x.unsqueeze(2) if self.flat else x)
        return self.fc(y.mean((2, 3) if self.flat else 2))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1), nn.BatchNorm2d(32),
        nn.Conv2d(32, 32, 3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1), nn.BatchNorm2d(32),
        nn.Conv2d(32, 32, 2), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2, ceil_mode=True), nn.BatchNorm2d(32),
        nn.Flatten(), nn.Linear(480, 64), nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(64, CLASSES))


def mlp():
    layers, inputs = [nn.Flatten()], 1690
    for width in (512, 256, 64):
        layers += [nn.Linear(inputs, width), nn.ReLU(inplace=True), nn.Dropout(0.3)]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(64, CLASSES))


def lesson():
    return nn.Sequential(nn.Linear(2, 5), nn.Sigmoid(), nn.Linear(5, 1), nn.Sigmoid())


MODELS = {"mlp": mlp, "cnn": cnn, "lstm": Lstm, "melcnn": MelCnn, "maxcnn": MaxCnn, "crnn": Crnn, "unet": UNet,
          "lesson": lesson}


def makers(name):
    if name not in M5_LAYERS:
        return [("", MODELS[name])]
    return [("conv1d", lambda: M5(name, False)), ("conv2d", lambda: M5(name, True))]


def training(name, model, batch):
    """One step: forward, loss, backward, update."""
    x, model = torch.rand(batch, *INPUTS[name]), model.train()
    if x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    if name == "lesson":
        target, loss, optimizer = x.sum(1, keepdim=True), F.mse_loss, torch.optim.SGD(model.parameters(), 0.1)
    else:
        decay = 0.002 if name == "mlp" else 0   # the gradient of its L2 of 0.001
        optimizer = torch.optim.Adam(model.parameters(), fused=True, weight_decay=decay)
        image = name == "unet"
        target = torch.rand_like(x) if image else torch.arange(batch) % CLASSES
        loss = F.mse_loss if image else F.cross_entropy

    def step():
        optimizer.zero_grad()
        loss(model(x), target).backward()
        optimizer.step()
    return step


def answering(name, model, batch, frozen):
    x, model = torch.rand(batch, *INPUTS[name]), model.eval()
    if x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    if frozen:
        with torch.no_grad():
            model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))

    def call():
        with torch.inference_mode():
            model(x)
    return call


def ways(name, mode, batch, compiles):
    """Name and function of each way to run it."""
    for kind, make in makers(name):
        for way in ["eager"] + ["frozen"] * (mode == "infer") + ["compiled"] * compiles:
            model = make()
            if name not in ("lstm", "mlp", "lesson"):
                model = model.to(memory_format=torch.channels_last)
            if way == "compiled":
                model = torch.compile(model)
            call = training(name, model, batch) if mode == "train" else answering(name, model, batch, way == "frozen")
            yield f"{kind} {way}".strip(), call


def trial(call, clock):
    """Seconds of a call, the best of some; few of what takes long."""
    began = time.perf_counter()
    for _ in range(3):   # traces are compiled on the second call
        call()
        if time.perf_counter() - began > 0.4:
            break
    times, began = [], time.perf_counter()
    while not times or (len(times) < 3 and time.perf_counter() - began < 0.4):
        started, n = clock(), 0
        while n == 0 or clock() - started < 0.02:
            call()
            n += 1
        times.append((clock() - started) / n)
    return min(times)


def setup(name, mode, batch, threads, compiles):
    """The fastest way: (name, call, threads)."""
    best = None
    for way, call in ways(name, mode, batch, compiles):
        for n in sorted({1, threads}):
            torch.set_num_threads(n)
            try:
                seconds = trial(call, time.process_time if threads == 1 else time.perf_counter)
            except Exception as problem:
                print(f"{name} {way}: {problem}", file=sys.stderr)
                continue
            if not best or seconds < best[0]:
                best = seconds, way if n == threads else way + ", one thread", call, n
    return best[1:]


def time_entry(entry, n):
    _, call, threads = entry
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
        call()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(n):
        call()
    return 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)


def main():
    warnings.filterwarnings("ignore")
    compiles, entries = "--compile" in sys.argv, []
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "setup":
            entries.append(setup(rest[0], rest[1], int(rest[2]), int(rest[3]), compiles))
            print(len(entries) - 1, entries[-1][0])
        elif command == "time":
            print(*time_entry(entries[int(rest[0])], int(rest[1])))
        elif command == "forget":
            entries.clear()
            print("ok")
        elif command == "memory":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
