# librosa.pyin's results, one by one.
import librosa
import numpy as np


def pyin_f0(**args):
    return librosa.pyin(**args)[0]


def pyin_flag(**args):
    return librosa.pyin(**args)[1].astype(np.float64)


def pyin_prob(**args):
    return librosa.pyin(**args)[2]
