# librosa's functions of phase, result by result, and fed doubles where its float32 phases are the difference.
import librosa
import numpy as np
import scipy.optimize


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


def mel_to_stft(M, clipped=False, **args):
    return librosa.feature.inverse.mel_to_stft(M, **args)


# What the bands sum up to at the optimum, which is one point whatever the bins: SciPy's active-set method.
def mel_fit(M, sr=22050, n_fft=2048, power=2.0, **args):
    bank = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=M.shape[-2], dtype=np.float32, **args).astype(np.float64)
    columns = M.astype(np.float64)
    fit = [bank @ scipy.optimize.nnls(bank, columns[:, t], maxiter=100000)[0] for t in range(columns.shape[1])]
    return np.stack(fit, axis=-1)


# Griffin-Lim from the phases of a seed, which librosa's function does not pass on.
def mel_to_audio(M, random_state=0, n_fft=2048, **args):
    own = {k: args.pop(k) for k in ("n_iter", "hop_length", "win_length", "window", "length") if k in args}
    S = librosa.feature.inverse.mel_to_stft(M, n_fft=n_fft, **args)
    return librosa.griffinlim(S, n_fft=n_fft, random_state=random_state, **own)


def mfcc_to_audio(mfcc, n_mels=128, dct_type=2, norm="ortho", ref=1.0, lifter=0, **args):
    M = librosa.feature.inverse.mfcc_to_mel(mfcc, n_mels=n_mels, dct_type=dct_type, norm=norm, ref=ref, lifter=lifter)
    return mel_to_audio(M, **args)


# GANSynth's spectral_ops: the phases unwrapped along time, their differences over pi, the first frame's phase before.
def if_frequency(y, **args):
    phase = np.unwrap(np.angle(librosa.stft(y.astype(np.float64), **args)), axis=-1)
    return np.diff(phase, axis=-1, prepend=0) / np.pi


def if_log_magnitude(y, amin=1e-6, **args):
    return np.log(np.abs(librosa.stft(y.astype(np.float64), **args)) + amin)
