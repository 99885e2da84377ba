#!/usr/bin/env python3
# Make the golden files of the networks: tests/golden/nn.json (the cases) and nn.safetensors (weights, inputs, answers).
#
#     pip install -r tools/golden/requirements_nn.txt
#     python tools/golden/make_nn.py
#
# A case is a table of layers as model files store them, and the same as a function of PyTorch. PyTorch computes in
# double; the layouts are turned within the function, so that its gradients come out in sori's. To add a case, add a
# line to nn_cases.py or nn_more.py.
import json
import os
import zlib

import numpy as np
import safetensors.numpy
import torch

import nn_cases
import nn_more

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden")
TOLERANCES = {
    "layer": {"rule": "mixed", "limit": 1e-4, "floor": 1e-5,
              "why": "float against PyTorch in double, forward and backward; products and sums in another order"},
    "layer.exact": {"rule": "mixed", "limit": 1e-9, "floor": 1e-10,
                    "why": "double on both sides; products and sums in another order, exp and tanh of another libm"},
}
BATCH = 2


def draw(name, shape, scale=1.0):
    """Numbers that only depend on their name, float32 as the files keep them."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def variable(a):
    return torch.tensor(a.astype(np.float64), requires_grad=True)


class Golden:
    def __init__(self):
        self.cases, self.tensors = [], {}

    def keep(self, case, name, value):
        """A tensor of a case: float32 what is given, float64 what is answered."""
        a = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        self.tensors[f"{case}/{name}"] = np.ascontiguousarray(a)

    def add_case(self, case, function, torch_name, **fields):
        assert case not in [c["id"] for c in self.cases], case
        self.cases.append({"id": case, "function": function, "librosa": torch_name, "default": "layer",
                           "exact": "layer.exact"} | fields)

    def layers(self, name, torch_name, input, layers, run, weights=None, x=None, training=None, batch=BATCH):
        """y of x, and the gradients of sum(dy y) by x and every weight. run(x, w): y in sori's layout; weights: their
        shapes, or (shape, offset) for those that must be away from 0, by sori's names. training(x, w): y when
        training, where it is another, and what moving statistics become by their weights' names. x: given, and then
        without a gradient."""
        function = layers[-1]["op"]
        case = f"{function}/{name}"
        given = x is not None
        x = x if given else draw(case + "/x", (batch, *input))
        self.keep(case, "x", x)
        x = variable(x)
        w = {}
        for key, shape in (weights or {}).items():
            shape, offset = shape if isinstance(shape[0], tuple) else (shape, 0.0)
            a = draw(f"{case}/{key}", shape, 0.5) * (1 if offset == 0 else 0.3) + np.float32(offset)
            self.keep(case, "w/" + key, a)
            w[key] = variable(a)
        y, moved = run(x, w), {}
        if training:
            self.keep(case, "predicted", y)
            y, moved = training(x, w)
        dy = draw(case + "/dy", tuple(y.shape))
        y.backward(torch.tensor(dy.astype(np.float64)))
        self.keep(case, "dy", dy)
        self.keep(case, "y", y)
        if not given:
            self.keep(case, "dx", x.grad)
        for key, v in w.items():
            if v.grad is not None and key not in moved:
                self.keep(case, "dw/" + key, v.grad)
        for key, v in moved.items():
            self.keep(case, "moved/" + key, v)
        self.add_case(case, function, torch_name, input=list(input), layers=layers)

    def loss(self, name, torch_name, loss, target, run, act=None, width=5, **settings):
        """The loss of a batch and its gradient by what the last layer sees."""
        case = f"{loss}/{name}"
        x = draw(case + "/x", (4, width), 2)
        self.keep(case, "x", x)
        t = np.asarray(target(case, x.shape), np.float32)
        self.keep(case, "t", t)
        x = variable(x)
        y = run(x, torch.tensor(t.astype(np.float64)))
        y.backward()
        self.keep(case, "y", y.reshape(1))
        self.keep(case, "dx", x.grad)
        self.add_case(case, loss, torch_name, input=[width], layers=[{"op": "activation", "act": act or "linear"}],
                      loss=loss, settings=settings)


def lines(items):
    return "[\n" + ",\n".join("  " + json.dumps(item) for item in items) + "\n]"


def entries(table):
    return "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n}"


golden = Golden()
nn_cases.add(golden, draw)
nn_more.add(golden)
path = os.path.join(OUT, "nn.safetensors")
safetensors.numpy.save_file(golden.tensors, path)
os.chmod(path, 0o644)
functions = {c["function"]: "SORI_" + nn_cases.NAMES.get(c["function"], c["function"]).upper() for c in golden.cases}
with open(os.path.join(OUT, "nn.json"), "w") as f:
    f.write('{"versions": ' + json.dumps({"torch": torch.__version__.split("+")[0]}))
    f.write(',\n"functions": ' + entries(functions))
    f.write(',\n"tolerances": ' + entries(TOLERANCES))
    f.write(',\n"cases": ' + lines(golden.cases) + ',\n"defaults": []\n}\n')
