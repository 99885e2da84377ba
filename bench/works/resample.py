# librosa's and the other peers' half of the works in resample.c: the sound twice over, at 44.1 kHz.
import librosa

from works.common import after, torch_maker, twice


def resample(target_sr, res_type):
    def call(both):
        return librosa.resample(both, orig_sr=44100, target_sr=target_sr, res_type=res_type)
    return {"librosa": after(twice, call)}


def torch_kaiser(target_sr):
    """torchaudio's kaiser_best, as its documentation has it."""
    def build(torchaudio, x):
        import torch
        both = torch.cat([x, x])
        step = torchaudio.transforms.Resample(44100, target_sr, "sinc_interp_kaiser", 64, 0.9475937167399596,
                                              14.769656459379492)
        return lambda: step(both)
    return torch_maker(build)


def audioflux_best(target_sr):
    def prepare(y):
        import audioflux as af
        step, both = af.Resample(), twice(y)
        step.set_samplate(44100, target_sr)
        return lambda y: step.resample(both)
    return prepare


def essentia_best(target_sr):
    def prepare(y):
        import essentia.standard as es
        step, both = es.Resample(inputSampleRate=44100, outputSampleRate=target_sr, quality=0), twice(y)
        return lambda y: step(both)
    return prepare


def kaiser_best(target_sr):
    return resample(target_sr, "kaiser_best") | {
        "torchaudio": torch_kaiser(target_sr), "audioFlux": audioflux_best(target_sr),
        "essentia": essentia_best(target_sr)}


WORKS = {}
PREPARED = {
    "kaiser_best": kaiser_best(22050), "kaiser_fast": resample(22050, "kaiser_fast"), "kaiser_48k": kaiser_best(48000),
    "polyphase": resample(22050, "polyphase"), "fft_resample": resample(22050, "fft"),
    "linear": resample(22050, "linear"), "soxr_hq": resample(22050, "soxr_hq"),
}
