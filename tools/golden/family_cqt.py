# Constant-Q transforms, the scales and filters behind them.
from family_stft import RECORDINGS

FUNCTIONS = {
    "cqt": "sori_cqt", "vqt": "sori_vqt", "icqt": "sori_icqt", "iirt": "sori_iirt",
    "semitone_filterbank": "sori_semitone_filterbank", "griffinlim_cqt": "sori_griffinlim_cqt",
    "pseudo_cqt": "sori_pseudo_cqt", "hybrid_cqt": "sori_hybrid_cqt",
    "cqt_frequencies": "sori_cqt_frequencies", "interval_frequencies": "sori_interval_frequencies",
    "wavelet": "sori_wavelet", "wavelet_lengths": "sori_wavelet_lengths",
    "wavelet_cutoff": "sori_wavelet_lengths", "constant_q_lengths": "sori_constant_q_lengths",
    "window_bandwidth": "sori_window_bandwidth",
}

TOLERANCES = {
    "cqt": {"rule": "max", "limit": 2e-6,
            "why": "librosa transforms in double, sori in float by default; both halve the sound in float, and the low "
                   "pass is soxr's to 4e-8"},
    "cqt.exact": {"rule": "max", "limit": 1e-6,
                  "why": "the sound is halved in float on both sides (soxr's hq is float even for double)"},
    "cqt.early": {"rule": "max", "limit": 1e-2,
                  "why": "lowering the rate by 4 and more, soxr cuts off what its first stage rings before the sound "
                         "and has a steeper last stage; seen where a sound begins at once and in the last twelfth of "
                         "the band"},
    "icqt": {"rule": "max", "limit": 5e-3,
             "why": "where the sound begins and ends, soxr cuts off what rings between its stages"},
    "icqt.two": {"rule": "max", "limit": 2e-6, "why": "as cqt, adding up in float32 on both sides"},
    "griffinlim.cqt": {"rule": "max", "limit": 5e-4,
                   "why": "as icqt.two, but phases of what is quiet hang on roundings, and every turn magnifies them"},
    "sections": {"rule": "abs", "limit": 1e-8,
                 "why": "the same formulas in double; elliptic functions by other series, and roots near each other"},
    "iirt": {"rule": "max", "limit": 5e-4,
             "why": "soxr lowers the rate in several stages and cuts off what rings between them, which shows where a "
                    "sound begins at once (and most where padding is not silence); one filter here"},
    "pseudo": {"rule": "max", "limit": 2e-6, "why": "as cqt"},
    "wavelet": {"rule": "max", "limit": 2e-7, "why": "computed in double on both sides, rounded to complex64"},
}

INPUTS = {
    "C84": {"kind": "noise", "seed": 51, "value": 1.0, "shape": [84, 12, 2], "complex": True},
    "M24": {"kind": "spectrum", "seed": 53, "value": 1.0, "shape": [2, 24, 15]},
    "C24": {"kind": "noise", "seed": 52, "value": 1.0, "shape": [2, 24, 15, 2], "complex": True},
}

CQT, VQT = "librosa.cqt", "librosa.vqt"
SOUNDS = ("silence", "dc", "one", "impulse", "noise", "odd", "short", "stereo", "chord", "quiet")
RES = {"res_type": "always soxr_hq", "dtype": "always complex64 or float32", "sr": "the sound's"}


