# librosa's and the other peers' half of the works in pitch.c.
import librosa
import numpy as np

from works.common import SR, aubio_maker

C2, C7 = librosa.note_to_hz("C2"), librosa.note_to_hz("C7")

WORKS = {
    "piptrack": {"librosa": lambda y: librosa.piptrack(y=y)[0]},
    "estimate_tuning": {"librosa": lambda y: np.asarray(librosa.estimate_tuning(y=y))},
    "yin": {"librosa": lambda y: librosa.yin(y, fmin=C2, fmax=C7)},
    "pyin": {"librosa": lambda y: librosa.pyin(y, fmin=C2, fmax=C7, fill_na=0.0)[0]},
}


def audioflux_yin(y):
    import audioflux as af
    yin = af.PitchYIN(samplate=SR, low_fre=C2, high_fre=C7, radix2_exp=11, slide_length=512, auto_length=1024)
    return lambda y: yin.pitch(y)[0]


def essentia_yin(y):
    import essentia.standard as es
    window, spectrum = es.Windowing(type="hann", size=2048, normalized=False), es.Spectrum(size=2048)
    yin = es.PitchYinFFT(frameSize=2048, sampleRate=SR, minFrequency=C2, maxFrequency=C7)
    return lambda y: np.array([yin(spectrum(window(frame)))[0]
                               for frame in es.FrameGenerator(y, frameSize=2048, hopSize=512)])


def essentia_pyin(y):
    import essentia.standard as es
    pyin = es.PitchYinProbabilistic(frameSize=2048, hopSize=512, sampleRate=SR)
    return lambda y: pyin(y)[0]


def aubio_yin(method):
    return aubio_maker(lambda aubio: aubio.pitch(method, 2048, 512, SR))


PREPARED = {
    "yin": {"audioFlux": audioflux_yin, "aubio yinfast": aubio_yin("yinfast"), "aubio yinfft": aubio_yin("yinfft"),
            "essentia": essentia_yin},
    "pyin": {"essentia": essentia_pyin},
}
EXACT = ["piptrack", "estimate_tuning", "yin", "pyin"]   # works that have a second precision
