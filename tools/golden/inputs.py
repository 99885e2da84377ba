# Inputs of the golden cases. tests/golden/golden_input.h makes the same values, bit for bit.
import ctypes
import math
import os
import subprocess

import numpy as np

DATA = os.environ.get("SORI_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")


def lcg(seed):
    """Draws of 24 bits from Numerical Recipes' generator: exact in float32."""
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state >> 8


def noise(spec, size):
    draws = lcg(spec.get("seed", 1))
    return [(next(draws) - 2**23) / 2**23 * spec.get("value", 1) for _ in range(size)]


def spectrum(spec, size):
    """u^4: five decades between bins."""
    draws, out = lcg(spec.get("seed", 1)), []
    for _ in range(size):
        u = next(draws) / 2**24
        square = u * u
        out.append(square * square * spec.get("value", 1))
    return out


def tones(spec, size):
    """Sum of [amplitude, Hz, Hz gained a second], rounded to 16 bits: a libm's last bit does not matter."""
    out, columns, sr = [], spec["shape"][-1], spec.get("sr", 22050)
    for i in range(size):
        t = (i % columns) / sr
        total = sum(a * math.sin(6.283185307179586 * (hz * t + rise * t * t / 2)) for a, hz, rise in spec["tones"])
        out.append(math.floor(total * 32767 + 0.5) / 32768)
    return out


def impulse(spec, size):
    columns = spec["shape"][-1]
    return [spec.get("value", 1) if i % columns == spec["at"] else 0 for i in range(size)]


