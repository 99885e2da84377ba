# Phase vocoder, stretching and shifting, Griffin-Lim.
FUNCTIONS = {
    "magnitude_of": "sori_magphase", "phase_of": "sori_magphase", "phase_vocoder": "sori_phase_vocoder",
    "time_stretch": "sori_time_stretch", "pitch_shift": "sori_pitch_shift", "griffinlim": "sori_griffinlim",
}

TOLERANCES = {
    "rounding": {"rule": "max", "limit": 2e-7, "why": "both round a few float32 operations"},
    "vocoder": {"rule": "max", "limit": 2e-6,
                "why": "against librosa fed complex128 (its float32 phases lose their fraction as they grow); here "
                       "products of unit vectors in float"},
    "vocoder.exact": {"rule": "max", "limit": 2e-7, "why": "both in double, rounded to float32"},
    "stretch": {"rule": "max", "limit": 2e-7,
                "why": "against librosa fed float64 (its float32 phases lose their fraction as they grow): both in "
                       "double, rounded once"},
    "stretch.noise": {"rule": "max", "limit": 1e-3,
                      "why": "at first nearly all bins hold a double FFT's rounding noise, whose phase they keep"},
    "stretch.short": {"rule": "max", "limit": 5e-4,
                      "why": "against librosa as it is: on 0.3 seconds its phases grow to 20000, of which float32 "
                             "keeps 0.002 in each bin"},
    "shift": {"rule": "max", "limit": 2e-7, "why": "as stretch; soxr in float where librosa's is fed float64"},
    "shift.noise": {"rule": "max", "limit": 0.2,
                    "why": "as stretch.noise; of a constant the frames in the middle hold nothing but that noise "
                           "beside their first bins, and the end, which does, keeps its phases"},
    "griffinlim": {"rule": "max", "limit": 1e-4,
                   "why": "float rounding, grown from turn to turn: the iteration goes 99 % beyond each new spectrum"},
    "griffinlim.exact": {"rule": "max", "limit": 3e-5,
                         "why": "as griffinlim: librosa's spectra are complex64 and its inverse adds up in float32"},
}

INPUTS = {
    "sizes": {"kind": "spectrum", "seed": 41, "value": 4.0, "shape": [65, 20]},
    "sizes2": {"kind": "spectrum", "seed": 42, "value": 1.0, "shape": [2, 33, 9]},
    "no_sizes": {"kind": "constant", "value": 0, "shape": [65, 6]},
    "one_size": {"kind": "spectrum", "seed": 43, "value": 1.0, "shape": [65, 2]},
    "odd_sizes": {"kind": "spectrum", "seed": 44, "value": 1.0, "shape": [63, 12]},
    "spectrum0": {"kind": "constant", "value": 0, "shape": [17, 5, 2], "complex": True},
    "octet": {"kind": "noise", "seed": 45, "value": 0.25, "shape": [2, 3, 900]},
}

SOUNDS = ("silence", "dc", "impulse", "noise", "odd", "short", "stereo", "octet", "chord", "sweep", "bird", "speech",
          "trumpet", "band", "song")


def magphase(cases):
    for name, D, args in (("defaults", "complex", {}), ("power", "complex2", {"power": 2}), ("zeros", "spectrum0", {}),
                          ("root", "complex", {"power": 0.5})):
        for function, part in (("magnitude_of", "magnitude"), ("phase_of", "phase")):
            cases.add(name, function, "librosa.magphase", {"D": D} | args, "rounding",
                      via=f"reference_phase.magphase_{part}")
    cases.same_defaults("magnitude_of", "librosa.magphase", {"D": "complex"}, {})


