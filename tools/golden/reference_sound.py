# librosa on files of the data folder, and its blocks put together again.
import os

import librosa
import numpy as np

import inputs


def _path(path):
    return os.path.join(inputs.DATA, path)


def load(path, **args):
    return librosa.load(_path(path), **args)[0]


def stream(path, **args):
    blocks = librosa.stream(_path(path), block_length=4, frame_length=256, hop_length=256, **args)
    return np.concatenate(list(blocks), axis=-1)


def samplerate(path):
    return float(librosa.get_samplerate(_path(path)))


def duration(path):
    return float(librosa.get_duration(path=_path(path)))


def tone(amplitude=1.0, **args):
    return amplitude * librosa.tone(**args)


def clicks(**args):
    return librosa.clicks(**{k: np.asarray(v) if isinstance(v, (list, tuple)) else v for k, v in args.items()})
