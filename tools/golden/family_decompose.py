# Factorisation, recurrence and cross-similarity, and the filters over neighbours.
FUNCTIONS = {
    "components": "sori_decompose", "activations": "sori_decompose", "product": "sori_decompose",
    "recurrence": "sori_recurrence_matrix", "cross": "sori_cross_similarity", "nn_filter": "sori_nn_filter",
}

TOLERANCES = {
    "nmf": {"rule": "max", "limit": 1e-3,
            "why": "sweeps of coordinate descent stop when little is gained, not at the optimum, and small differences "
                   "grow on the way there: scikit-learn in float32 and in float64 differ as much"},
    "nmf.exact": {"rule": "max", "limit": 5e-7,
                  "why": "against librosa fed float64 and given exact singular vectors; rounded to float32"},
    "nmf.random": {"rule": "max", "limit": 1e-5,
                   "why": "against librosa as it is, in float32, with scikit-learn's few random rounds to singular "
                          "vectors that are nearly found"},
    "links": {"rule": "abs", "limit": 0, "why": "the same neighbours"},
    "distance": {"rule": "max", "limit": 1e-6, "why": "librosa's are rounded from double, sori's sums are in float"},
    "affinity": {"rule": "max", "limit": 2e-6, "why": "as distance"},
    "neighbours": {"rule": "max", "limit": 1e-6, "why": "the same neighbours; both add in float32"},
}

INPUTS = {
    "frames": {"kind": "spectrum", "seed": 51, "value": 1.0, "shape": [12, 150]},
    "frames2": {"kind": "spectrum", "seed": 52, "value": 1.0, "shape": [2, 7, 61]},
    "frames3": {"kind": "noise", "seed": 53, "value": 3.0, "shape": [12, 83]},
    "frames_few": {"kind": "noise", "seed": 54, "value": 3.0, "shape": [5, 9]},
    "frames_zero": {"kind": "impulse", "at": 7, "value": 2.0, "shape": [6, 30]},
    "frames_row": {"kind": "noise", "seed": 55, "value": 1.0, "shape": [40]},
    "factor": {"kind": "spectrum", "seed": 56, "value": 1.0, "shape": [40, 70]},
    "factor_wide": {"kind": "spectrum", "seed": 57, "value": 1.0, "shape": [9, 300]},
    "factor_tall": {"kind": "spectrum", "seed": 58, "value": 1.0, "shape": [333, 21]},
    "factor_stereo": {"kind": "spectrum", "seed": 59, "value": 1.0, "shape": [2, 20, 33]},
    "basis": {"kind": "spectrum", "seed": 60, "value": 1.0, "shape": [40, 5]},
    "basis_stereo": {"kind": "spectrum", "seed": 61, "value": 1.0, "shape": [2, 20, 3]},
    "factor_zero": {"kind": "constant", "value": 0, "shape": [8, 10]},
    "weights": {"kind": "spectrum", "seed": 62, "value": 1.0, "shape": [61, 61]},
}


def add_nmf(cases):
    def nmf(name, default="nmf", exact="nmf.exact", only=("components", "activations"), dtype="float64", **args):
        for result in only:
            cases.add(name, result, "librosa.decompose.decompose", args, default, exact, dtype=dtype,
                      via="reference_decompose." + result)

    nmf("five", S="factor", n_components=5)
    nmf("one", S="factor", n_components=1)
    nmf("wide", S="factor_wide", n_components=4)
    nmf("tall", S="factor_tall", n_components=8)
    nmf("all", S="factor_wide", tol=1e-2)
    nmf("as-many-as-frames", S="factor_tall", n_components=21, max_iter=10)
    nmf("stereo", S="factor_stereo", n_components=3)
    nmf("zero", S="factor_zero", n_components=2)
    nmf("sorted", S="factor", n_components=6, sort=True, max_iter=30)
    nmf("one-sweep", S="factor", n_components=7, max_iter=1)
    nmf("tol", S="factor", n_components=3, tol=0.05)
    nmf("fixed", S="factor", components="basis")
    nmf("fixed-stereo", S="factor_stereo", components="basis_stereo")
    for y in ("trumpet", "bird", "band"):
        nmf(y, y=y, n_components=4, only=("product",))
        nmf(y + "-random", "nmf.random", None, y=y, n_components=4, random_svd=True, only=("product",), dtype=None)
    cases.same_defaults("components", "librosa.decompose.decompose", {"S": "factor_wide", "n_components": 3},
                        {"transformer": "always NMF, the default", "fit": "False where components are given"})


