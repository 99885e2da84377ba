# Sampling rates: librosa.resample by every method.
RESAMPLE = "librosa.resample"

FUNCTIONS = {"resample": "sori_resample"}

TOLERANCES = {
    "soxr": {"rule": "max", "limit": 1e-6,
             "why": "soxr's high quality works in float32, and Python's soxr was built with another FFT"},
    "fir": {"rule": "max", "limit": 1e-6,
            "why": "against librosa fed float64: weights in double, rounded to float32, and sums of up to 400 products "
                   "in float32"},
    "fir.float32": {"rule": "max", "limit": 2e-6,
                    "why": "resampy rounds every partial sum to float32, so do the lanes here, in another order"},
    "fourier": {"rule": "max", "limit": 2e-7, "why": "both in double, rounded to float32"},
    "simple": {"rule": "max", "limit": 2e-7, "why": "libsamplerate's own arithmetic: double, rounded to float32"},
}

FIRS = ("kaiser_best", "kaiser_fast", "polyphase")
RATES = ((44100, 22050), (22050, 44100), (44100, 48000), (48000, 44100), (22050, 16000), (8000, 11025), (44100, 8000))


def add(cases):
    def one(name, tolerance, dtype="float64", y="noise", orig_sr=44100, target_sr=22050, **args):
        cases.add(name, "resample", RESAMPLE, dict(y=y, orig_sr=orig_sr, target_sr=target_sr, **args), tolerance,
                  dtype=dtype)

    for method in FIRS:
        for orig, target in RATES:
            one(f"{method}-{orig}-{target}", "fir", orig_sr=orig, target_sr=target, res_type=method)
        for y in ("silence", "chord", "sweep", "impulse", "odd", "stereo", "short"):
            one(f"{method}-{y}", "fir", y=y, orig_sr=22050, target_sr=16000, res_type=method)
        one(f"{method}-float32", "fir.float32", dtype=None, res_type=method)
        one(f"{method}-own-length", "fir", y="odd", orig_sr=8000, target_sr=11025, res_type=method, fix=False)
        one(f"{method}-scale", "fir", y="odd", orig_sr=8000, target_sr=11025, res_type=method, scale=True)
    for method in FIRS[:2]:
        one(f"{method}-no-ratio", "fir", orig_sr=22050.5, target_sr=16000.25, res_type=method)
        one(f"{method}-large-ratio", "fir", orig_sr=44100, target_sr=44099, res_type=method)
    for orig, target in RATES:
        one(f"fft-{orig}-{target}", "fourier", orig_sr=orig, target_sr=target, res_type="fft")
        one(f"linear-{orig}-{target}", "simple", orig_sr=orig, target_sr=target, res_type="linear")
        one(f"hold-{orig}-{target}", "simple", orig_sr=orig, target_sr=target, res_type="zero_order_hold")
        one(f"soxr_hq-{orig}-{target}", "soxr", dtype=None, orig_sr=orig, target_sr=target)
    for y in ("odd", "stereo", "short", "impulse"):
        one(f"fft-{y}", "fourier", y=y, orig_sr=22050, target_sr=16000, res_type="scipy")
        one(f"linear-{y}", "simple", y=y, orig_sr=22050, target_sr=16000, res_type="linear")
    for method in ("soxr_vhq", "soxr_mq", "soxr_lq", "soxr_qq"):
        one(method, "soxr", dtype=None, orig_sr=22050, target_sr=16000, res_type=method)
    one("soxr-own-length", "soxr", dtype=None, y="odd", orig_sr=8000, target_sr=11025, fix=False)
    one("soxr-scale", "soxr", dtype=None, y="odd", orig_sr=8000, target_sr=11025, scale=True)
    for y in ("bird", "speech", "trumpet"):
        one(f"kaiser_best-{y}", "fir", y=y, orig_sr=22050, target_sr=16000, res_type="kaiser_best")
    cases.same_defaults("resample", RESAMPLE, {"y": "noise", "orig_sr": 22050, "target_sr": 16000},
                        {"axis": "always the last"})
