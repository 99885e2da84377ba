# Back to sound from mel, MFCC and instantaneous frequency; reassignment.
FUNCTIONS = {
    "mel_to_stft": "sori_mel_to_stft", "mel_fit": "sori_mel_to_stft", "mel_to_audio": "sori_mel_to_audio",
    "mfcc_to_audio": "sori_mfcc_to_audio", "reassigned_freqs": "sori_reassigned_spectrogram",
    "reassigned_times": "sori_reassigned_spectrogram", "reassigned_mags": "sori_reassigned_spectrogram",
    "if_frequency": "sori_instantaneous_frequency", "if_log_magnitude": "sori_instantaneous_frequency",
}

TOLERANCES = {
    "bins": {"rule": "max", "limit": 1e-5,
             "why": "librosa's optimiser stops where it begins, at the clipped least-squares solution, from a float32 "
                    "pseudo-inverse; sori solves for it in double"},
    "fit": {"rule": "max", "limit": 2e-5,
            "why": "sums of bands at the optimum, which SciPy's active-set method finds to the last bit: sori stops at "
                   "1e-8 of the way, the bins are rounded to float32, and their square roots squared again"},
    "sound": {"rule": "max", "limit": 1e-4,
              "why": "as griffinlim, from bins as far apart as mel_to_stft's"},
    "hz": {"rule": "abs", "limit": 2e-3,
           "why": "Hz: librosa divides two complex64 spectra, whose rounding is 6e-8 of each value; where a bin is "
                  "weak its derivative's is not"},
    "seconds": {"rule": "abs", "limit": 1e-7, "why": "as hz: frames are thousandths of seconds wide"},
    "mags": {"rule": "each", "limit": 1e-6, "floor": 1e-12, "why": "both in double, rounded to float32"},
    "turns": {"rule": "share", "limit": 0.004, "step": 1e-4,
              "why": "both in double; bins within a double FFT's rounding noise have the noise's phase, and at "
                     "half a turn either sign may come out"},
    "log": {"rule": "abs", "limit": 1e-5, "why": "both in double, rounded to float32"},
}

INPUTS = {
    "bands": {"kind": "spectrum", "seed": 51, "value": 4.0, "shape": [40, 7]},
    "bands128": {"kind": "spectrum", "seed": 52, "value": 100.0, "shape": [128, 5]},
    "bands2": {"kind": "spectrum", "seed": 53, "value": 1e-4, "shape": [2, 32, 4]},
    "quiet_bands": {"kind": "spectrum", "seed": 54, "value": 1e-5, "shape": [128, 5]},
    "even_bands": {"kind": "constant", "value": 0.5, "shape": [128, 6]},
    "no_bands": {"kind": "constant", "value": 0, "shape": [128, 4]},
    "flat_cepstrum": {"kind": "noise", "seed": 55, "value": 4.0, "shape": [5, 9]},
}


def mel(cases):
    def add(name, M, tolerance="bins", **args):
        cases.add(name, "mel_to_stft", "librosa.feature.inverse.mel_to_stft", {"M": M} | args, tolerance,
                  via="reference_phase.mel_to_stft")

    add("defaults", "even_bands")
    add("zeros", "no_bands")
    add("clipped", "quiet_bands", clipped=True)
    add("channels", "bands2", clipped=True, n_fft=512)
    add("power-1", "quiet_bands", clipped=True, power=1.0)
    add("power-3", "even_bands", power=3.0)
    add("n_fft", "even_bands", n_fft=4096)
    add("sr", "even_bands", sr=16000)
    add("range", "even_bands", fmin=50, fmax=8000)
    add("htk", "even_bands", htk=True)
    add("norm", "quiet_bands", clipped=True, norm=None)
    cases.same_defaults("mel_to_stft", "librosa.feature.inverse.mel_to_stft", {"M": "even_bands"},
                        {"kwargs": "librosa.filters.mel's"})

    def fit(name, M, **args):
        cases.add(name, "mel_fit", "scipy.optimize.nnls", {"M": M} | args, "fit", via="reference_phase.mel_fit")

    fit("forty", "bands", n_fft=1024)
    fit("defaults", "bands128")
    fit("quiet", "quiet_bands")
    fit("even", "even_bands")
    fit("norm", "bands128", norm=None)


def sound(cases):
    def add(name, M, **args):
        cases.add(name, "mel_to_audio", "librosa.feature.inverse.mel_to_audio", {"M": M} | args, "sound",
                  via="reference_phase.mel_to_audio")

    add("defaults", "even_bands")
    add("n_iter", "even_bands", n_iter=3)
    add("n_fft", "even_bands", n_fft=4096, n_iter=5)
    add("hop_length", "even_bands", hop_length=700, window="hamming", n_iter=5)
    add("length", "even_bands", length=2800, random_state=7)
    cases.same_defaults("mel_to_audio", "librosa.feature.inverse.mel_to_audio", {"M": "even_bands"},
                        {"kwargs": "librosa.filters.mel's", "dtype": "always float32"})

    def mfcc(name, **args):
        cases.add(name, "mfcc_to_audio", "librosa.feature.inverse.mfcc_to_audio", {"mfcc": "flat_cepstrum"} | args,
                  "sound", via="reference_phase.mfcc_to_audio")

    mfcc("defaults")
    mfcc("n_mels", n_mels=64, n_iter=4)
    mfcc("ref", ref=0.5, lifter=10, n_iter=4)
    cases.same_defaults("mfcc_to_audio", "librosa.feature.inverse.mfcc_to_audio", {"mfcc": "flat_cepstrum"},
                        {"kwargs": "mel_to_audio's"})


def reassigned(cases):
    def add(name, y, **args):
        for result, tolerance in (("freqs", "hz"), ("times", "seconds"), ("mags", "mags")):
            cases.add(name, f"reassigned_{result}", "librosa.reassigned_spectrogram", {"y": y} | args, tolerance,
                      via=f"reference_phase.reassigned_{result}")

    for y in ("silence", "dc", "impulse", "noise", "odd", "short", "one", "stereo", "chord", "bird", "speech"):
        add(y, y)
    add("fill_nan", "trumpet", fill_nan=True)
    add("unclipped", "short", clip=False)
    add("ref_power", "chord", ref_power=1.0)
    add("ref_power-0", "chord", ref_power=0.0, fill_nan=True)
    add("frequencies", "chord", reassign_times=False)
    add("times", "chord", reassign_frequencies=False)
    add("n_fft", "chord", n_fft=513, hop_length=100)
    add("win_length", "chord", n_fft=512, win_length=300, window="hamming")
    add("uncentered", "chord", n_fft=512, center=False, fill_nan=True)
    add("reflect", "odd", pad_mode="reflect")
    cases.same_defaults("reassigned_freqs", "librosa.reassigned_spectrogram", {"y": "chord"},
                        {"dtype": "always double"})


def instantaneous(cases):
    def add(name, y, **args):
        cases.add(name, "if_frequency", "GANSynth spectral_ops", {"y": y} | args, "turns",
                  via="reference_phase.if_frequency")
        cases.add(name, "if_log_magnitude", "GANSynth spectral_ops", {"y": y} | args, "log",
                  via="reference_phase.if_log_magnitude")

    for y in ("noise", "odd", "stereo", "chord", "speech"):
        add(y, y)
    add("n_fft", "chord", n_fft=512, hop_length=64)


def add(cases):
    mel(cases)
    sound(cases)
    reassigned(cases)
    instantaneous(cases)
