#!/usr/bin/env python3
# Make tests/golden/torch: what PyTorch predicts with the zoo's models and with a small one, for test_torch.c.
#
#     pip install -r tools/golden/requirements_nn.txt
#     python tools/golden/make_torch.py
#
# zoo.json has no weights: both sides draw them from one generator, tensor by tensor as state_dict has them. What is
# stored are its names and shapes and what comes out. small.safetensors is a state_dict as people save it.
import json
import os

import numpy as np
import safetensors.torch
import torch
import torch.nn as nn

import nn_models
from inputs import lcg

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/torch")
BATCH, CLASSES, SEED = 2, 4, 7


def uniform(draws, shape, scale, offset):
    """offset + scale u, u of -1 .. 1, rounded to float32 once."""
    u = np.array([(next(draws) - 2**23) / 2**23 for _ in range(int(np.prod(shape)))])
    return (offset + scale * u).astype(np.float32).reshape(shape)


def spread(name, shape):
    """Scale and offset of a tensor's values: outputs of order 1 in every layer, variances above 0."""
    if name.endswith("running_var"):
        return 0.5, 1.0
    if len(shape) > 1:
        return float(np.float32(np.sqrt(6 / np.prod(shape[1:])))), 0.0
    return (0.3, 1.0) if name.startswith("bn") and name.endswith("weight") else (0.2, 0.0)


def channels_first(x):
    """PyTorch's images of sori's: [n, h, w, c] -> [n, c, h, w]."""
    return x.movedim(-1, 1) if x.ndim == 4 else x


def describe(name, kind):
    """The model's tensors, filled, and what it predicts, in double."""
    draws, tensors, state = lcg(SEED), [], {}
    model = kind(CLASSES).eval()
    for key, value in model.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        shape = list(value.shape)
        scale, offset = spread(key, shape)
        tensors.append({"name": key, "shape": shape, "scale": scale, "offset": offset})
        state[key] = torch.tensor(uniform(draws, shape, scale, offset))
    model.load_state_dict(state, strict=False)
    x = torch.tensor(uniform(draws, (BATCH, *kind.input), 1.0, 0.0))
    with torch.no_grad():
        y = model.double()(channels_first(x.double()))
    return {"model": name, "input": list(kind.input), "tensors": tensors, "y": y.flatten().tolist()}


def save(name, tensors):
    path = os.path.join(OUT, name + ".safetensors")
    safetensors.torch.save_file(tensors, path)
    os.chmod(path, 0o644)


def small():
    """A Sequential, whose tensors are called by numbers; a dense layer behind a flattened image."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(2, 5, (3, 2)), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                          nn.Linear(5 * 3 * 2, 6), nn.Tanh(), nn.Linear(6, 3))
    x = torch.randn(4, 2, 8, 5)
    model(x)   # moves the running statistics
    model.eval()
    save("small", model.state_dict())
    with torch.no_grad():
        y = model.double()(x.double())
    save("small_answers", {"x": x.movedim(1, -1).contiguous(), "y": y})


small()
with open(os.path.join(OUT, "zoo.json"), "w") as f:
    rows = [describe(name, kind) for name, kind in nn_models.ZOO.items()]
    f.write('{"torch": ' + json.dumps(torch.__version__.split("+")[0]) + f', "batch": {BATCH}, "classes": {CLASSES}, '
            f'"seed": {SEED}, "models": [\n' + ",\n".join("  " + json.dumps(r) for r in rows) + "\n]}\n")
