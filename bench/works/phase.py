# librosa's and the other peers' half of the works in phase.c.
import functools

import librosa
import numpy as np

from works.common import SR, torch_maker

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


@torch_maker
def torch_stretch(torchaudio, x):
    t = torchaudio.transforms
    forward, inverse = t.Spectrogram(2048, hop_length=512, power=None), t.InverseSpectrogram(2048, hop_length=512)
    stretch = t.TimeStretch(hop_length=512, n_freq=1025, fixed_rate=0.8)
    return lambda: inverse(stretch(forward(x)))


@torch_maker
def torch_vocoder(torchaudio, x):
    t = torchaudio.transforms
    spectrum = t.Spectrogram(2048, hop_length=512, power=None)(x)
    stretch = t.TimeStretch(hop_length=512, n_freq=1025, fixed_rate=0.8)
    return lambda: stretch(spectrum)


@functools.cache
def torch_shift():
    """Made once: its filter, from 27781 Hz to 22050, takes half a minute."""
    import torchaudio
    return torchaudio.transforms.PitchShift(SR, 4, n_fft=2048, hop_length=512)


@torch_maker
def torch_pitch_shift(torchaudio, x):
    return lambda: torch_shift()(x).detach()


@torch_maker
def torch_griffinlim(torchaudio, x):
    t = torchaudio.transforms
    magnitudes = t.Spectrogram(2048, hop_length=512, power=1)(x)
    invert = t.GriffinLim(2048, n_iter=32, hop_length=512, power=1, momentum=0.99)
    return lambda: invert(magnitudes)


def audioflux_stretch(y):
    import audioflux as af
    stretch = af.TimeStretch(radix2_exp=11, slide_length=512)
    return lambda y: stretch.time_stretch(y, 0.8)


def audioflux_pitch_shift(y):
    import audioflux as af
    shift = af.PitchShift(radix2_exp=11, slide_length=512)
    return lambda y: shift.pitch_shift(y, 4, SR)


PREPARED = {"griffinlim": {"librosa": prepare_griffinlim, "torchaudio": torch_griffinlim},
            "phase_vocoder": {"librosa": prepare_vocoder, "torchaudio": torch_vocoder},
            "stretch": {"torchaudio": torch_stretch, "audioFlux": audioflux_stretch},
            "pitch_shift": {"torchaudio": torch_pitch_shift, "audioFlux": audioflux_pitch_shift},
            "mel_to_stft": {"librosa": prepare_mel}}
EXACT = ["griffinlim", "phase_vocoder"]

# librosa adds up float32 phases, whose fractions are lost as they grow; fed float64 it keeps them. Its inverse of mel
# spectra is not the optimum of its problem; what its answer and ours have to give is the mel spectrogram again.
REFERENCE = {
    "stretch": lambda y: librosa.effects.time_stretch(y.astype(np.float64), rate=0.8),
    "pitch_shift": lambda y: librosa.effects.pitch_shift(y.astype(np.float64), sr=SR, n_steps=4),
    "phase_vocoder": lambda y: librosa.phase_vocoder(librosa.stft(y).astype(np.complex128), rate=0.8),
    "mel_to_stft": lambda y: librosa.feature.melspectrogram(y=y),
}
COMPARE = {"mel_to_stft": lambda S: S if len(S) == 128 else librosa.filters.mel(sr=SR, n_fft=2048) @ S**2}