def recording(spec):
    """The machine's own libsndfile, which sori uses too, not the one packed with the soundfile module: two builds of
    libvorbis differ in the last bit."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout.split()
    library = ctypes.CDLL(next(word for word in known if word.endswith("/libsndfile.so.1")))   # by path: not the other
    library.sf_open.restype = ctypes.c_void_p
    library.sf_readf_float.restype = ctypes.c_int64
    info = (ctypes.c_int64 * 4)()   # SF_INFO: frames, then samplerate and channels, then format and sections
    path = os.path.join(DATA, spec["file"])
    file = ctypes.c_void_p(library.sf_open(path.encode(), 0x10, info))
    assert file, path
    sr, channels = info[1] % 2**32, info[1] >> 32
    assert sr == spec["sr"], path
    first, n = int(spec["offset_s"] * sr), int(spec["duration_s"] * sr)
    y = np.zeros((first + n, channels), np.float32)
    got = library.sf_readf_float(file, y.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(first + n))
    library.sf_close(file)
    return np.ascontiguousarray(y[first:got].T.squeeze())


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return f"{h:016x}"


MAKERS = {
    "constant": lambda spec, size: [spec["value"]] * size,
    "values": lambda spec, size: spec["values"],
    "impulse": impulse, "noise": noise, "spectrum": spectrum, "tones": tones,
}


def make(spec):
    """The array of a spec, which gains its hash."""
    if spec["kind"] == "recording":
        y = recording(spec)
        spec["hash"] = fnv1a(y.tobytes())
        return y
    a = np.array(MAKERS[spec["kind"]](spec, math.prod(spec["shape"])), dtype=np.float32).reshape(spec["shape"])
    spec["hash"] = fnv1a(a.tobytes())
    return a


CHORD = [[0.25, 220.0, 0], [0.2, 331.5, 0], [0.15, 1760.25, 0], [0.05, 7040.0, 0]]
BIRD, SPEECH = "recordings/456440__inspectorj__bird-whistling-robin-single-13.ogg", "recordings/198-209-0000.ogg"
TRUMPET, BAND = "recordings/sorohanro_-_solo-trumpet-06.ogg", "recordings/admiralbob77_-_Choice_-_Drum-bass.ogg"
SONG, DIGIT = "separation/mir1k/train/amy_15_05.flac", "speech/fsdd/7_jackson_0.wav"

SPECS = {
    "silence": {"kind": "constant", "value": 0, "shape": [3000]},
    "dc": {"kind": "constant", "value": 0.25, "shape": [3000]},
    "one": {"kind": "constant", "value": 0.5, "shape": [1]},
    "impulse": {"kind": "impulse", "at": 1234, "shape": [3000]},
    "noise": {"kind": "noise", "seed": 1, "value": 0.5, "shape": [3000]},
    "odd": {"kind": "noise", "seed": 2, "value": 0.5, "shape": [2749]},
    "short": {"kind": "noise", "seed": 3, "value": 0.5, "shape": [100]},
    "long": {"kind": "noise", "seed": 4, "value": 0.5, "shape": [12345]},
    "stereo": {"kind": "noise", "seed": 5, "value": 0.5, "shape": [2, 2500]},
    "quad": {"kind": "noise", "seed": 6, "value": 0.25, "shape": [2, 2, 1200]},
    "chord": {"kind": "tones", "tones": CHORD, "sr": 22050, "shape": [6000]},
    "sweep": {"kind": "tones", "tones": [[0.7, 20.0, 30000.0]], "sr": 22050, "shape": [8000]},
    "quiet": {"kind": "noise", "seed": 7, "value": 2.0**-14, "shape": [3000]},
    "bird": {"kind": "recording", "file": BIRD, "sr": 22050, "offset_s": 0.5, "duration_s": 2},
    "speech": {"kind": "recording", "file": SPEECH, "sr": 22050, "offset_s": 1, "duration_s": 2},
    "trumpet": {"kind": "recording", "file": TRUMPET, "sr": 22050, "offset_s": 0, "duration_s": 2},
    "band": {"kind": "recording", "file": BAND, "sr": 22050, "offset_s": 5, "duration_s": 2},
    "song": {"kind": "recording", "file": SONG, "sr": 16000, "offset_s": 3, "duration_s": 1.5},
    "digit": {"kind": "recording", "file": DIGIT, "sr": 8000, "offset_s": 0, "duration_s": 0.5},
    # spectrograms and other matrices
    "power": {"kind": "spectrum", "seed": 11, "value": 4.0, "shape": [129, 20]},
    "power2": {"kind": "spectrum", "seed": 12, "value": 1.0, "shape": [2, 65, 9]},
    "odd_power": {"kind": "spectrum", "seed": 13, "value": 1.0, "shape": [100, 7]},
    "mostly_zero": {"kind": "impulse", "at": 3, "value": 2.0, "shape": [129, 9]},
    "matrix": {"kind": "noise", "seed": 14, "value": 50.0, "shape": [6, 41]},
    "matrix3": {"kind": "noise", "seed": 15, "value": 50.0, "shape": [2, 3, 17]},
    "row": {"kind": "noise", "seed": 16, "value": 1.0, "shape": [12]},
    "five": {"kind": "noise", "seed": 17, "value": 1.0, "shape": [2, 5]},
    "decibels": {"kind": "noise", "seed": 18, "value": 100.0, "shape": [40, 25]},
    "complex": {"kind": "noise", "seed": 31, "value": 8.0, "shape": [65, 20, 2], "complex": True},
    "complex2": {"kind": "noise", "seed": 32, "value": 8.0, "shape": [2, 33, 9, 2], "complex": True},
    "complex_frame": {"kind": "noise", "seed": 33, "value": 8.0, "shape": [65, 1, 2], "complex": True},
    "cepstrum": {"kind": "noise", "seed": 34, "value": 30.0, "shape": [20, 11]},
    "cepstrum2": {"kind": "noise", "seed": 35, "value": 30.0, "shape": [2, 13, 5]},
    "centres": {"kind": "spectrum", "seed": 36, "value": 8000.0, "shape": [1, 20]},
    "x2": {"kind": "noise", "seed": 21, "shape": [2]},
    "x13": {"kind": "noise", "seed": 22, "shape": [13]},
    "x128": {"kind": "noise", "seed": 23, "shape": [3, 128]},
    "x40": {"kind": "noise", "seed": 24, "shape": [40]},
    "x1000": {"kind": "noise", "seed": 25, "shape": [1000]},
}
