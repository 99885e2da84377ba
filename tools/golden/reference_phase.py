# librosa's functions of phase, result by result, and fed doubles where its float32 phases are the difference.
import librosa
import numpy as np


def magphase_magnitude(D, **args):
    return librosa.magphase(D, **args)[0]


def magphase_phase(D, **args):
    return librosa.magphase(D, **args)[1]


def phase_vocoder(D, **args):
    return librosa.phase_vocoder(D.astype(np.complex128), **args)


def reassigned_freqs(y, **args):
    return librosa.reassigned_spectrogram(y, **args)[0].astype(np.float64)


def reassigned_times(y, **args):
    return librosa.reassigned_spectrogram(y, **args)[1].astype(np.float64)


def reassigned_mags(y, **args):
    return librosa.reassigned_spectrogram(y, **args)[2]
