# Alignment, paths, segments, lags, and the matching of events.
FUNCTIONS = {
    "dtw_D": "sori_dtw", "dtw_wp": "sori_dtw", "dtw_steps": "sori_dtw", "dtw_backtracking": "sori_dtw_backtracking",
    "rqa_score": "sori_rqa", "rqa_path": "sori_rqa", "agglomerative": "sori_agglomerative",
    "agglomerative_mfcc": "sori_agglomerative(sori_mfcc)", "subsegment": "sori_subsegment",
    "recurrence_to_lag": "sori_recurrence_to_lag", "lag_to_recurrence": "sori_lag_to_recurrence",
    "timelag_median": "sori_timelag_filter(sori_median_of_window)",
    "timelag_mean": "sori_timelag_filter(sori_mean_of_window)", "median": "sori_median_of_window",
    "mean": "sori_mean_of_window", "diagonal_filter": "sori_diagonal_filter", "path_enhance": "sori_path_enhance",
    "fix_frames": "sori_fix_frames", "index_to_slice": "sori_index_to_slice", "sync": "sori_sync",
    "match_events": "sori_match_events", "match_intervals": "sori_match_intervals",
}

TOLERANCES = {
    "cost": {"rule": "max", "limit": 1e-13,
                 "why": "double on both sides; sori may fuse multiplication and addition, and adds in another order"},
    "smoothed": {"rule": "max", "limit": 2e-7,
                 "why": "both sum in double and round once to float32: half a unit in the last place"},
    "averaged": {"rule": "max", "limit": 5e-7,
                 "why": "NumPy adds float32 in float32, SciPy's uniform_filter keeps a running sum and rounds to "
                        "float32 between the axes; sori adds in double"},
    "turned": {"rule": "max", "limit": 2e-14, "why": "splines and turned coordinates in double; only the libm differs"},
}

INPUTS = {
    "align_x": {"kind": "noise", "seed": 41, "shape": [6, 30]},
    "align_y": {"kind": "noise", "seed": 42, "shape": [6, 41]},
    "align_x3": {"kind": "noise", "seed": 43, "shape": [2, 3, 21]},
    "align_y3": {"kind": "noise", "seed": 44, "shape": [2, 3, 18]},
    "align_long": {"kind": "noise", "seed": 45, "shape": [12, 131]},
    "align_long2": {"kind": "noise", "seed": 46, "shape": [12, 97]},
    "align_row": {"kind": "noise", "seed": 47, "shape": [25]},
    "align_one": {"kind": "noise", "seed": 48, "shape": [6, 1]},
    "costs": {"kind": "spectrum", "seed": 49, "value": 3.0, "shape": [23, 19]},
    "wide_costs": {"kind": "noise", "seed": 50, "value": 1.0, "shape": [9, 40]},
    "flat_costs": {"kind": "constant", "value": 1.0, "shape": [7, 11]},
    "similar": {"kind": "noise", "seed": 51, "value": 1.0, "shape": [45, 60]},
    "similar_square": {"kind": "spectrum", "seed": 52, "value": 1.0, "shape": [40, 40]},
    "similar3": {"kind": "noise", "seed": 53, "value": 1.0, "shape": [2, 14, 19]},
    "track": {"kind": "noise", "seed": 54, "shape": [5, 80]},
    "track3": {"kind": "noise", "seed": 55, "shape": [2, 3, 40]},
    "steady": {"kind": "constant", "value": 0.5, "shape": [3, 32]},
    "steps_up": {"kind": "values", "values": [0, 0, 0, 1, 1, 1, 1, 5, 5, 9, 9, 9], "shape": [1, 12]},
}
STEPS = {"knight": [[1, 1], [1, 2], [2, 1]], "long": [[1, 1], [3, 1], [1, 3], [0, 1], [1, 0]],
         "along": [[1, 1], [0, 2], [0, 1], [2, 0]]}


