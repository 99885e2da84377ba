# Calls of librosa's rhythm functions that give several results, take distributions, or give infinities.
import librosa
import numpy as np
import scipy.stats


def prior_of(args):
    """Distributions by name: uniform from 30 to 330 BPM; log-normal as in librosa's documentation."""
    priors = {"uniform": scipy.stats.uniform(30, 300), "lognorm": scipy.stats.lognorm(loc=np.log(120), scale=120, s=1)}
    return args | {"prior": priors[args["prior"]]} if args.get("prior") else args


def beats(**args):
    return librosa.beat.beat_track(**prior_of(args))[1]


def beat_tempo(**args):
    return librosa.beat.beat_track(**prior_of(args))[0]


def tempo(**args):
    with np.errstate(divide="ignore"):
        return librosa.feature.tempo(**prior_of(args))


def tempogram_ratio(**args):
    with np.errstate(divide="ignore"):
        return librosa.feature.tempogram_ratio(**prior_of(args))


def plp(**args):
    return librosa.beat.plp(**prior_of(args))


def plp_equal(*, win_length=384, **args):
    """librosa 0.11's beat.plp, whose steps these are, with the magnitude of the peak where it takes that of the
    complex maximum."""
    envelope = args["onset_envelope"]
    spectrum = librosa.feature.fourier_tempogram(onset_envelope=envelope, win_length=win_length)
    bpm = librosa.fourier_tempo_frequencies(win_length=win_length)
    spectrum[..., (bpm < 30) | (bpm > 300), :] = 0
    size = np.abs(spectrum)
    spectrum[size < size.max(axis=-2, keepdims=True)] = 0
    spectrum /= librosa.util.tiny(spectrum) ** 0.5 + size.max(axis=-2, keepdims=True)
    pulse = librosa.istft(spectrum, hop_length=1, n_fft=win_length, length=envelope.shape[-1])
    return librosa.util.normalize(np.clip(pulse, 0, None), axis=-1)


def tempo_frequencies(n_bins, **args):
    """Without bin 0, which is infinity."""
    return librosa.tempo_frequencies(n_bins, **args)[1:]
