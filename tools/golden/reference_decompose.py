# librosa's decompositions, one result at a time, with pairs as the tuples it wants.
import librosa
import numpy as np


def pairs(args):
    return {k: tuple(v.tolist()) if isinstance(v, np.ndarray) and k in ("kernel_size", "margin") else v
            for k, v in args.items()}


def hpss_harmonic(S, **args):
    return librosa.decompose.hpss(S, **pairs(args))[0]


def hpss_percussive(S, **args):
    return librosa.decompose.hpss(S, **pairs(args))[1]


def effects_hpss_harmonic(y, **args):
    return librosa.effects.hpss(y, **pairs(args))[0]


def effects_hpss_percussive(y, **args):
    return librosa.effects.hpss(y, **pairs(args))[1]


def softmask(X, X_ref, **args):
    return librosa.util.softmask(X, X_ref, **args).astype(np.float32)
