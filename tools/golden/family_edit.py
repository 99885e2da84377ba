# Cutting silence, putting pieces together, emphasis, linear prediction, zero crossings.
FUNCTIONS = {
    "trim_y": "sori_trim", "trim_index": "sori_trim", "split": "sori_split_silence", "remix": "sori_remix",
    "preemphasis": "sori_preemphasis", "deemphasis": "sori_deemphasis", "emphasis_zf": "sori_preemphasis",
    "lpc": "sori_lpc", "zero_crossings": "sori_zero_crossings",
}

TOLERANCES = {
    "copied": {"rule": "abs", "limit": 0, "why": "samples are copied; places are whole numbers"},
    "filtered": {"rule": "max", "limit": 1e-7,
                 "why": "against librosa fed float64; both in double, the result is rounded to float32"},
    "state": {"rule": "each", "limit": 1e-12, "floor": 1e-12, "why": "the same recursion in double"},
    "predicted": {"rule": "max", "limit": 2e-7,
                  "why": "against librosa fed float64 (in float32, a sound's own type, its errors reach 0.05 on "
                         "speech); the order of sums differs, the result is rounded to float32"},
}

INPUTS = {
    "pulse": {"kind": "values", "shape": [20], "values": [0] * 4 + [0.5, -1, 1, -0.5] + [0] * 12},
    "two_bursts": {"kind": "values", "shape": [6000],
                   "values": [0] * 1000 + [0.5, -0.5] * 500 + [0] * 1500 + [0.25, -0.25] * 400 + [0] * 1700},
    "loud_left": {"kind": "values", "shape": [2, 2000],
                  "values": [0.5, -0.5] * 300 + [0] * 1400 + [0] * 1000 + [0.01, -0.01] * 300 + [0] * 400},
    "two": {"kind": "values", "values": [0.5, 0.25], "shape": [2]},
    "emphasis_zi": {"kind": "values", "values": [0.3], "shape": [1]},
    "emphasis_zi_stereo": {"kind": "values", "values": [0.3, -0.2], "shape": [2, 1]},
    "frames_of_noise": {"kind": "noise", "seed": 61, "value": 1.0, "shape": [64, 9]},
    "three_noises": {"kind": "noise", "seed": 62, "value": 1.0, "shape": [3, 50, 4]},
    "zeros_between": {"kind": "values", "values": [0, 1, 0, -1, -1e-11, 2, 1e-9, -3, 0, 0, 1, 0.05, -0.05, -1, 0, 3],
                      "shape": [2, 8]},
}


def add(cases):
    silence(cases)
    remix(cases)
    emphasis(cases)
    lpc(cases)
    crossings(cases)


def silence(cases):
    def one(name, **args):
        for what in ("trim_y", "trim_index"):
            cases.add(name, what, "librosa.effects.trim", args, "copied", via=f"reference_edit.{what}")
        cases.add(name, "split", "librosa.effects.split", args, "copied", via="reference_edit.split")

    for y in ("bird", "speech", "trumpet", "band", "song", "digit", "noise", "dc", "impulse", "stereo", "quad"):
        one(y, y=y)
    for top_db in (10.0, 20.0, 35.0):
        one(f"speech-{top_db:g}", y="speech", top_db=top_db)
    one("short-frames", y="two_bursts", frame_length=256, hop_length=64)
    one("odd-frames", y="two_bursts", frame_length=255, hop_length=100)
    one("hop-beyond-frame", y="two_bursts", frame_length=64, hop_length=300)
    one("silence-between", y="two_bursts", frame_length=512, hop_length=128, top_db=30.0)
    one("ref", y="two_bursts", frame_length=256, hop_length=64, ref=1.0, top_db=9.0)
    one("nothing-left", y="two_bursts", ref=1.0, top_db=-6.0)
    one("top_db-0", y="two_bursts", frame_length=256, hop_length=64, top_db=0.0)
    one("silence", y="silence")
    one("short", y="short")
    one("one", y="one")
    for aggregate in ("max", "mean", "min"):
        one(f"channels-{aggregate}", y="loud_left", frame_length=128, hop_length=32, aggregate=aggregate, top_db=40.0)
    for what in ("trim_y", "trim_index", "split"):
        cases.same_defaults(what, "librosa.effects." + what.split("_")[0], {"y": "speech"}, {})


