# What the tables of the works share. In each of the other files here:
#   WORKS      {work: {peer: function of y}}, y float32 at 22050 Hz
#   PREPARED   {work: {peer: maker}}: a maker takes y and returns what is timed, a function of y; it is where plans and
#              inputs are made. A peer that is not installed, or fails, is left out.
#   EXACT      works that have a second precision
#   REFERENCE  {work: function of y}: the answer to compare with, where librosa's own has lost digits
#   COMPARE    {work: function of an answer}: what of it is compared
import numpy as np

SR = 22050


def torch_maker(build):
    """torchaudio on one thread; build(torchaudio, x) returns a function without arguments, made outside the timing."""
    def prepare(y):
        import torch
        import torchaudio
        torch.set_num_threads(1)
        call = build(torchaudio, torch.from_numpy(y))
        return lambda y: call().numpy()
    return prepare


def after(prepare, call):
    """A maker: call(prepare(y)) with prepare outside the timing."""
    def maker(y):
        data = prepare(y)
        return lambda y: call(data)
    return maker


def twice(y):
    """The sound twice over, so that its seconds are those of 44.1 kHz."""
    return np.concatenate([y, y])


def aubio_maker(build, pick=lambda value: value[0]):
    """aubio's object, fed hop by hop; build(aubio) returns one."""
    def prepare(y):
        import aubio

        def call(y):
            step = build(aubio)
            return np.array([pick(step(y[i:i + 512])) for i in range(0, len(y) - 511, 512)])
        return call
    return prepare


def audioflux_bft(scale="MEL", num=128):
    """audioFlux's power spectrogram in bands, by default librosa's mel."""
    import audioflux as af
    t = af.type
    return af.BFT(num=num, samplate=SR, low_fre=0, high_fre=SR / 2, radix2_exp=11, slide_length=512,
                  window_type=t.WindowType.HANN, scale_type=t.SpectralFilterBankScaleType[scale],
                  style_type=t.SpectralFilterBankStyleType.SLANEY,
                  normal_type=t.SpectralFilterBankNormalType.AREA, data_type=t.SpectralDataType.POWER)