def scales(cases):
    def f(name, **args):
        cases.add(name, "cqt_frequencies", "librosa.cqt_frequencies", args, "float64")

    f("84", n_bins=84, fmin=32.7)
    f("36", n_bins=100, fmin=55.0, bins_per_octave=36, tuning=0.25)
    cases.same_defaults("cqt_frequencies", "librosa.cqt_frequencies", {"n_bins": 24, "fmin": 32.7}, {})

    def i(name, **args):
        cases.add(name, "interval_frequencies", "librosa.interval_frequencies", args, "float64")

    for intervals in ("equal", "pythagorean", "ji3", "ji5", "ji7"):
        for per in (12, 31):
            i(f"{intervals}-{per}", n_bins=50, fmin=55.0, intervals=intervals, bins_per_octave=per)
        i(intervals + "-unsorted", n_bins=20, fmin=55.0, intervals=intervals, sort=False)
    i("ji7-60", n_bins=60, fmin=1.0, intervals="ji7", bins_per_octave=60)
    i("tuning", n_bins=20, fmin=55.0, intervals="equal", tuning=-0.3)
    i("ratios", n_bins=11, fmin=55.0, intervals=[1.0, 1.5, 1.25, 1.8])
    cases.same_defaults("interval_frequencies", "librosa.interval_frequencies",
                        {"n_bins": 24, "fmin": 32.7, "intervals": "ji5"}, {})


def filters(cases):
    for w in ("hann", "hamming", "boxcar", "ones", "blackman", "parzen", "triang", "halfcosine"):
        cases.add(w, "window_bandwidth", "librosa.filters.window_bandwidth", {"window": w}, "float64")
    cases.add("kaiser", "window_bandwidth", "librosa.filters.window_bandwidth", {"window": ["kaiser", 8.0]}, "float64")
    cases.same_defaults("window_bandwidth", "librosa.filters.window_bandwidth", {"window": "hann"},
                        {"n": "always 1000, and only for windows outside librosa's table"})
    tones = [110.0, 123.0, 147.5, 220.0, 440.0]

    def lengths(name, **args):
        cases.add(name, "wavelet_lengths", "librosa.filters.wavelet_lengths", args, "float64",
                  via="reference_cqt.wavelet_lengths")
        cases.add(name, "wavelet_cutoff", "librosa.filters.wavelet_lengths", args, "float64",
                  via="reference_cqt.wavelet_cutoff")

    lengths("defaults", freqs=tones)
    lengths("rate", freqs=tones, sr=8000, window="blackman", filter_scale=0.5)
    lengths("gamma", freqs=tones, gamma=12.5)
    lengths("erb", freqs=tones, gamma=None)
    lengths("alpha", freqs=tones, alpha=[0.05])
    lengths("alphas", freqs=[110.0, 220.0], alpha=[0.05, 0.06])
    lengths("single", freqs=[110.0], alpha=[0.05])

    def wavelet(name, **args):
        cases.add(name, "wavelet", "librosa.filters.wavelet", args, "wavelet", via="reference_cqt.wavelet")

    wavelet("defaults", freqs=tones)
    wavelet("exact-length", freqs=tones, pad_fft=False, sr=16000)
    wavelet("window", freqs=tones, window="hamming", filter_scale=1.5, gamma=5.0)
    for norm in (None, 2, 0, 3.5, "numpy.inf"):
        wavelet(f"norm-{norm}", freqs=tones, norm=norm, sr=8000)
    cases.same_defaults("wavelet", "librosa.filters.wavelet", {"freqs": tones}, {"dtype": "always complex64"})
    cases.same_defaults("wavelet_lengths", "librosa.filters.wavelet_lengths", {"freqs": tones}, {})
    cases.add("defaults", "constant_q_lengths", "librosa.filters.constant_q_lengths", {"sr": 22050, "fmin": 32.7},
              "float64")
    cases.add("36", "constant_q_lengths", "librosa.filters.constant_q_lengths",
              {"sr": 16000, "fmin": 55.0, "n_bins": 90, "bins_per_octave": 36, "window": "hamming", "filter_scale": 2,
               "gamma": 3}, "float64")
    cases.same_defaults("constant_q_lengths", "librosa.filters.constant_q_lengths", {"sr": 22050, "fmin": 32.7}, {})


