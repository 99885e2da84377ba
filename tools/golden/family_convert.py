# Frequencies, mels, frames, samples and seconds.
HZ = [0.0, 20.0, 110.0, 440.0, 999.9, 1000.0, 1000.1, 4000.0, 11025.0, 22050.0]
MELS = [0.0, 0.5, 7.5, 14.999, 15.0, 15.001, 30.0, 63.7]
FRAMES = [0, 1, 2, 3, 10, 99, 1000, 123456]
SAMPLES = [0, 1, 511, 512, 513, 1023, 1024, 1025, 22050, 10000000]
TIMES = [0.0, 0.01, 0.5, 1.0, 1.2345, 59.99, 3600.0]


def add(cases):
    def one(function, name, args, tolerance="float64"):
        cases.add(name, function, f"librosa.{function}", args, tolerance)

    for htk in (False, True):
        one("hz_to_mel", f"htk-{htk}", {"frequencies": HZ, "htk": htk})
        one("mel_to_hz", f"htk-{htk}", {"mels": MELS, "htk": htk})
        one("mel_frequencies", f"htk-{htk}", {"n_mels": 40, "fmin": 30.0, "fmax": 8000.0, "htk": htk})
    one("mel_frequencies", "defaults", {})
    one("mel_frequencies", "one", {"n_mels": 1, "fmin": 50.0})
    for sr, n_fft in ((22050, 2048), (44100, 512), (8000, 255), (16000, 1), (48000.0, 2)):
        one("fft_frequencies", f"{sr}-{n_fft}", {"sr": sr, "n_fft": n_fft}, "whole")
    for n_fft in (None, 2048, 1025):
        hop = {"hop_length": 160, "n_fft": n_fft} if n_fft else {}
        rate = {"sr": 16000} if n_fft else {}
        one("frames_to_samples", f"{n_fft}", {"frames": FRAMES} | hop, "whole")
        one("samples_to_frames", f"{n_fft}", {"samples": SAMPLES} | hop, "whole")
        one("frames_to_time", f"{n_fft}", {"frames": FRAMES} | hop | rate, "whole")
        one("time_to_frames", f"{n_fft}", {"times": TIMES} | hop | rate, "whole")
    for sr in (22050, 44100):
        one("samples_to_time", f"{sr}", {"samples": SAMPLES, "sr": sr}, "whole")
        one("time_to_samples", f"{sr}", {"times": TIMES, "sr": sr}, "whole")
    defaults = {"hz_to_mel": {"frequencies": HZ}, "mel_to_hz": {"mels": MELS}, "fft_frequencies": {},
                "mel_frequencies": {}, "frames_to_samples": {"frames": FRAMES},
                "samples_to_frames": {"samples": SAMPLES},
                "frames_to_time": {"frames": FRAMES}, "time_to_frames": {"times": TIMES},
                "samples_to_time": {"samples": SAMPLES}, "time_to_samples": {"times": TIMES}}
    for function, args in defaults.items():
        cases.same_defaults(function, f"librosa.{function}", args, {})
