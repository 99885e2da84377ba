# One row of the coefficients, whose sizes differ by powers of Hz.
import librosa
import numpy as np


def poly_row(row, **args):
    return librosa.feature.poly_features(**args)[..., row, :]


def moving(bins, frames):
    """Centres that move: every bin of frame t lies a little higher. Exact in float32."""
    k, t = np.arange(bins)[:, None], np.arange(frames)
    return (k * 64.0 + t * 8.0 + (k % 3) * 4.0).astype(np.float32)


def poly_moving(row, S, order=1, **args):
    return librosa.feature.poly_features(S=S, order=order, freq=moving(*S.shape), **args)[row]


def frame(x, **args):
    return np.ascontiguousarray(librosa.util.frame(x, **args))
