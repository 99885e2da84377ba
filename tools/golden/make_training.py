#!/usr/bin/env python3
# Losses, optimisers and learning-rate schedules as Keras 3.15.1 and PyTorch 2.11.0 compute them in double:
# tests/golden/training/training.json, for tests/golden/test_training.c.
#
#     pip install keras==3.15.1 torch==2.11.0 numpy
#     python tools/golden/make_training.py
#
# The problem is a linear layer, 3 inputs and 2 outputs, mean squared error, trained on 6 samples in order. A case holds
# the fields of sori's configs, and the weights after some numbers of epochs. Where torch's formula has its epsilon
# elsewhere, epsilon is so small that the place does not matter; its SGD puts the rate outside the momentum, which is
# the same while the rate stays. Keras, on torch, computes clipping by norm and the mean of losses in float32 all the
# same.
import json
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch

keras.config.set_floatx("float64")
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../../tests/golden/training/training.json")
draw = np.random.default_rng(7)
X = np.round(draw.normal(size=(6, 3)) * 64) / 64          # exact in float32
Y = np.round(draw.normal(size=(6, 2)) * 64) / 64
KERNEL, BIAS = np.round(draw.normal(size=(3, 2)) * 64) / 64, np.array([0.25, -0.5])
EPOCHS = [1, 3, 10]


def gradients(w, b, x, y):
    d = 2 * (x @ w + b - y) / y.size
    return x.T @ d, d.sum(axis=0)


def batches(epochs, size):
    for _ in range(epochs):
        for i in range(0, len(X), size):
            yield X[i:i + size], Y[i:i + size]


def run_keras(make, epochs, size):
    w, b = keras.Variable(KERNEL), keras.Variable(BIAS)
    o = make()
    o.build([w, b])
    for x, y in batches(epochs, size):
        g = gradients(w.numpy(), b.numpy(), x, y)
        o.apply([keras.ops.convert_to_tensor(v) for v in g], [w, b])
    if o.use_ema:
        o.finalize_variable_values([w, b])
    return np.concatenate([w.numpy().ravel(), b.numpy()]).tolist()


def run_torch(make, epochs, size, schedule=None):
    w, b = torch.tensor(KERNEL, requires_grad=True), torch.tensor(BIAS, requires_grad=True)
    o = make([w, b])
    s = schedule(o, epochs * -(-len(X) // size)) if schedule else None
    for x, y in batches(epochs, size):
        o.zero_grad()
        torch.nn.functional.mse_loss(torch.tensor(x) @ w + b, torch.tensor(y)).backward()
        o.step()
        if s and s.last_epoch < s.total_steps - 1:
            s.step()
    return np.concatenate([w.detach().numpy().ravel(), b.detach().numpy()]).tolist()


optimizers = []


def add_keras(name, kind, make, epochs=EPOCHS, size=6, **config):
    optimizers.append({"name": name, "peer": "keras", "kind": kind, "config": config, "batch_size": size,
                       "epochs": epochs, "weights": [run_keras(make, n, size) for n in epochs]})


def add_torch(name, kind, make, epochs=EPOCHS, size=6, schedule=None, fit=None, **config):
    optimizers.append({"name": name, "peer": "torch", "kind": kind, "config": config, "fit": fit or {},
                       "batch_size": size, "epochs": epochs,
                       "weights": [run_torch(make, n, size, schedule) for n in epochs]})


def keras_optimizers():
    k = keras.optimizers

    def one(name, kind, **config):
        words = dict(config)
        size, epochs = words.pop("size", 6), words.pop("epochs", EPOCHS)
        cls = {"sgd": k.SGD, "adam": k.Adam, "adamw": k.AdamW, "rmsprop": k.RMSprop}[kind]
        config = dict(words)
        add_keras(name, kind, lambda: cls(**words), epochs, size, **config)

    one("plain", "sgd")
    one("momentum", "sgd", learning_rate=0.05, momentum=0.9)
    one("nesterov", "sgd", learning_rate=0.05, momentum=0.8, nesterov=True)
    one("decay", "sgd", learning_rate=0.05, weight_decay=0.1)
    one("plain", "rmsprop")
    one("momentum", "rmsprop", learning_rate=0.01, momentum=0.7, rho=0.8)
    one("centered", "rmsprop", learning_rate=0.01, centered=True, epsilon=0.01)
    one("all", "rmsprop", learning_rate=0.01, centered=True, momentum=0.5, epsilon=0.01, weight_decay=0.02)
    one("plain", "adam")
    one("numbers", "adam", learning_rate=0.1, beta_1=0.8, beta_2=0.95, epsilon=0.001)
    one("decay", "adam", learning_rate=0.1, weight_decay=0.05)
    one("plain", "adamw")
    one("decay", "adamw", learning_rate=0.1, weight_decay=0.3)
    one("clipnorm", "sgd", learning_rate=0.1, clipnorm=0.5)
    one("global_clipnorm", "sgd", learning_rate=0.1, global_clipnorm=0.5)
    one("clipvalue", "sgd", learning_rate=0.1, clipvalue=0.1)
    one("batches", "adam", learning_rate=0.1, size=4)
    one("accumulation", "adam", learning_rate=0.1, gradient_accumulation_steps=2, size=2)
    one("accumulation_clipped", "sgd", learning_rate=0.1, gradient_accumulation_steps=4, global_clipnorm=0.4, size=2)
    one("ema", "adam", learning_rate=0.1, use_ema=True, ema_momentum=0.8)


def torch_optimizers():
    o, tiny = torch.optim, 1e-18
    add_torch("plain", "sgd", lambda p: o.SGD(p, lr=0.05), learning_rate=0.05)
    add_torch("momentum", "sgd", lambda p: o.SGD(p, lr=0.05, momentum=0.9), learning_rate=0.05, momentum=0.9)
    add_torch("nesterov", "sgd", lambda p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True), learning_rate=0.05,
              momentum=0.9, nesterov=True)
    for centered in (False, True):
        add_torch("centered" if centered else "momentum", "rmsprop",
                  lambda p: o.RMSprop(p, lr=0.01, alpha=0.8, eps=tiny, momentum=0.6, centered=centered),
                  epochs=[3, 10] if centered else EPOCHS,
                  learning_rate=0.01, rho=0.8, epsilon=tiny, momentum=0.6, centered=centered)
    add_torch("plain", "adam", lambda p: o.Adam(p, lr=0.1, eps=tiny), learning_rate=0.1, epsilon=tiny)
    add_torch("decay", "adamw", lambda p: o.AdamW(p, lr=0.1, eps=tiny, weight_decay=0.2), learning_rate=0.1,
              epsilon=tiny, weight_decay=0.2)

    def cycle(optimizer, steps):
        return o.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps)

    add_torch("one_cycle", "adam", lambda p: o.Adam(p, lr=0.1, eps=tiny), epochs=[3, 10], size=2, schedule=cycle,
              fit={"schedule": "one_cycle"}, learning_rate=0.1, epsilon=tiny)


