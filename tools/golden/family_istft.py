# The inverse STFT.
from family_stft import TRIANGLE


def add(cases):
    def istft(name, D="complex", tolerance="inverse", **args):
        cases.add(name, "istft", "librosa.istft", {"stft_matrix": D} | args, tolerance, "inverse.exact")

    istft("defaults")
    istft("channels", "complex2")
    istft("odd-n_fft", n_fft=129)
    istft("hop", hop_length=50)
    istft("win_length", win_length=100)
    istft("window-hamming", window="hamming")
    istft("window-kaiser", window=["kaiser", 4.0], hop_length=20)
    istft("window-values", win_length=60, window=TRIANGLE, hop_length=20)
    istft("uncentered", center=False, window="hamming")
    for length in (1, 300, 1000):
        istft(f"length-{length}", length=length)
    istft("length-uncentered", length=200, center=False, window="hamming")
    istft("one-frame", "complex_frame", length=60)
    cases.same_defaults("istft", "librosa.istft", {"stft_matrix": "complex"},
                        {"dtype": "always float32", "out": "results are new arrays"})
