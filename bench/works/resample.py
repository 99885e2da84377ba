# librosa's half of the works in resample.c: the sound twice over, at 44.1 kHz.
import librosa
import numpy as np


def resample(target_sr, res_type):
    def prepare(y):
        both = np.concatenate([y, y])
        return lambda y: librosa.resample(both, orig_sr=44100, target_sr=target_sr, res_type=res_type)

    return {"librosa": prepare}


WORKS = {}
PREPARED = {
    "kaiser_best": resample(22050, "kaiser_best"), "kaiser_fast": resample(22050, "kaiser_fast"),
    "kaiser_48k": resample(48000, "kaiser_best"), "polyphase": resample(22050, "polyphase"),
    "fft_resample": resample(22050, "fft"), "linear": resample(22050, "linear"), "soxr_hq": resample(22050, "soxr_hq"),
}
