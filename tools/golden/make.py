#!/usr/bin/env python3
# Make the golden files of the features: tests/golden/<family>.json (the cases) and <family>.safetensors (the answers).
#
#     pip install --require-hashes -r tools/golden/requirements.txt
#     python tools/golden/make.py [FAMILY ...]        all, if none is named
#
# Cases on real recordings need the project's data folder (or $SORI_DATA). To add a case, add a line to its family's
# file; to add a family, add family_<name>.py here and test_<name>.c there. The answers come from the versions the
# manifest names; a different version makes a different file.
import glob
import importlib
import json
import os
import platform
import sys

import librosa
import numpy
import safetensors.numpy
import scipy
import soundfile

import case

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../../tests/golden")
VERSIONS = {"python": platform.python_version(), "librosa": librosa.__version__, "numpy": numpy.__version__,
            "scipy": scipy.__version__, "soundfile": soundfile.__version__}


def lines(items):
    """One item a line, so that a changed case is a changed line."""
    return "[\n" + ",\n".join("  " + json.dumps(item) for item in items) + "\n]"


def entries(table, names):
    """Those of a table that are in use, one a line."""
    return "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items() if k in names) + "\n}"


def make(family):
    module = importlib.import_module("family_" + family)
    cases = case.Cases(module)
    module.add(cases)
    path = os.path.join(OUT, family + ".safetensors")
    safetensors.numpy.save_file(cases.answers, path)
    os.chmod(path, 0o644)
    functions = {c["function"] for c in cases.cases}
    tolerances = {c.get(precision) for c in cases.cases for precision in ("default", "exact")}
    inputs = {name: spec for name, (spec, _) in sorted(cases.inputs.items())}
    with open(os.path.join(OUT, family + ".json"), "w") as f:
        f.write('{"versions": ' + json.dumps(VERSIONS))
        f.write(',\n"functions": ' + entries(cases.functions, functions))
        f.write(',\n"tolerances": ' + entries(cases.tolerances, tolerances))
        f.write(',\n"inputs": ' + entries(inputs, inputs))
        f.write(',\n"cases": ' + lines(cases.cases) + ',\n"defaults": ' + lines(cases.defaults) + "\n}\n")


for name in sys.argv[1:] or sorted(os.path.basename(p)[7:-3] for p in glob.glob(os.path.join(HERE, "family_*.py"))):
    make(name)
