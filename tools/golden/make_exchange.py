#!/usr/bin/env python3
# Make tests/golden/exchange: small PyTorch networks as .onnx with an input and their answers, and state dicts as .pt.
#
#     python tools/golden/make_exchange.py            needs torch, onnx, onnxscript, safetensors
#
# x and y are PyTorch's own; y of images is turned channels last, as sori gives it. With --exporter old the .onnx come
# from the exporter before torch 2.9, whose graphs are written otherwise.
import os
import sys
import warnings
from collections import OrderedDict

import onnx
import safetensors.torch
import torch
from torch import nn

OUT = os.environ.get("OUT") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/exchange")
warnings.filterwarnings("ignore")
torch.manual_seed(3)


class Lstm(nn.Module):
    def __init__(self, cell, both):
        super().__init__()
        self.cell = cell(5, 6, num_layers=2, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(12 if both else 6, 3)

    def forward(self, x):
        return self.fc(self.cell(x)[0][:, -1])


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.norm = nn.GroupNorm(2, 4)
        self.up = nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1)

    def forward(self, x):
        x = nn.functional.silu(self.a(x))
        x = torch.cat([x, nn.functional.gelu(self.norm(self.b(x)))], 1)
        return torch.tanh(self.up(x)) * 0.5


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.fc, self.out = nn.LayerNorm(6), nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, x):
        return torch.softmax(self.out(nn.functional.leaky_relu(self.fc(self.norm(x)), 0.1)).mean(1), -1)


CNN = nn.Sequential(OrderedDict([
    ("conv1", nn.Conv2d(1, 6, 3, padding=1)), ("bn1", nn.BatchNorm2d(6)), ("relu", nn.ReLU()),
    ("pool", nn.MaxPool2d(2)),
    ("conv2", nn.Conv2d(6, 8, (3, 2), stride=(2, 1))), ("prelu", nn.PReLU(8)), ("drop", nn.Dropout(0.4)),
    ("mean", nn.AvgPool2d(3, stride=2, padding=1)), ("flatten", nn.Flatten()), ("fc", nn.Linear(16, 5)),
    ("softmax", nn.Softmax(1))]))
MLP = nn.Sequential(nn.Linear(7, 9), nn.GELU(), nn.Linear(9, 4), nn.ELU(), nn.Linear(4, 2), nn.Sigmoid())
M5 = nn.Sequential(nn.Conv1d(1, 4, 8, stride=4), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(4), nn.Conv1d(4, 6, 3),
                   nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3))
NETWORKS = {
    "cnn": (CNN, (1, 12, 9)), "mlp": (MLP, (7,)), "m5": (M5, (1, 100)), "lstm": (Lstm(nn.LSTM, False), (9, 5)),
    "bilstm": (Lstm(nn.LSTM, True), (9, 5)), "gru": (Lstm(nn.GRU, True), (9, 5)), "residual": (Residual(), (2, 6, 5)),
    "rows": (Rows(), (4, 6)),
}


def channels_last(a):
    return a.permute(0, *range(2, a.ndim), 1).contiguous() if a.ndim > 3 else a


old = sys.argv[1:] == ["--exporter", "old"]
os.makedirs(OUT, exist_ok=True)
for name, (m, shape) in NETWORKS.items():
    for p in m.buffers():
        if p.dtype.is_floating_point:
            p.uniform_(0.5, 1.5)
    m.eval()
    x = torch.randn(3, *shape)
    with torch.no_grad():
        y = m(x)
    path = f"{OUT}/{name}{'_old' if old else ''}"
    kwargs = ({"dynamo": False, "dynamic_axes": {"x": {0: "N"}}} if old
              else {"dynamo": True, "dynamic_shapes": ({0: torch.export.Dim("N")},), "external_data": False})
    torch.onnx.export(m, (x,), path + ".onnx", input_names=["x"], opset_version=17 if old else 20, verbose=False,
                      **kwargs)
    if not old:   # where in the program each node comes from is nobody's business
        graph = onnx.load(path + ".onnx")
        for part in [graph, graph.graph, *graph.graph.node, *graph.graph.input, *graph.graph.output,
                     *graph.graph.value_info, *graph.graph.initializer]:
            del part.metadata_props[:]
            part.doc_string = ""
        del graph.graph.value_info[:], graph.functions[:]
        onnx.save(graph, path + ".onnx")
    first = name in ("cnn", "m5", "residual")   # those that sori imports channels last
    x = x.permute(0, *range(2, x.ndim), 1).contiguous() if first else x
    safetensors.torch.save_file({"x": x, "y": channels_last(y) if first else y}, path + ".safetensors")

# State dicts: every dtype that is read, strides, views of one storage, a scalar, plain containers around.
base = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
state = OrderedDict(weight=base, turned=base.t(), row=base[1], every_other=base[:, ::2], scalar=torch.tensor(2.5),
                    empty=torch.zeros(0, 3), parameter=nn.Parameter(base[:2].clone()))
for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.uint8,
              torch.bool):
    state[str(dtype)[6:]] = base.to(dtype)
torch.save(state, f"{OUT}/state.pt")
torch.save({"epoch": 3, "model": MLP.state_dict(), "notes": ["a", 1.5, None, True, (1, 2)]}, f"{OUT}/checkpoint.pt")
torch.save(MLP, f"{OUT}/whole_model.pt")
torch.save(base, f"{OUT}/legacy.pt", _use_new_zipfile_serialization=False)
safetensors.torch.save_file({k: v.detach().clone().contiguous() for k, v in state.items()
                             if k not in ("empty", "bool")}, f"{OUT}/state.safetensors")

# What must be refused: a list within itself, lists of lists of ... the same lists, a small storage of many elements.
loop = []
loop.append(loop)
torch.save(loop, f"{OUT}/loop.pt")
laughs = [base]
for _ in range(25):
    laughs = [laughs, laughs, laughs]
torch.save(laughs, f"{OUT}/laughs.pt")
torch.save(torch.zeros(1).expand(10 ** 9), f"{OUT}/expanded.pt")
