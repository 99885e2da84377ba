# librosa's half of the works in spectrum.c, and other peers': {work: {peer: function of y}}; y is float32 at 22050 Hz.
# A function that takes preparation is a maker: prepare(y) returns what is timed, a function of y.
import librosa
import numpy as np

WORKS = {
    "stft": {"librosa": lambda y: librosa.stft(y)},
    "power": {"librosa": lambda y: np.abs(librosa.stft(y)) ** 2},
    "mel": {"librosa": lambda y: librosa.feature.melspectrogram(y=y)},
    "mfcc": {"librosa": lambda y: librosa.feature.mfcc(y=y, n_mfcc=13)},
    "centroid": {"librosa": lambda y: librosa.feature.spectral_centroid(y=y)},
    "rms": {"librosa": lambda y: librosa.feature.rms(y=y)},
}


def prepare_istft(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.istft(spectrum)


PREPARED = {"istft": {"librosa": prepare_istft}}
EXACT = ["stft", "power", "mel", "mfcc", "centroid", "istft"]   # works that have a second precision
