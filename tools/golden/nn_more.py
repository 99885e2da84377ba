# Golden cases of make_nn.py, continued: recurrent layers, norms, transposed convolutions, and what moves values about.
import numpy as np
import torch
import torch.nn.functional as F

from nn_cases import first, last, pads_of, row


# --- recurrent layers -------------------------------------------------------------------------------------------------

def gates(w, order, u):
    """Columns of ours [c, gates u] as PyTorch's rows, [gates u, c], its gates in `order` of ours."""
    return torch.cat([w[..., g * u:(g + 1) * u] for g in order], -1).T


def recurrent(g, name, op, input, units, sequences=False, bidirectional=False, backwards=False, bias=True):
    order, rows = ([0, 1, 2, 3], 1) if op == "lstm" else ([1, 0, 2], 2)
    sides = ["forward_", "backward_"] if bidirectional else [""]
    n = len(order) * units

    def one(x, w, side, reverse):
        wx, wh = [gates(w[f"{op}/{side}{k}"], order, units) for k in ("kernel", "recurrent_kernel")]
        b = w[f"{op}/{side}bias"] if bias else torch.zeros(rows, n, dtype=x.dtype)
        b = b.reshape(rows, n)
        bx = gates(b[:1], order, units).flatten()
        bh = gates(b[1:], order, units).flatten() if rows == 2 else torch.zeros_like(bx)
        x = x.flip(1) if reverse else x
        module = {"lstm": torch.lstm, "gru": torch.gru}[op]
        h = torch.zeros(1, x.shape[0], units, dtype=x.dtype)
        y = module(x, (h, h) if op == "lstm" else h, [wx, wh, bx, bh], True, 1, 0.0, False, False, True)[0]
        return y

    def run(x, w):
        lead = x.shape[:-2]
        x = x.reshape(-1, *x.shape[-2:])
        ys = [one(x, w, s, backwards != (i == 1)) for i, s in enumerate(sides)]
        if not sequences:
            y = torch.cat([y[:, -1] for y in ys], -1)
        else:
            y = torch.cat([ys[0]] + [y.flip(1) for y in ys[1:]], -1)
        return y.reshape(*lead, *y.shape[1:])

    weights = {}
    for s in sides:
        weights |= {f"{op}/{s}kernel": (input[-1], n), f"{op}/{s}recurrent_kernel": (units, n)}
        if bias:
            weights[f"{op}/{s}bias"] = (2, n) if rows == 2 else (n,)
    r = {"op": op, "units": units}
    for flag, on in ("return_sequences", sequences), ("bidirectional", bidirectional), ("go_backwards", backwards):
        r |= {flag: True} if on else {}
    r |= {} if bias else {"no_bias": True}
    g.layers(name, "torch.nn." + op.upper(), input, [r], run, weights)


def recurrents(g):
    for op in "lstm", "gru":
        recurrent(g, "last", op, (6, 3), 4)
        recurrent(g, "sequences", op, (5, 2), 3, sequences=True)
        recurrent(g, "both_ways", op, (5, 3), 3, bidirectional=True)
        recurrent(g, "both_ways_sequences", op, (4, 2), 3, sequences=True, bidirectional=True)
        recurrent(g, "backwards", op, (5, 3), 2, backwards=True)
        recurrent(g, "no_bias", op, (4, 3), 2, bias=False)
        recurrent(g, "wide", op, (3, 5), 18)
        recurrent(g, "many", op, (2, 4, 3), 3, sequences=True)


def attention(g):
    def run(heads, units, x, w):
        def project(what):   # [n, heads, t, units]
            y = torch.einsum("ntc,chu->nhtu", x, w[f"attention/{what}_kernel"])
            return y + w[f"attention/{what}_bias"][:, None] if f"attention/{what}_bias" in w else y

        y = F.scaled_dot_product_attention(project("query"), project("key"), project("value"))
        y = torch.einsum("nhtu,huc->ntc", y, w["attention/output_kernel"])
        return y + w["attention/output_bias"] if "attention/output_bias" in w else y

    for name, (t, c), heads, units, bias in (("one", (4, 3), 1, 3, True), ("heads", (5, 4), 2, 2, True),
                                             ("wide", (3, 4), 3, 5, True), ("no_bias", (4, 6), 2, 3, False)):
        weights = {}
        for what in "query", "key", "value":
            weights |= {f"attention/{what}_kernel": (c, heads, units)}
            weights |= {f"attention/{what}_bias": (heads, units)} if bias else {}
        weights |= {"attention/output_kernel": (heads, units, c)} | ({"attention/output_bias": (c,)} if bias else {})
        r = {"op": "multi_head_attention", "name": "attention", "heads": heads, "units": units}
        g.layers(name, "torch.nn.MultiheadAttention", (t, c), [r | ({} if bias else {"no_bias": True})],
                 lambda x, w: run(heads, units, x, w), weights)


# --- norms ------------------------------------------------------------------------------------------------------------