def remix(cases):
    def one(name, **args):
        cases.add(name, "remix", "librosa.effects.remix", args, "copied", via="reference_edit.remix")

    backwards = [[1500.0, 2000.0], [700.0, 1500.0], [0.0, 700.0]]
    for y in ("noise", "chord", "stereo", "quad"):
        pieces = [[600.0, 1100.0], [0.0, 100.0]] if y == "quad" else backwards
        one(y, y=y, intervals=pieces)
        one(y + "-unaligned", y=y, intervals=pieces, align_zeros=False)
    one("to-the-end", y="chord", intervals=[[5000.0, 6000.0], [0.0, 10.0]])
    one("the-same-twice", y="speech", intervals=[[10000.0, 20000.0], [10000.0, 20000.0]])
    one("no-crossings", y="dc", intervals=[[100.0, 200.0], [2500.0, 2900.0]])
    one("ties", y="zeros_between", intervals=[[1.0, 3.0], [2.0, 6.0], [3.0, 8.0]])
    one("empty-interval", y="noise", intervals=[[100.0, 100.0], [5.0, 900.0]], align_zeros=False)
    cases.same_defaults("remix", "librosa.effects.remix", {"y": "noise", "intervals": backwards}, {})


def emphasis(cases):
    for effect in ("preemphasis", "deemphasis"):
        def one(name, **args):
            cases.add(name, effect, f"librosa.effects.{effect}", args, "filtered", dtype="float64")

        for y in ("noise", "dc", "silence", "impulse", "two", "stereo", "quad", "chord"):
            one(y, y=y)
        one("speech", y="speech")
        for coef in (0.0, 0.5, 0.85, 1.0, -0.9):
            one(f"coef-{coef}", y="noise", coef=coef)
        one("zi", y="noise", zi="emphasis_zi")
        one("zi-one-sample", y="one", zi="emphasis_zi")
        one("zi-stereo", y="stereo", zi="emphasis_zi_stereo", coef=0.9)
        cases.same_defaults(effect, f"librosa.effects.{effect}", {"y": "noise"},
                            {"return_zf": "an address in the config"})
        cases.add(f"{effect}-zi", "emphasis_zf", f"librosa.effects.{effect}",
                  {"y": "noise", "zi": "emphasis_zi", "effect": effect}, "state", dtype="float64",
                  via="reference_edit.emphasis_zf")
    cases.add("preemphasis", "emphasis_zf", "librosa.effects.preemphasis", {"y": "stereo", "effect": "preemphasis"},
              "state", dtype="float64", via="reference_edit.emphasis_zf")


def lpc(cases):
    def one(name, **args):
        cases.add(name, "lpc", "librosa.lpc", args, "predicted", dtype="float64")

    for order in (1, 2, 3, 16, 40):
        one(f"noise-{order}", y="noise", order=order)
        one(f"speech-{order}", y="speech", order=order)
    for y in ("bird", "trumpet", "band", "song", "digit", "quiet", "sweep", "impulse"):
        one(y, y=y, order=12)
    one("silence", y="silence", order=4)
    one("two-samples", y="two", order=1)
    one("all-samples", y="short", order=99)
    one("stereo", y="stereo", order=8)
    one("four", y="quad", order=5)
    one("axis-0", y="frames_of_noise", order=6, axis=0)
    one("axis-1", y="three_noises", order=4, axis=1)
    cases.same_defaults("lpc", "librosa.lpc", {"y": "noise", "order": 8}, {})


def crossings(cases):
    def one(name, **args):
        cases.add(name, "zero_crossings", "librosa.zero_crossings", args, "copied", via="reference_edit.zero_crossings")

    for y in ("noise", "dc", "silence", "one", "stereo", "quad", "chord", "zeros_between", "speech"):
        one(y, y=y)
    one("threshold", y="noise", threshold=0.125)
    one("threshold-0", y="zeros_between", threshold=0.0)
    one("ref_magnitude", y="noise", threshold=0.25, ref_magnitude=0.5)
    one("zero_pos", y="zeros_between", zero_pos=False)
    one("zero_pos-threshold", y="noise", zero_pos=False, threshold=0.125)
    one("unpadded", y="stereo", pad=False)
    one("axis-0", y="frames_of_noise", axis=0)
    one("axis-1", y="three_noises", axis=1)
    cases.same_defaults("zero_crossings", "librosa.zero_crossings", {"y": "noise"}, {})
