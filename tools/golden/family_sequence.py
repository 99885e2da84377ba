# Viterbi decoders, transition matrices, and energy at harmonics.
import librosa
import numpy as np

FUNCTIONS = {
    "viterbi_states": "sori_viterbi", "viterbi_logp": "sori_viterbi",
    "discriminative_states": "sori_viterbi_discriminative", "discriminative_logp": "sori_viterbi_discriminative",
    "binary_states": "sori_viterbi_binary", "binary_logp": "sori_viterbi_binary",
    "transition_uniform": "sori_transition_uniform", "transition_loop": "sori_transition_loop",
    "transition_cycle": "sori_transition_cycle", "transition_local": "sori_transition_local",
    "interp_harmonics": "sori_interp_harmonics", "salience": "sori_salience", "f0_harmonics": "sori_f0_harmonics",
}

TOLERANCES = {
    "states": {"rule": "abs", "limit": 0, "why": "the same states"},
    "logp": {"rule": "each", "limit": 1e-12, "floor": 0, "why": "sums of logarithms in double, of another libm"},
    "logp32": {"rule": "each", "limit": 1e-6, "floor": 0, "why": "librosa takes logarithms of float32 in float32"},
    "between": {"rule": "each", "limit": 1e-6, "floor": 1e-7,
                "why": "both in double; librosa returns double, sori float32; weights by another order of divisions"},
}

INPUTS = {
    "emission": {"kind": "spectrum", "seed": 61, "value": 1.0, "shape": [5, 60]},
    "emission2": {"kind": "spectrum", "seed": 62, "value": 1.0, "shape": [2, 3, 40]},
    "emission70": {"kind": "spectrum", "seed": 63, "value": 1.0, "shape": [70, 50]},
    "activity": {"kind": "spectrum", "seed": 64, "value": 1.0, "shape": [3, 50]},
    "activity1": {"kind": "spectrum", "seed": 65, "value": 1.0, "shape": [45]},
    "activity3": {"kind": "spectrum", "seed": 66, "value": 1.0, "shape": [2, 3, 20]},
    "energy": {"kind": "spectrum", "seed": 67, "value": 4.0, "shape": [65, 15]},
    "energy2": {"kind": "spectrum", "seed": 68, "value": 4.0, "shape": [2, 33, 7]},
    "energies": {"kind": "spectrum", "seed": 69, "value": 4.0, "shape": [40]},
    "moving": {"kind": "spectrum", "seed": 70, "value": 900.0, "shape": [65, 15]},
}

LOGP = {"return_logp": "always both"}
KIND = {"kind": "always linear", "axis": "bins are the last axis but one"}
BINS = [100.0 * k for k in range(65)]
MUSICAL = [55.0 * 2 ** (k / 12) for k in range(65)]
F0 = [90.0 + 37.0 * t for t in range(15)]


def flat(matrix):
    return [float(v) for v in np.ravel(matrix)]


def add_decoders(cases):
    def decode(function, name, **args):
        for part in ("states", "logp"):
            tolerance = "states" if part == "states" else "logp32" if args.get("single") else "logp"
            ending = "" if function == "viterbi" else "_" + function
            cases.add(name, f"{function}_{part}", "librosa.sequence.viterbi" + ending, args, tolerance,
                      via=f"reference_sequence.{function}_{part}")

    sequence = librosa.sequence
    matrices = {"loop": sequence.transition_loop(5, [0.9, 0.5, 0.2, 0.7, 0.99]),
                "cycle": sequence.transition_cycle(5, 0.6), "local": sequence.transition_local(5, 3),
                "uniform": sequence.transition_uniform(5)}
    init = [0.5, 0.2, 0.0, 0.2, 0.1]
    for function in ("viterbi", "discriminative"):
        normalize = {"normalize": True} if function == "discriminative" else {}
        for name, matrix in matrices.items():
            decode(function, name, prob="emission", transition=flat(matrix), **normalize)
        decode(function, "init", prob="emission", transition=flat(matrices["loop"]), p_init=init, **normalize)
        decode(function, "channels", prob="emission2", transition=flat(sequence.transition_loop(3, 0.8)), **normalize)
    decode("viterbi", "band", prob="emission70", transition=flat(sequence.transition_local(70, 5)))
    decode("discriminative", "wrap", prob="emission70", transition=flat(sequence.transition_local(70, 9, wrap=True)),
           normalize=True)
    decode("viterbi", "float32", prob="emission", transition=flat(matrices["cycle"]), single=True)
    decode("discriminative", "state", prob="emission", transition=flat(matrices["loop"]), normalize=True,
           p_state=[0.1, 0.3, 0.2, 0.2, 0.2])
    for function in ("viterbi_states", "discriminative_states"):
        ending = function[:-7] if function == "viterbi_states" else "viterbi_discriminative"
        cases.same_defaults(function, "librosa.sequence." + ending,
                            {"prob": "emission", "transition": flat(matrices["loop"]), "normalize": True}, LOGP)
    one = [0.9, 0.1, 0.3, 0.7]
    for name in ("activity", "activity1", "activity3"):
        decode("binary", name, prob=name, transition=one)
    decode("binary", "each", prob="activity", transition=one + [0.5, 0.5, 0.0, 1.0] + [0.99, 0.01, 0.6, 0.4])
    cases.same_defaults("binary_states", "librosa.sequence.viterbi_binary", {"prob": "activity", "transition": one},
                        LOGP)
    decode("binary", "p", prob="activity", transition=one, p_init=[0.1, 0.0, 1.0], p_state=[0.3, 0.5, 0.9])


