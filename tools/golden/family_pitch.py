# yin and pyin. librosa must be told fmin and fmax; sori's defaults are those it recommends.
from family_stft import RECORDINGS

C2, C7 = 65.40639132514966, 2093.004522404789

FUNCTIONS = {"yin": "sori_yin", "pyin_f0": "sori_pyin", "pyin_flag": "sori_pyin", "pyin_prob": "sori_pyin"}

TOLERANCES = {
    "yin": {"rule": "each", "limit": 1e-5, "floor": 0,
            "why": "both correlate in float32, by transforms of different lengths: d' is 1e-7 off, and where it is "
                   "flat the bottom of its parabola is up to 1e-5 of a period off"},
    "yin.exact": {"rule": "each", "limit": 1e-12, "floor": 0,
                  "why": "against librosa fed float64: both in double; the bottom of a flat parabola magnifies "
                         "rounding"},
    "path": {"rule": "each", "limit": 1e-12, "floor": 0,
             "why": "the same pitch bins: their frequency in double"},
    "flags": {"rule": "abs", "limit": 0, "why": "the same frames are voiced"},
    "guess": {"rule": "share", "limit": 0.1, "step": 1e-9,
              "why": "pitch bins of unvoiced frames: all look alike there, so many paths are equally probable, and "
                     "rounding chooses among them, in librosa too"},
    "prob": {"rule": "abs", "limit": 1e-9,
             "why": "sums of probabilities in double; a trough's height in float32 may lie on the other side of a "
                    "threshold, which the tails of the distribution hardly weigh"},
}

INPUTS = {
    "voice": {"kind": "tones", "tones": [[0.3, 150.0, 40.0], [0.2, 300.0, 80.0], [0.1, 450.0, 120.0]], "sr": 22050,
              "shape": [11000]},
    "low": {"kind": "tones", "tones": [[0.5, 70.3, 0]], "sr": 22050, "shape": [6000]},
    "high": {"kind": "tones", "tones": [[0.5, 1979.0, 0]], "sr": 22050, "shape": [6000]},
    "duet": {"kind": "noise", "seed": 51, "value": 0.5, "shape": [2, 9000]},
}

SOUNDS = ["silence", "dc", "one", "noise", "odd", "short", "stereo", "quad", "chord", "sweep", "voice", "low", "high"]


def add(cases):
    def yin(name, fmin=C2, fmax=C7, **args):
        args = {"fmin": fmin, "fmax": fmax} | args
        cases.add(name, "yin", "librosa.yin", args, "yin")
        cases.add(name + "-64", "yin", "librosa.yin", args, None, "yin.exact", dtype="float64")

    def pyin(name, fmin=C2, fmax=C7, **args):
        args = {"fmin": fmin, "fmax": fmax} | args
        guess = "fill_na" in args and args["fill_na"] is None
        for part, tolerance in (("f0", "guess" if guess else "path"), ("flag", "flags"), ("prob", "prob")):
            cases.add(name, "pyin_" + part, "librosa.pyin", args, tolerance, tolerance,
                      via="reference_pitch.pyin_" + part)

    def both(name, **args):
        yin(name, **args)
        pyin(name, **args)

    for y in SOUNDS:
        both(y, y=y)
    for y in RECORDINGS:
        both(y, y=y, sr={"song": 16000, "digit": 8000}.get(y, 22050))
    both("range", y="voice", fmin=100.0, fmax=400.0)
    both("wide", y="voice", fmin=30.0, fmax=11025.0)
    both("frame_length", y="voice", frame_length=1024)
    both("frame_length-odd", y="voice", frame_length=1501, hop_length=200)
    both("hop", y="voice", hop_length=300)
    both("hop-long", y="voice", hop_length=3000)
    both("sr", y="voice", sr=44100)
    both("uncentered", y="voice", center=False)
    for mode in ("edge", "reflect", "symmetric", "linear_ramp", "wrap"):
        both(mode, y="voice", pad_mode=mode)
    yin("threshold", y="speech", trough_threshold=0.3)
    yin("threshold-small", y="voice", trough_threshold=1e-6)
    pyin("thresholds", y="speech", n_thresholds=37)
    pyin("beta", y="speech", beta_parameters=[2.0, 34.0 / 3])
    pyin("boltzmann", y="speech", boltzmann_parameter=0.5)
    pyin("resolution", y="speech", resolution=0.3)
    pyin("resolution-fine", y="voice", resolution=0.04)
    pyin("rate", y="speech", max_transition_rate=80.0)
    pyin("rate-even", y="speech", max_transition_rate=12.0, resolution=0.25)
    pyin("switch", y="speech", switch_prob=0.2)
    pyin("switch-0", y="voice", switch_prob=0)
    pyin("switch-1", y="voice", switch_prob=1)
    pyin("no_trough", y="speech", no_trough_prob=0.4)
    pyin("no_trough-0", y="speech", no_trough_prob=0)
    pyin("fill", y="speech", fill_na=-1.0)
    pyin("fill-0", y="speech", fill_na=0)
    pyin("guess", y="speech", fill_na=None)

    without = {"win_length": "has no effect in librosa 0.11"}
    cases.same_defaults("yin", "librosa.yin", {"y": "voice", "fmin": C2, "fmax": C7}, without)
    for part in ("f0", "flag", "prob"):
        cases.same_defaults("pyin_" + part, "librosa.pyin", {"y": "voice", "fmin": C2, "fmax": C7},
                            without)
