# Polynomials fitted to spectra, frames stacked with those before, the fast Mellin transform, frames and lengths.
FUNCTIONS = {
    "poly_features": "sori_poly_features", "poly_row": "sori_poly_features", "poly_moving": "sori_poly_features",
    "stack_memory": "sori_stack_memory", "fmt": "sori_fmt", "frame": "sori_frame", "fix_length": "sori_fix_length",
    "pad_center": "sori_pad_center",
}

TOLERANCES = {
    "fitted": {"rule": "max", "limit": 1e-5,
               "why": "as spectrum: librosa's transform is in double; the fit is in double on both sides. One "
                      "coefficient at a time, relative to its largest value"},
    "fitted.exact": {"rule": "max", "limit": 2e-7, "why": "both in double, rounded to float32"},
    "fitted.S": {"rule": "max", "limit": 2e-7,
                 "why": "of the same spectrogram; double on both sides, rounded to float32"},
    "fitted.flat": {"rule": "abs", "limit": 1e-11,
                    "why": "a flat spectrum has no slope: roundings of a level of 1 over 11025 Hz, on both sides"},
    "fitted.high": {"rule": "max", "limit": 1e-6,
                    "why": "powers up to the 8th nearly coincide: singular values down to 1e-6 of the largest magnify "
                           "the roundings of double 1e6 times, on librosa's side too"},
    "stacked": {"rule": "abs", "limit": 0, "why": "values are copied"},
    "ramp": {"rule": "max", "limit": 1e-7, "why": "numpy.pad takes its ramp in float32"},
    "mellin": {"rule": "max", "limit": 2e-7,
               "why": "spline and transform in double on both sides, rounded to complex64"},
}

INPUTS = {
    "envelope": {"kind": "spectrum", "seed": 71, "value": 2.0, "shape": [300]},
    "envelopes": {"kind": "spectrum", "seed": 72, "value": 2.0, "shape": [20, 97]},
    "envelopes3": {"kind": "spectrum", "seed": 73, "value": 2.0, "shape": [2, 61, 3]},
    "four": {"kind": "noise", "seed": 74, "value": 1.0, "shape": [4]},
    "three": {"kind": "noise", "seed": 75, "value": 1.0, "shape": [3]},
    "column": {"kind": "noise", "seed": 76, "value": 1.0, "shape": [7, 1]},
    "narrow": {"kind": "spectrum", "seed": 77, "value": 1.0, "shape": [3, 9]},
}


def add(cases):
    poly(cases)
    memory(cases)
    fmt(cases)
    lengths(cases)


def poly(cases):
    def rows(name, n, tolerance="fitted", exact="fitted.exact", **args):
        for row in range(n):
            cases.add(f"{name}-{row}", "poly_row", "librosa.feature.poly_features", {"row": row, **args}, tolerance,
                      exact, via="reference_poly.poly_row")

    short = {"n_fft": 512, "hop_length": 128}
    for y in ("noise", "dc", "odd", "stereo", "quad", "chord", "short"):
        rows(y, 2, y=y, **short)
    for y in ("impulse", "one"):
        cases.add(f"{y}-slope", "poly_row", "librosa.feature.poly_features", {"row": 0, "y": y, **short}, "fitted.flat",
                  "fitted.flat", via="reference_poly.poly_row")
        cases.add(f"{y}-level", "poly_row", "librosa.feature.poly_features", {"row": 1, "y": y, **short}, "fitted",
                  "fitted.exact", via="reference_poly.poly_row")
    for y in ("bird", "speech", "trumpet"):
        rows(y, 2, y=y)
    rows("silence", 2, tolerance="stacked", exact="stacked", y="silence", **short)
    rows("constant", 1, y="noise", order=0, **short)
    rows("square", 3, y="noise", order=2, **short)
    rows("fourth", 5, y="chord", order=4, **short)
    rows("window", 2, y="noise", window="hamming", win_length=400, center=False, **short)
    rows("pad", 2, y="noise", pad_mode="reflect", sr=16000, **short)
    rows("S", 2, "fitted.S", "fitted.S", S="power")
    rows("S-channels", 3, "fitted.S", "fitted.S", S="power2", order=2)
    rows("S-high", 9, "fitted.high", "fitted.high", S="power", order=8)
    rows("S-freq", 2, "fitted.S", "fitted.S", S="narrow", freq=[10.0, 20.0, 50.0])
    rows("S-fewer-bins", 5, "fitted.S", "fitted.S", S="narrow", freq=[10.0, 20.0, 50.0], order=4)
    rows("S-same-centres", 3, "fitted.S", "fitted.S", S="narrow", freq=[10.0, 10.0, 10.0], order=2)
    for order in (0, 1, 2):
        for row in range(order + 1):
            cases.add(f"moving-{order}-{row}", "poly_moving", "librosa.feature.poly_features",
                      {"row": row, "S": "power", "order": order}, "fitted.S", "fitted.S",
                      via="reference_poly.poly_moving")
    cases.add("whole", "poly_features", "librosa.feature.poly_features", {"y": "noise", **short}, "fitted",
              "fitted.exact")
    cases.same_defaults("poly_features", "librosa.feature.poly_features", {"y": "noise"}, {})


