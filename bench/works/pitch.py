# librosa's half of the works in pitch.c, and aubio's yinfft where it is installed.
import librosa
import numpy as np

C2, C7 = librosa.note_to_hz("C2"), librosa.note_to_hz("C7")

WORKS = {
    "piptrack": {"librosa": lambda y: librosa.piptrack(y=y)[0]},
    "estimate_tuning": {"librosa": lambda y: np.asarray(librosa.estimate_tuning(y=y))},
    "yin": {"librosa": lambda y: librosa.yin(y, fmin=C2, fmax=C7)},
    "pyin": {"librosa": lambda y: librosa.pyin(y, fmin=C2, fmax=C7, fill_na=0.0)[0]},
}
EXACT = ["piptrack", "estimate_tuning", "yin", "pyin"]   # works that have a second precision
