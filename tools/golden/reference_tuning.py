# Calls of librosa whose several results are compared one by one.
import librosa
import numpy as np


def piptrack_pitches(**args):
    return librosa.piptrack(**args)[0]


def piptrack_magnitudes(**args):
    return librosa.piptrack(**args)[1]


def pitch_tuning(single=False, **args):
    f = np.asarray(args.pop("frequencies"))
    return librosa.pitch_tuning(f.astype(np.float32) if single else f, **args)


def estimate_tuning(**args):
    return float(librosa.estimate_tuning(**args))