def align(cases):
    def dtw(name, default="cost", path=True, **args):
        cases.add(name, "dtw_D", "librosa.sequence.dtw", args, default, via="reference_structure.dtw_D")
        if path:
            cases.add(name, "dtw_wp", "librosa.sequence.dtw", args, "whole", via="reference_structure.dtw_wp")

    pair, long = {"X": "align_x", "Y": "align_y"}, {"X": "align_long", "Y": "align_long2"}
    dtw("defaults", **pair)
    dtw("twelve-features", **long)
    dtw("itself", X="align_long", Y="align_long")
    dtw("three-axes", X="align_x3", Y="align_y3")
    dtw("one-axis", X="align_row", Y="row")
    dtw("one-frame", X="align_one", Y="align_y")
    dtw("one-frame-each", X="align_one", Y="align_one")
    for metric in ("cityblock", "sqeuclidean", "cosine"):
        dtw(metric, **pair, metric=metric)
    dtw("costs", C="costs")
    dtw("negative-costs", C="wide_costs")
    dtw("equal-costs", C="flat_costs")
    for name, sizes in STEPS.items():
        dtw(name, **pair, step_sizes_sigma=sizes)
        weights = {"weights_add": [0.1 * i for i in range(len(sizes))],
                   "weights_mul": [1 + 0.25 * i for i in range(len(sizes))]}
        dtw(name + "-weights", **pair, step_sizes_sigma=sizes, **weights)
        cases.add(name, "dtw_steps", "librosa.sequence.dtw", long | {"step_sizes_sigma": sizes}, "whole",
                  via="reference_structure.dtw_steps")
    dtw("weights", **pair, weights_add=[0.0, 0.5, 0.25], weights_mul=[1.0, 2.0, 1.5])
    dtw("subseq", **pair, subseq=True)
    dtw("subseq-exchanged", X="align_y", Y="align_x", subseq=True)
    dtw("subseq-costs", C="costs", subseq=True)
    dtw("subseq-knight", C="wide_costs", subseq=True, step_sizes_sigma=STEPS["knight"])
    dtw("band", **pair, global_constraints=True)
    dtw("band-narrow", **long, global_constraints=True, band_rad=0.05)
    dtw("band-costs", C="costs", global_constraints=True, band_rad=0.3)
    for name, args in (("defaults", pair), ("twelve-features", long), ("equal", {"C": "flat_costs"})):
        cases.add(name, "dtw_steps", "librosa.sequence.dtw", args, "whole", via="reference_structure.dtw_steps")
    for name, args in {"defaults": {}, "subseq": {"subseq": True}, "start": {"subseq": True, "start": 7},
                       "knight": {"step_sizes_sigma": STEPS["knight"]}}.items():
        cases.add(name, "dtw_backtracking", "librosa.sequence.dtw_backtracking", pair | args, "whole",
                  via="reference_structure.dtw_backtracking")
    cases.same_defaults("dtw_D", "librosa.sequence.dtw", pair, {})
    cases.same_defaults("dtw_backtracking", "librosa.sequence.dtw_backtracking", pair,
                        {"steps": "the first argument; the cases make it of X and Y"})


def recurrence(cases):
    def rqa(name, sim="similar", threshold=0.3, path=True, **args):
        args = {"sim": sim, "threshold": threshold} | args
        cases.add(name, "rqa_score", "librosa.sequence.rqa", args, "whole", via="reference_structure.rqa_score")
        if path:
            cases.add(name, "rqa_path", "librosa.sequence.rqa", args, "whole", via="reference_structure.rqa_path")

    rqa("defaults")
    rqa("dense", threshold=-0.5)
    rqa("signed", threshold=-2.0)
    rqa("sparse", threshold=0.8)
    rqa("nothing", threshold=2.0)
    rqa("gaps", gap_onset=0.3, gap_extend=0.1)
    rqa("free-gaps", gap_onset=0, gap_extend=0, path=False)
    rqa("endless-gaps", gap_onset=1e6, gap_extend=1e6)
    rqa("diagonal", knight_moves=False, gap_onset=0.4)
    rqa("square", sim="similar_square", threshold=0.05, gap_onset=0.02, gap_extend=0.01)
    cases.same_defaults("rqa_score", "librosa.sequence.rqa", {"sim": "similar", "threshold": 0.3}, {})
    for name, args in {"defaults": {}, "unpadded": {"pad": False}, "axis-0": {"axis": 0}, "axis-1": {"axis": 1},
                       "unpadded-0": {"pad": False, "axis": 0}}.items():
        cases.add(name, "recurrence_to_lag", "librosa.segment.recurrence_to_lag", {"rec": "similar_square"} | args,
                  "whole")
    for name, args in {"defaults": {}, "axis-0": {"axis": 0}}.items():
        cases.add(name, "lag_to_recurrence", "librosa.segment.lag_to_recurrence", {"lag": "similar_square"} | args,
                  "whole")
    cases.same_defaults("recurrence_to_lag", "librosa.segment.recurrence_to_lag", {"rec": "similar_square"}, {})
    cases.same_defaults("lag_to_recurrence", "librosa.segment.lag_to_recurrence", {"lag": "similar_square"}, {})
    for name, args in {"1x7": {"size": [1, 7]}, "3x4": {"size": [3, 4]},
                       "unpadded": {"size": [1, 5], "pad": False}}.items():
        for function, tolerance in (("median", "whole"), ("mean", "averaged")):
            cases.add(name, f"timelag_{function}", "librosa.segment.timelag_filter", {"rec": "similar_square"} | args,
                      tolerance, via=f"reference_structure.timelag_{function}")
    cases.same_defaults("timelag_mean", "librosa.segment.timelag_filter", {"rec": "similar_square", "size": [3, 4]},
                        {"index": "a filter of sori takes one matrix"})
    for mode in ("reflect", "constant", "nearest", "mirror", "wrap"):
        for function, tolerance in (("median", "whole"), ("mean", "averaged")):
            cases.add(mode, function, f"scipy.ndimage.{'median' if function == 'median' else 'uniform'}_filter",
                      {"a": "similar", "size": [5, 6], "mode": mode}, tolerance, via=f"reference_structure.{function}")