def norm(g, name, op, torch_name, input, f, **fields):
    c = input[-1]
    gamma, beta = op + "/gamma", op + "/beta"
    g.layers(name, torch_name, input, [{"op": op} | fields], lambda x, w: f(x, w[gamma], w[beta]),
             {gamma: ((c,), 1.0), beta: (c,)})


def sample_norms(g):
    for name, input in ("vector", (6,)), ("sequence", (4, 5)), ("image", (3, 4, 6)):
        norm(g, name, "layer_normalization", "torch.nn.LayerNorm", input,
             lambda x, a, b: F.layer_norm(x, (x.shape[-1],), a, b, 1e-3))
    norm(g, "epsilon", "layer_normalization", "torch.nn.LayerNorm", (20,),
         lambda x, a, b: F.layer_norm(x, (20,), a, b, 1e-5), epsilon=1e-5)
    for name, input, groups in ("sequence", (5, 6), 2), ("image", (3, 4, 6), 3), ("one", (3, 2, 4), 1):
        norm(g, name, "group_normalization", "torch.nn.GroupNorm", input,
             lambda x, a, b: last(F.group_norm(first(x), groups, a, b, 1e-3)), groups=groups)
    for name, input, axes in ("sequence", (7, 3), 1), ("image", (3, 4, 5), 2):
        norm(g, name, "instance_normalization", f"torch.nn.InstanceNorm{axes}d", input,
             lambda x, a, b: last(F.instance_norm(first(x), None, None, a, b, True, 0.0, 1e-3)))


# --- transposed convolutions ------------------------------------------------------------------------------------------

def transposed(g, name, input, filters, k, stride=None, dilation=None, padding="valid", pad=None, bias=True):
    axes = len(k)
    stride, dilation = stride or [1] * axes, dilation or [1] * axes
    op, f = f"conv{axes}d_transpose", [F.conv_transpose1d, F.conv_transpose2d][axes - 1]
    more = {"filters": filters} | ({} if bias else {"no_bias": True})

    def run(x, w):
        kernel = w[op + "/kernel"].movedim((-1, -2), (0, 1))   # [k..., f, c] -> [c, f, k...]
        y = f(first(x), kernel, stride=stride, dilation=dilation)
        for i in range(axes):   # the whole, cut as padding says
            n, s, covered = x.shape[i + 1], stride[i], (k[i] - 1) * dilation[i] + 1
            size, before = max((n - 1) * s + covered, n * s), 0
            if padding == "same":
                size = n * s
                before = max(covered - s, 0) // 2
            if padding == "explicit":
                size, before = (n - 1) * s + covered - pad[2 * i] - pad[2 * i + 1], pad[2 * i]
            missing = max(before + size - y.shape[i + 2], 0)
            y = F.pad(y, [0, 0] * (axes - 1 - i) + [0, missing]).narrow(i + 2, before, size)
        if bias:
            y = y + w[op + "/bias"].reshape(-1, *[1] * axes)
        return last(y)

    weights = {op + "/kernel": (*k, filters, input[-1])} | ({op + "/bias": (filters,)} if bias else {})
    g.layers(name, f"torch.nn.ConvTranspose{axes}d", input, [row(op, axes, k, stride, dilation, padding, pad, **more)],
             run, weights)


def transposes(g):
    transposed(g, "plain", (4, 3, 2), 3, [3, 2])
    transposed(g, "stride", (4, 3, 3), 2, [3, 4], stride=[2, 3])
    transposed(g, "gaps", (3, 4, 2), 3, [2, 1], stride=[3, 2])
    transposed(g, "same", (4, 3, 2), 3, [4, 3], stride=[2, 2], padding="same", bias=False)
    transposed(g, "explicit", (4, 3, 2), 3, [4, 4], stride=[2, 2], padding="explicit", pad=[1, 1, 1, 0])
    transposed(g, "dilated", (4, 4, 2), 2, [3, 2], dilation=[2, 3])
    transposed(g, "plain", (5, 3), 4, [3])
    transposed(g, "same", (6, 2), 3, [8], stride=[4], padding="same")
    transposed(g, "explicit", (5, 2), 3, [5], stride=[3], padding="explicit", pad=[2, 1])


# --- moving values ----------------------------------------------------------------------------------------------------

