# Chroma and what is made of it.

from family_stft import RECORDINGS

FUNCTIONS = {
    "chroma_filters": "sori_chroma_filters", "chroma_stft": "sori_chroma_stft", "cq_to_chroma": "sori_cq_to_chroma",
    "chroma_cqt": "sori_chroma_cqt", "chroma_cens": "sori_chroma_cens", "chroma_vqt": "sori_chroma_vqt",
    "tonnetz": "sori_tonnetz",
}

TOLERANCES = {
    "weights.chroma": {"rule": "max", "limit": 2e-7, "why": "computed in double on both sides, rounded to float32"},
    "chroma": {"rule": "max", "limit": 2e-5,
               "why": "a float transform, and sums of it relative to the largest class of a frame, which may be quiet"},
    "chroma.exact": {"rule": "max", "limit": 2e-6, "why": "librosa sums 1025 products in float32; sori in double"},
    "chroma.cqt": {"rule": "max", "limit": 5e-5,
                   "why": "as cqt; relative to the largest class of a frame, which may be quieter than the loudest"},
    "chroma.early": {"rule": "max", "limit": 2e-2,
                     "why": "as cqt.early (few octaves: the rate is lowered by 8 at first), relative to the largest "
                            "class of the quiet frame where the sound begins"},
    "cens": {"rule": "max", "limit": 1e-6,
             "why": "counts are equal; sums in float32 on one side, in double on the other"},
    "tonnetz": {"rule": "max", "limit": 2e-5, "why": "librosa's result is float64 of float32 chroma; as chroma"},
}

STFT, CQT, CENS = "librosa.feature.chroma_stft", "librosa.feature.chroma_cqt", "librosa.feature.chroma_cens"
VQT, TON = "librosa.feature.chroma_vqt", "librosa.feature.tonnetz"
SOUNDS = ("silence", "dc", "one", "impulse", "noise", "odd", "short", "stereo", "chord", "quiet")
RATES = {"song": 16000, "digit": 8000}
INPUTS = {
    "power1025": {"kind": "spectrum", "seed": 41, "value": 4.0, "shape": [1025, 20]},
    "bins84": {"kind": "spectrum", "seed": 42, "value": 4.0, "shape": [84, 70]},
    "bins252": {"kind": "spectrum", "seed": 43, "value": 4.0, "shape": [2, 252, 9]},
    "classes": {"kind": "spectrum", "seed": 44, "value": 1.0, "shape": [12, 33]},
    "classes2": {"kind": "spectrum", "seed": 45, "value": 1.0, "shape": [2, 24, 5]},
    "signed84": {"kind": "noise", "seed": 46, "value": 1.0, "shape": [84, 9]},
}


def filters(cases):
    def f(name, **args):
        cases.add(name, "chroma_filters", "librosa.filters.chroma", args, "weights.chroma")

    f("defaults", sr=22050, n_fft=2048)
    f("rate", sr=16000, n_fft=513, n_chroma=24)
    f("one", sr=22050, n_fft=512, n_chroma=1)
    f("odd", sr=22050, n_fft=512, n_chroma=7, tuning=0.25)
    for norm in (None, 1, "numpy.inf"):
        f(f"norm-{norm}", sr=22050, n_fft=512, norm=norm)
    f("flat", sr=22050, n_fft=512, octwidth=None, base_c=False)
    f("octaves", sr=22050, n_fft=512, ctroct=4.0, octwidth=1.5, tuning=-0.5, n_chroma=36)
    cases.same_defaults("chroma_filters", "librosa.filters.chroma", {"sr": 22050, "n_fft": 2048},
                        {"dtype": "always float32"})

    def q(name, **args):
        cases.add(name, "cq_to_chroma", "librosa.filters.cq_to_chroma", args, "weights.chroma")

    q("84", n_input=84)
    q("36", n_input=250, bins_per_octave=36)
    q("24", n_input=96, bins_per_octave=48, n_chroma=24, fmin=55.0)
    q("window", n_input=60, bins_per_octave=36, window=[0.25, 1.0, 0.5, 0.125])
    q("base-a", n_input=84, base_c=False)
    cases.same_defaults("cq_to_chroma", "librosa.filters.cq_to_chroma", {"n_input": 84}, {"dtype": "always float32"})


