# librosa's decompositions, one result at a time, with pairs as the tuples it wants.
import librosa
import numpy as np
import sklearn.decomposition


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


def magnitude(y):
    return np.abs(librosa.stft(y, n_fft=512)).astype(y.dtype)


def exact_svd(X, n_components, **_):
    """In place of scikit-learn's random rounds: all singular vectors, in double."""
    U, s, V = np.linalg.svd(X.astype(np.float64), full_matrices=False)
    return tuple(a.astype(X.dtype) for a in (U[:, :n_components], s[:n_components], V[:n_components]))


def decompose(S=None, y=None, components=None, random_svd=False, n_components=None, sort=False, **args):
    S = magnitude(y) if S is None else S
    args |= {} if components is not None else {"random_state": 0}
    if components is not None:
        nmf = sklearn.decomposition.NMF(n_components=components.shape[-1], **args)
        nmf.components_ = components.astype(S.dtype).reshape(-1, components.shape[-1]).T
        nmf.n_components_ = nmf.components_.shape[0]
        return librosa.decompose.decompose(S, transformer=nmf, fit=False, sort=sort)
    patched = sklearn.decomposition._nmf._randomized_svd
    try:
        if not random_svd:
            sklearn.decomposition._nmf._randomized_svd = exact_svd
        return librosa.decompose.decompose(S, n_components=n_components, sort=sort, **args)
    finally:
        sklearn.decomposition._nmf._randomized_svd = patched


def components(**args):
    return decompose(**args)[0]


def activations(**args):
    return decompose(**args)[1]


def product(**args):
    W, H = decompose(**args)
    return W @ H


def recurrence(data=None, y=None, first_k=False, mode="connectivity", **args):
    """Connectivity is that of the nearest, which only the modes that sort distances keep, unless first_k."""
    data = magnitude(y) if data is None else data
    asked = "distance" if mode == "connectivity" and not first_k else mode
    R = librosa.segment.recurrence_matrix(data, mode=asked, **args)
    if mode != "connectivity":
        return R
    return np.maximum(R != 0, np.eye(len(R)) if args.get("self") else 0).astype(np.float64)


def cross(data, data_ref, **args):
    return librosa.segment.cross_similarity(data, data_ref, **args).astype(np.float64)


AGGREGATES = {"mean": np.mean, "median": np.median, "average": np.average}


def nn_filter(S=None, y=None, aggregate=None, first_k=False, rec=None, **args):
    S = magnitude(y) if S is None else S
    mode = args.get("mode", "connectivity")
    if rec is None and not first_k:
        shape = {k: v for k, v in args.items() if k != "mode"}
        rec = recurrence(S, mode=mode, **shape)
    if rec is not None:
        args = {"axis": args["axis"]} if "axis" in args else {}
    return librosa.decompose.nn_filter(S, rec=rec, aggregate=AGGREGATES.get(aggregate), **args)
