# Notes as numbers, and the places of blocks and frames. Names are in make_notation.py.
HZ = [0.5, 16.35, 110.0, 261.6255653, 440.0, 441.3, 4186.0, 22050.0]
MIDI = [-3.0, 0.0, 21.0, 60.25, 69.0, 127.0, 140.5]
OCTS = [-1.0, 0.0, 3.999, 4.0, 8.25]
BLOCKS = [0, 1, 2, 99, 100000]

FUNCTIONS = {name: "sori_" + name for name in (
    "hz_to_midi", "midi_to_hz", "hz_to_octs", "octs_to_hz", "A4_to_tuning", "tuning_to_A4", "blocks_to_frames",
    "blocks_to_samples", "blocks_to_time", "samples_like", "times_like")}


def add(cases):
    def one(function, name, args, tolerance="float64"):
        cases.add(name, function, f"librosa.{function}", args, tolerance)

    one("hz_to_midi", "defaults", {"frequencies": HZ})
    one("midi_to_hz", "defaults", {"notes": MIDI})
    for name, args in {"defaults": {}, "tuning": {"tuning": 0.3},
                       "bins": {"tuning": -0.5, "bins_per_octave": 36}}.items():
        one("hz_to_octs", name, {"frequencies": HZ} | args)
        one("octs_to_hz", name, {"octs": OCTS} | args)
    for name, args in {"defaults": {}, "bins": {"bins_per_octave": 36}}.items():
        one("A4_to_tuning", name, {"A4": [415.0, 432.0, 440.0, 466.2]} | args)
        one("tuning_to_A4", name, {"tuning": [-1.0, -0.25, 0.0, 0.5]} | args)
    one("blocks_to_frames", "256", {"blocks": BLOCKS, "block_length": 256}, "whole")
    one("blocks_to_samples", "160", {"blocks": BLOCKS, "block_length": 16, "hop_length": 160}, "whole")
    one("blocks_to_time", "44100", {"blocks": BLOCKS, "block_length": 16, "hop_length": 160, "sr": 44100}, "whole")
    for function in ("samples_like", "times_like"):
        one(function, "defaults", {"X": 13}, "whole")
        one(function, "uncentered", {"X": 5, "hop_length": 160, "n_fft": 1025}, "whole")
        one(function, "nothing", {"X": 0}, "whole")
    one("times_like", "rate", {"X": 7, "sr": 44100}, "whole")
    defaults = {"hz_to_midi": {"frequencies": HZ}, "midi_to_hz": {"notes": MIDI}, "hz_to_octs": {"frequencies": HZ},
                "octs_to_hz": {"octs": OCTS}, "A4_to_tuning": {"A4": HZ}, "tuning_to_A4": {"tuning": [0.5]},
                "samples_like": {"X": 9}, "times_like": {"X": 9}}
    for function, args in defaults.items():
        without = {"axis": "sori takes the number of frames"} if function.endswith("_like") else {}
        cases.same_defaults(function, f"librosa.{function}", args, without)
