# librosa's and the other peers' half of the works in rhythm.c. The others find onsets and beats in their own ways.
import librosa

from works.common import SR, after, aubio_maker, audioflux_bft, twice

WORKS = {
    "onset_strength": {"librosa": lambda y: librosa.onset.onset_strength(y=y)},
    "onset_detect": {"librosa": lambda y: librosa.onset.onset_detect(y=y)},
    "tempo": {"librosa": lambda y: librosa.feature.tempo(y=y)},
    "beat_track": {"librosa": lambda y: librosa.beat.beat_track(y=y)[1]},
    "plp": {"librosa": lambda y: librosa.beat.plp(y=y)},
    "autocorrelate": {"librosa": lambda y: librosa.autocorrelate(y)},
}


def prepare_tempogram(y):
    envelope = librosa.onset.onset_strength(y=y)
    return lambda y: librosa.feature.tempogram(onset_envelope=envelope)


def audioflux_onset(y):
    import audioflux as af
    bft = audioflux_bft()

    def call(y):
        mel = af.utils.power_to_db(bft.bft(y, result_type=1))
        onset = af.Onset(mel.shape[1], mel.shape[0], slide_length=512, samplate=SR)
        return onset.onset(mel)
    return call


def essentia_beats(both):
    import essentia.standard as es
    return es.BeatTrackerDegara()(both)   # takes 44.1 kHz only


def flag(value):
    return value[0] != 0


aubio_beats = aubio_maker(lambda aubio: aubio.tempo("default", 1024, 512, SR), flag)
aubio_onset = aubio_maker(lambda aubio: aubio.onset("specflux", 2048, 512, SR), flag)
PREPARED = {"tempogram": {"librosa": prepare_tempogram},
            "onset_detect": {"audioFlux": audioflux_onset, "aubio": aubio_onset},
            "beat_track": {"aubio": aubio_beats, "essentia": after(twice, essentia_beats)}}
EXACT = ["onset_strength", "onset_detect", "tempogram", "tempo", "beat_track", "plp", "autocorrelate"]