schedules = []


def add_schedule(epochs, steps, config, rates, momenta=None):
    schedules.append({"epochs": epochs, "steps": steps, "config": config, "rates": rates, "momentum": momenta or []})


def torch_schedule(make, n, **optimizer):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5, **optimizer)
    s, rates, momenta = make(o), [], []
    for i in range(n):
        rates.append(o.param_groups[0]["lr"])
        momenta.append(o.param_groups[0]["momentum"])
        o.step()
        if i < n - 1:
            s.step()
    return rates, momenta


def all_schedules():
    t, k = torch.optim.lr_scheduler, keras.optimizers.schedules
    for epochs, steps in ((4, 5), (1, 3), (7, 1), (1, 1)):
        n = epochs * steps
        add_schedule(epochs, steps, {"schedule": "one_cycle"},
                     *torch_schedule(lambda o: t.OneCycleLR(o, 0.5, total_steps=n), n, momentum=0.9))
        add_schedule(epochs, steps, {"schedule": "cosine", "alpha": 0.1},
                     [float(k.CosineDecay(0.5, n, alpha=0.1)(i)) for i in range(n)])
        add_schedule(epochs, steps, {"schedule": "exponential", "decay_rate": 0.3, "decay_epochs": 2},
                     [float(k.ExponentialDecay(0.5, 2 * steps, 0.3)(i)) for i in range(n)])
        by_epoch, _ = torch_schedule(lambda o: t.StepLR(o, 2, 0.3), epochs)
        add_schedule(epochs, steps, {"schedule": "step", "decay_rate": 0.3, "decay_epochs": 2},
                     [rate for rate in by_epoch for _ in range(steps)])
    config = {"pct_start": 0.45, "div_factor": 7.0, "final_div_factor": 30.0, "base_momentum": 0.2, "max_momentum": 0.6}
    add_schedule(3, 4, {"schedule": "one_cycle"} | config,
                 *torch_schedule(lambda o: t.OneCycleLR(o, 0.5, total_steps=12, **config), 12, momentum=0.9))


losses = []


def add_loss(name, loss, shape, weighted, **config):
    t, p = draw.uniform(0.01, 1, shape), draw.uniform(0.01, 1, shape)
    if name in ("categorical_crossentropy", "kl_divergence"):
        t, p = t / t.sum(-1, keepdims=True), p / p.sum(-1, keepdims=True)
        t[0] = np.eye(shape[-1])[1]
    weight = draw.uniform(0, 2, shape[0]) if weighted else None
    over = None if weight is None else weight.reshape([-1] + [1] * (len(shape) - 2))
    value = loss(keras.ops.convert_to_tensor(t), keras.ops.convert_to_tensor(p), sample_weight=over)
    losses.append({"loss": name, "shape": list(shape), "config": config, "p": p.ravel().tolist(),
                   "t": t.ravel().tolist(), "weight": [] if weight is None else weight.tolist(),
                   "value": float(value)})


def all_losses():
    k = keras.losses
    for shape in ((4, 3), (3, 2, 5)):
        for weighted in (False, True):
            add_loss("mse", k.MeanSquaredError(), shape, weighted)
            add_loss("mae", k.MeanAbsoluteError(), shape, weighted)
            add_loss("huber", k.Huber(delta=0.3), shape, weighted, delta=0.3)
            add_loss("kl_divergence", k.KLDivergence(), shape, weighted)
            for s in (0.0, 0.1):
                add_loss("categorical_crossentropy", k.CategoricalCrossentropy(label_smoothing=s), shape, weighted,
                         label_smoothing=s)
                add_loss("binary_crossentropy", k.BinaryCrossentropy(label_smoothing=s), shape, weighted,
                         label_smoothing=s)


def lines(items):
    """One item a line, so that a changed case is a changed line."""
    return "[\n" + ",\n".join("  " + json.dumps(item) for item in items) + "\n]"


keras_optimizers()
torch_optimizers()
all_schedules()
all_losses()
problem = {"x": X.ravel().tolist(), "y": Y.ravel().tolist(), "kernel": KERNEL.ravel().tolist(), "bias": BIAS.tolist()}
with open(OUT, "w") as f:
    f.write('{"versions": ' + json.dumps({"keras": keras.__version__, "torch": torch.__version__.split("+")[0]}))
    f.write(',\n"problem": ' + json.dumps(problem) + ',\n"optimizers": ' + lines(optimizers))
    f.write(',\n"schedules": ' + lines(schedules) + ',\n"losses": ' + lines(losses) + "\n}\n")
