# librosa's and audioFlux's half of the works in cqt.c. audioFlux's filters are others than librosa's.
import librosa

from works.common import SR

WORKS = {
    "cqt": {"librosa": lambda y: librosa.cqt(y)},
    "vqt": {"librosa": lambda y: librosa.vqt(y)},
    "chroma_stft": {"librosa": lambda y: librosa.feature.chroma_stft(y=y)},
    "iirt": {"librosa": lambda y: librosa.iirt(y)},
    "chroma_cqt": {"librosa": lambda y: librosa.feature.chroma_cqt(y=y)},
}


def prepare_icqt(y):
    C = librosa.cqt(y)
    return lambda y: librosa.icqt(C)


def audioflux_transform():
    import audioflux as af
    return af.CQT(num=84, samplate=SR, low_fre=librosa.note_to_hz("C1"), bin_per_octave=12, slide_length=512,
                  window_type=af.type.WindowType.HANN)


def audioflux_cqt(y):
    cqt = audioflux_transform()
    return lambda y: cqt.cqt(y)


def audioflux_chroma_cqt(y):
    cqt = audioflux_transform()
    return lambda y: cqt.chroma(cqt.cqt(y))


def audioflux_chroma(y):
    from audioflux.spectrogram import Chroma
    chroma = Chroma(samplate=SR, radix2_exp=11)
    return lambda y: chroma.spectrogram(y)


PREPARED = {"icqt": {"librosa": prepare_icqt}, "cqt": {"audioFlux": audioflux_cqt},
            "chroma_cqt": {"audioFlux": audioflux_chroma_cqt}, "chroma_stft": {"audioFlux": audioflux_chroma}}
EXACT = ["cqt", "vqt", "chroma_stft", "chroma_cqt", "icqt"]
# Where the sound begins and ends, librosa's resampler cuts off what rings between its stages.
COMPARE = {"icqt": lambda y: y[4000:-4000]}
