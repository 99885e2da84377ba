# librosa's half of the works in cqt.c.
import librosa

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


PREPARED = {"icqt": {"librosa": prepare_icqt}}
EXACT = ["cqt", "vqt", "chroma_stft", "chroma_cqt", "icqt"]
