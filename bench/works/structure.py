# librosa's half of the works in structure.c, on the same matrices made from samples.
import librosa
import numpy as np

from works.common import after

FEATURES, FRAMES, SIDE = 12, 3000, 1000


def sequences(y):
    return y[:2 * FEATURES * FRAMES].reshape(2, FEATURES, FRAMES)


def similarity(y):
    sim = np.resize(y, (SIDE, SIDE))
    return np.where(sim > np.float32(0.2), sim, 0).astype(np.float32)


WORKS = {"agglomerative": {"librosa": lambda y: librosa.segment.agglomerative(sequences(y)[0], 20)}}
PREPARED = {
    "dtw": {"librosa": after(sequences, lambda d: librosa.sequence.dtw(d[0], d[1])[0])},
    "dtw_path": {"librosa": after(sequences, lambda d: librosa.sequence.dtw(d[0], d[1])[1])},
    "rqa": {"librosa": after(similarity, lambda d: librosa.sequence.rqa(d)[0])},
    "path_enhance": {"librosa": after(similarity, lambda d: librosa.segment.path_enhance(d, 51))},
    "path_enhance_zero_mean": {
        "librosa": after(similarity, lambda d: librosa.segment.path_enhance(d, 51, zero_mean=True))},
}
