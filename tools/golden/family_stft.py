# stft and the magnitude spectrogram.
RECORDINGS = ["bird", "speech", "trumpet", "band", "song", "digit"]
SOUNDS = ["silence", "dc", "one", "impulse", "noise", "odd", "short", "stereo", "quad", "chord", "sweep", "quiet"]
TRIANGLE = [min(i + 1, 60 - i) / 30 for i in range(60)]


def framing(one):
    """What stft, and every feature built on it, does with frames: one(name, **args)."""
    for y in SOUNDS:
        one(y, y=y, n_fft=512, hop_length=128)
    for n_fft in (2, 3, 16, 60, 127, 255, 500, 509, 1024):
        one(f"n_fft-{n_fft}", y="odd", n_fft=n_fft, hop_length=max(1, n_fft // 2))
    for hop in (1, 37, 700):
        one(f"hop-{hop}", y="short" if hop == 1 else "noise", n_fft=256, hop_length=hop)
    for win_length in (200, 199, 1):
        one(f"win_length-{win_length}", y="noise", n_fft=256, win_length=win_length, hop_length=100)
    one("window-hamming", y="noise", n_fft=256, window="hamming", hop_length=64)
    one("window-kaiser", y="noise", n_fft=256, window=["kaiser", 8.6], hop_length=64)
    one("window-values", y="noise", n_fft=128, window=TRIANGLE, win_length=60, hop_length=64)
    one("uncentered", y="odd", n_fft=512, center=False, hop_length=128)
    one("uncentered-one-frame", y="short", n_fft=100, center=False, hop_length=25)
    for mode in ("constant", "edge", "reflect", "symmetric", "linear_ramp"):
        one(f"pad-{mode}", y="noise", n_fft=512, pad_mode=mode, hop_length=200)
        one(f"pad-{mode}-odd", y="short", n_fft=63, pad_mode=mode, hop_length=16)
        one(f"pad-{mode}-longer-than-sound", y="short", n_fft=512, pad_mode=mode, hop_length=128)


def add(cases):
    def stft(name, **args):
        cases.add(name, "stft", "librosa.stft", args, "spectrum", "spectrum.exact")

    def spectrogram(name, **args):
        tolerance = "spectrum" if args.get("power", 1) >= 1 else "spectrum.root"
        cases.add(name, "spectrogram", "librosa.core.spectrum._spectrogram", args, tolerance,
                  "spectrum.exact", via="reference.spectrogram")

    framing(stft)
    stft("defaults", y="long")
    stft("n_fft-alone", y="long", n_fft=1000)
    stft("n_fft-1", y="short", n_fft=1, hop_length=1)
    for y in RECORDINGS:
        stft(y, y=y)
    spectrogram("defaults", y="long")
    spectrogram("stereo", y="stereo", n_fft=256, hop_length=128)
    for power in (0.5, 1.0, 1.7, 2.0, 3.0):
        spectrogram(f"power-{power}", y="noise", n_fft=256, hop_length=128, power=power)
        spectrogram(f"power-{power}-chord", y="chord", n_fft=512, hop_length=500, power=power)
    for y in RECORDINGS:
        spectrogram(y, y=y, power=2.0)
    cases.same_defaults("stft", "librosa.stft", {"y": "long"},
                        {"dtype": "always complex64", "out": "results are new arrays"})
    cases.same_defaults("stft", "librosa.stft", {"y": "noise", "n_fft": 600, "win_length": 300},
                        {"dtype": "always complex64", "out": "results are new arrays"})
    cases.same_defaults("spectrogram", "librosa.core.spectrum._spectrogram", {"y": "long", "n_fft": 1024},
                        {"S": "handed back as it is"})
