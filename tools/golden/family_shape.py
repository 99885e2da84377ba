# The features of a spectrum's shape.
from family_stft import RECORDINGS, SOUNDS

FREQ = [17.0 * k for k in range(129)]


def loose(tolerance, args):
    """Sounds whose quiet bins lie below a float FFT's rounding."""
    y = args.get("y")
    if tolerance == "contrast" and y in ["dc", "chord", "sweep"] + RECORDINGS:
        return "contrast.quiet"
    return "bandwidth.dc" if tolerance == "bandwidth" and y == "dc" else tolerance


def add(cases):
    def both(function, name, tolerance, **args):
        librosa = f"librosa.feature.spectral_{function}"
        if function == "rolloff":
            cases.add(name, function, librosa, args, tolerance, tolerance)
            return
        cases.add(name, function, librosa, args, loose(tolerance, args), None)
        cases.add(name + "-64", function, librosa, args, None, tolerance + ".exact", dtype="float64")

    settings = {
        "centroid": {"freq": {"freq": FREQ}},
        "bandwidth": {"freq": {"freq": FREQ}, "p-1": {"p": 1.0}, "p-3.5": {"p": 3.5}, "plain": {"norm": False},
                      "centroid": {"centroid": "centres"}},
        "rolloff": {"freq": {"freq": FREQ}, "0.01": {"roll_percent": 0.01}, "0.5": {"roll_percent": 0.5},
                    "0.99": {"roll_percent": 0.99}},
        "flatness": {"amin": {"amin": 1e-3}, "power-1": {"power": 1.0}, "power-3": {"power": 3.0}},
        "contrast": {"freq": {"freq": [85.0 * k for k in range(129)]}, "fmin": {"fmin": 300.0}, "bands": {"n_bands": 3},
                     "quantile-0.2": {"quantile": 0.2}, "quantile-0.9": {"quantile": 0.9}, "linear": {"linear": True}},
    }
    for function, variants in settings.items():
        tolerance = function
        for y in SOUNDS:
            both(function, y, tolerance, y=y, n_fft=512, hop_length=128)
        both(function, "defaults", tolerance, y="long")
        both(function, "n_fft-alone", tolerance, y="noise", n_fft=1024)
        both(function, "framing", tolerance, y="noise", n_fft=500, hop_length=130, win_length=400, window="blackman",
             pad_mode="reflect")
        both(function, "uncentered", tolerance, y="odd", n_fft=512, hop_length=128, center=False)
        both(function, "S", tolerance, S="power")
        if function != "contrast":
            both(function, "S-channels", tolerance, S="power2")
            both(function, "S-odd", tolerance, S="odd_power")
        both(function, "S-zeros", tolerance, S="mostly_zero")
        if function != "flatness":
            both(function, "sr", tolerance, y="noise", sr=44100, n_fft=512)
        for name, args in variants.items():
            both(function, name, tolerance if name != "linear" else "centroid", S="power", **args)
            if name == "freq" or name == "centroid":
                continue
            both(function, name + "-y", tolerance if name != "linear" else "centroid", y="chord", n_fft=512, **args)
        for y in RECORDINGS:
            both(function, y, tolerance, y=y)
        librosa = f"librosa.feature.spectral_{function}"
        cases.same_defaults(function, librosa, {"y": "long"}, {})
        cases.same_defaults(function, librosa, {"y": "long", "n_fft": 1024}, {})
