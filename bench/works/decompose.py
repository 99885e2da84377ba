# librosa's half of the works in decompose.c.
import librosa

WORKS = {
    "effects_hpss": {"librosa": lambda y: librosa.effects.hpss(y)[0]},
    "harmonic": {"librosa": lambda y: librosa.effects.harmonic(y)},
}


def prepare_hpss(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.decompose.hpss(spectrum)[0]


PREPARED = {"hpss": {"librosa": prepare_hpss}}