def transforms(cases):
    def cqt(name, tolerance="cqt", **args):
        cases.add(name, "cqt", CQT, args, tolerance, "cqt.exact" if tolerance == "cqt" else None)

    def vqt(name, tolerance="cqt", **args):
        cases.add(name, "vqt", VQT, args, tolerance, "cqt.exact" if tolerance == "cqt" else None)

    for y in [*SOUNDS, *RECORDINGS]:
        sr = {"song": 16000, "digit": 8000}.get(y, 22050)
        args = {"n_bins": 60} if sr == 8000 else {}
        cqt(y, y=y, sr=sr, **args)
        vqt(y, y=y, sr=sr, **args)
    cqt("quad", y="quad", n_bins=36, fmin=220.0, hop_length=64)
    cqt("bins-36", y="chord", n_bins=252, bins_per_octave=36)
    cqt("bins-24-partial", y="chord", n_bins=100, bins_per_octave=24, fmin=262.0)
    cqt("one-bin", y="chord", n_bins=1, fmin=1760.0)
    cqt("one-octave", y="chord", n_bins=7, fmin=1760.0)
    cqt("hop-odd", y="chord", hop_length=125, n_bins=36, fmin=440.0)
    cqt("hop-odd-after-two", y="trumpet", hop_length=500, n_bins=60)
    cqt("hop-wide", y="trumpet", hop_length=4096)
    for tuning in (0.25, -0.5, None):
        cqt(f"tuning-{tuning}", y="trumpet", tuning=tuning)
    for scale in (0.5, 2):
        cqt(f"filter_scale-{scale}", y="chord", filter_scale=scale)
    for norm in (None, 2, "numpy.inf", 0.5):
        cqt(f"norm-{norm}", y="chord", norm=norm)
    for sparsity in (0, 0.05, 0.5):
        cqt(f"sparsity-{sparsity}", y="chord", sparsity=sparsity)
    for window in ("hamming", "ones", "blackman"):
        cqt(f"window-{window}", y="chord", window=window)
    cqt("unscaled", y="chord", scale=False)
    for mode in ("edge", "reflect", "symmetric", "linear_ramp"):
        cqt(mode, y="noise", pad_mode=mode, n_bins=24, fmin=880.0)
    cqt("rate-16000", y="song", sr=16000, n_bins=72)
    for name, n, hop in (("early-1", 24, 512), ("early-2", 12, 512)):
        cqt(name, y="trumpet", n_bins=n, fmin=110.0, hop_length=hop, tolerance="cqt.early")
        cqt(name + "-unscaled", y="trumpet", n_bins=n, fmin=110.0, hop_length=hop, scale=False, tolerance="cqt.early")
        cqt(name + "-noise", y="odd", n_bins=n, fmin=110.0, hop_length=hop, tolerance="cqt.early")
    for intervals in ("pythagorean", "ji3", "ji5", "ji7"):
        vqt(intervals, y="chord", intervals=intervals, n_bins=48, fmin=131.0)
    vqt("ratios", y="chord", intervals=[1.0, 1.25, 1.5], n_bins=15, fmin=131.0)
    for gamma in (0, 10, None):
        vqt(f"gamma-{gamma}", y="chord", gamma=gamma)
    def pseudo(function, name, tolerance="pseudo", **args):
        cases.add(name, function, "librosa." + function, args, tolerance,
                  "cqt.exact" if tolerance == "pseudo" else None)

    late = {"hybrid_cqt": "cqt.early"}   # the lower part alone: the rate is lowered by 4 at first
    for function in ("pseudo_cqt", "hybrid_cqt"):
        for y in ("noise", "silence", "short", "stereo", "chord", "trumpet", "band"):
            pseudo(function, y, late.get(function, "pseudo"), y=y)
        pseudo(function, "settings", y="chord", bins_per_octave=24, n_bins=120, filter_scale=0.5, hop_length=256,
               window="hamming", norm=2, sparsity=0.05, fmin=65.4)
        pseudo(function, "unscaled", late.get(function, "pseudo"), y="chord", scale=False, pad_mode="reflect")
        pseudo(function, "tuning", late.get(function, "pseudo"), y="trumpet", tuning=0.3)
        pseudo(function, "high", y="chord", fmin=1760.0, n_bins=20)
        pseudo(function, "one-bin", y="chord", fmin=1760.0, n_bins=1)
        cases.same_defaults(function, "librosa." + function, {"y": "chord"}, RES)
    pseudo("hybrid_cqt", "low", "cqt.early", y="chord", hop_length=128, n_bins=60)
    cases.same_defaults("cqt", CQT, {"y": "chord"}, RES)
    cases.same_defaults("vqt", VQT, {"y": "chord"}, RES)


