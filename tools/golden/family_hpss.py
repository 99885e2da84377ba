# Harmonic and percussive parts of spectrograms and of sound, and soft masks.
FUNCTIONS = {
    "hpss_harmonic": "sori_hpss", "hpss_percussive": "sori_hpss", "softmask": "sori_softmask",
    "effects_hpss_harmonic": "sori_effects_hpss", "effects_hpss_percussive": "sori_effects_hpss",
    "harmonic": "sori_harmonic", "percussive": "sori_percussive",
}

TOLERANCES = {
    "mask": {"rule": "max", "limit": 1e-6,
             "why": "medians are equal; both divide and multiply in float32, librosa's complex parts with one rounding "
                    "more for the phase"},
    "separated": {"rule": "max", "limit": 5e-6,
                  "why": "a float FFT's rounding, 1e-7 of the largest bin; a bin where both medians are as small as "
                         "that may go to either part"},
    "separated.exact": {"rule": "max", "limit": 1e-6,
                        "why": "both transform in double; librosa adds the frames up in float32"},
}

INPUTS = {
    "tall": {"kind": "spectrum", "seed": 41, "value": 1.0, "shape": [301, 45]},
    "wide": {"kind": "spectrum", "seed": 42, "value": 1.0, "shape": [20, 530]},
    "tiles": {"kind": "spectrum", "seed": 43, "value": 1.0, "shape": [530, 530]},
    "small": {"kind": "spectrum", "seed": 44, "value": 1.0, "shape": [3, 5]},
    "single": {"kind": "spectrum", "seed": 45, "value": 1.0, "shape": [1, 1]},
    "nothing": {"kind": "constant", "value": 0, "shape": [40, 50]},
    "flat": {"kind": "constant", "value": 0.5, "shape": [40, 50]},
    "line": {"kind": "impulse", "at": 7, "value": 2.0, "shape": [60, 50]},
    "other_power": {"kind": "spectrum", "seed": 46, "value": 4.0, "shape": [129, 20]},
    "long_complex": {"kind": "noise", "seed": 47, "value": 8.0, "shape": [40, 300, 2], "complex": True},
    "tiny_complex": {"kind": "noise", "seed": 48, "value": 1e-25, "shape": [40, 60, 2], "complex": True},
}


def add(cases):
    def hpss(name, S, tolerance="mask", **args):
        for part in ("harmonic", "percussive"):
            cases.add(name, "hpss_" + part, "librosa.decompose.hpss", {"S": S} | args, tolerance,
                      via="reference_decompose.hpss_" + part)

    for S in ("power", "power2", "tall", "wide", "tiles", "small", "single", "nothing", "flat", "line"):
        hpss(S, S)
    for S in ("complex", "complex2", "complex_frame", "long_complex", "tiny_complex"):
        hpss(S, S)
        hpss(S + "-mask", S, mask=True)
    for size in (1, 2, 3, 16, 17, 30, 32, 61, 101):
        hpss(f"kernel-{size}", "tall", kernel_size=size, mask=True)
    hpss("kernel-pair", "wide", kernel_size=[13, 31])
    hpss("kernel-pair-even", "tall", kernel_size=[6, 40])
    hpss("kernel-beyond-data", "small", kernel_size=31, mask=True)
    for power in (0.5, 1, 3, 4.5):
        hpss(f"power-{power}", "power", power=power, mask=True)
    hpss("margin", "tall", margin=3, mask=True)
    hpss("margin-pair", "complex", margin=[1.0, 5.0])
    hpss("margin-of-nothing", "nothing", margin=[1.0, 2.0], mask=True)
    hpss("mask-of-nothing", "nothing", mask=True)

    def softmask(name, **args):
        cases.add(name, "softmask", "librosa.util.softmask", {"X": "power", "X_ref": "other_power"} | args, "mask",
                  via="reference_decompose.softmask")

    softmask("defaults")
    for power in (0.3, 2, 7):
        softmask(f"power-{power}", power=power)
    softmask("zeros", X="nothing", X_ref="nothing")
    softmask("zeros-split", X="nothing", X_ref="nothing", split_zeros=True)

    def sound(name, y, exact="separated.exact", **args):
        for part in ("harmonic", "percussive"):
            for function, librosa in (("effects_hpss_" + part, "librosa.effects.hpss"),
                                      (part, "librosa.effects." + part)):
                via = None if function == part else "reference_decompose." + function
                cases.add(name, function, librosa, {"y": y} | args, "separated", exact, via=via)

    for y in ("silence", "dc", "one", "impulse", "noise", "odd", "short", "stereo", "bird", "trumpet", "band"):
        sound(y, y)
    sound("n_fft", "long", n_fft=510, hop_length=100, win_length=400)
    sound("uncentered", "long", center=False, n_fft=1024)
    sound("pad_mode", "odd", pad_mode="reflect")
    sound("margin", "band", margin=2.0, kernel_size=17, power=1.0)

    for part in ("harmonic", "percussive"):
        cases.same_defaults("hpss_" + part, "librosa.decompose.hpss", {"S": "power"}, {})
        cases.same_defaults("effects_hpss_" + part, "librosa.effects.hpss", {"y": "long"}, {})
        cases.same_defaults(part, "librosa.effects." + part, {"y": "long"}, {})
    cases.same_defaults("softmask", "librosa.util.softmask", {"X": "power", "X_ref": "other_power"}, {})
