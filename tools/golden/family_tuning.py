# Peaks of the spectrum, and the tuning they tell.
from family_stft import RECORDINGS, SOUNDS

FUNCTIONS = {"piptrack_pitches": "sori_piptrack", "piptrack_magnitudes": "sori_piptrack",
             "pitch_tuning": "sori_pitch_tuning", "estimate_tuning": "sori_estimate_tuning"}

TOLERANCES = {
    "peaks": {"rule": "share", "limit": 0.02, "step": 0.05,
              "why": "Hz; the same peaks, placed to the float spectrum's rounding, but where two bins, or a bin and "
                     "the threshold, differ by less than that: those are peaks in one precision and none in the other"},
    "peaks.exact": {"rule": "share", "limit": 0.002, "step": 1e-3,
                    "why": "both spectra in double, rounded to float32: equal, but for some last bits, which can make "
                           "or unmake a peak of the silence between sounds"},
    "heights": {"rule": "share", "limit": 0.02, "step": 1e-4, "why": "as peaks"},
    "heights.exact": {"rule": "share", "limit": 0.002, "step": 1e-5, "why": "as peaks.exact"},
    "peaks.same": {"rule": "abs", "limit": 0, "why": "the same magnitudes and the same float32 arithmetic: equal"},
    "tuning": {"rule": "abs", "limit": 1e-15,
               "why": "the edge of a cell, counted in whole pitches; numpy.linspace and i / n - 0.5 differ in the last "
                      "bit"},
}

INPUTS = {
    "in_tune": {"kind": "tones", "tones": [[0.25, 440.0, 0], [0.2, 554.37, 0], [0.15, 659.26, 0]], "sr": 22050,
                "shape": [9000]},
    "sharp": {"kind": "tones", "tones": [[0.25, 448.0, 0], [0.2, 564.5, 0], [0.15, 671.2, 0]], "sr": 22050,
              "shape": [9000]},
    "pitches": {"kind": "noise", "seed": 41, "value": 3000.0, "shape": [1000]},
    "decibel": {"kind": "noise", "seed": 42, "value": 60.0, "shape": [65, 12]},
}

C_MAJOR = [261.63, 293.66, 329.63, 349.23, 392.0, 440.0, 493.88]


def add(cases):
    def piptrack(name, **args):
        same = "S" in args
        for part, tolerance in (("pitches", "peaks"), ("magnitudes", "heights")):
            cases.add(name, "piptrack_" + part, "librosa.piptrack", args, "peaks.same" if same else tolerance,
                      None if same else tolerance + ".exact", via="reference_tuning.piptrack_" + part)

    sounds = [y for y in SOUNDS if y != "impulse"]   # whose spectrum is flat: its peaks are rounding
    for y in sounds:
        piptrack(y, y=y, n_fft=512, hop_length=128)
    piptrack("defaults", y="long")
    piptrack("n_fft-alone", y="noise", n_fft=1000)
    piptrack("framing", y="noise", n_fft=500, hop_length=130, win_length=400, window="blackman", pad_mode="reflect")
    piptrack("uncentered", y="odd", n_fft=512, hop_length=128, center=False)
    piptrack("sr", y="noise", sr=44100, n_fft=512)
    piptrack("low-sr", y="noise", sr=250, n_fft=512)
    for y in RECORDINGS:
        piptrack(y, y=y)
    for S in ("power", "power2", "odd_power", "mostly_zero", "decibel"):
        piptrack(S, S=S)
    piptrack("fmin", S="power", fmin=500.0)
    piptrack("all", S="power", fmin=0, fmax=20000.0)
    piptrack("threshold", S="power", threshold=0.5)
    piptrack("threshold-0", S="power", threshold=0)
    piptrack("ref", S="power", ref=1.5)
    piptrack("ref-0", S="power", ref=0)
    piptrack("ref-negative", S="power", ref=-2.0, threshold=0.9)

    def tuning(name, **args):
        cases.add(name, "pitch_tuning", "librosa.pitch_tuning", args, "tuning", via="reference_tuning.pitch_tuning")

    for single in (False, True):
        end = "-32" if single else ""
        tuning("c-major" + end, frequencies=C_MAJOR, single=single)
        tuning("one" + end, frequencies=[445.0], single=single)
        tuning("zeros" + end, frequencies=[0.0, -3.0, 450.0], single=single)
        tuning("nothing" + end, frequencies=[0.0], single=single)
        tuning("coarse" + end, frequencies=C_MAJOR, resolution=0.3, single=single)
        tuning("half" + end, frequencies=[440.0 * 2 ** (0.5 / 12)], resolution=0.25, single=single)
        tuning("bins" + end, frequencies=C_MAJOR, bins_per_octave=36, single=single)
    tuning("many", frequencies="pitches", single=True)
    tuning("many-fine", frequencies="pitches", single=True, resolution=1e-3)
    tuning("many-bins", frequencies="pitches", single=True, bins_per_octave=24)

    def estimate(name, **args):
        cases.add(name, "estimate_tuning", "librosa.estimate_tuning", args, "tuning", "tuning",
                  via="reference_tuning.estimate_tuning")

    for y in ("silence", "dc", "one", "in_tune", "sharp", "chord", "sweep"):
        estimate(y, y=y)
    for S in ("power", "power2", "odd_power", "mostly_zero"):
        estimate(S, S=S)
    estimate("stereo", y="stereo", n_fft=512, hop_length=128)
    estimate("resolution", S="power", resolution=1e-3)
    estimate("bins", S="power", bins_per_octave=36)
    estimate("piptrack", S="power", fmin=500.0, fmax=8000.0, threshold=0.3)
    estimate("ref", S="power", ref=1.0)
    for y in RECORDINGS:
        estimate(y, y=y)

    for part in ("pitches", "magnitudes"):
        cases.same_defaults("piptrack_" + part, "librosa.piptrack", {"y": "long"}, {})
    cases.same_defaults("pitch_tuning", "librosa.pitch_tuning", {"frequencies": "pitches", "single": True}, {})
    cases.same_defaults("estimate_tuning", "librosa.estimate_tuning", {"y": "long"}, {"kwargs": "those of piptrack"})
