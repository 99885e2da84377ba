# Onsets, tempo, beats.
import inputs

FUNCTIONS = {
    "onset_strength": "sori_onset_strength", "onset_strength_multi": "sori_onset_strength_multi",
    "onset_detect": "sori_onset_detect", "onset_backtrack": "sori_onset_backtrack", "peak_pick": "sori_peak_pick",
    "localmax": "sori_localmax", "localmin": "sori_localmin", "autocorrelate": "sori_autocorrelate",
    "tempogram": "sori_tempogram", "fourier_tempogram": "sori_fourier_tempogram", "tempo": "sori_tempo",
    "tempogram_ratio": "sori_tempogram_ratio", "tempo_frequencies": "sori_tempo_frequencies",
    "fourier_tempo_frequencies": "sori_fourier_tempo_frequencies", "beats": "sori_beat_track",
    "beat_tempo": "sori_beat_track", "plp": "sori_plp", "plp_equal": "sori_plp",
}

TOLERANCES = {
    "rise": {"rule": "abs", "limit": 2e-4, "why": "dB: a mean of differences of log-mel values that are within 1e-3"},
    "rise.median": {"rule": "abs", "limit": 1e-3, "why": "dB, as logmel: one difference of two such values"},
    "rise.exact": {"rule": "abs", "limit": 2e-5,
                   "why": "dB, as db: librosa takes log10 in float32, which alone is worth 1.3e-5 dB at 100 dB"},
    "rise.detrend": {"rule": "abs", "limit": 3e-4, "why": "as rise, twice: a difference of neighbours is added up"},
    "rise.given": {"rule": "max", "limit": 1e-6, "why": "librosa adds the bands up in float32, sori in double"},
    "detected": {"rule": "abs", "limit": 0, "why": "the same frames, all of them"},
    "detected.time": {"rule": "abs", "limit": 1e-12, "why": "the same frames; one double division"},
    "bpm": {"rule": "each", "limit": 1e-12, "floor": 0, "why": "the same lag; one double division"},
    "lags": {"rule": "abs", "limit": 2e-6, "why": "of a largest value of 1: a float FFT forth and back, 1e-7 of it a "
                                                  "pass; librosa's is double"},
    "lags.max": {"rule": "max", "limit": 2e-6, "why": "as lags, relative to the largest"},
    "lags.sound": {"rule": "abs", "limit": 2e-5, "why": "the envelope's own error (rise), 1e-4 dB of some dB"},
    "lags.exact": {"rule": "max", "limit": 1e-7, "why": "both in double; sori rounds the result to float32"},
    "lags.root": {"rule": "max", "limit": 2e-4,
                  "why": "norm 1/2 adds up roots: that of a lag near 0, known to 1e-8, is 1e-4"},
    "lags.count": {"rule": "max", "limit": 1e-2, "why": "norm 0 counts the lags that are not 0, and rounding decides "
                                                        "which of the empty ones are"},
    "correlation": {"rule": "max", "limit": 1e-6, "why": "NumPy transforms float32 in float32, as sori does"},
    "correlation64": {"rule": "max", "limit": 1e-14, "why": "both in double"},
    "ratios": {"rule": "abs", "limit": 1e-5, "why": "as lags; between two lags it is interpolated"},
    "ratios.given": {"rule": "max", "limit": 1e-6, "why": "librosa interpolates the given float32 in double, as sori"},
    "pulse": {"rule": "abs", "limit": 1e-5,
              "why": "of a largest value of 1: a float FFT, then sums of some 400 waves; librosa's in float32"},
    "pulse.sound": {"rule": "abs", "limit": 1e-3, "why": "the envelope's error (rise.median) in the phases"},
}

# Onsets that fade within some frames, a beat of 21 frames, every fourth stronger; steady noise of 1/64 below.
PULSES = [max(0.0, (2.0 if i % 84 == 0 else 1.0) - (i % 21) / 4) + (i * 7919 % 13) / 1024 for i in range(400)]
# A beat that slows down from 16 to 40 frames.
SLOWING, AT = [(i * 6007 % 11) / 2048 for i in range(600)], 3.0
while AT < 600:
    SLOWING[int(AT)] += 1.5
    AT += 16 + 24 * AT / 600

