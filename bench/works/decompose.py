# librosa's half of the works in decompose.c.
import librosa
import numpy as np

WORKS = {
    "effects_hpss": {"librosa": lambda y: librosa.effects.hpss(y)[0]},
    "harmonic": {"librosa": lambda y: librosa.effects.harmonic(y)},
}


def prepare_hpss(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.decompose.hpss(spectrum)[0]


def prepare_nmf(y):
    magnitude = np.abs(librosa.stft(y))
    return lambda y: librosa.decompose.decompose(magnitude, n_components=8, random_state=0)[0]


PREPARED = {"hpss": {"librosa": prepare_hpss}, "nmf": {"librosa": prepare_nmf}}
EXACT = ["nmf"]
