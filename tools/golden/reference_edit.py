# Calls of the edit family that return more than one array, or take lists.
import librosa
import numpy as np


def trim_y(y, **args):
    return librosa.effects.trim(y, **functions(args))[0]


def trim_index(y, **args):
    return librosa.effects.trim(y, **functions(args))[1]


def split(y, **args):
    return librosa.effects.split(y, **functions(args))


def functions(args):
    if "aggregate" in args:
        args["aggregate"] = {"max": np.max, "mean": np.mean, "min": np.min}[args["aggregate"]]
    return args


def remix(y, intervals, **args):
    return librosa.effects.remix(y, intervals.astype(int), **args)


def emphasis_zf(y, effect, **args):
    return getattr(librosa.effects, effect)(y, return_zf=True, **args)[1]


def zero_crossings(y, **args):
    return librosa.zero_crossings(y, **args).astype(float)