INPUTS = {
    "env": {"kind": "spectrum", "seed": 51, "value": 4.0, "shape": [500]},
    "env2": {"kind": "spectrum", "seed": 52, "value": 4.0, "shape": [2, 450]},
    "env_short": {"kind": "spectrum", "seed": 53, "value": 1.0, "shape": [20]},
    "env_signed": {"kind": "noise", "seed": 54, "value": 1.0, "shape": [150]},
    "env_one": {"kind": "constant", "value": 1, "shape": [1]},
    "zeros": {"kind": "constant", "value": 0, "shape": [120]},
    "zeros2": {"kind": "constant", "value": 0, "shape": [2, 60]},
    "ones": {"kind": "constant", "value": 1, "shape": [120]},
    "pulses": {"kind": "values", "values": PULSES, "shape": [400]},
    "loud_start": {"kind": "values", "values": [9.0] + PULSES[1:200], "shape": [200]},
    "slowing": {"kind": "values", "values": SLOWING, "shape": [600]},
    "flat": {"kind": "values", "values": [0, 1, 1, 0, 2, 2, 2, 1, 0, 0, 3, 0, 1], "shape": [13]},
    "dB": {"kind": "noise", "seed": 55, "value": 40.0, "shape": [40, 90]},
    "dB2": {"kind": "noise", "seed": 56, "value": 40.0, "shape": [2, 33, 50]},
    "dB_ref": {"kind": "noise", "seed": 57, "value": 40.0, "shape": [40, 90]},
    "tg": {"kind": "spectrum", "seed": 58, "value": 1.0, "shape": [100, 30]},
    "tg2": {"kind": "spectrum", "seed": 59, "value": 1.0, "shape": [2, 80, 21]},
    "beat_band": {"kind": "recording", "file": inputs.BAND, "sr": 22050, "offset_s": 2, "duration_s": 20},
    "beat_trumpet": {"kind": "recording", "file": inputs.TRUMPET, "sr": 22050, "offset_s": 0, "duration_s": 5},
    "beat_song": {"kind": "recording", "file": inputs.SONG, "sr": 16000, "offset_s": 0, "duration_s": 8},
    "beat_speech": {"kind": "recording", "file": inputs.SPEECH, "sr": 22050, "offset_s": 0, "duration_s": 8},
}

SOUNDS = ["silence", "dc", "one", "impulse", "noise", "odd", "short", "long", "stereo", "quad", "chord", "sweep",
          "quiet"]
RECORDINGS = ["bird", "speech", "trumpet", "band", "song"]
# beat_song has two channels: its events can only be flags.
LONG = {"beat_band": 22050, "beat_trumpet": 22050, "beat_song": 16000, "beat_speech": 22050}


def strength(cases):
    def strength(name, default="rise", exact="rise.exact", **args):
        cases.add(name, "onset_strength", "librosa.onset.onset_strength", args, default, exact)

    for sound in SOUNDS + RECORDINGS:
        strength(sound, y=sound)
    for sound, sr in LONG.items():
        strength(sound, y=sound, sr=sr)
    for name, args in {"lag-3": {"lag": 3}, "max-size-3": {"max_size": 3}, "max-size-4": {"max_size": 4},
                       "uncentered": {"center": False}, "fmax": {"fmax": 8000, "n_mels": 256}, "n-mels": {"n_mels": 37},
                       "n-fft": {"n_fft": 1024, "hop_length": 100}, "fmin": {"fmin": 300, "htk": True},
                       "hop": {"hop_length": 1000}, "power-1": {"power": 1}}.items():
        strength(name, y="band", **args)
    strength("detrend", "rise.detrend", "rise.exact", y="band", detrend=True)
    strength("median", "rise.median", y="band", aggregate="numpy.median")
    strength("median-odd", "rise.median", y="trumpet", aggregate="numpy.median", n_mels=41)
    strength("lag-beyond-the-end", y="short", lag=5)
    strength("lag-beyond-the-end-uncentered", y="short", lag=5, center=False)

    def given(name, **args):
        cases.add(name, "onset_strength", "librosa.onset.onset_strength", args, "rise.given")

    for name, args in {"S": {}, "S-lag": {"lag": 7}, "S-max-size": {"max_size": 5}, "S-even-size": {"max_size": 2},
                       "S-wide": {"max_size": 200}, "S-ref": {"ref": "dB_ref"}, "S-detrend": {"detrend": True},
                       "S-ref-lag": {"ref": "dB_ref", "lag": 4, "max_size": 3}, "S-uncentered": {"center": False},
                       "S-shift": {"n_fft": 4096, "hop_length": 128},
                       "S-median": {"aggregate": "numpy.median"}}.items():
        given(name, S="dB", **args)
    given("S-channels", S="dB2", aggregate="numpy.median")
    cases.same_defaults("onset_strength", "librosa.onset.onset_strength", {"y": "band"},
                        {"feature": "sori has mel; others come as S"})

    def multi(name, default="rise", exact="rise.exact", **args):
        cases.add(name, "onset_strength_multi", "librosa.onset.onset_strength_multi", args, default, exact)

    multi("all", y="band")
    multi("stereo", y="stereo")
    multi("channels", y="band", channels=[0, 32, 64, 96, 128])
    multi("channels-median", "rise.median", y="trumpet", channels=[3, 10, 127], aggregate="numpy.median")
    multi("bands", "rise.median", y="short", aggregate=False)
    multi("S", "rise.given", None, S="dB2", channels=[0, 5, 33], lag=2, detrend=True)
    multi("S-bands", "rise.given", None, S="dB", aggregate=False, max_size=3)
    cases.same_defaults("onset_strength_multi", "librosa.onset.onset_strength_multi", {"y": "noise"},
                        {"feature": "sori has mel; others come as S"})


