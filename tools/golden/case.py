# A golden case: the call in librosa's words, its answer, and how close sori must come. FUNCTIONS, TOLERANCES and the
# inputs are shared; a family adds its own in its file.
import importlib
import inspect
import math

import numpy as np

import inputs

KEEP = 256   # values stored of an answer; its shape, largest value and sum stand for the rest

# What a case's function is in C.
FUNCTIONS = {
    "window": "sori_window", "dct": "num_dct", "dct_rows": "num_dct_matrix", "stft": "sori_stft", "istft": "sori_istft",
    "spectrogram": "sori_spectrogram", "mel": "sori_melspectrogram", "mel_filters": "sori_mel_filters",
    "logmel": "sori_power_to_db(sori_melspectrogram)", "mfcc": "sori_mfcc", "mfcc_to_mel": "sori_mfcc_to_mel",
    "power_to_db": "sori_power_to_db", "amplitude_to_db": "sori_amplitude_to_db", "db_to_power": "sori_db_to_power",
    "db_to_amplitude": "sori_db_to_amplitude", "rms": "sori_rms", "zcr": "sori_zero_crossing_rate",
    "centroid": "sori_spectral_centroid", "bandwidth": "sori_spectral_bandwidth", "rolloff": "sori_spectral_rolloff",
    "flatness": "sori_spectral_flatness", "contrast": "sori_spectral_contrast", "delta": "sori_delta",
    "hz_to_mel": "sori_hz_to_mel", "mel_to_hz": "sori_mel_to_hz", "fft_frequencies": "sori_fft_frequencies",
    "mel_frequencies": "sori_mel_frequencies", "frames_to_time": "sori_frames_to_time",
    "frames_to_samples": "sori_frames_to_samples", "samples_to_frames": "sori_samples_to_frames",
    "time_to_frames": "sori_time_to_frames", "samples_to_time": "sori_samples_to_time",
    "time_to_samples": "sori_time_to_samples",
}

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
    "spectrum": {"rule": "max", "limit": 1e-5,
                 "why": "librosa transforms in double, sori in float by default: the FFT's rounding is relative to the "
                        "largest bin"},
    "spectrum.root": {"rule": "max", "limit": 4e-4,
                      "why": "power 1/2: the root of a float FFT's rounding, 1e-7 of the largest bin"},
    "spectrum.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-13,
                       "why": "both in double, rounded to float32 (librosa: the spectrum, then its magnitude, then the "
                              "power); below 1e-13 of the largest bin is only a double FFT's rounding noise"},
    "inverse": {"rule": "max", "limit": 1e-5,
                "why": "librosa transforms in double and adds up in float32, sori does both in float by default"},
    "inverse.exact": {"rule": "max", "limit": 1e-6,
                      "why": "librosa adds frames and window squares up in float32; sori rounds once at the end"},
    "power": {"rule": "max", "limit": 1e-5, "why": "as spectrum; librosa's product with the filters is in float32 too"},
    "power.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-13,
                    "why": "against librosa fed float64; the filters are float32 on both sides"},
    "weights": {"rule": "each", "limit": 1e-6, "floor": 1e-7,
                "why": "librosa rounds the triangle to float32, scales it and rounds again; near its feet a weight is "
                       "the difference of nearly equal numbers"},
    "logmel": {"rule": "abs", "limit": 1e-3, "why": "dB; a float FFT is 1e-7 of the largest bin off, 80 dB below it "
                                                    "that is up to 1e-3 dB"},
    "logmel.exact": {"rule": "abs", "limit": 1e-5, "why": "dB; both in double, rounded to float32: 4e-6 at 80 dB"},
    "mfcc": {"rule": "abs", "limit": 1e-3, "why": "sums of log-mel values that are within 1e-3 dB, mostly far less"},
    "mfcc.scaled": {"rule": "max", "limit": 1e-5, "why": "without ortho, or with a lifter, coefficients are some ten "
                                                         "times larger: relative to the largest"},
    "mfcc.exact": {"rule": "max", "limit": 1e-6, "why": "against librosa fed float64, then rounded to float32"},
    "exponential": {"rule": "each", "limit": 2e-6, "floor": 0,
                    "why": "10 to a power computed in double on both sides; float32 coefficients of the lifter"},
    "rms": {"rule": "max", "limit": 1e-5, "why": "librosa adds squares up in float32, sori in double"},
    "rms64": {"rule": "each", "limit": 1e-6, "floor": 0, "why": "both add up in double; the result is float32"},
    "counted": {"rule": "abs", "limit": 6e-8, "why": "counts are equal; the quotient is rounded to float32"},
    "centroid": {"rule": "max", "limit": 1e-5, "why": "as spectrum: sums over all bins of a float transform"},
    "centroid.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-12, "why": "both in double, rounded to float32"},
    "bandwidth": {"rule": "max", "limit": 1e-5, "why": "as centroid"},
    "bandwidth.dc": {"rule": "max", "limit": 1e-3,
                     "why": "nearly all magnitude lies in one bin: a float FFT's rounding, 1e-8 of it in the bins far "
                            "away, counts with the square of the distance; .exact has none of this"},
    "bandwidth.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-12, "why": "both in double, rounded to float32"},
    "rolloff": {"rule": "share", "limit": 0.005, "step": 1e-3,
                "why": "the answer is a bin: the same one, but where the running sum passes the threshold by less than "
                       "rounding"},
    "flatness": {"rule": "max", "limit": 1e-4,
                 "why": "librosa averages logarithms in float32: near 23, the logarithm of amin, a rounding is 2e-6, "
                        "and exp makes some of them 2e-5"},
    "flatness.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-12, "why": "both in double, rounded to float32"},
    "contrast": {"rule": "abs", "limit": 1e-3, "why": "dB, as logmel"},
    "contrast.quiet": {"rule": "abs", "limit": 5,
                       "why": "dB: librosa takes magnitude as if it were power, so its 80 dB end at 1e-8 of the "
                              "largest magnitude, below a float FFT's rounding; valleys that deep (bands without "
                              "sound) need .exact"},
    "contrast.exact": {"rule": "abs", "limit": 1e-5, "why": "dB; both in double, rounded to float32"},
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
    """Collects a family's cases, answers and the inputs in use. module: its file, with add(cases), and FUNCTIONS,
    TOLERANCES, INPUTS where it has some of its own."""

    def __init__(self, module):
        self.cases, self.defaults, self.answers, self.inputs = [], [], {}, {}
        self.functions = FUNCTIONS | getattr(module, "FUNCTIONS", {})
        self.tolerances = TOLERANCES | getattr(module, "TOLERANCES", {})
        self.specs = inputs.SPECS | getattr(module, "INPUTS", {})

    def input(self, name):
        if name not in self.inputs:
            spec = dict(self.specs[name])
            a = inputs.make(spec)
            if spec.get("complex"):
                a = a.view(np.complex64)[..., 0]
            self.inputs[name] = (spec, a)
        return self.inputs[name][1]

    def value(self, v, dtype=None):
        """An argument as librosa takes it: inputs by name, lists as arrays, window lists as tuples."""
        if isinstance(v, str) and v in self.specs:
            a = self.input(v)
            return a if dtype is None else a.astype(dtype)
        if isinstance(v, str) and v.startswith("numpy."):
            return getattr(np, v[6:])
        if isinstance(v, list):
            return tuple(v) if isinstance(v[0], str) else np.array(v)
        return v

    def add(self, name, function, librosa, args, default, exact=None, dtype=None, via=None, override=None):
        """One case: sori's function against librosa's. default, exact: the tolerances of the two precisions, None if
        that one is not compared. dtype: what librosa is fed, if not float32; via: what is called, if not librosa's
        function alone; override: arguments for librosa alone."""
        kwargs = {k: self.value(v, dtype) for k, v in args.items()} | (override or {})
        f = resolve(via or librosa)
        positional = [kwargs.pop(k) for k in positional_only(f) if k in kwargs]
        answer = np.asarray(f(*positional, **kwargs))
        case_id = f"{function}/{name}"
        assert case_id not in self.answers, case_id
        assert function in self.functions and {default, exact} - {None} <= self.tolerances.keys(), case_id
        assert not np.isinf(answer).any(), case_id
        step = stride(answer.shape)
        flat = answer.ravel()
        kept = flat[np.arange(min(flat.size, KEEP if step > 1 else flat.size)) * step % flat.size]
        if np.iscomplexobj(kept):
            kept = np.stack([kept.real, kept.imag], axis=-1)
        if kept.dtype not in (np.float32, np.float64):
            kept = kept.astype(np.float64)
        self.answers[case_id] = np.ascontiguousarray(kept)
        size = np.abs(flat.astype(np.complex128 if np.iscomplexobj(flat) else np.float64))
        size = size[~np.isnan(size)]
        case = {"id": case_id, "function": function, "librosa": librosa, "args": args,
                "default": default, "exact": exact, "shape": list(answer.shape), "stride": step,
                "peak": float(size.max(initial=0)), "sum": float(math.fsum(size))}
        self.cases.append({k: v for k, v in case.items() if v is not None})

    def same_defaults(self, function, librosa, args, without):
        """A call with args alone must equal the call with librosa's other defaults spelled out. without: parameters
        that sori does not have, or whose default it is told otherwise, each with the reason."""
        signature = {}
        for name, parameter in inspect.signature(resolve(librosa)).parameters.items():
            if parameter.default is inspect.Parameter.empty or name in without or name in args:
                continue
            signature[name] = spelled(parameter.default)
        self.defaults.append({"function": function, "librosa": librosa, "args": args,
                              "signature": signature, "without": without})


def spelled(v):
    """A default as the cases' arguments have it: JSON knows no infinity, no NaN and no functions."""
    if callable(v) and getattr(np, v.__name__, None) is v:
        return "numpy." + v.__name__
    if isinstance(v, float) and not math.isfinite(v):
        return f"numpy.{v}"
    return v


def positional_only(f):
    return [n for n, p in inspect.signature(f).parameters.items() if p.kind == inspect.Parameter.POSITIONAL_ONLY]
