#!/usr/bin/env python3
# Networks as exported against onnxruntime: equal within 1e-5 + 1e-4 |y|, valid, without Transpose pairs that cancel.
#
#     build/release/tests/test_law_onnx --write FOLDER
#     python tools/golden/check_onnx.py FOLDER            needs onnx, onnxruntime, safetensors
#
# FOLDER holds NAME.onnx and NAME.safetensors with the input x and sori's predictions y.
import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy


def cancelling(model):
    """Transposes that undo the one before."""
    made = {n.output[0]: n for n in model.graph.node if n.op_type == "Transpose"}
    perm = lambda n: list(n.attribute[0].ints)
    return [n.name for n in made.values() if n.input[0] in made
            and [perm(made[n.input[0]])[i] for i in perm(n)] == sorted(perm(n))]


failed = 0
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx"))):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    case = safetensors.numpy.load_file(path[:-5] + ".safetensors")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    y = session.run(None, {session.get_inputs()[0].name: case["x"]})[0]
    worst = np.max(np.abs(y - case["y"]) / (1e-5 + 1e-4 * np.abs(case["y"]))) if y.shape == case["y"].shape else np.inf
    bad = worst > 1 or cancelling(model)
    failed += bool(bad)
    print(f"{os.path.basename(path)[:-5]:24} {worst:8.2g} of the limit  {len(model.graph.node):3} nodes",
          "FAILED" if bad else "", *cancelling(model))
sys.exit(1 if failed else 0)