def detect(cases):
    def detect(name, tolerance="detected", **args):
        cases.add(name, "onset_detect", "librosa.onset.onset_detect", args, tolerance,
                  tolerance if "y" in args else None)

    for sound, sr in LONG.items():
        detect(sound, y=sound, sr=sr, **({"sparse": False} if sound == "beat_song" else {}))
    for sound in ["silence", "dc", "one", "impulse", "bird", "short", "chord"]:
        detect(sound, y=sound)
    detect("samples", y="band", units="samples")
    detect("time", "detected.time", y="band", units="time")
    detect("time-sr", "detected.time", y="beat_speech", sr=16000, hop_length=256, units="time")
    detect("backtrack", y="beat_band", backtrack=True)
    detect("backtrack-samples", y="beat_trumpet", backtrack=True, units="samples")
    for name, args in {"envelope": {}, "unnormalized": {"normalize": False}, "dense": {"sparse": False},
                       "hop": {"hop_length": 64}, "delta": {"delta": 0.3}, "delta-0": {"delta": 0},
                       "wait": {"wait": 10},
                       "pre-max": {"pre_max": 0}, "limits": {"pre_max": 5, "post_max": 6, "pre_avg": 20, "post_avg": 2},
                       "fractions": {"pre_max": 2.5, "wait": 3.2}, "energy": {"energy": "env", "backtrack": True},
                       "sr": {"sr": 44100}}.items():
        detect(name, onset_envelope="env", **args)
    detect("dense-channels", onset_envelope="env2", sparse=False)
    detect("zeros", onset_envelope="zeros")
    detect("zeros-dense", onset_envelope="zeros2", sparse=False)
    detect("ones", onset_envelope="ones", normalize=False)
    detect("one-frame", onset_envelope="env_one", normalize=False)
    cases.same_defaults("onset_detect", "librosa.onset.onset_detect", {"y": "band"}, {})
    back = {"events": [0, 1, 3, 50, 119, 149, 7], "energy": "env_signed"}
    cases.add("defaults", "onset_backtrack", "librosa.onset.onset_backtrack", back, "detected")
    cases.add("flat", "onset_backtrack", "librosa.onset.onset_backtrack",
              {"events": [2, 4, 7, 9, 10, 11, 12], "energy": "flat"}, "detected")

    def peaks(name, **args):
        cases.add(name, "peak_pick", "librosa.util.peak_pick", args, "detected")

    usual = {"pre_max": 3, "post_max": 3, "pre_avg": 3, "post_avg": 5, "delta": 0.5, "wait": 10}
    peaks("defaults", x="env", **usual)
    peaks("no-limits", x="env_signed", **(usual | {"pre_max": 0, "post_max": 1, "pre_avg": 0, "post_avg": 1, "delta": 0,
                                                   "wait": 0}))
    peaks("dense", x="env2", sparse=False, **usual)
    peaks("flat", x="flat", **(usual | {"delta": 0, "wait": 0}))
    peaks("wide", x="env_short", **(usual | {"pre_max": 50, "post_max": 50, "pre_avg": 50, "post_avg": 50}))
    cases.same_defaults("peak_pick", "librosa.util.peak_pick", {"x": "env"} | usual, {"axis": "always the last"})
    for f in ("localmax", "localmin"):
        for name, args in {"one-axis": {"x": "flat"}, "axis-0": {"x": "dB"}, "axis-1": {"x": "dB", "axis": 1},
                           "middle": {"x": "dB2", "axis": -2}}.items():
            cases.add(name, f, "librosa.util." + f, args, "detected")
        cases.same_defaults(f, "librosa.util." + f, {"x": "dB"}, {})


