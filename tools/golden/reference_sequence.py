# The decoders' results one by one; matrices are given row after row; what must have sum 1 is made so here and there.
import librosa
import numpy as np


def _matrix(a, *lead):
    a = np.asarray(a, dtype=np.float64)
    side = 2 if lead else int(round(a.size**0.5))
    return a.reshape(*lead, side, side)


def _decode(function, prob, transition, normalize=False, single=False, **args):
    prob = np.asarray(prob)
    if normalize:
        prob = prob.astype(np.float64)
        total = np.zeros_like(prob[..., 0, :])
        for s in range(prob.shape[-2]):
            total = total + prob[..., s, :]
        prob = prob / total[..., np.newaxis, :]
    elif not single:
        prob = prob.astype(np.float64)
    for name in ("p_init", "p_state"):
        if name in args:
            args[name] = np.asarray(args[name], dtype=np.float64)
    return function(prob, transition, return_logp=True, **args)


def viterbi(part, prob, transition, **args):
    return np.asarray(_decode(librosa.sequence.viterbi, prob, _matrix(transition), **args)[part])


def discriminative(part, prob, transition, **args):
    return np.asarray(_decode(librosa.sequence.viterbi_discriminative, prob, _matrix(transition), **args)[part])


def binary(part, prob, transition, **args):
    lead = (len(transition) // 4,) if len(transition) > 4 else ()
    return np.asarray(_decode(librosa.sequence.viterbi_binary, prob, _matrix(transition, *lead), **args)[part])


def viterbi_states(**args):
    return viterbi(0, **args).astype(np.float64)


def viterbi_logp(**args):
    return np.squeeze(viterbi(1, **args))


def discriminative_states(**args):
    return discriminative(0, **args).astype(np.float64)


def discriminative_logp(**args):
    return np.squeeze(discriminative(1, **args))


def binary_states(**args):
    return binary(0, **args).astype(np.float64)


def binary_logp(**args):
    return binary(1, **args)


def interp_harmonics(x, freqs, harmonics, **args):
    return librosa.interp_harmonics(x, freqs=np.asarray(freqs), harmonics=harmonics, **args)


def salience(S, freqs, harmonics, **args):
    return librosa.salience(S, freqs=np.asarray(freqs), harmonics=harmonics, **args)


def f0_harmonics(x, f0, freqs, harmonics, **args):
    return librosa.f0_harmonics(x, f0=np.asarray(f0), freqs=np.asarray(freqs), harmonics=harmonics, **args)