def memory(cases):
    def one(name, tolerance="stacked", **args):
        cases.add(name, "stack_memory", "librosa.feature.stack_memory", args, tolerance)

    for data in ("matrix", "matrix3", "row", "column"):
        one(data, data=data)
    for n_steps in (1, 3, 10, 50):
        one(f"n_steps-{n_steps}", data="matrix", n_steps=n_steps)
    for delay in (2, 7, -1, -3, 50, -50):
        one(f"delay-{delay}", data="matrix", delay=delay, n_steps=4)
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        one(mode, data="matrix", mode=mode, n_steps=3, delay=4)
        one(mode + "-future", data="matrix", mode=mode, n_steps=3, delay=-4)
        one(mode + "-far", data="five", mode=mode, n_steps=4, delay=7)
        one(mode + "-far-future", data="five", mode=mode, n_steps=4, delay=-7)
        one(mode + "-column", data="column", mode=mode, n_steps=3)
    one("ramp", "ramp", data="matrix", mode="linear_ramp", n_steps=3, delay=4)
    one("ramp-future", "ramp", data="matrix", mode="linear_ramp", n_steps=3, delay=-4)
    one("constant", data="matrix", mode="constant", constant_values=1.5, n_steps=3)
    one("constant-future", data="matrix", constant_values=-2.0, n_steps=3, delay=-2)
    cases.same_defaults("stack_memory", "librosa.feature.stack_memory", {"data": "matrix"}, {"kwargs": "of numpy.pad"})


def fmt(cases):
    def one(name, **args):
        cases.add(name, "fmt", "librosa.fmt", args, "mellin", dtype="float64")

    for y in ("envelope", "envelopes", "dc", "impulse", "short", "four"):
        one(y, y=y)
    one("silence", y="silence")
    for kind in ("linear", "slinear", "cubic"):
        one(kind, y="envelope", kind=kind)
    one("linear-three", y="three", kind="linear")
    for t_min in (0.1, 1.0, 5.5):
        one(f"t_min-{t_min}", y="envelope", t_min=t_min)
    for beta in (0.0, 1.0, -0.5):
        one(f"beta-{beta}", y="envelope", beta=beta)
    for n_fmt in (3, 100, 101, 512):
        one(f"n_fmt-{n_fmt}", y="envelope", n_fmt=n_fmt)
    for over_sample in (1.5, 2.0, 3.0):
        one(f"over_sample-{over_sample}", y="envelope", over_sample=over_sample)
    one("n_fmt-over_sample", y="envelope", n_fmt=300, over_sample=2.0)
    one("axis-0", y="envelopes", axis=0)
    one("axis-1", y="envelopes3", axis=1)
    one("axis--2", y="envelopes3", axis=-2)
    cases.same_defaults("fmt", "librosa.fmt", {"y": "envelope"}, {})


def lengths(cases):
    def frame(name, **args):
        cases.add(name, "frame", "librosa.util.frame", args, "stacked", via="reference_poly.frame")

    frame("row", x="row", frame_length=5, hop_length=2)
    frame("whole", x="row", frame_length=12, hop_length=7)
    for axis in (-1, -2, -3, 0, 1, 2):
        frame(f"axis-{axis}", x="envelopes3", frame_length=2, hop_length=1, axis=axis)
    frame("hop-beyond-frame", x="noise", frame_length=40, hop_length=333)
    cases.same_defaults("frame", "librosa.util.frame", {"x": "row", "frame_length": 5, "hop_length": 2},
                        {"writeable": "results are copies", "subok": "results are copies"})
    for function, sizes in (("fix_length", (1, 40, 41, 42, 60, 150)), ("pad_center", (41, 42, 60, 150))):
        for size in sizes:
            cases.add(f"{size}", function, f"librosa.util.{function}", {"data": "matrix", "size": size}, "stacked")
        for mode in ("edge", "reflect", "symmetric", "wrap"):
            cases.add(mode, function, f"librosa.util.{function}", {"data": "matrix", "size": 60, "mode": mode},
                      "stacked")
        cases.add("linear_ramp", function, f"librosa.util.{function}",
                  {"data": "matrix", "size": 60, "mode": "linear_ramp"}, "ramp")
        for axis in (0, 1, -2):
            cases.add(f"axis-{axis}", function, f"librosa.util.{function}",
                      {"data": "matrix3", "size": 20, "axis": axis}, "stacked")
        cases.same_defaults(function, f"librosa.util.{function}", {"data": "matrix", "size": 50},
                            {"kwargs": "of numpy.pad"})
