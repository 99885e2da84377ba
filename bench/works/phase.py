# librosa's half of the works in phase.c.
import librosa
import numpy as np

WORKS = {
    "stretch": {"librosa": lambda y: librosa.effects.time_stretch(y, rate=0.8)},
    "pitch_shift": {"librosa": lambda y: librosa.effects.pitch_shift(y, sr=22050, n_steps=4)},
    "instantaneous": {"numpy": lambda y: np.diff(np.unwrap(np.angle(librosa.stft(y))), prepend=0) / np.pi},
    "reassigned": {"librosa": lambda y: librosa.reassigned_spectrogram(y, fill_nan=True)[0]},
}


def prepare_griffinlim(y):
    magnitudes = np.abs(librosa.stft(y))
    return lambda y: librosa.griffinlim(magnitudes, random_state=0)


def prepare_vocoder(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.phase_vocoder(spectrum, rate=0.8)


def prepare_mel(y):
    mel = librosa.feature.melspectrogram(y=y)
    return lambda y: librosa.feature.inverse.mel_to_stft(mel)


PREPARED = {"griffinlim": {"librosa": prepare_griffinlim}, "phase_vocoder": {"librosa": prepare_vocoder},
            "mel_to_stft": {"librosa": prepare_mel}}
EXACT = ["griffinlim", "phase_vocoder"]