def inverse(cases):
    def icqt(name, tolerance="icqt", **args):
        cases.add(name, "icqt", "librosa.icqt", args, tolerance, tolerance)

    icqt("84", C="C84")
    icqt("channels", C="C24", fmin=440.0, tolerance="icqt.two")
    icqt("one-octave", C="C24", fmin=440.0, bins_per_octave=24, tolerance="icqt.two")
    icqt("partial", C="C24", fmin=440.0, bins_per_octave=20, tolerance="icqt.two")
    icqt("unscaled", C="C24", fmin=440.0, scale=False, tolerance="icqt.two")
    icqt("settings", C="C24", fmin=440.0, filter_scale=0.5, norm=2, sparsity=0.05, window="hamming", hop_length=256,
         tuning=0.25, tolerance="icqt.two")
    icqt("hop-odd", C="C24", fmin=440.0, hop_length=125, tolerance="icqt.two")
    icqt("shorter", C="C24", fmin=440.0, length=3000, tolerance="icqt.two")
    icqt("longer", C="C24", fmin=440.0, length=9000, tolerance="icqt.two")
    icqt("rate", C="C24", fmin=440.0, sr=16000, tolerance="icqt.two")
    def griffin(name, **args):
        cases.add(name, "griffinlim_cqt", "librosa.griffinlim_cqt", args, "griffinlim.cqt", "griffinlim.cqt",
                  via="reference_cqt.griffinlim_cqt")

    griffin("one-turn", C="M24", fmin=440.0, n_iter=1, random_state=5)
    griffin("none", C="M24", fmin=440.0, n_iter=0, random_state=5)
    griffin("three", C="M24", fmin=440.0, n_iter=3, random_state=0, momentum=0.5)
    griffin("zero-phase", C="M24", fmin=440.0, n_iter=2, init=None)
    griffin("length", C="M24", fmin=440.0, n_iter=2, length=7300, random_state=1, hop_length=512)
    griffin("settings", C="M24", fmin=440.0, n_iter=2, random_state=1, scale=False, hop_length=256, pad_mode="reflect",
            filter_scale=0.7, tuning=0.2, sr=16000)
    cases.same_defaults("griffinlim_cqt", "librosa.griffinlim_cqt", {"C": "M24", "fmin": 440.0},
                        RES | {"random_state": "0; in librosa None, which draws anew"})
    cases.same_defaults("icqt", "librosa.icqt", {"C": "C84"}, RES)


def semitones(cases):
    for tuning in (0.0, 0.3, -0.5):
        cases.add(f"tuning-{tuning}", "semitone_filterbank", "librosa.filters.semitone_filterbank", {"tuning": tuning},
                  "sections", via="reference_cqt.semitone_filterbank")
    cases.same_defaults("semitone_filterbank", "librosa.filters.semitone_filterbank", {},
                        {"center_freqs": "always MIDI notes 24 to 108", "sample_rates": "always the three of the paper",
                         "flayout": "always second-order sections"})
    for y in ("noise", "silence", "chord", "stereo", "trumpet", "band", "song"):
        cases.add(y, "iirt", "librosa.iirt", {"y": y, "sr": 16000 if y == "song" else 22050}, "iirt")
    cases.add("settings", "iirt", "librosa.iirt",
              {"y": "chord", "win_length": 1000, "hop_length": 300, "tuning": 0.3, "pad_mode": "reflect"}, "iirt")
    cases.add("uncentered", "iirt", "librosa.iirt", {"y": "long", "center": False}, "iirt")
    cases.same_defaults("iirt", "librosa.iirt", {"y": "chord"}, RES | {"flayout": "always second-order sections"})


def add(cases):
    semitones(cases)
    inverse(cases)
    scales(cases)
    filters(cases)
    transforms(cases)