def vocoder(cases):
    def add(name, D, **args):
        cases.add(name, "phase_vocoder", "librosa.phase_vocoder", {"D": D} | args, "vocoder", "vocoder.exact",
                  via="reference_phase.phase_vocoder")

    for rate in (0.3, 0.5, 0.8, 1.0, 1.25, 2.0, 3.7, 25.0):
        add(f"rate-{rate}", "complex", rate=rate)
    add("channels", "complex2", rate=0.7)
    add("one-frame", "complex_frame", rate=0.4)
    add("zeros", "spectrum0", rate=0.8)
    add("hop_length", "complex", rate=0.8, hop_length=20)
    add("n_fft", "complex", rate=0.8, n_fft=129, hop_length=40)
    cases.same_defaults("phase_vocoder", "librosa.phase_vocoder", {"D": "complex", "rate": 0.8}, {})


def stretch(cases):
    def add(name, y, tolerance="stretch", dtype="float64", **args):
        cases.add(name, "time_stretch", "librosa.effects.time_stretch", {"y": y} | args, tolerance, dtype=dtype)

    for y in SOUNDS:
        add(y, y, "stretch.noise" if y == "dc" else "stretch", rate=0.8)
    add("as-it-is", "chord", "stretch.short", None, rate=0.8)
    add("one", "one", rate=0.5)
    for rate in (0.37, 1.0, 1.5, 2.0, 7.0):
        add(f"rate-{rate}", "chord", rate=rate)
    add("n_fft", "speech", rate=0.8, n_fft=512)
    add("hop_length", "chord", rate=1.3, hop_length=300)
    add("win_length", "chord", rate=1.3, n_fft=1024, win_length=600)
    add("window", "noise", rate=0.9, window="hamming")
    add("uncentered", "chord", rate=0.8, n_fft=512, center=False, window="hamming")
    cases.same_defaults("time_stretch", "librosa.effects.time_stretch", {"y": "noise", "rate": 0.8},
                        {"kwargs": "librosa.stft's"})


def shift(cases):
    def add(name, y, n_steps, **args):
        cases.add(name, "pitch_shift", "librosa.effects.pitch_shift", {"y": y, "sr": 22050, "n_steps": n_steps} | args,
                  "shift.noise" if y == "dc" else "shift", dtype="float64")

    for y in ("silence", "dc", "impulse", "odd", "stereo", "chord", "bird", "speech", "band"):
        add(y, y, 4)
    for n_steps in (-12, -3.5, 0, 12):
        add(f"steps-{n_steps}", "chord", n_steps)
    add("bins_per_octave", "chord", 5, bins_per_octave=24)
    add("res_type", "chord", 2, res_type="soxr_lq")
    add("scale", "chord", 4, scale=True)
    add("n_fft", "chord", 4, n_fft=512, hop_length=100)
    cases.same_defaults("pitch_shift", "librosa.effects.pitch_shift", {"y": "noise", "sr": 22050, "n_steps": 4},
                        {"kwargs": "librosa.stft's"})


def griffinlim(cases):
    def add(name, S, tolerance="griffinlim", **args):
        cases.add(name, "griffinlim", "librosa.griffinlim", {"S": S} | {"random_state": 0} | args, tolerance,
                  "griffinlim.exact")

    add("defaults", "sizes")
    add("seed", "sizes", random_state=12345)
    add("channels", "sizes2")
    add("zeros", "no_sizes")
    add("two-frames", "one_size")
    for n_iter in (0, 1, 2, 3):
        add(f"n_iter-{n_iter}", "sizes", n_iter=n_iter)
    add("momentum-0", "sizes", momentum=0)
    add("momentum-0.5", "sizes", momentum=0.5)
    add("init-none", "sizes", init=None)
    add("odd-n_fft", "odd_sizes", n_fft=125)
    add("hop_length", "sizes", hop_length=50)
    add("win_length", "sizes", win_length=100)
    add("window", "sizes", window="hamming")
    add("length", "sizes", length=625)
    add("reflect", "sizes", pad_mode="reflect")
    add("uncentered", "sizes", center=False, window="hamming")
    cases.same_defaults("griffinlim", "librosa.griffinlim", {"S": "sizes"},
                        {"dtype": "always float32", "random_state": "0; in librosa None, which draws anew"})


def add(cases):
    magphase(cases)
    vocoder(cases)
    stretch(cases)
    shift(cases)
    griffinlim(cases)
