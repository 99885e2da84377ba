# librosa's half of the works in cqt.c.
import librosa

WORKS = {
    "cqt": {"librosa": lambda y: librosa.cqt(y)},
    "vqt": {"librosa": lambda y: librosa.vqt(y)},
}
EXACT = ["cqt", "vqt"]
