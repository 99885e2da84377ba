# Calls that are more than one function of librosa or SciPy, as a user writes them.
import librosa
import numpy as np
import scipy.fft


def dct_rows(x, type, rows):
    return scipy.fft.dct(x, type=type, norm="ortho")[:rows]


def spectrogram(**args):
    return librosa.core.spectrum._spectrogram(**args)[0]


def logmel(top_db=80.0, **args):
    return librosa.power_to_db(librosa.feature.melspectrogram(**args), top_db=top_db)


def zero_crossing_rate(y, **args):
    # ref_magnitude may be a function in librosa; only numbers are compared.
    return librosa.feature.zero_crossing_rate(y, **args).astype(np.float64)
