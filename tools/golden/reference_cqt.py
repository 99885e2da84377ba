# Parts of librosa's answers about constant-Q filters.
import librosa
import numpy as np


def wavelet_lengths(**args):
    return librosa.filters.wavelet_lengths(**args)[0]


def wavelet_cutoff(**args):
    return librosa.filters.wavelet_lengths(**args)[1]


def wavelet(**args):
    return librosa.filters.wavelet(**args)[0]


def griffinlim_cqt(C, random_state=0, **args):
    # An integer is a seed of numpy.random.RandomState; None would draw anew.
    return librosa.griffinlim_cqt(C, random_state=random_state, **args)


def semitone_filterbank(tuning):
    filters = librosa.filters.semitone_filterbank(tuning=tuning, flayout="sos")[0]
    most = max(len(f) for f in filters)
    nothing = [[1.0, 0, 0, 1, 0, 0]]
    return np.array([np.concatenate([f, nothing * (most - len(f))]) if len(f) < most else f for f in filters])
