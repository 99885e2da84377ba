# Decibels and back, RMS, zero crossings.
from family_stft import RECORDINGS, SOUNDS


def add(cases):
    def to_db(name, args, function="power_to_db"):
        for fed, tolerance in ((None, "db"), ("float64", "db64")):
            name_64 = name + ("-64" if fed else "")
            cases.add(name_64, function, f"librosa.{function}", args, tolerance, dtype=fed)

    for function in ("power_to_db", "amplitude_to_db"):
        to_db("plain", {"S": "power"}, function)
        to_db("no-floor", {"S": "power", "top_db": None}, function)
        to_db("floor-30", {"S": "power2", "top_db": 30.0}, function)
        to_db("floor-0", {"S": "power2", "top_db": 0.0}, function)
        to_db("ref", {"S": "power", "ref": 2.5, "top_db": None}, function)
        to_db("ref-below-amin", {"S": "power", "ref": 1e-12, "top_db": None}, function)
        to_db("ref-max", {"S": "power2", "ref": "numpy.max"}, function)
        to_db("amin", {"S": "power", "amin": 1e-3, "top_db": None}, function)
        to_db("silence", {"S": "silence"}, function)
        to_db("zeros", {"S": "mostly_zero"}, function)
        to_db("one", {"S": "one", "ref": "numpy.max"}, function)
        cases.same_defaults(function, f"librosa.{function}", {"S": "power"}, {})
    to_db("two-sided", {"S": "noise", "top_db": None}, "amplitude_to_db")
    for function in ("db_to_power", "db_to_amplitude"):
        for ref in (1.0, 0.25):
            args = {"S_db": "decibels", "ref": ref}
            cases.add(f"ref-{ref}", function, f"librosa.{function}", args, "ratio", dtype="float64")
        cases.same_defaults(function, f"librosa.{function}", {"S_db": "decibels"}, {})
    rms(cases)
    zcr(cases)


def rms(cases):
    def one(name, **args):
        cases.add(name, "rms", "librosa.feature.rms", args, "rms")
        cases.add(name + "-64", "rms", "librosa.feature.rms", args, "rms64", dtype="float64",
                  override={"dtype": "float64"})

    for y in SOUNDS:
        one(y, y=y, frame_length=512, hop_length=128)
    one("defaults", y="long")
    one("odd-frame", y="noise", frame_length=333, hop_length=100)
    one("hop-beyond-frame", y="noise", frame_length=100, hop_length=350)
    one("uncentered", y="odd", frame_length=512, hop_length=128, center=False)
    for mode in ("edge", "reflect", "symmetric", "linear_ramp", "wrap"):
        one(f"pad-{mode}", y="noise", frame_length=512, hop_length=200, pad_mode=mode)
        one(f"pad-{mode}-longer-than-sound", y="short", frame_length=512, hop_length=200, pad_mode=mode)
    one("pad-reflect-last-frame", y="noise", frame_length=512, hop_length=250, pad_mode="reflect")
    one("S", S="power", frame_length=256)
    one("S-odd", S="power", frame_length=257)
    one("S-channels", S="power2", frame_length=128)
    for y in RECORDINGS:
        one(y, y=y)
    cases.same_defaults("rms", "librosa.feature.rms", {"y": "long"}, {"dtype": "always float32"})


def zcr(cases):
    def one(name, **args):
        cases.add(name, "zcr", "librosa.feature.zero_crossing_rate", args, "counted",
                  via="reference.zero_crossing_rate")

    for y in SOUNDS:
        one(y, y=y, frame_length=512, hop_length=128)
    one("defaults", y="long")
    one("odd-frame", y="chord", frame_length=333, hop_length=100)
    one("uncentered", y="odd", frame_length=512, hop_length=128, center=False)
    one("threshold", y="noise", frame_length=512, threshold=0.125)
    one("threshold-0", y="impulse", frame_length=512, threshold=0.0)
    one("ref_magnitude", y="noise", frame_length=512, threshold=0.25, ref_magnitude=0.5)
    one("zero_pos", y="impulse", frame_length=512, zero_pos=False)
    one("zero_pos-threshold", y="noise", frame_length=512, zero_pos=False, threshold=0.125)
    one("pad", y="noise", frame_length=512, pad=True)
    for y in RECORDINGS:
        one(y, y=y)
    cases.same_defaults("zcr", "librosa.feature.zero_crossing_rate", {"y": "long"}, {})
