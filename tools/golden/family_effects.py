# Filters, convolution, clipping and compression: the effects that have a definition elsewhere.
FUNCTIONS = {
    "filter": "sori_filter", "filter_sos": "sori_filter_sos", "equalize": "sori_equalize",
    "convolve": "sori_convolve", "clip": "sori_clip", "soft_clip": "sori_clip", "compress": "sori_compress",
}

TOLERANCES = {
    "section": {"rule": "each", "limit": 1e-12, "floor": 1e-12, "why": "the same formulas in double"},
    "sections in double": {"rule": "max", "limit": 1e-7, "why": "both in double, the result is rounded to float32"},
    "convolved": {"rule": "max", "limit": 1e-7,
                  "why": "both by transforms in double, the result is rounded to float32"},
    "clipped": {"rule": "max", "limit": 1e-7, "why": "both in double, the result is rounded to float32"},
    "compressed": {"rule": "max", "limit": 2e-7,
                   "why": "both in double; level and gain by another logarithm and exponential; rounded to float32"},
}

INPUTS = {
    "response": {"kind": "noise", "seed": 71, "value": 0.1, "shape": [300]},
    "long_response": {"kind": "noise", "seed": 72, "value": 0.1, "shape": [7000]},
    "stereo_response": {"kind": "noise", "seed": 73, "value": 0.1, "shape": [2, 333]},
}

KINDS = ("lowpass", "highpass", "bandpass", "notch", "peaking", "low_shelf", "high_shelf")


def add(cases):
    filters(cases)
    rooms(cases)
    dynamics(cases)


def filters(cases):
    def one(name, **args):
        cases.add(name, "filter", "scipy.signal.sosfilt", args, "sections in double", dtype="float64",
                  via="reference_effects.filter")

    for kind in KINDS:
        one(kind, y="noise", kind=kind, frequency_hz=1000.0, gain_db=6.0)
        one(kind + "-narrow", y="stereo", kind=kind, frequency_hz=60.0, q=5.0, gain_db=-20.0)
        one(kind + "-high", y="quad", kind=kind, frequency_hz=10900.0, q=0.3, gain_db=12.0)
        for sr in (8000.0, 48000.0):
            cases.add(f"{kind}-{sr:g}", "filter_sos", "scipy.signal.sosfilt",
                      {"kind": kind, "frequency_hz": 440.0, "q": 2.0, "gain_db": -3.0, "sr": sr}, "section",
                      via="reference_effects.filter_sos")
    one("impulse", y="impulse", kind="lowpass", frequency_hz=300.0)
    one("speech", y="speech", kind="highpass", frequency_hz=200.0)
    for y in ("noise", "stereo", "one"):
        cases.add(y, "equalize", "scipy.signal.sosfilt", {"y": y, "gains": [3.0, -2.0, 6.0, -12.0, 1.5, 0.0, 4.0]},
                  "sections in double", dtype="float64", via="reference_effects.equalize")


def rooms(cases):
    for y in ("noise", "stereo", "quad", "one", "speech"):
        for ir in ("response", "long_response", "one") + (("stereo_response",) if y == "stereo" else ()):
            for tail in (False, True):
                cases.add(f"{y}-{ir}{'-tail' if tail else ''}", "convolve", "scipy.signal.fftconvolve",
                          {"y": y, "ir": ir, "tail": tail}, "convolved", dtype="float64",
                          via="reference_effects.convolve")


def dynamics(cases):
    for y in ("noise", "stereo", "one", "silence"):
        for percentile in (0.5, 25.0, 99.0):
            cases.add(f"{y}-{percentile:g}", "clip", "numpy.percentile", {"y": y, "percentile": percentile}, "clipped",
                      dtype="float64", via="reference_effects.clip")
        cases.add(y, "soft_clip", "numpy.tanh", {"y": y, "level": 0.1}, "clipped", dtype="float64",
                  via="reference_effects.soft_clip")

    def one(name, **args):
        cases.add(name, "compress", "numpy.log10", args, "compressed", dtype="float64",
                  via="reference_effects.compress")

    for y in ("noise", "stereo", "speech", "silence", "quiet"):
        one(y, y=y)
    one("hard-knee", y="noise", knee_db=1e-6, threshold_db=-30.0, ratio=10.0)
    one("slow", y="speech", attack_s=0.05, release_s=0.5, threshold_db=-40.0, makeup_db=12.0)