def tempograms(cases):
    def correlate(name, tolerance="correlation", **args):
        cases.add(name, "autocorrelate", "librosa.autocorrelate", args, tolerance)

    correlate("defaults", y="env")
    correlate("max-size", y="env", max_size=50)
    correlate("beyond", y="env_short", max_size=50)
    correlate("channels", y="env2", max_size=100)
    correlate("complex", y="complex")
    correlate("one", y="env_one")
    correlate("sound", y="bird", max_size=1000)
    cases.same_defaults("autocorrelate", "librosa.autocorrelate", {"y": "env"}, {"axis": "always the last"})

    def tempogram(name, default="lags", exact="lags.exact", **args):
        cases.add(name, "tempogram", "librosa.feature.tempogram", args, default, exact)

    tempogram("sound", "lags.sound", "lags.sound", y="beat_band")
    tempogram("stereo", "lags.sound", "lags.sound", y="stereo", win_length=20)
    for name, args in {"envelope": {}, "win": {"win_length": 100}, "odd-win": {"win_length": 63},
                       "win-1": {"win_length": 1}, "win-2": {"win_length": 2}, "uncentered": {"center": False},
                       "window": {"window": "hamming"}, "kaiser": {"window": ["kaiser", 8.0]}}.items():
        tempogram(name, onset_envelope="env", **args)
    tempogram("no-norm", "lags.max", onset_envelope="env", norm=None)
    tempogram("norm-1", "lags.max", onset_envelope="env", norm=1)
    tempogram("norm-2", "lags.max", onset_envelope="env", norm=2)
    tempogram("norm-half", "lags.root", onset_envelope="env", norm=0.5, win_length=50)
    tempogram("norm-0", "lags.count", "lags.exact", onset_envelope="env", norm=0, win_length=50, window="boxcar")
    tempogram("channels", onset_envelope="env2")
    tempogram("short", onset_envelope="env_short")
    tempogram("one", onset_envelope="env_one")
    tempogram("signed", onset_envelope="env_signed")
    tempogram("pulses", onset_envelope="pulses")
    tempogram("zeros", onset_envelope="zeros")
    cases.same_defaults("tempogram", "librosa.feature.tempogram", {"onset_envelope": "env"}, {})

    def fourier(name, default="lags.max", exact="lags.exact", **args):
        cases.add(name, "fourier_tempogram", "librosa.feature.fourier_tempogram", args, default, exact)

    fourier("sound", "lags.sound.max", "lags.sound.max", y="band", win_length=40)
    for name, args in {"envelope": {}, "win": {"win_length": 100}, "odd-win": {"win_length": 63},
                       "uncentered": {"center": False}, "window": {"window": "hamming"}}.items():
        fourier(name, onset_envelope="env", **args)
    fourier("channels", onset_envelope="env2")
    fourier("short", onset_envelope="env_short")
    cases.same_defaults("fourier_tempogram", "librosa.feature.fourier_tempogram", {"onset_envelope": "env"}, {})
    for name, args in {"defaults": {"n_bins": 384}, "all": {"n_bins": 20, "hop_length": 100, "sr": 8000}}.items():
        cases.add(name, "tempo_frequencies", "librosa.tempo_frequencies", args, "bpm",
                  via="reference_rhythm.tempo_frequencies")
    for name, args in {"defaults": {}, "all": {"sr": 8000, "win_length": 77, "hop_length": 100}}.items():
        cases.add(name, "fourier_tempo_frequencies", "librosa.fourier_tempo_frequencies", args, "bpm")
    cases.same_defaults("tempo_frequencies", "librosa.tempo_frequencies", {"n_bins": 30}, {})
    cases.same_defaults("fourier_tempo_frequencies", "librosa.fourier_tempo_frequencies", {}, {})


