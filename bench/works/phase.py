# librosa's half of the works in phase.c.
import librosa
import numpy as np

WORKS = {
    "stretch": {"librosa": lambda y: librosa.effects.time_stretch(y, rate=0.8)},
    "pitch_shift": {"librosa": lambda y: librosa.effects.pitch_shift(y, sr=22050, n_steps=4)},
    "reassigned": {"librosa": lambda y: librosa.reassigned_spectrogram(y, fill_nan=True)[0]},
}


def prepare_griffinlim(y):
    magnitudes = np.abs(librosa.stft(y))
    return lambda y: librosa.griffinlim(magnitudes, random_state=0)


def prepare_vocoder(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.phase_vocoder(spectrum, rate=0.8)


PREPARED = {"griffinlim": {"librosa": prepare_griffinlim}, "phase_vocoder": {"librosa": prepare_vocoder}}
EXACT = ["griffinlim", "phase_vocoder"]
