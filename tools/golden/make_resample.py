#!/usr/bin/env python3
# What librosa.load and librosa.resample make of a short signal, for tests/golden/test_resample.c.
#   make_resample.py OUT     librosa 0.11.0, soxr 1.1.0, soundfile 0.14.0
import os
import sys

import librosa
import numpy as np
import soundfile

os.chdir(sys.argv[1])
n = 1201
t = np.arange(n)
x = 0.5 * np.sin(2 * np.pi * (0.01 + 0.22 * t / n) * t) + 0.1 * np.sin(0.05 * t)
x[600] += 0.3   # an impulse shows the whole filter
x = np.round(x * 32767).astype("i2")
stereo = np.stack([x, x[::-1]], axis=1)
soundfile.write("in.wav", stereo, 44100, subtype="PCM_16")

for sr in (22050, 16000, 48000, 8000):
    np.save(f"load_{sr}.npy", librosa.load("in.wav", sr=sr)[0])
np.save("part.npy", librosa.load("in.wav", sr=22050, mono=False, offset=0.0101, duration=0.0099)[0])
y = librosa.load("in.wav", sr=None)[0]
for quality in ("vhq", "mq", "lq", "qq"):
    np.save(f"soxr_{quality}.npy", librosa.resample(y, orig_sr=8000, target_sr=11025, res_type="soxr_" + quality))
