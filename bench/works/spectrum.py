# librosa's and the other peers' half of the works in spectrum.c.
import librosa
import numpy as np

from works.common import SR, audioflux_bft, torch_maker

def transform(build):
    """One of torchaudio's transforms."""
    def made(torchaudio, x):
        step = build(torchaudio.transforms)
        return lambda: step(x)
    return torch_maker(made)


@torch_maker
def torch_istft(torchaudio, x):
    t = torchaudio.transforms
    spectrum, inverse = t.Spectrogram(2048, hop_length=512, power=None)(x), t.InverseSpectrogram(2048, hop_length=512)
    return lambda: inverse(spectrum)


def audioflux_stft(y):
    import audioflux as af
    stft = af.STFT(radix2_exp=11, window_type=af.type.WindowType.HANN, slide_length=512)
    return lambda y: stft.stft(y)


def audioflux_mel(y):
    bft = audioflux_bft()
    return lambda y: bft.bft(y, result_type=1)


def audioflux_mfcc(y):
    import audioflux as af
    bft, xxcc = audioflux_bft(), af.XXCC(num=128)

    def call(y):
        mel = bft.bft(y, result_type=1)
        xxcc.set_time_length(mel.shape[-1])
        return xxcc.xxcc(mel, cc_num=13)
    return call


def essentia_frames(y, compute):
    import essentia.standard as es
    window = es.Windowing(type="hann", size=2048, zeroPhase=False, normalized=False)
    step = compute(es)

    def call(y):
        frames = es.FrameGenerator(y, frameSize=2048, hopSize=512, startFromZero=False)
        return np.array([step(window(frame)) for frame in frames])
    return call


def essentia_stft(y):
    return essentia_frames(y, lambda es: es.FFT(size=2048))


def essentia_mel(y):
    def compute(es):
        spectrum, bands = es.Spectrum(size=2048), es.MelBands(inputSize=1025, numberBands=128, sampleRate=SR,
                                                              highFrequencyBound=SR / 2)
        return lambda frame: bands(spectrum(frame))
    return essentia_frames(y, compute)


def prepare_istft(y):
    spectrum = librosa.stft(y)
    return lambda y: librosa.istft(spectrum)


WORKS = {
    "stft": {"librosa": lambda y: librosa.stft(y)},
    "power": {"librosa": lambda y: np.abs(librosa.stft(y)) ** 2},
    "mel": {"librosa": lambda y: librosa.feature.melspectrogram(y=y)},
    "mfcc": {"librosa": lambda y: librosa.feature.mfcc(y=y, n_mfcc=13)},
    "centroid": {"librosa": lambda y: librosa.feature.spectral_centroid(y=y)},
    "rms": {"librosa": lambda y: librosa.feature.rms(y=y)},
}
PREPARED = {
    "istft": {"librosa": prepare_istft, "torchaudio": torch_istft},
    "stft": {"torchaudio": transform(lambda t: t.Spectrogram(2048, hop_length=512, power=None)),
             "audioFlux": audioflux_stft, "essentia": essentia_stft},
    "power": {"torchaudio": transform(lambda t: t.Spectrogram(2048, hop_length=512))},
    "mel": {"torchaudio": transform(lambda t: t.MelSpectrogram(SR, 2048, hop_length=512, n_mels=128)),
            "audioFlux": audioflux_mel, "essentia": essentia_mel},
    "mfcc": {"torchaudio": transform(lambda t: t.MFCC(SR, 13, melkwargs={"n_fft": 2048, "hop_length": 512,
                                                                        "n_mels": 128})),
             "audioFlux": audioflux_mfcc},
}
EXACT = ["stft", "power", "mel", "mfcc", "centroid", "istft"]   # works that have a second precision
