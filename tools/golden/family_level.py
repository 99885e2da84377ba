# PCEN, loudness weightings, mu-law, normalisation.
FUNCTIONS = {
    "pcen": "sori_pcen", "pcen_zf": "sori_pcen", "A_weighting": "sori_A_weighting", "B_weighting": "sori_B_weighting",
    "C_weighting": "sori_C_weighting", "D_weighting": "sori_D_weighting", "Z_weighting": "sori_Z_weighting",
    "frequency_weighting": "sori_frequency_weighting", "multi_frequency_weighting": "sori_multi_frequency_weighting",
    "perceptual_weighting": "sori_perceptual_weighting", "mu_compress": "sori_mu_compress",
    "mu_expand": "sori_mu_expand", "normalize": "sori_normalize", "quantize": "sori_quantize",
    "normalize_peak": "sori_normalize_peak",
}

TOLERANCES = {
    "pcen": {"rule": "max", "limit": 2e-6,
             "why": "librosa computes in double, sori in float by default: the exponential of a logarithm near 14, "
                    "that of eps, magnifies a rounding 14 times"},
    "pcen.exact": {"rule": "each", "limit": 1e-6, "floor": 1e-12,
                   "why": "both in double, rounded to float32; with bias 0 librosa takes log S in float32"},
    "state.pcen": {"rule": "each", "limit": 1e-12, "floor": 0, "why": "the same recursion in double"},
    "weights64": {"rule": "abs", "limit": 1e-12, "why": "dB, in double; logarithms are added in another order"},
    "perceptual": {"rule": "abs", "limit": 3e-5, "why": "as power_to_db; the sum is rounded once more"},
    "companded": {"rule": "each", "limit": 1e-6, "floor": 1e-12,
                  "why": "against librosa fed float64; the result is rounded to float32"},
    "normal": {"rule": "each", "limit": 2e-7, "floor": 0,
               "why": "norms in double on both sides, one rounding to float32"},
    "levels": {"rule": "abs", "limit": 0, "why": "whole numbers, or multiples of a power of two"},
}

INPUTS = {
    "bands": {"kind": "spectrum", "seed": 41, "value": 30.0, "shape": [40, 90]},
    "bands_other": {"kind": "spectrum", "seed": 42, "value": 3.0, "shape": [40, 90]},
    "bands_stereo": {"kind": "spectrum", "seed": 43, "value": 1.0, "shape": [2, 19, 70]},
    "bands_long": {"kind": "spectrum", "seed": 44, "value": 1.0, "shape": [3, 700]},
    "bands_one": {"kind": "spectrum", "seed": 45, "value": 1.0, "shape": [17, 1]},
    "band_alone": {"kind": "spectrum", "seed": 46, "value": 1.0, "shape": [100]},
    "bands_zi": {"kind": "spectrum", "seed": 47, "value": 1.0, "shape": [40, 1]},
    "bands_zi_time_first": {"kind": "spectrum", "seed": 48, "value": 1.0, "shape": [1, 90]},
    "bands_silent": {"kind": "constant", "value": 0, "shape": [5, 70]},
    "unit": {"kind": "noise", "seed": 49, "value": 1.0, "shape": [3, 700]},
    "unit_edges": {"kind": "values", "values": [-1, -0.75, -0.5, -1e-3, -1e-7, 0, 1e-7, 1e-3, 0.25, 0.5, 1],
                   "shape": [11]},
    "unit_halves": {"kind": "values", "values": [-1, -0.6875, -0.3125, 0.0625, 0.1875, 0.3125, 0.9375, 1, 1.5, -2],
                    "shape": [10]},
    "three_axes": {"kind": "noise", "seed": 50, "value": 4.0, "shape": [4, 5, 6]},
    "with_zeros": {"kind": "values", "values": [0, 1, 0, -2, 0, 3, 0, 1e-30, 0, 4, 0, -5], "shape": [3, 4]},
}

HZ = [10.0, 31.5, 63.0, 125.0, 440.0, 1000.0, 2500.0, 6300.0, 11025.0, 20000.0]


