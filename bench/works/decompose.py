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


def prepare_nn_filter(y):
    magnitude = np.abs(librosa.stft(y))
    return lambda y: librosa.decompose.nn_filter(magnitude)


def prepare_nn_filter_median(y):
    magnitude = np.abs(librosa.stft(y))
    return lambda y: librosa.decompose.nn_filter(magnitude, aggregate=np.median, metric="cosine", k=20, width=43)


def prepare_recurrence(y):
    mfcc = librosa.feature.mfcc(y=y)
    return lambda y: librosa.segment.recurrence_matrix(mfcc, mode="affinity")


PREPARED = {"hpss": {"librosa": prepare_hpss}, "nmf": {"librosa": prepare_nmf},
            "nn_filter": {"librosa": prepare_nn_filter}, "nn_filter_median": {"librosa": prepare_nn_filter_median},
            "recurrence": {"librosa": prepare_recurrence}}
EXACT = ["nmf"]
