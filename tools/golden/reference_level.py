# Calls of the level family that are not one function of librosa with arguments JSON can hold.
import librosa
import numpy as np


def pcen_zf(S, **args):
    return librosa.pcen(S, return_zf=True, **args)[1]


def normalize(S, norm="inf", **args):
    if isinstance(norm, str):
        norm = float(norm)
    return librosa.util.normalize(S, norm=norm, **args)


def normalize_peak(y, peak=1.0):
    return (librosa.util.normalize(y, axis=None) * peak).astype(y.dtype)


def quantize(x, bits):
    """PCM of so many bits: numpy.rint rounds halves to even."""
    half = 2.0 ** (bits - 1)
    return np.clip(np.rint(x * half), -half, half - 1) / half