def add(cases):
    pcen(cases)
    weightings(cases)
    mu_law(cases)
    normalize(cases)


def pcen(cases):
    def one(name, **args):
        cases.add(name, "pcen", "librosa.pcen", args, "pcen", "pcen.exact")

    one("defaults", S="bands")
    one("long", S="bands_long")
    one("three-axes", S="bands_stereo")
    one("one-frame", S="bands_one")
    one("one-axis", S="band_alone")
    one("silence", S="bands_silent")
    one("sr-hop", S="bands", sr=16000, hop_length=160)
    for gain in (0.0, 0.5, 1.0, 1.5):
        one(f"gain-{gain}", S="bands", gain=gain)
    for bias in (0.0, 1.0, 10.0):
        one(f"bias-{bias}", S="bands", bias=bias)
    for power in (0.0, 0.25, 1.0, 2.0):
        one(f"power-{power}", S="bands", power=power)
    one("power-0-bias-0", S="bands", power=0.0, bias=0.0)
    for time_constant in (0.01, 5.0):
        one(f"time_constant-{time_constant}", S="bands_long", time_constant=time_constant)
    one("eps", S="bands", eps=0.1)
    one("eps-small", S="bands_silent", eps=1e-12)
    for b in (0.01, 0.5, 1.0):
        one(f"b-{b}", S="bands", b=b)
    for size in (2, 3, 10):
        one(f"max_size-{size}", S="bands", max_size=size)
    one("max_size-axis-0", S="bands", max_size=3, axis=0)
    one("max_axis", S="bands_stereo", max_size=4, max_axis=1)
    one("max_axis-time", S="bands_stereo", max_size=5, max_axis=2)
    one("ref", S="bands", ref="bands_other")
    one("axis-0", S="bands", axis=0)
    one("axis-middle", S="bands_stereo", axis=1)
    one("zi", S="bands", zi="bands_zi")
    one("zi-axis-0", S="bands", zi="bands_zi_time_first", axis=0)
    for name, args in {"defaults": {"S": "bands"}, "zi": {"S": "bands", "zi": "bands_zi"},
                       "axis-0": {"S": "bands", "axis": 0}}.items():
        cases.add(name, "pcen_zf", "librosa.pcen", args, "state.pcen", via="reference_level.pcen_zf")
    cases.same_defaults("pcen", "librosa.pcen", {"S": "bands"}, {"return_zf": "an address in the config"})


def weightings(cases):
    for kind in "ABCDZ":
        function = kind + "_weighting"
        cases.add("defaults", function, f"librosa.{function}", {"frequencies": [0.0, 1.0] + HZ}, "weights64")
        cases.add("no-floor", function, f"librosa.{function}", {"frequencies": HZ, "min_db": None}, "weights64")
        cases.add("floor", function, f"librosa.{function}", {"frequencies": HZ, "min_db": -20.0}, "weights64")
        cases.add(kind, "frequency_weighting", "librosa.frequency_weighting", {"frequencies": HZ, "kind": kind},
                  "weights64")
        cases.same_defaults(function, f"librosa.{function}", {"frequencies": HZ}, {})
    cases.add("lower-case", "frequency_weighting", "librosa.frequency_weighting", {"frequencies": HZ, "kind": "c"},
              "weights64")
    cases.add("floor", "frequency_weighting", "librosa.frequency_weighting", {"frequencies": HZ, "min_db": -10.0},
              "weights64")
    cases.add("defaults", "multi_frequency_weighting", "librosa.multi_frequency_weighting", {"frequencies": HZ},
              "weights64")
    cases.add("kinds", "multi_frequency_weighting", "librosa.multi_frequency_weighting",
              {"frequencies": HZ, "kinds": "DBCA"}, "weights64")
    cases.same_defaults("frequency_weighting", "librosa.frequency_weighting", {"frequencies": HZ}, {})
    cases.same_defaults("multi_frequency_weighting", "librosa.multi_frequency_weighting", {"frequencies": HZ}, {})

    hz = [100.0 * (k + 1) for k in range(40)]

    def perceptual(name, **args):
        cases.add(name, "perceptual_weighting", "librosa.perceptual_weighting", {"frequencies": hz, **args},
                  "perceptual")

    perceptual("defaults", S="bands")
    perceptual("kind-C", S="bands", kind="C")
    perceptual("ref-max", S="bands", ref="numpy.max", top_db=60.0)
    perceptual("no-floor", S="bands", top_db=None, amin=1e-5)
    cases.add("three-axes", "perceptual_weighting", "librosa.perceptual_weighting",
              {"frequencies": hz[:19], "S": "bands_stereo"}, "perceptual")
    cases.same_defaults("perceptual_weighting", "librosa.perceptual_weighting", {"S": "bands", "frequencies": hz}, {})


