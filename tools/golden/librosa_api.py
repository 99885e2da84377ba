#!/usr/bin/env python3
# Write tests/golden/api/librosa_api.json: every function of librosa that users call, with its parameters and their
# defaults, so that a test can ask which of them sori has.
#
#     python tools/golden/librosa_api.py
#
# {"librosa": version, "functions": {"librosa.feature.mfcc": {"parameters": [[name, kind, default], ...]}}}, where kind
# is Python's ("KEYWORD_ONLY", ...) and default is absent if there is none. What JSON cannot hold is {"python": repr}.
# A function that several modules show stands once, under the shortest name. librosa.display, which needs matplotlib, is
# not among them.
import importlib
import inspect
import json
import math
import os

import librosa
import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/api/librosa_api.json")
MODULES = ("", "core", "feature", "feature.inverse", "effects", "onset", "beat", "decompose", "segment", "sequence",
           "filters", "util")


def value(v):
    if callable(v):
        module = getattr(v, "__module__", "") or ""
        return {"python": f"{module}.{v.__name__}" if module else v.__name__}
    if isinstance(v, np.generic):
        v = v.item()
    if isinstance(v, float) and not math.isfinite(v):
        return {"python": repr(v)}
    if isinstance(v, (list, tuple)):
        return [value(x) for x in v]
    return v if v is None or isinstance(v, (bool, int, float, str)) else {"python": repr(v)}


def parameters(f):
    found = []
    for name, p in inspect.signature(f).parameters.items():
        entry = [name, p.kind.name]
        if p.default is not inspect.Parameter.empty:
            entry.append(value(p.default))
        found.append(entry)
    return found


def public(module):
    """What __all__ names, and functions of the module's own that it forgets (effects.preemphasis)."""
    own = [n for n, f in vars(module).items() if not n.startswith("_") and inspect.isfunction(f)
           and f.__module__ == module.__name__]
    for name in sorted({*getattr(module, "__all__", []), *own}):
        f = None if name == "display" else getattr(module, name, None)
        if f is not None and callable(f) and not inspect.isclass(f) and not inspect.ismodule(f):
            if (getattr(f, "__module__", "") or "").startswith("librosa"):
                yield name, f


def main():
    seen, functions = {}, {}
    for short in MODULES:
        path = "librosa" + ("." + short if short else "")
        for name, f in public(importlib.import_module(path)):
            if id(f) not in seen:
                seen[id(f)] = f
                functions[f"{path}.{name}"] = {"parameters": parameters(f)}
    os.makedirs(os.path.dirname(OUT), exist_ok=True)
    with open(OUT, "w") as out:
        out.write(f'{{"librosa": {json.dumps(librosa.__version__)},\n"functions": {{\n')
        out.write(",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(functions.items())))
        out.write("\n}}\n")
    print(len(functions), "functions")


main()