def tempos(cases):
    def tempo(name, **args):
        cases.add(name, "tempo", "librosa.feature.tempo", args, "bpm", "bpm", via="reference_rhythm.tempo")

    for sound, sr in LONG.items():
        tempo(sound, y=sound, sr=sr)
    tempo("silence", y="silence")
    tempo("stereo", y="stereo")
    for name, args in {"pulses": {}, "start": {"start_bpm": 60}, "std": {"std_bpm": 0.2, "start_bpm": 200},
                       "ac-size": {"ac_size": 2.0}, "max-tempo": {"max_tempo": 100}, "no-max": {"max_tempo": None},
                       "uniform": {"prior": "uniform"}, "hop": {"hop_length": 256},
                       "median": {"aggregate": "numpy.median"}, "frames": {"aggregate": None},
                       "frames-uniform": {"aggregate": None, "prior": "uniform"}}.items():
        tempo(name, onset_envelope="pulses", **args)
    tempo("noise", onset_envelope="env")
    tempo("lognorm", onset_envelope="env", prior="lognorm")
    tempo("lognorm-frames", onset_envelope="slowing", prior="lognorm", aggregate=None)
    tempo("channels", onset_envelope="env2")
    tempo("channels-frames", onset_envelope="env2", aggregate=None)
    tempo("slowing", onset_envelope="slowing", aggregate=None)
    tempo("zeros", onset_envelope="zeros")
    tempo("tg", tg="tg")
    tempo("tg-frames", tg="tg", aggregate=None)
    tempo("tg-channels", tg="tg2", aggregate="numpy.median")
    cases.same_defaults("tempo", "librosa.feature.tempo", {"onset_envelope": "env"}, {})

    def ratio(name, default="ratios", **args):
        cases.add(name, "tempogram_ratio", "librosa.feature.tempogram_ratio", args, default,
                  via="reference_rhythm.tempogram_ratio")

    for name, args in {"pulses": {}, "win": {"win_length": 200}, "uncentered": {"center": False},
                       "start": {"start_bpm": 60}, "mean": {"aggregate": "numpy.mean"},
                       "median": {"aggregate": "numpy.median"},
                       "uniform": {"prior": "uniform"}, "std": {"std_bpm": 0.3, "max_tempo": 90},
                       "window": {"window": "hamming"}}.items():
        ratio(name, onset_envelope="pulses", **args)
    ratio("norm", "lags.max", onset_envelope="pulses", norm=2)
    ratio("factors", onset_envelope="slowing", factors=[1, 2, 0.5])
    ratio("tg", "ratios.given", tg="tg")
    ratio("fill", "ratios.given", tg="tg", fill_value=-1.0, factors=[0.01, 1, 100])
    bpm = [60 + 5 * i for i in range(30)]
    for kind in ("nearest", "previous", "next"):
        ratio(kind, "ratios.given", tg="tg", kind=kind, bpm=[25 + 7.3 * i for i in range(30)])
        ratio("at-lags-" + kind, "ratios.given", tg="tg", kind=kind, freqs=[2.0 * (100 - i) for i in range(100)],
              bpm=[2.0 + 3 * i for i in range(30)])
    ratio("bpm", "ratios.given", tg="tg", bpm=bpm)
    ratio("freqs", "ratios.given", tg="tg", bpm=bpm, freqs=[2.5 * ((i * 37) % 100) for i in range(100)])
    cases.same_defaults("tempogram_ratio", "librosa.feature.tempogram_ratio", {"onset_envelope": "pulses"}, {})


