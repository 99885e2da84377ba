# librosa's functions of several results one result at a time, and matrices of tests prepared alike on both sides.
import librosa
import numpy as np
import scipy.ndimage


def finite(D):
    """Cells no path reaches are -1: answers are stored without infinities."""
    return np.where(np.isinf(D), -1, D)


def dtw_D(**args):
    return finite(librosa.sequence.dtw(**(args | {"backtrack": False, "return_steps": False})))


def dtw_wp(**args):
    return librosa.sequence.dtw(**args)[1]


def dtw_steps(**args):
    return librosa.sequence.dtw(**args, return_steps=True)[2]


def dtw_backtracking(X, Y, **args):
    """The steps of X and Y with these step sizes, walked back."""
    sizes = {"step_sizes_sigma": args["step_sizes_sigma"]} if args.get("step_sizes_sigma") is not None else {}
    steps = librosa.sequence.dtw(X, Y, backtrack=False, return_steps=True, subseq=args.get("subseq", False), **sizes)[1]
    return librosa.sequence.dtw_backtracking(steps, **args)


def sparse(sim, threshold):
    return np.where(sim > np.float32(threshold), sim, 0).astype(sim.dtype)


def rqa_score(sim, threshold, **args):
    return librosa.sequence.rqa(sparse(sim, threshold), **(args | {"backtrack": False}))


def rqa_path(sim, threshold, **args):
    return librosa.sequence.rqa(sparse(sim, threshold), **args)[1].astype(int)


def agglomerative_of_mfcc(y, sr, k):
    return librosa.segment.agglomerative(librosa.feature.mfcc(y=y, sr=sr), k)


def timelag_median(rec, size, pad=True):
    return librosa.segment.timelag_filter(scipy.ndimage.median_filter, pad=pad)(rec, size=tuple(size))


def timelag_mean(rec, size, pad=True):
    return librosa.segment.timelag_filter(scipy.ndimage.uniform_filter, pad=pad)(rec, size=tuple(size))


def median(a, size, mode="reflect"):
    return scipy.ndimage.median_filter(a, size=tuple(size), mode=mode)


def mean(a, size, mode="reflect"):
    return scipy.ndimage.uniform_filter(a, size=tuple(size), mode=mode)


def sync_slices(data, idx):
    return librosa.util.sync(data, [slice(a, b) for a, b in idx])


def index_to_slice(idx, **args):
    return np.array([(s.start, s.stop) for s in librosa.util.index_to_slice(idx, **args)]).reshape(-1, 2)
