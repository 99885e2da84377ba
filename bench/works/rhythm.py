# librosa's half of the works in rhythm.c; see spectrum.py.
import librosa

WORKS = {
    "onset_strength": {"librosa": lambda y: librosa.onset.onset_strength(y=y)},
    "tempo": {"librosa": lambda y: librosa.feature.tempo(y=y)},
    "beat_track": {"librosa": lambda y: librosa.beat.beat_track(y=y)[1]},
    "plp": {"librosa": lambda y: librosa.beat.plp(y=y)},
    "autocorrelate": {"librosa": lambda y: librosa.autocorrelate(y)},
}


def prepare_tempogram(y):
    envelope = librosa.onset.onset_strength(y=y)
    return lambda y: librosa.feature.tempogram(onset_envelope=envelope)


PREPARED = {"tempogram": {"librosa": prepare_tempogram}}
EXACT = ["onset_strength", "tempogram", "tempo", "beat_track", "plp", "autocorrelate"]