def mu_law(cases):
    def compress(name, tolerance="levels", **args):
        cases.add(name, "mu_compress", "librosa.mu_compress", args, tolerance, dtype="float64")

    for x in ("unit", "unit_edges", "speech"):
        compress(x, x=x)
        compress(x + "-continuous", "companded", x=x, quantize=False)
    for mu in (1, 15, 100.5, 65535):
        compress(f"mu-{mu}", x="unit", mu=mu)
        compress(f"mu-{mu}-continuous", "companded", x="unit", mu=mu, quantize=False)
    whole = [-128.0, -127.0, -64.0, -1.0, 0.0, 1.0, 2.0, 64.0, 127.0]
    cases.add("defaults", "mu_expand", "librosa.mu_expand", {"x": whole}, "companded")
    cases.add("mu-15", "mu_expand", "librosa.mu_expand", {"x": [-8.0, -3.0, 0.0, 1.0, 7.0], "mu": 15.0}, "companded")
    cases.add("continuous", "mu_expand", "librosa.mu_expand", {"x": "unit", "quantize": False}, "companded",
              dtype="float64")
    cases.add("continuous-mu-15", "mu_expand", "librosa.mu_expand", {"x": "unit", "mu": 15, "quantize": False},
              "companded", dtype="float64")
    cases.same_defaults("mu_compress", "librosa.mu_compress", {"x": "unit"}, {})
    cases.same_defaults("mu_expand", "librosa.mu_expand", {"x": whole}, {})
    for bits in (2, 4, 8, 16, 24):
        for x in ("unit", "unit_halves"):
            cases.add(f"{x}-{bits}", "quantize", "numpy.rint", {"x": x, "bits": bits}, "levels",
                      via="reference_level.quantize")


def normalize(cases):
    def one(name, **args):
        cases.add(name, "normalize", "librosa.util.normalize", args, "normal", via="reference_level.normalize")

    one("defaults", S="matrix")
    one("three-axes", S="three_axes")
    for norm in ("inf", "-inf", 0, 0.5, 1, 2, 3.5):
        one(f"norm-{norm}", S="matrix", norm=norm)
        one(f"norm-{norm}-axis-1", S="three_axes", norm=norm, axis=1)
        one(f"norm-{norm}-last", S="three_axes", norm=norm, axis=-1)
        one(f"norm-{norm}-all", S="three_axes", norm=norm, axis=None)
    one("norm-none", S="matrix", norm=None)
    for norm in ("inf", 1, 2, 3.0):
        for fill in (None, True, False):
            one(f"fill-{fill}-{norm}", S="with_zeros", norm=norm, fill=fill, threshold=1e-3)
            one(f"fill-{fill}-{norm}-all", S="bands_silent", norm=norm, fill=fill, axis=None)
    one("threshold", S="matrix", threshold=45.0)
    for y in ("noise", "stereo", "silence", "speech"):
        cases.add(y, "normalize_peak", "librosa.util.normalize", {"y": y}, "normal",
                  via="reference_level.normalize_peak")
    cases.add("half", "normalize_peak", "librosa.util.normalize", {"y": "stereo", "peak": 0.5}, "normal",
              via="reference_level.normalize_peak")
    one("zeros", S="with_zeros", axis=1)
    cases.same_defaults("normalize", "librosa.util.normalize", {"S": "matrix"}, {})
