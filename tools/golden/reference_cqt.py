# Parts of librosa's answers about constant-Q filters.
import librosa


def wavelet_lengths(**args):
    return librosa.filters.wavelet_lengths(**args)[0]


def wavelet_cutoff(**args):
    return librosa.filters.wavelet_lengths(**args)[1]


def wavelet(**args):
    return librosa.filters.wavelet(**args)[0]


def griffinlim_cqt(C, random_state=0, **args):
    # An integer is a seed of numpy.random.RandomState; None would draw anew.
    return librosa.griffinlim_cqt(C, random_state=random_state, **args)