def moving(g):
    for name, shape, order in (("image", (2, 3, 4), (2, 1, 3)), ("all", (2, 3, 4), (3, 1, 2)),
                               ("matrix", (4, 3), (2, 1))):
        g.layers(name, "torch.permute", shape, [{"op": "permute", "shape": [*order, 0, 0][:4]}],
                 lambda x, w: x.permute(0, *order))
    g.layers("image", "torch.nn.ZeroPad2d", (3, 2, 2), [{"op": "zero_padding", "pad": [1, 2, 0, 3]}],
             lambda x, w: F.pad(x, [0, 0, 0, 3, 1, 2]))
    g.layers("sequence", "torch.nn.ConstantPad1d", (4, 2), [{"op": "zero_padding", "pad": [2, 1, 0, 0]}],
             lambda x, w: F.pad(x, [0, 0, 2, 1]))
    g.layers("image", "torch.nn.functional.pad", (5, 6, 2), [{"op": "cropping", "pad": [1, 2, 0, 3]}],
             lambda x, w: x[:, 1:3, 0:3])
    for bilinear in False, True:
        mode, fields = ("bilinear", {"bilinear": True}) if bilinear else ("nearest", {})
        g.layers(mode, "torch.nn.Upsample", (3, 2, 3), [{"op": "up_sampling", "kernel": [2, 3]} | fields],
                 lambda x, w: last(F.interpolate(first(x), scale_factor=(2, 3), mode=mode)))
        mode = "linear" if bilinear else "nearest"
        g.layers(mode + "_sequence", "torch.nn.Upsample", (4, 2), [{"op": "up_sampling", "kernel": [3, 0]} | fields],
                 lambda x, w: last(F.interpolate(first(x), scale_factor=3, mode=mode)))
    g.layers("image", "torch.nn.PReLU", (3, 4, 5), [{"op": "p_re_lu"}],
             lambda x, w: last(F.prelu(first(x), w["p_re_lu/alpha"])), {"p_re_lu/alpha": ((5,), 0.25)})


# --- sound ------------------------------------------------------------------------------------------------------------

def stft_of(x, n_fft, hop, center):
    """[n, samples] -> [n, bins, frames], complex"""
    window = torch.hann_window(n_fft, dtype=x.dtype)
    return torch.stft(x, n_fft, hop, window=window, center=center, pad_mode="constant", return_complex=True)


def sound(g):
    def stft(x, w):
        y = [torch.view_as_real(stft_of(c, 16, 4, True)) for c in (x[..., None] if x.ndim == 2 else x).unbind(-1)]
        return torch.cat(y, -1)

    fields = {"op": "stft", "n_fft": 16, "hop_length": 4}
    g.layers("mono", "torch.stft", (50,), [fields], stft)
    g.layers("stereo", "torch.stft", (30, 2), [fields], stft)
    g.layers("uncentered", "torch.stft", (40,), [{"op": "stft", "n_fft": 12, "hop_length": 6, "uncentered": True}],
             lambda x, w: torch.view_as_real(stft_of(x, 12, 6, False)))

    def istft(x, w):
        z = torch.view_as_complex(x.reshape(*x.shape[:3], -1, 2).contiguous()).movedim(3, 1).flatten(0, 1)
        y = torch.istft(z, 16, 4, window=torch.hann_window(16, dtype=x.dtype))
        return y.reshape(x.shape[0], -1, y.shape[-1]).movedim(1, 2)

    for name, channels in ("mono", 1), ("stereo", 2):
        g.layers(name, "torch.istft", (9, 8, 2 * channels), [{"op": "istft", "hop_length": 4}], istft)

    def log_mel(x, w):
        power = stft_of(x, 16, 4, True).abs() ** 2
        return (10 * torch.log10((w["log_mel/filters"].detach() @ power).clamp(min=1e-10)))[..., None]

    g.layers("filters", "torch.stft", (50,), [{"op": "log_mel", "n_fft": 16, "hop_length": 4, "n_mels": 3}], log_mel,
             {"log_mel/filters": ((3, 9), 2.0)}, training=lambda x, w: (log_mel(x, w), dict(w)))


def embedding(g):
    x = np.array([[1, 5, 0], [2, 2, 4]], np.float32)
    g.layers("words", "torch.nn.Embedding", x.shape[1:], [{"op": "embedding", "vocabulary": 6, "units": 3}],
             lambda x, w: F.embedding(x.long(), w["embedding/embeddings"]), {"embedding/embeddings": (6, 3)}, x=x)


def axes(g):
    """Dense, concatenation and the product along another axis than the last."""
    for axis in 1, 2:
        shape, c = (3, 4, 2), (3, 4)[axis - 1]
        g.layers(f"axis_{axis}", "torch.nn.Linear", shape, [{"op": "dense", "units": 5, "axis": axis}],
                 lambda x, w: (x.movedim(axis, -1) @ w["dense/kernel"] + w["dense/bias"]).movedim(-1, axis),
                 {"dense/kernel": (c, 5), "dense/bias": (5,)})
    two = [{"op": "dense", "name": "a", "units": 3}, {"op": "dense", "name": "b", "units": 3, "from": ["before"]}]
    weights = {"a/kernel": (4, 3), "a/bias": (3,), "b/kernel": (4, 3), "b/bias": (3,)}

    def both(x, w):
        return [x @ w[n + "/kernel"] + w[n + "/bias"] for n in "ab"]

    g.layers("axis_1", "torch.cat", (5, 4), two + [{"op": "concatenate", "axis": 1, "from": ["a", "b"]}],
             lambda x, w: torch.cat(both(x, w), 1), weights)
    g.layers("two", "torch.mul", (5, 4), two + [{"op": "multiply", "from": ["a", "b"]}],
             lambda x, w: both(x, w)[0] * both(x, w)[1], weights)


def add(g):
    recurrents(g)
    attention(g)
    sample_norms(g)
    transposes(g)
    moving(g)
    sound(g)
    embedding(g)
    axes(g)