def paths(cases):
    for n in (1, 3, 8, 31, 50):
        for slope in (0.5, 1.0, 1.3, 2.0):
            cases.add(f"{n}-{slope}", "diagonal_filter", "librosa.filters.diagonal_filter",
                      {"window": "hann", "n": n, "slope": slope}, "turned")
    for name, args in {"angle": {"angle": 0.3}, "steep": {"angle": 1.2}, "hamming": {"window": "hamming"},
                       "zero-mean": {"zero_mean": True, "slope": 0.7}}.items():
        cases.add(name, "diagonal_filter", "librosa.filters.diagonal_filter", {"window": "hann", "n": 20} | args,
                  "turned")
    cases.same_defaults("diagonal_filter", "librosa.filters.diagonal_filter", {"window": "hann", "n": 12}, {})

    def enhance(name, R="similar", n=15, **args):
        cases.add(name, "path_enhance", "librosa.segment.path_enhance", {"R": R, "n": n} | args, "smoothed")

    enhance("defaults")
    enhance("even", n=14)
    enhance("longer-than-the-matrix", n=70)
    enhance("square", R="similar_square", n=9)
    enhance("three-axes", R="similar3", n=7)
    enhance("hamming", window="hamming")
    enhance("ratios", max_ratio=1.5, min_ratio=1.0, n_filters=3)
    enhance("one-filter", n_filters=1)
    enhance("zero-mean", zero_mean=True)
    enhance("zero-mean-even", zero_mean=True, n=10, clip=False)
    enhance("unclipped", clip=False)
    for mode in ("constant", "nearest", "mirror", "wrap"):
        enhance(mode, mode=mode)
    enhance("cval", mode="constant", cval=1.5)
    cases.same_defaults("path_enhance", "librosa.segment.path_enhance", {"R": "similar", "n": 15},
                        {"kwargs": "mode and cval alone"})


def segments(cases):
    def agglomerative(name, data, k):
        cases.add(name, "agglomerative", "librosa.segment.agglomerative", {"data": data, "k": k}, "whole")

    for k in (1, 2, 7, 40, 79, 80):
        agglomerative(f"{k}", "track", k)
    agglomerative("three-axes", "track3", 6)
    agglomerative("one-axis", "align_row", 4)
    for k in (3, 10, 17):
        agglomerative(f"ties-{k}", "steady", k)
    for k in (2, 4, 8):
        agglomerative(f"steps-{k}", "steps_up", k)
    for y, sr in (("bird", 22050), ("speech", 22050), ("trumpet", 22050), ("band", 22050)):
        cases.add(y, "agglomerative_mfcc", "librosa.segment.agglomerative", {"y": y, "sr": sr, "k": 9}, "whole",
                  via="reference_structure.agglomerative_of_mfcc")
    cases.same_defaults("agglomerative", "librosa.segment.agglomerative", {"data": "track", "k": 5},
                        {"clusterer": "Ward's alone", "axis": "always the last"})
    for name, args in {"defaults": {}, "two": {"n_segments": 2}, "one": {"n_segments": 1}}.items():
        cases.add(name, "subsegment", "librosa.segment.subsegment",
                  {"data": "track", "frames": [10, 12, 40, 51, 70]} | args, "whole")
    cases.same_defaults("subsegment", "librosa.segment.subsegment", {"data": "track", "frames": [10, 40]},
                        {"axis": "always the last"})


