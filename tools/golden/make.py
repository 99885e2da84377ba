#!/usr/bin/env python3
# Make the golden files of the features: tests/golden/cases.json and <family>.safetensors.
#
#     pip install --require-hashes -r tools/golden/requirements.txt
#     python tools/golden/make.py
#
# Cases on real recordings need the project's data folder (or $SORI_DATA). To add a case, add a line to its family's
# file. The answers come from the versions the manifest names; a different version makes a different file.
import json
import os
import platform

import librosa
import numpy
import safetensors.numpy
import scipy
import soundfile

import case
import family_convert
import family_delta
import family_istft
import family_levels
import family_mel
import family_shape
import family_stft
import family_window

OUT = os.path.join(os.path.dirname(__file__), "../../tests/golden")
FAMILIES = [family_window, family_convert, family_levels, family_delta, family_stft, family_istft, family_mel,
            family_shape]


def lines(items):
    """One item a line, so that a changed case is a changed line."""
    return "[\n" + ",\n".join("  " + json.dumps(item) for item in items) + "\n]"


def main():
    cases = case.Cases()
    for family in FAMILIES:
        family.add(cases)
    for family, answers in cases.answers.items():
        path = os.path.join(OUT, family + ".safetensors")
        safetensors.numpy.save_file(answers, path)
        os.chmod(path, 0o644)
    versions = {"python": platform.python_version(), "librosa": librosa.__version__, "numpy": numpy.__version__,
                "scipy": scipy.__version__, "soundfile": soundfile.__version__}
    table = {name: spec for name, (spec, _) in sorted(cases.inputs.items())}
    with open(os.path.join(OUT, "cases.json"), "w") as f:
        f.write('{"versions": ' + json.dumps(versions) + ',\n"functions": ' + json.dumps(case.FUNCTIONS))
        f.write(',\n"tolerances": {\n')
        f.write(",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in case.TOLERANCES.items()) + "\n},\n")
        f.write('"inputs": {\n')
        f.write(",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n},\n")
        f.write('"cases": ' + lines(cases.cases) + ',\n"defaults": ' + lines(cases.defaults) + "\n}\n")


main()
