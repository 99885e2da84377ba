# librosa's half of the works in cqt.c.
import librosa

WORKS = {
    "cqt": {"librosa": lambda y: librosa.cqt(y)},
    "vqt": {"librosa": lambda y: librosa.vqt(y)},
    "chroma_stft": {"librosa": lambda y: librosa.feature.chroma_stft(y=y)},
    "chroma_cqt": {"librosa": lambda y: librosa.feature.chroma_cqt(y=y)},
}
EXACT = ["cqt", "vqt", "chroma_stft", "chroma_cqt"]
