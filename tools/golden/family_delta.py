# Derivatives over time.


def add(cases):
    def delta(name, **args):
        cases.add(name, "delta", "librosa.feature.delta", args, "delta", dtype="float64")

    delta("defaults", data="matrix")
    delta("three-axes", data="matrix3")
    delta("one-axis", data="row")
    for order in (2, 3):
        delta(f"order-{order}", data="matrix", order=order)
    for width in (3, 5, 21, 41):
        delta(f"width-{width}", data="matrix", width=width)
    delta("order-2-width-3", data="matrix", order=2, width=3)
    delta("exactly-width", data="five", width=5, order=2)
    for mode in ("mirror", "constant", "nearest", "wrap"):
        delta(mode, data="matrix", mode=mode)
        delta(mode + "-wider-than-data", data="five", mode=mode, width=13)
    delta("cval", data="matrix", mode="constant", cval=12.5)
    delta("polyorder", data="matrix", order=1, polyorder=4)
    delta("spacing", data="matrix", order=2, delta=0.25)
    cases.same_defaults("delta", "librosa.feature.delta", {"data": "matrix"}, {})
