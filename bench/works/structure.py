# librosa's half of the works in structure.c, on the same matrices made from samples.
import librosa
import numpy as np

FEATURES, FRAMES, SIDE = 12, 3000, 1000


def sequences(y):
    return y[:2 * FEATURES * FRAMES].reshape(2, FEATURES, FRAMES)


def similarity(y):
    sim = np.resize(y, (SIDE, SIDE))
    return np.where(sim > np.float32(0.2), sim, 0).astype(np.float32)


def prepared(call, prepare):
    def maker(y):
        data = prepare(y)
        return lambda y: call(data)
    return maker


WORKS = {"agglomerative": {"librosa": lambda y: librosa.segment.agglomerative(sequences(y)[0], 20)}}
PREPARED = {
    "dtw": {"librosa": prepared(lambda d: librosa.sequence.dtw(d[0], d[1])[0], sequences)},
    "dtw_path": {"librosa": prepared(lambda d: librosa.sequence.dtw(d[0], d[1])[1], sequences)},
    "rqa": {"librosa": prepared(lambda d: librosa.sequence.rqa(d)[0], similarity)},
    "path_enhance": {"librosa": prepared(lambda d: librosa.segment.path_enhance(d, 51), similarity)},
    "path_enhance_zero_mean": {"librosa": prepared(lambda d: librosa.segment.path_enhance(d, 51, zero_mean=True),
                                                   similarity)},
}
