# Mel filters, mel spectrograms, MFCC and the way back.
from family_stft import RECORDINGS, SOUNDS

MEL = "librosa.feature.melspectrogram"
LOGMEL = "librosa.power_to_db(librosa.feature.melspectrogram)"
MFCC = "librosa.feature.mfcc"


def filters(cases):
    def one(name, **args):
        cases.add(name, "mel_filters", "librosa.filters.mel", args, "weights")

    one("defaults", sr=22050, n_fft=2048)
    for n_mels in (1, 20, 40, 200):
        one(f"n_mels-{n_mels}", sr=22050, n_fft=1024, n_mels=n_mels)
    for sr, n_fft in ((16000, 512), (44100, 2048), (8000, 255), (48000, 1000)):
        one(f"{sr}-{n_fft}", sr=sr, n_fft=n_fft, n_mels=30)
    one("band", sr=22050, n_fft=2048, fmin=300.0, fmax=8000.0, n_mels=64)
    one("htk", sr=16000, n_fft=512, htk=True, n_mels=26)
    one("htk-band-plain", sr=16000, n_fft=512, htk=True, n_mels=26, norm=None, fmin=20.0, fmax=7600.0)
    for norm in (None, "slaney", 1, 2, "numpy.inf"):
        one(f"norm-{norm}", sr=22050, n_fft=512, n_mels=24, norm=norm)
    cases.same_defaults("mel_filters", "librosa.filters.mel", {"sr": 16000, "n_fft": 512},
                        {"dtype": "always float32"})


def add(cases):
    def mel(name, **args):
        cases.add(name, "mel", MEL, args, "power", None)
        cases.add(name + "-64", "mel", MEL, args, None, "power.exact", dtype="float64")

    def logmel(name, **args):
        cases.add(name, "logmel", LOGMEL, args, "logmel", None, via="reference.logmel")
        cases.add(name + "-64", "logmel", LOGMEL, args, None, "logmel.exact", dtype="float64",
                  via="reference.logmel")

    filters(cases)
    for y in SOUNDS:
        mel(y, y=y, n_fft=512, hop_length=128, n_mels=40)
    mel("defaults", y="long")
    mel("n_fft-alone", y="noise", n_fft=512, n_mels=20)
    mel("framing", y="noise", n_fft=500, hop_length=130, win_length=400, window="blackman", n_mels=30,
        pad_mode="reflect")
    mel("uncentered", y="odd", n_fft=512, hop_length=128, center=False, n_mels=30)
    for power in (1.0, 1.5):
        mel(f"power-{power}", y="noise", n_fft=512, power=power, n_mels=30)
    mel("range", y="chord", n_fft=1024, n_mels=32, fmin=100.0, fmax=6000.0)
    mel("htk-plain", y="chord", n_fft=1024, n_mels=32, htk=True, norm=None)
    for norm in (1, 2, "numpy.inf"):
        mel(f"norm-{norm}", y="chord", n_fft=1024, n_mels=32, norm=norm)
    mel("sr", y="noise", sr=8000, n_fft=256, n_mels=20)
    mel("S", S="power", n_mels=24)
    mel("S-channels", S="power2", n_mels=24, sr=16000, htk=True)
    for y in ("silence", "noise", "chord", "sweep", "impulse", "stereo"):
        logmel(y, y=y, n_fft=512, hop_length=128, n_mels=40)
    for y in RECORDINGS:
        mel(y, y=y)
        logmel(y, y=y)
    cases.same_defaults("mel", MEL, {"y": "long"}, {})
    cases.same_defaults("mel", MEL, {"y": "long", "n_fft": 512, "n_mels": 40}, {})
    coefficients(cases)


def coefficients(cases):
    def mfcc(name, **args):
        scaled = "lifter" in args or not args.get("norm", True)
        cases.add(name, "mfcc", MFCC, args, "mfcc.scaled" if scaled else "mfcc", None)
        cases.add(name + "-64", "mfcc", MFCC, args, None, "mfcc.exact", dtype="float64")

    for y in SOUNDS:
        mfcc(y, y=y, n_fft=512, hop_length=128, n_mels=40, n_mfcc=13)
    mfcc("defaults", y="long")
    mfcc("n_mfcc-40-of-40", y="noise", n_fft=512, n_mels=40, n_mfcc=40)
    mfcc("more-than-mels", y="noise", n_fft=512, n_mels=10, n_mfcc=20)
    for dct_type in (1, 2, 3):
        for norm in ("ortho", None):
            mfcc(f"dct-{dct_type}-{norm}", y="chord", n_fft=512, n_mels=32, n_mfcc=12, dct_type=dct_type, norm=norm)
    mfcc("lifter", y="chord", n_fft=512, n_mels=32, n_mfcc=12, lifter=22)
    mfcc("htk", y="chord", n_fft=512, n_mels=26, n_mfcc=13, htk=True, mel_norm=None, fmin=20.0, fmax=8000.0)
    mfcc("framing", y="odd", n_fft=500, hop_length=130, win_length=400, window="hamming", center=False, n_mels=30)
    mfcc("power", y="odd", n_fft=512, n_mels=30, power=1.0)
    mfcc("S", S="decibels", n_mfcc=13)
    mfcc("S-lifter", S="decibels", n_mfcc=40, lifter=30, dct_type=3)
    for y in RECORDINGS:
        mfcc(y, y=y)
        mfcc(y + "-13", y=y, n_mfcc=13, n_mels=40)
    cases.same_defaults("mfcc", MFCC, {"y": "long"}, {})
    cases.same_defaults("mfcc", MFCC, {"y": "long", "n_fft": 512, "n_mels": 40}, {})
    back(cases)


def back(cases):
    name = "librosa.feature.inverse.mfcc_to_mel"

    def one(label, mfcc="cepstrum", **args):
        cases.add(label, "mfcc_to_mel", name, {"mfcc": mfcc} | args, "exponential", dtype="float64")

    one("defaults")
    one("n_mels-40", n_mels=40)
    one("fewer-mels-than-mfcc", n_mels=8)
    one("channels", "cepstrum2", n_mels=30)
    for dct_type in (1, 2, 3):
        for norm in ("ortho", None):
            one(f"dct-{dct_type}-{norm}", n_mels=30, dct_type=dct_type, norm=norm)
    one("ref", n_mels=30, ref=2.5)
    one("lifter", n_mels=30, lifter=22)
    cases.same_defaults("mfcc_to_mel", name, {"mfcc": "cepstrum"}, {})
