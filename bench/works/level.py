# librosa's half of the works in level.c; see spectrum.py.
import librosa
import numpy as np

WORKS = {
    "trim": {"librosa": lambda y: librosa.effects.trim(y, top_db=10)[0]},
    "lpc": {"librosa": lambda y: librosa.lpc(y, order=16)},
    "preemphasis": {"librosa": lambda y: librosa.effects.preemphasis(y)},
    "deemphasis": {"librosa": lambda y: librosa.effects.deemphasis(y)},
    "poly_features": {"librosa": lambda y: librosa.feature.poly_features(y=y)},
}


def unit(y):
    return y / np.abs(y).max()


def prepare_pcen(y):
    S = librosa.feature.melspectrogram(y=y) * np.float32(2**31)
    return lambda y: librosa.pcen(S)


def prepare_stack_memory(y):
    S = librosa.feature.melspectrogram(y=y) * np.float32(2**31)
    return lambda y: librosa.feature.stack_memory(S, n_steps=3)


def prepare_mu_compress(y):
    x = unit(y)
    return lambda y: librosa.mu_compress(x)


def prepare_mu_expand(y):
    x = unit(y)
    return lambda y: librosa.mu_expand(x, quantize=False)


def prepare_normalize(y):
    S = np.abs(librosa.stft(y))
    return lambda y: librosa.util.normalize(S)


def prepare_poly_of_S(y):
    S = np.abs(librosa.stft(y))
    return lambda y: librosa.feature.poly_features(S=S)


PREPARED = {
    "pcen": {"librosa": prepare_pcen}, "stack_memory": {"librosa": prepare_stack_memory},
    "mu_compress": {"librosa": prepare_mu_compress}, "mu_expand": {"librosa": prepare_mu_expand},
    "normalize": {"librosa": prepare_normalize}, "poly_of_S": {"librosa": prepare_poly_of_S},
}
REFERENCE = {"lpc": lambda y: librosa.lpc(y.astype(np.float64), order=16)}   # in float32 it loses digits
EXACT = ["pcen", "poly_features"]