def add_transitions(cases):
    def transition(kind, name, **args):
        cases.add(name, "transition_" + kind, "librosa.sequence.transition_" + kind, args, "float64")

    transition("uniform", "7", n_states=7)
    transition("uniform", "1", n_states=1)
    for kind in ("loop", "cycle"):
        transition(kind, "one", n_states=4, prob=0.7)
        transition(kind, "two", n_states=2, prob=1.0)
        transition(kind, "each", n_states=4, prob=[0.1, 0.0, 1.0, 0.5])
    for n in (9, 10):
        for width in (1, 2, 3, 4, 9):
            for wrap in (False, True):
                transition("local", f"{n}-{width}-{wrap}", n_states=n, width=width, wrap=wrap)
    transition("local", "ones", n_states=9, width=4, window="ones")
    transition("local", "hann", n_states=9, width=7, window="hann", wrap=True)
    cases.same_defaults("transition_local", "librosa.sequence.transition_local", {"n_states": 9, "width": 5}, {})


def add_harmonics(cases):
    def one(function, name, **args):
        cases.add(name, function, "librosa." + function, args, "between", via="reference_sequence." + function)

    harmonics = [0.5, 1.0, 1.5, 2.0, 3.0]
    for name, freqs in (("linear", BINS), ("musical", MUSICAL), ("falling", BINS[::-1]), ("moving", "moving")):
        one("interp_harmonics", name, x="energy", freqs=freqs, harmonics=harmonics)
        one("salience", name, S="energy", freqs=freqs, harmonics=harmonics)
        one("f0_harmonics", name, x="energy", freqs=freqs, harmonics=harmonics, f0=F0)
    usual = {"freqs": BINS, "harmonics": harmonics}
    cases.same_defaults("interp_harmonics", "librosa.interp_harmonics", {"x": "energy"} | usual, KIND)
    cases.same_defaults("f0_harmonics", "librosa.f0_harmonics", {"x": "energy", "f0": F0} | usual, KIND)
    cases.same_defaults("salience", "librosa.salience", {"S": "energy"} | usual,
                        KIND | {"aggregate": "always the weighted mean, the default"})
    one("interp_harmonics", "channels", x="energy2", freqs=BINS[:33], harmonics=harmonics)
    one("interp_harmonics", "fill", x="energy", freqs=BINS, harmonics=harmonics, fill_value=-1.0)
    one("salience", "weights", S="energy", freqs=BINS, harmonics=harmonics, weights=[0.3, 1.0, 0.2, 0.5, 0.4])
    one("salience", "everywhere", S="energy", freqs=BINS, harmonics=harmonics, filter_peaks=False)
    one("salience", "fill", S="energy2", freqs=BINS[:33], harmonics=harmonics, fill_value=0.0)
    one("f0_harmonics", "fill", x="energy", freqs=BINS, harmonics=[1.0, 7.0, 40.0], f0=F0, fill_value=2.0)


def add(cases):
    add_decoders(cases)
    add_transitions(cases)
    add_harmonics(cases)