def frames(cases):
    given = [7, 3, 40, 3, 100, 0, 12]
    for name, args in {"defaults": {}, "limits": {"x_min": 5, "x_max": 50}, "no-limit": {"x_min": None},
                       "unpadded": {"x_min": 5, "x_max": 50, "pad": False},
                       "upper": {"x_min": None, "x_max": 30}}.items():
        cases.add(name, "fix_frames", "librosa.util.fix_frames", {"frames": given} | args, "whole")
    for name, args in {"defaults": {}, "limits": {"idx_min": 5, "idx_max": 50},
                       "unpadded": {"idx_max": 50, "pad": False}}.items():
        cases.add(name, "index_to_slice", "librosa.util.index_to_slice", {"idx": given} | args, "whole",
                  via="reference_structure.index_to_slice")
    cases.same_defaults("fix_frames", "librosa.util.fix_frames", {"frames": given}, {})
    cases.same_defaults("index_to_slice", "librosa.util.index_to_slice", {"idx": given},
                        {"step": "a Python slice's; spans alone"})
    for how in (None, "numpy.median", "numpy.min", "numpy.max", "numpy.sum"):
        args = {"data": "track", "idx": [5, 6, 30, 61]} | ({"aggregate": how} if how else {})
        cases.add(f"{how}", "sync", "librosa.util.sync", args,
                  "whole" if how in ("numpy.min", "numpy.max") else "averaged")
    cases.add("three-axes", "sync", "librosa.util.sync", {"data": "track3", "idx": [7, 9, 22]}, "averaged")
    cases.add("unpadded", "sync", "librosa.util.sync", {"data": "track", "idx": [7, 9, 22], "pad": False}, "averaged")
    cases.add("slices", "sync", "librosa.util.sync", {"data": "track", "idx": [[3, 9], [2, 80], [50, 51]]}, "averaged",
              via="reference_structure.sync_slices")
    cases.same_defaults("sync", "librosa.util.sync", {"data": "track", "idx": [5, 6, 30]}, {"axis": "always the last"})
    sevens, tens = list(range(0, 100, 7)), [50, 10, 20, 0, 30, 40, 60, 70, 80, 90, 100]
    seconds = [0.31, 0.02, 1.75, 0.99, 2.6]
    for name, args in {"defaults": {}, "right": {"left": False}, "left": {"right": False}}.items():
        cases.add(name, "match_events", "librosa.util.match_events",
                  {"events_from": sevens, "events_to": tens} | args, "whole")
        cases.add(name + "-seconds", "match_events", "librosa.util.match_events",
                  {"events_from": seconds, "events_to": [0.0, 0.3, 0.35, 1.0, 1.7, 2.0, 2.7]} | args, "whole")
    cases.add("exact", "match_events", "librosa.util.match_events",
              {"events_from": [20, 80, 50], "events_to": tens, "left": False, "right": False}, "whole")
    cases.add("one", "match_events", "librosa.util.match_events", {"events_from": sevens, "events_to": [30]}, "whole")
    cases.same_defaults("match_events", "librosa.util.match_events", {"events_from": sevens, "events_to": tens}, {})
    some, others = [[3.0, 5.0], [1.0, 4.0], [4.0, 5.0]], [[0.0, 2.0], [1.0, 3.0], [4.0, 5.0], [6.0, 7.0]]
    cases.add("strict", "match_intervals", "librosa.util.match_intervals",
              {"intervals_from": some, "intervals_to": others}, "whole")
    cases.add("lenient", "match_intervals", "librosa.util.match_intervals",
              {"intervals_from": others, "intervals_to": some, "strict": False}, "whole")
    cases.same_defaults("match_intervals", "librosa.util.match_intervals",
                        {"intervals_from": some, "intervals_to": others}, {})


def add(cases):
    for group in (align, recurrence, paths, segments, frames):
        group(cases)
