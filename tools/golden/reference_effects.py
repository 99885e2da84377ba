# What the effects on waveforms are compared with: SciPy and NumPy, fed coefficients and rules written down from the
# papers' own equations.
import numpy as np
import scipy.signal

SR = 22050


def cookbook(kind, frequency_hz, q=2**-0.5, gain_db=0.0, sr=SR):
    """Bristow-Johnson's Audio EQ cookbook, equation by equation: b0 b1 b2 1 a1 a2."""
    A, w0 = 10 ** (gain_db / 40), 2 * np.pi * frequency_hz / sr
    c, alpha = np.cos(w0), np.sin(w0) / (2 * q)
    r = 2 * np.sqrt(A) * alpha
    b, a = {
        "lowpass": (((1 - c) / 2, 1 - c, (1 - c) / 2), (1 + alpha, -2 * c, 1 - alpha)),
        "highpass": (((1 + c) / 2, -(1 + c), (1 + c) / 2), (1 + alpha, -2 * c, 1 - alpha)),
        "bandpass": ((alpha, 0, -alpha), (1 + alpha, -2 * c, 1 - alpha)),
        "notch": ((1, -2 * c, 1), (1 + alpha, -2 * c, 1 - alpha)),
        "peaking": ((1 + alpha * A, -2 * c, 1 - alpha * A), (1 + alpha / A, -2 * c, 1 - alpha / A)),
        "low_shelf": ((A * ((A + 1) - (A - 1) * c + r), 2 * A * ((A - 1) - (A + 1) * c),
                       A * ((A + 1) - (A - 1) * c - r)),
                      ((A + 1) + (A - 1) * c + r, -2 * ((A - 1) + (A + 1) * c), (A + 1) + (A - 1) * c - r)),
        "high_shelf": ((A * ((A + 1) + (A - 1) * c + r), -2 * A * ((A - 1) + (A + 1) * c),
                        A * ((A + 1) + (A - 1) * c - r)),
                       ((A + 1) - (A - 1) * c + r, 2 * ((A - 1) - (A + 1) * c), (A + 1) - (A - 1) * c - r)),
    }[kind]
    return np.concatenate([b, a]) / a[0]


def filter_sos(**band):
    return cookbook(**band)[None]


def filter(y, **band):
    return scipy.signal.sosfilt(cookbook(**band)[None], y)


def equalize(y, gains):
    """Bands an octave apart from 100 Hz on, shelves at the ends."""
    kinds = ["low_shelf"] + ["peaking"] * (len(gains) - 2) + ["high_shelf"]
    return scipy.signal.sosfilt([cookbook(k, 100 * 2.0**i, 1.0, g) for i, (k, g) in enumerate(zip(kinds, gains))], y)


def convolve(y, ir, tail):
    n = y.shape[-1]
    ir = np.broadcast_to(ir, y.shape[:-1] + ir.shape[-1:])
    whole = scipy.signal.fftconvolve(y, ir, axes=-1)
    return whole if tail else whole[..., :n]


def clip(y, percentile):
    return np.clip(y, np.percentile(y, percentile / 2), np.percentile(y, 100 - percentile / 2))


def soft_clip(y, level):
    return level * np.tanh(y / level)


def compress(y, threshold_db=-20.0, ratio=4.0, knee_db=6.0, attack_s=0.005, release_s=0.1, makeup_db=0.0):
    """Giannoulis et al. 2012: equations 4 and 17."""
    T, R, W = threshold_db, ratio, knee_db
    aA, aR = np.exp(-1 / (attack_s * SR)), np.exp(-1 / (release_s * SR))
    y1 = yL = 0.0
    gain = np.empty(y.shape[-1])
    for n, v in enumerate(np.abs(y).reshape(-1, y.shape[-1]).max(axis=0)):
        xG = 20 * np.log10(max(v, 1e-10))
        if 2 * (xG - T) < -W:
            yG = xG
        elif 2 * abs(xG - T) <= W:
            yG = xG + (1 / R - 1) * (xG - T + W / 2) ** 2 / (2 * W)
        else:
            yG = T + (xG - T) / R
        xL = xG - yG
        y1 = max(xL, aR * y1 + (1 - aR) * xL)
        yL = aA * yL + (1 - aA) * y1
        gain[n] = 10 ** ((makeup_db - yL) / 20)
    return y * gain