def add_recurrence(cases):
    def recurrence(name, default, exact=None, **args):
        cases.add(name, "recurrence", "librosa.segment.recurrence_matrix", {"data": "frames"} | args, default,
                  exact or default, via="reference_decompose.recurrence")

    recurrence("defaults", "links")
    recurrence("first_k", "links", first_k=True)
    recurrence("stereo", "links", data="frames2")
    recurrence("few", "links", data="frames_few")
    recurrence("row", "links", data="frames_row")
    recurrence("axis", "links", data="frames2", axis=1, width=2, k=2)
    recurrence("axis-first", "links", data="factor_tall", axis=0)
    for metric in ("sqeuclidean", "cityblock", "cosine"):
        recurrence(metric, "distance", metric=metric, mode="distance")
    for k in (1, 7, 148, 500):
        recurrence(f"k-{k}", "links", k=k)
    for width in (2, 20, 73):
        recurrence(f"width-{width}", "links", width=width)
        recurrence(f"width-{width}-first_k", "links", width=width, k=9, first_k=True)
        recurrence(f"width-{width}-distance", "distance", width=width, mode="distance")
    recurrence("sym", "links", sym=True)
    recurrence("self", "links", self=True)
    recurrence("sym-self-affinity", "affinity", sym=True, self=True, mode="affinity")
    recurrence("zeros-distance", "distance", data="frames_zero", mode="distance", k=5)
    recurrence("full-distance", "distance", mode="distance", full=True)
    recurrence("full-affinity", "affinity", mode="affinity", full=True, self=True)
    for bandwidth in ("med_k_scalar", "mean_k", "gmean_k", "mean_k_avg", "gmean_k_avg", "mean_k_avg_and_pair", 0.7):
        recurrence(f"bandwidth-{bandwidth}", "affinity", mode="affinity", bandwidth=bandwidth, k=8)
        recurrence(f"bandwidth-{bandwidth}-full", "affinity", mode="affinity", bandwidth=bandwidth, full=True,
                   self=True)
    for y in ("trumpet", "band", "speech"):
        cases.add(y, "recurrence", "librosa.segment.recurrence_matrix", {"y": y, "mode": "affinity"}, "affinity",
                  via="reference_decompose.recurrence")
    cases.same_defaults("recurrence", "librosa.segment.recurrence_matrix", {"data": "frames"},
                        {"sparse": "the result is dense"})

    def cross(name, tolerance, **args):
        cases.add(name, "cross", "librosa.segment.cross_similarity", {"data": "frames", "data_ref": "frames3"} | args,
                  tolerance, tolerance, via="reference_decompose.cross")

    cross("defaults", "links")
    cross("other-way", "links", data="frames3", data_ref="frames")
    cross("with-itself", "links", data_ref="frames")
    cross("stereo", "links", data="frames2", data_ref="frames2", k=3)
    for metric in ("euclidean", "sqeuclidean", "cityblock", "cosine"):
        cross(metric, "distance", metric=metric, mode="distance", k=11)
    cross("affinity", "affinity", mode="affinity")
    cross("bandwidth", "affinity", mode="affinity", bandwidth=2.5, k=300)
    cross("full", "distance", mode="distance", full=True)
    cross("full-affinity", "affinity", mode="affinity", full=True)
    cases.same_defaults("cross", "librosa.segment.cross_similarity", {"data": "frames", "data_ref": "frames3"},
                        {"sparse": "the result is dense"})


def add(cases):
    add_nmf(cases)
    add_recurrence(cases)

    def nn_filter(name, **args):
        args = args if "y" in args else {"S": "frames"} | args
        cases.add(name, "nn_filter", "librosa.decompose.nn_filter", args, "neighbours", "neighbours",
                  via="reference_decompose.nn_filter")

    nn_filter("defaults")
    nn_filter("first_k", first_k=True)
    for aggregate in ("mean", "median", "average"):
        nn_filter(aggregate, aggregate=aggregate, k=5)
        nn_filter(aggregate + "-affinity", aggregate=aggregate, k=8, mode="affinity", metric="cosine")
        nn_filter(aggregate + "-given", S="frames2", rec="weights", aggregate=aggregate)
    nn_filter("stereo", S="frames2", width=3)
    nn_filter("sym", k=2, sym=True, aggregate="median")
    nn_filter("axis", S="frames2", axis=-2, k=2)
    nn_filter("no-neighbours", S="frames_zero", k=3, mode="distance")
    for y in ("trumpet", "band"):
        nn_filter(y, y=y, aggregate="median", metric="cosine", first_k=True)
    cases.same_defaults("nn_filter", "librosa.decompose.nn_filter", {"S": "frames"},
                        {"kwargs": "those of recurrence_matrix"})
