# Windows and cosine transforms: SciPy's.
PLAIN = ["barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "cosine", "exponential", "flattop",
         "hamming", "hann", "lanczos", "nuttall", "parzen", "taylor", "triang", "tukey"]
ALIASES = ["brthan", "bth", "bart", "brt", "black", "blk", "blackharr", "bkh", "bman", "bmn", "box", "ones", "rect",
           "rectangular", "halfcosine", "poisson", "flat", "flt", "hamm", "ham", "han", "sinc", "nutl", "nut", "parz",
           "par", "taylorwin", "triangle", "tri", "tuk"]
GIVEN = [["tukey", 0.25], ["tukey", 0.0], ["tukey", 1.0], ["gaussian", 7.0], ["gauss", 3.0], ["gss", 3.0],
         ["general gaussian", 1.5, 7.0], ["general_gaussian", 1.5, 7.0], ["general gauss", 1.0, 4.0],
         ["general_gauss", 1.0, 4.0], ["ggs", 1.0, 4.0], ["exponential", None, 3.0], ["kaiser", 8.6], ["ksr", 0.0],
         ["kaiser", 14.0], ["taylor", 6, 50.0, False], ["taylor", 3], ["chebwin", 100.0], ["cheb", 60.0],
         ["general_hamming", 0.6], ["general hamming", 0.6], ["general_cosine", [0.5, 0.3, 0.2]],
         ["general cosine", [1.0]], 8.6]
SLEPIAN = [["dpss", 2.5], ["dpss", 4.0]]
BESSEL = [["kaiser_bessel_derived", 8.6], ["kaiser bessel derived", 4.0], ["kbd", 4.0]]


def label(window):
    parts = window if isinstance(window, list) else [window]
    return "-".join(str(p).replace(" ", "+").strip("[]").replace(",+", "-").replace(", ", "-") for p in parts)


def add(cases):
    def window(w, n, periodic=True, tolerance="float64"):
        name = f"{label(w)}-{n}-{'periodic' if periodic else 'symmetric'}"
        cases.add(name, "window", "scipy.signal.get_window", {"window": w, "Nx": n, "fftbins": periodic},
                  tolerance)

    for w in PLAIN + GIVEN:
        for n in (32, 51):
            window(w, n, True)
            window(w, n, False)
    for w in SLEPIAN:
        for n, periodic in ((64, True), (65, True), (64, False), (51, False), (2048, True)):
            window(w, n, periodic, "slepian")
    for w in BESSEL:
        window(w, 32, False)
    for w in ALIASES:
        window(w, 9)
    for w in ["hann_symmetric", "blackman_periodic", ["kbd_symmetric", 4.0], ["kaiser_periodic", 4.0]]:
        window(w, 16, not isinstance(w, list) or "kaiser_p" not in w[0])
    for w in ["hann", "bohman", ["chebwin", 80.0], ["kaiser", 8.6]]:
        for n in (1, 2, 3):
            window(w, n, True)
    for w in ["hann", "hamming", "blackman", ["kaiser", 8.6], ["chebwin", 60.0]]:
        window(w, 2048, True, "slepian" if w[0] == "chebwin" else "float64")
    for w in ("hamming", ["tukey", 0.25], 8.6):
        cases.add(f"librosa-{label(w)}", "window", "librosa.filters.get_window", {"window": w, "Nx": 30}, "float64")
    cases.same_defaults("window", "librosa.filters.get_window", {"window": "hann", "Nx": 32}, {})
    transforms(cases)


def transforms(cases):
    for name in ("dct", "idct"):
        for kind in (1, 2, 3):
            for norm in (None, "ortho"):
                for x in ("x2", "x13", "x128"):
                    cases.add(f"{name}-{kind}-{norm}-{x}", "dct", f"scipy.fft.{name}",
                              {"x": x, "type": kind, "norm": norm}, "float64", dtype="float64")
    cases.add("dct-1000", "dct", "scipy.fft.dct", {"x": "x1000", "norm": "ortho"}, "float64", dtype="float64")
    for kind in (2, 3):
        args = {"x": "x40", "type": kind, "rows": 13}
        cases.add(f"{kind}", "dct_rows", "scipy.fft.dct", args, "float64", dtype="float64",
                  via="reference.dct_rows")
