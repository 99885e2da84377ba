# librosa's and the other peers' half of the works in decompose.c.
import librosa
import numpy as np

from works.common import after

WORKS = {
    "effects_hpss": {"librosa": lambda y: librosa.effects.hpss(y)[0]},
    "harmonic": {"librosa": lambda y: librosa.effects.harmonic(y)},
}


def prepare_hpss(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.decompose.hpss(spectrum)[0]


def audioflux_hpss(y):
    import audioflux as af
    hpss = af.HPSS(radix2_exp=11, window_type=af.type.WindowType.HANN, slide_length=512, h_order=31, p_order=31)
    return lambda y: hpss.hpss(y)[0]


def magnitude(y):
    return np.abs(librosa.stft(y))


def factors(magnitude):
    return librosa.decompose.decompose(magnitude, n_components=8, random_state=0)[0]


def sklearn_factors(magnitude):
    import sklearn.decomposition
    nmf = sklearn.decomposition.NMF(n_components=8, random_state=0)
    return nmf.fit_transform(magnitude)


def audioflux_factors(magnitude):
    from audioflux.classic import nmf
    return nmf(magnitude, 8, max_iter=200)[1]


def factors_of_exact_start(y):
    """librosa's in double from exact singular vectors; scikit-learn finds them by a few random rounds."""
    import sklearn.decomposition._nmf as module

    def exact_svd(X, n_components, **_):
        U, s, V = np.linalg.svd(X, full_matrices=False)
        return U[:, :n_components], s[:n_components], V[:n_components]
    theirs, module._randomized_svd = module._randomized_svd, exact_svd
    try:
        return factors(magnitude(y).astype(np.float64))
    finally:
        module._randomized_svd = theirs


def prepare_nn_filter(y):
    magnitude = np.abs(librosa.stft(y))
    return lambda y: librosa.decompose.nn_filter(magnitude)


def nn_filter_median(magnitude):
    return librosa.decompose.nn_filter(magnitude, aggregate=np.median, metric="cosine", k=20, width=43)


def prepare_recurrence(y):
    mfcc = librosa.feature.mfcc(y=y)
    return lambda y: librosa.segment.recurrence_matrix(mfcc, mode="affinity")


PREPARED = {"hpss": {"librosa": prepare_hpss}, "effects_hpss": {"audioFlux": audioflux_hpss},
            "nmf": {"librosa": after(magnitude, factors), "scikit-learn": after(magnitude, sklearn_factors),
                    "audioFlux": after(magnitude, audioflux_factors)},
            "nn_filter": {"librosa": prepare_nn_filter},
            "nn_filter_median": {"librosa": after(magnitude, nn_filter_median)},
            "recurrence": {"librosa": prepare_recurrence}}
EXACT = ["nmf"]
# In float32 librosa mistakes which of two nearly equal distances is shorter.
REFERENCE = {"nmf": factors_of_exact_start,
             "nn_filter_median": lambda y: nn_filter_median(magnitude(y).astype(np.float64))}