def add(cases):
    def stft(name, **args):
        cases.add(name, "chroma_stft", STFT, args, "chroma", None)
        cases.add(name + "-64", "chroma_stft", STFT, args, None, "chroma.exact", dtype="float64")

    def cqt(name, tolerance="chroma.cqt", **args):
        cases.add(name, "chroma_cqt", CQT, args, tolerance)

    filters(cases)
    for y in SOUNDS:
        stft(y, y=y, n_fft=512, hop_length=128, tuning=0.0)
    for y in RECORDINGS:
        stft(y, y=y, sr=RATES.get(y, 22050))
        stft(y + "-tuned", y=y, sr=RATES.get(y, 22050), tuning=0.1)
        cqt(y, y=y, sr=RATES.get(y, 22050), **({"n_octaves": 5} if y == "digit" else {}))
    stft("chord-estimated", y="chord", n_chroma=24)
    for norm in (None, 1, 2, 0, 3.0):
        stft(f"norm-{norm}", y="chord", norm=norm, tuning=0.0)
    stft("framing", y="noise", n_fft=500, hop_length=130, win_length=400, window="blackman", pad_mode="reflect",
         tuning=0.0)
    stft("uncentered", y="odd", n_fft=512, center=False, tuning=0.0)
    stft("weights", y="chord", ctroct=4.0, octwidth=None, base_c=False, tuning=0.0)
    stft("S", S="power1025", tuning=0.0)
    stft("S-estimated", S="power1025")
    stft("S-channels", S="power2", sr=16000, tuning=-0.2)
    for y in SOUNDS:
        if y != "one":
            cqt(y, y=y, tuning=0.0)
    cqt("norm-none", y="trumpet", norm=None, tuning=0.0)
    cqt("norm-1", y="trumpet", norm=1, tuning=0.0)
    cqt("hybrid", y="trumpet", cqt_mode="hybrid")
    cqt("classes-24", y="trumpet", n_chroma=24, bins_per_octave=48, tuning=0.0)
    cqt("octaves", y="trumpet", n_octaves=4, fmin=262.0, hop_length=256, tuning=0.0)
    cqt("low-octaves", y="trumpet", n_octaves=3, tuning=0.0, tolerance="chroma.early")
    cqt("threshold", y="trumpet", threshold=0.01, tuning=0.0)
    cqt("window", y="trumpet", window=[0.5, 1.0, 0.5], tuning=0.0)
    cqt("C", C="bins84", bins_per_octave=12)
    cqt("C-channels", C="bins252")
    cqt("C-signed", C="signed84", bins_per_octave=12)
    cqt("C-signed-kept", C="signed84", bins_per_octave=12, threshold=None)

    def cens(name, **args):
        cases.add(name, "chroma_cens", CENS, args, "cens")

    for y in ("trumpet", "band", "silence", "stereo"):
        cens(y, y=y, tuning=0.0)
    cens("C", C="bins84", bins_per_octave=12)
    cens("short-window", C="bins84", bins_per_octave=12, win_len_smooth=8)
    cens("no-window", C="bins84", bins_per_octave=12, win_len_smooth=None)
    cens("hamming", C="bins252", win_len_smooth=5, smoothing_window="hamming", norm=1)

    def vqt(name, tolerance="chroma.cqt", **args):
        cases.add(name, "chroma_vqt", VQT, args, tolerance)

    for intervals in ("equal", "ji5", "pythagorean"):
        vqt(intervals, y="trumpet", intervals=intervals)
    vqt("ratios", y="trumpet", intervals=[1.0, 1.125, 1.25, 1.5, 1.75])
    vqt("gamma", y="trumpet", intervals="ji3", gamma=5, norm=2, hop_length=256)
    vqt("stereo", y="stereo", intervals="ji7", bins_per_octave=24)
    vqt("V", V="bins84", intervals="equal", threshold=0.5)

    def tonnetz(name, **args):
        cases.add(name, "tonnetz", TON, args, "tonnetz")

    for y in ("trumpet", "band", "silence", "stereo"):
        tonnetz(y, y=y, tuning=0.0)
    tonnetz("chroma", chroma="classes")
    tonnetz("chroma-channels", chroma="classes2")
    nothing = {"sr": "the sound's"}
    cases.same_defaults("chroma_stft", STFT, {"y": "chord"}, nothing)
    cases.same_defaults("chroma_cqt", CQT, {"y": "chord"}, nothing)
    cases.same_defaults("chroma_cens", CENS, {"y": "chord"}, nothing)
    cases.same_defaults("tonnetz", TON, {"y": "chord"}, {"kwargs": "chroma_cqt's: the config's cqt"})
    cases.same_defaults("chroma_vqt", VQT, {"y": "chord", "intervals": "ji3"}, nothing)
