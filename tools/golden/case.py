# A golden case: the call in librosa's words, its answer, and how close sori must come.
import importlib
import inspect
import math

import numpy as np

import inputs

KEEP = 400   # values stored of an answer; its shape, largest value and sum stand for the rest

# rule: see golden_error in tests/golden/golden.h.
TOLERANCES = {
    "float64": {"rule": "max", "limit": 1e-12,
                "why": "double arithmetic on both sides; only the order of operations and the libm differ"},
    "slepian": {"rule": "max", "limit": 1e-10,
                "why": "an eigenvector in double: LAPACK and the recurrence used here differ by rounding times the "
                       "length of the window"},
    "whole": {"rule": "abs", "limit": 0, "why": "whole numbers, or one double division"},
    "db": {"rule": "abs", "limit": 2e-5,
           "why": "librosa takes log10 in float32, rounds and multiplies by 10: that alone is worth 1.3e-5 dB at "
                  "100 dB; sori takes it in double and rounds once"},
    "db64": {"rule": "abs", "limit": 1e-5,
             "why": "against librosa fed float64; what is left is the rounding of the result to float32, 4e-6 dB at "
                    "100 dB"},
    "ratio": {"rule": "each", "limit": 1e-6, "floor": 0,
              "why": "librosa raises 10 to a float32 power, sori in double: some float32 roundings of the exponent, "
                     "which the power magnifies"},
    "delta": {"rule": "max", "limit": 1e-6,
              "why": "against librosa fed float64 (on float32 SciPy fits the edges of mode interp in float32); the "
                     "result is rounded to float32"},
}


def resolve(path):
    """The object named "librosa.feature.rms"."""
    parts = path.split(".")
    for n in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for name in parts[n:]:
            found = getattr(found, name)
        return found
    raise KeyError(path)


def stride(shape):
    """A step that visits about KEEP elements in all rows and columns: prime to every axis, so it never locks in."""
    size = math.prod(shape)
    step = max(1, size // KEEP)
    while size > KEEP and any(math.gcd(step, n) > 1 for n in shape if n > 1):
        step += 1
    return step


class Cases:
    """Collects cases, answers and the inputs in use."""

    def __init__(self):
        self.cases, self.defaults, self.answers, self.inputs = [], [], {}, {}

    def input(self, name):
        if name not in self.inputs:
            spec = dict(inputs.SPECS[name])
            self.inputs[name] = (spec, inputs.make(spec))
        return self.inputs[name][1]

    def value(self, v, dtype=None):
        """An argument as librosa takes it: inputs by name, lists as arrays, window lists as tuples."""
        if isinstance(v, str) and v in inputs.SPECS:
            a = self.input(v)
            return a if dtype is None else a.astype(dtype)
        if v == "numpy.max":
            return np.max
        if isinstance(v, list):
            return tuple(v) if isinstance(v[0], str) else np.array(v)
        return v

    def add(self, family, name, function, librosa, args, default, exact=None, dtype=None, **override):
        """One case. dtype: what librosa is fed, if not float32; override: arguments for librosa alone."""
        kwargs = {k: self.value(v, dtype) for k, v in args.items()} | override
        f = resolve(librosa)
        positional = [kwargs.pop(k) for k in positional_only(f) if k in kwargs]
        answer = np.asarray(f(*positional, **kwargs))
        case_id = f"{function}/{name}"
        assert case_id not in self.answers.setdefault(family, {}), case_id
        assert np.isfinite(answer).all(), case_id
        step = stride(answer.shape)
        flat = answer.ravel()
        kept = flat[np.arange(min(flat.size, KEEP if step > 1 else flat.size)) * step % flat.size]
        if np.iscomplexobj(kept):
            kept = np.stack([kept.real, kept.imag], axis=-1)
        if kept.dtype not in (np.float32, np.float64):
            kept = kept.astype(np.float64)
        self.answers[family][case_id] = np.ascontiguousarray(kept)
        size = np.abs(flat.astype(np.complex128 if np.iscomplexobj(flat) else np.float64))
        case = {"id": case_id, "family": family, "function": function, "librosa": librosa, "args": args,
                "default": default, "exact": exact, "shape": list(answer.shape), "stride": step,
                "peak": float(size.max()), "sum": float(math.fsum(size))}
        self.cases.append({k: v for k, v in case.items() if v is not None})

    def same_defaults(self, family, function, librosa, args, without):
        """A call with args alone must equal the call with librosa's other defaults spelled out. without: parameters
        that sori does not have, or whose default it is told otherwise, each with the reason."""
        signature = {}
        for name, parameter in inspect.signature(resolve(librosa)).parameters.items():
            if parameter.default is inspect.Parameter.empty or name in without or name in args:
                continue
            signature[name] = parameter.default
        self.defaults.append({"family": family, "function": function, "librosa": librosa, "args": args,
                              "signature": signature, "without": without})


def positional_only(f):
    return [n for n, p in inspect.signature(f).parameters.items() if p.kind == inspect.Parameter.POSITIONAL_ONLY]