def beats(cases):
    def beat(name, tolerance="detected", **args):
        for function in ("beats", "beat_tempo"):
            kind = tolerance if function == "beats" else "bpm"
            cases.add(name, function, "librosa.beat.beat_track", args, kind, kind if "y" in args else None,
                      via="reference_rhythm." + function)

    for sound, sr in LONG.items():
        beat(sound, y=sound, sr=sr, **({"sparse": False} if sound == "beat_song" else {}))
    for sound in ["bird", "trumpet", "band"]:
        beat(sound, y=sound)
    beat("untrimmed", y="beat_band", trim=False)
    beat("tightness", y="beat_band", tightness=400)
    beat("samples", y="beat_trumpet", units="samples")
    beat("time", "detected.time", y="beat_trumpet", units="time")
    beat("hop", "detected.time", y="beat_speech", sr=16000, hop_length=200, units="time")
    for name, args in {"pulses": {}, "pulses-untrimmed": {"trim": False}, "start": {"start_bpm": 60},
                       "bpm": {"bpm": 100.0}, "tight": {"tightness": 1000}, "loose": {"tightness": 0.5},
                       "uniform": {"prior": "uniform"},
                       "dense": {"sparse": False}, "slow": {"bpm": 10.0}, "fast": {"bpm": 2000.0},
                       "every-frame": {"bpm": 2584.0}}.items():
        beat(name, onset_envelope="pulses", **args)
    beat("noise", onset_envelope="env")
    beat("slowing", onset_envelope="slowing")
    beat("loud-start", onset_envelope="loud_start", bpm=123.0, trim=False)
    beat("loud-start-trimmed", onset_envelope="loud_start", bpm=123.0)
    beat("follows", onset_envelope="slowing", bpm=[60 * 22050 / 512 / (16 + 24 * i / 600) for i in range(600)])
    beat("follows-untrimmed", onset_envelope="slowing", trim=False, tightness=20,
         bpm=[60 * 22050 / 512 / (16 + 24 * i / 600) for i in range(600)])
    beat("channels", onset_envelope="env2", sparse=False)
    beat("channels-bpm", onset_envelope="env2", sparse=False, bpm=[90.0, 140.0])
    beat("channels-one-bpm", onset_envelope="env2", sparse=False, bpm=77.0)
    cases.add("zeros", "beats", "librosa.beat.beat_track", {"onset_envelope": "zeros"}, "detected",
              via="reference_rhythm.beats")
    cases.add("zeros-dense", "beats", "librosa.beat.beat_track", {"onset_envelope": "zeros2", "sparse": False},
              "detected", via="reference_rhythm.beats")
    cases.same_defaults("beats", "librosa.beat.beat_track", {"onset_envelope": "pulses"}, {})
    cases.same_defaults("beat_tempo", "librosa.beat.beat_track", {"onset_envelope": "pulses"}, {})

    def plp(name, default="pulse", exact="pulse", **args):
        cases.add(name, "plp", "librosa.beat.plp", args, default, exact, via="reference_rhythm.plp")

    for sound in ("beat_band", "beat_trumpet"):
        plp(sound, "pulse.sound", "pulse.sound", y=sound)
    for name, args in {"pulses": {}, "win": {"win_length": 128}, "odd-win": {"win_length": 101},
                       "limits": {"tempo_min": 60, "tempo_max": 150},
                       "no-limits": {"tempo_min": None, "tempo_max": None},
                       "no-min": {"tempo_min": None}, "hop": {"hop_length": 256}}.items():
        plp(name, onset_envelope="pulses", **args)
    plp("slowing", onset_envelope="slowing")
    plp("constant-and-fastest", onset_envelope="env_signed", win_length=8, tempo_min=None, tempo_max=None)
    plp("prior-elsewhere", onset_envelope="slowing", prior="uniform", tempo_min=340, tempo_max=600)
    plp("uniform", onset_envelope="slowing", prior="uniform")
    plp("lognorm", onset_envelope="slowing", prior="lognorm")
    plp("lognorm-limits", onset_envelope="env", prior="lognorm", tempo_min=200, tempo_max=400)
    plp("noise", onset_envelope="env")
    plp("channels", onset_envelope="env2")
    plp("short", onset_envelope="env_short")
    plp("zeros", onset_envelope="zeros")
    cases.same_defaults("plp", "librosa.beat.plp", {"onset_envelope": "env"}, {})
    for name, args in {"pulses": {}, "slowing": {}, "env2": {}, "env": {"win_length": 100}}.items():
        cases.add(name, "plp_equal", "librosa.beat.plp", {"onset_envelope": name} | args, "pulse", "pulse",
                  via="reference_rhythm.plp_equal")


TOLERANCES["lags.sound.max"] = TOLERANCES["lags.sound"] | {"rule": "max"}


def add(cases):
    strength(cases)
    detect(cases)
    tempograms(cases)
    tempos(cases)
    beats(cases)
