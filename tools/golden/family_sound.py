# Sound from files, and made sound: load, stream, channels, tones, chirps, clicks.

FUNCTIONS = {
    "load": "sori_load", "stream": "sori_reader_read", "to_mono": "sori_to_mono", "samplerate": "sori_file_info",
    "duration": "sori_file_info", "tone": "sori_tone", "chirp": "sori_chirp", "clicks": "sori_clicks",
}

TOLERANCES = {
    "samples": {"rule": "abs", "limit": 0, "why": "the same floats"},
    "mean": {"rule": "max", "limit": 1e-7, "why": "a mean over channels, rounded to float32"},
    "resampled": {"rule": "max", "limit": 1e-6, "why": "as soxr: two builds of it, another FFT"},
    "sine": {"rule": "max", "limit": 1e-7, "why": "both in double, rounded to float32 here"},
    "click": {"rule": "max", "limit": 2e-7, "why": "librosa adds double to float32 where clicks overlap, sori float32"},
}

INPUTS = {
    "short_click": {"kind": "noise", "seed": 81, "value": 0.5, "shape": [300]},
    "wide_click": {"kind": "noise", "seed": 82, "value": 0.5, "shape": [2, 300]},
}

SONG, DIGIT = "separation/mir1k/train/amy_15_05.flac", "speech/fsdd/7_jackson_0.wav"
TIMES, FRAMES = [0.0, 0.25, 0.3, 0.613, 0.1], [0, 3, 7, 8, 30]


def files(cases):
    def load(name, path, tolerance, **args):
        cases.add(name, "load", "librosa.load", {"path": path} | args, tolerance, via="reference_sound.load")

    load("defaults", DIGIT, "resampled")
    load("own-rate", DIGIT, "samples", sr=None)
    load("stereo", SONG, "samples", sr=None, mono=False, duration=0.5)
    load("mono", SONG, "mean", sr=None, offset=1.5, duration=0.5)
    load("rate", SONG, "resampled", sr=8000, offset=2.0, duration=1.25)
    load("polyphase", DIGIT, "resampled", sr=4000, res_type="polyphase")
    cases.same_defaults("load", "librosa.load", {"path": DIGIT}, {"dtype": "always float32"})
    for name, args in {"defaults": {}, "part": {"offset": 0.1, "duration": 0.2}}.items():
        cases.add(name, "stream", "librosa.stream", {"path": DIGIT} | args, "samples", via="reference_sound.stream")
    cases.add("stereo", "stream", "librosa.stream", {"path": SONG, "mono": False, "duration": 0.5}, "samples",
              via="reference_sound.stream")
    cases.same_defaults("stream", "librosa.stream", {"path": DIGIT, "block_length": 4, "frame_length": 256,
                                                     "hop_length": 256},
                        {"fill_value": "the last block is as long as what is left", "dtype": "always float32"})
    for path in (DIGIT, SONG):
        ending = path[-3:]
        cases.add(ending, "samplerate", "librosa.get_samplerate", {"path": path}, "samples",
                  via="reference_sound.samplerate")
        cases.add(ending, "duration", "librosa.get_duration", {"path": path}, "samples", via="reference_sound.duration")
    memory = {name: "of sound in memory: samples / sr" for name in ("y", "sr")}
    memory |= {name: "of frames: sori_frames_to_time" for name in ("S", "n_fft", "hop_length", "center")}
    cases.same_defaults("duration", "librosa.get_duration", {"path": DIGIT}, memory | {"filename": "deprecated"})
    for y in ("stereo", "noise"):
        cases.add(y, "to_mono", "librosa.to_mono", {"y": y}, "mean")


def signals(cases):
    for name, args in {"defaults": {}, "rate": {"sr": 8000}, "quiet": {"amplitude": 0.25}}.items():
        cases.add(name, "tone", "librosa.tone", {"frequency": 441.3, "duration": 0.2} | args, "sine",
                  via="reference_sound.tone")
    cases.same_defaults("tone", "librosa.tone", {"frequency": 441.3, "duration": 0.2},
                        {"length": "told as duration_s", "phi": "always a sine, as is the default"})
    sweep = {"fmin": 110.0, "fmax": 7040.0}
    for name, args in {"defaults": {"duration": 0.5}, "linear": {"duration": 0.5, "linear": True},
                       "length": {"length": 4410}, "rate": {"duration": 0.2, "sr": 16000},
                       "phase": {"duration": 0.1, "phi": 0.0}, "fraction": {"duration": 0.12345}}.items():
        cases.add(name, "chirp", "librosa.chirp", sweep | args, "sine")
    cases.add("falling", "chirp", "librosa.chirp", {"fmin": 5000.0, "fmax": 50.0, "duration": 0.3}, "sine")
    cases.add("steady", "chirp", "librosa.chirp", {"fmin": 500.0, "fmax": 500.0, "duration": 0.1}, "sine")
    cases.add("from-0", "chirp", "librosa.chirp", {"fmin": 0.0, "fmax": 500.0, "duration": 0.1, "linear": True}, "sine")
    cases.same_defaults("chirp", "librosa.chirp", sweep | {"duration": 0.5}, {})
    for name, args in {"defaults": {}, "length": {"length": 9000}, "freq": {"click_freq": 440.0, "sr": 8000},
                       "short": {"click_duration": 0.02}, "own": {"click": "short_click"},
                       "wide": {"click": "wide_click", "length": 14000}}.items():
        cases.add(name, "clicks", "librosa.clicks", {"times": TIMES} | args, "click", via="reference_sound.clicks")
    cases.add("frames", "clicks", "librosa.clicks", {"frames": FRAMES}, "click", via="reference_sound.clicks")
    cases.add("hop", "clicks", "librosa.clicks", {"frames": FRAMES, "hop_length": 100, "sr": 8000}, "click",
              via="reference_sound.clicks")
    cases.same_defaults("clicks", "librosa.clicks", {"times": TIMES}, {})


def add(cases):
    files(cases)
    signals(cases)
