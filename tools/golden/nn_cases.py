# The golden cases of make_nn.py: for every layer and loss of sori its table, and the same in PyTorch's words.
#
# sori's layouts: images [n, h, w, c], sequences [n, t, c], kernels [kh, kw, c, f]. The helpers below turn them.
import numpy as np
import torch
import torch.nn.functional as F

# Where SORI_... is not the layer's name in model files.
NAMES = {"max_pooling1d": "maxpool1d", "max_pooling2d": "maxpool2d", "average_pooling1d": "avgpool1d",
         "average_pooling2d": "avgpool2d", "global_average_pooling1d": "global_avgpool1d",
         "global_average_pooling2d": "global_avgpool2d", "global_max_pooling1d": "global_maxpool1d",
         "global_max_pooling2d": "global_maxpool2d", "batch_normalization": "batchnorm", "concatenate": "concat",
         "layer_normalization": "layernorm", "group_normalization": "groupnorm",
         "instance_normalization": "instancenorm", "p_re_lu": "prelu", "up_sampling": "upsampling",
         "multi_head_attention": "attention"}


def first(x):
    """[n, ..., c] -> [n, c, ...]"""
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def kernel(w):
    """[k..., c, f] -> [f, c, k...]"""
    return w.movedim((-1, -2), (0, 1))


def same_pad(n, k, stride, dilation=1):
    """TensorFlow's SAME: out = ceil(n / stride), the odd zero behind."""
    needed = max(((n + stride - 1) // stride - 1) * stride + (k - 1) * dilation + 1 - n, 0)
    return needed // 2, needed - needed // 2


def padded(x, pads, value=0.0):
    """x [n, c, ...] with (before, after) of every axis."""
    return F.pad(x, [p for pair in reversed(pads) for p in pair], value=value)


def pads_of(x, k, stride, dilation, padding, explicit):
    if padding == "same":
        return [same_pad(n, a, s, d) for n, a, s, d in zip(x.shape[2:], k, stride, dilation)]
    if padding == "explicit":
        return [tuple(explicit[2 * i:2 * i + 2]) for i in range(len(k))]
    return [(0, 0)] * len(k)


def row(op, axes, k, stride, dilation=None, padding="valid", pad=None, **more):
    """A layer's row, without the fields that are the default; pairs are always written in full."""
    r = {"op": op, "kernel": (list(k) + [0])[:2]} | more
    if any(s != 1 for s in stride):
        r["strides"] = (list(stride) + [0])[:2]
    if dilation and any(d != 1 for d in dilation):
        r["dilation"] = (list(dilation) + [0])[:2]
    if padding != "valid":
        r["padding"] = padding
    if pad:
        r["pad"] = (list(pad) + [0, 0])[:4]
    return r


# --- convolutions ---------------------------------------------------------------------------------------------------

def convolution(g, name, input, filters, k, stride=None, dilation=None, padding="valid", pad=None, bias=True,
                act=None):
    axes = len(k)
    stride, dilation = stride or [1] * axes, dilation or [1] * axes
    op, f = f"conv{axes}d", [F.conv1d, F.conv2d][axes - 1]
    more = {"filters": filters} | ({} if bias else {"no_bias": True}) | ({"act": act} if act else {})

    def run(x, w):
        x = first(x)
        x = padded(x, pads_of(x, k, stride, dilation, padding, pad))
        y = last(f(x, kernel(w[op + "/kernel"]), w.get(op + "/bias"), stride=stride, dilation=dilation))
        return ACTS[act][1](y) if act else y

    weights = {op + "/kernel": (*k, input[-1], filters)} | ({op + "/bias": (filters,)} if bias else {})
    g.layers(name, f"torch.nn.Conv{axes}d", input, [row(op, axes, k, stride, dilation, padding, pad, **more)], run,
             weights)


def convolutions(g):
    convolution(g, "plain", (7, 6, 2), 3, [3, 2])
    convolution(g, "one", (5, 4, 3), 4, [1, 1], bias=False)
    convolution(g, "same", (6, 5, 3), 4, [3, 3], padding="same", act="relu")
    convolution(g, "same_even", (6, 5, 2), 3, [2, 4], padding="same")
    convolution(g, "stride", (8, 7, 2), 3, [3, 2], stride=[2, 3])
    convolution(g, "stride_same", (8, 7, 2), 3, [3, 3], stride=[2, 2], padding="same")
    convolution(g, "dilated", (9, 8, 2), 3, [3, 2], dilation=[2, 3])
    convolution(g, "dilated_same", (9, 8, 2), 3, [3, 3], dilation=[2, 1], padding="same")
    convolution(g, "explicit", (6, 5, 2), 3, [3, 3], stride=[2, 1], padding="explicit", pad=[2, 1, 0, 3])
    convolution(g, "wide", (4, 3, 16), 16, [3, 3], padding="same", bias=False)
    convolution(g, "first", (9, 9, 1), 16, [3, 3])
    convolution(g, "plain", (11, 3), 4, [3])
    convolution(g, "waveform", (50, 1), 6, [16], stride=[4], padding="same", bias=False)
    convolution(g, "dilated", (14, 2), 3, [3], dilation=[4], padding="same")
    convolution(g, "explicit", (9, 2), 3, [4], stride=[3], padding="explicit", pad=[3, 1], act="tanh")


# --- pools ----------------------------------------------------------------------------------------------------------

def pool(g, name, what, input, k, stride=None, padding="valid", pad=None):
    axes, stride = len(k), stride or k
    op = f"{'max' if what == 'max' else 'average'}_pooling{axes}d"

    def run(x, w):
        x = first(x)
        pads = pads_of(x, k, stride, [1] * axes, padding, pad)
        if what == "max":
            return last([F.max_pool1d, F.max_pool2d][axes - 1](padded(x, pads, -np.inf), k, stride))
        f = [F.avg_pool1d, F.avg_pool2d][axes - 1]   # padding is not counted: divide by the mean of ones
        return last(f(padded(x, pads), k, stride) / f(padded(torch.ones_like(x), pads), k, stride))

    r = {"op": op, "kernel": (list(k) + [0])[:2]}
    if stride != k:
        r["strides"] = (list(stride) + [0])[:2]
    if padding != "valid":
        r["padding"] = padding
    if pad:
        r["pad"] = (list(pad) + [0, 0])[:4]
    g.layers(name, f"torch.nn.{'Max' if what == 'max' else 'Avg'}Pool{axes}d", input, [r], run)


def pools(g):
    for what in "max", "average":
        pool(g, "plain", what, (6, 5, 3), [2, 2])
        pool(g, "overlapping", what, (7, 6, 2), [3, 2], stride=[2, 1])
        pool(g, "same", what, (7, 6, 2), [3, 3], stride=[2, 2], padding="same")
        pool(g, "explicit", what, (6, 6, 2), [3, 3], stride=[2, 2], padding="explicit", pad=[1, 0, 1, 1])
        pool(g, "plain", what, (9, 3), [4])
        pool(g, "same", what, (10, 3), [3], stride=[2], padding="same")
    for axes, input in (1, (7, 3)), (2, (4, 5, 3)):
        over = tuple(range(1, axes + 1))
        g.layers("plain", f"torch.nn.AdaptiveAvgPool{axes}d", input, [{"op": f"global_average_pooling{axes}d"}],
                 lambda x, w: x.mean(over))
        g.layers("plain", f"torch.nn.AdaptiveMaxPool{axes}d", input, [{"op": f"global_max_pooling{axes}d"}],
                 lambda x, w: x.amax(over))


# --- dense, activations, merging --------------------------------------------------------------------------------------

# sori's name: what PyTorch calls it, the function
ACTS = {
    "relu": ("ReLU", F.relu), "leaky_relu": ("LeakyReLU", lambda x: F.leaky_relu(x, 0.2)),
    "sigmoid": ("Sigmoid", torch.sigmoid), "tanh": ("Tanh", torch.tanh),
    "softmax": ("Softmax", lambda x: F.softmax(x, -1)), "elu": ("ELU", F.elu), "gelu": ("GELU", F.gelu),
    "silu": ("SiLU", F.silu), "softplus": ("Softplus", F.softplus), "relu6": ("ReLU6", F.relu6),
    # F.hardsigmoid multiplies its gradient by 1/6 in float, in double too
    "hard_sigmoid": ("Hardsigmoid", lambda x: F.relu6(x + 3) / 6),
}


def dense(g):
    def run(x, w):
        y = x @ w["dense/kernel"]
        return y + w["dense/bias"] if "dense/bias" in w else y

    def weights(c, units, bias=True):
        return {"dense/kernel": (c, units)} | ({"dense/bias": (units,)} if bias else {})

    g.layers("vector", "torch.nn.Linear", (7,), [{"op": "dense", "units": 5}], run, weights(7, 5))
    g.layers("rows", "torch.nn.Linear", (4, 3), [{"op": "dense", "units": 5}], run, weights(3, 5))
    g.layers("no_bias", "torch.nn.Linear", (2, 3, 4), [{"op": "dense", "units": 17, "no_bias": True}], run,
             weights(4, 17, False))
    g.layers("wide", "torch.nn.Linear", (40,), [{"op": "dense", "units": 19}], run, weights(40, 19))


def activations(g):
    x = np.concatenate([np.linspace(-8, 8, 33), [-40, -0.5, 0.25, 40]]).astype(np.float32)[None, :, None]
    for act, (torch_name, f) in ACTS.items():
        g.layers(act, "torch.nn." + torch_name, (4, 5), [{"op": "activation", "act": act}], lambda x, w: f(2 * x / 2))
        if act != "softmax":   # far out; without a gradient by x, dense gives one by a weight
            g.layers(act + "_far", "torch.nn." + torch_name, x.shape[1:], [
                {"op": "dense", "units": 1, "no_bias": True}, {"op": "activation", "act": act}],
                lambda x, w: f(x @ w["dense/kernel"]), {"dense/kernel": ((1, 1), 1.0)}, x=x)
    g.layers("elu_alpha", "torch.nn.ELU", (6,), [{"op": "activation", "act": "elu", "alpha": 0.5}],
             lambda x, w: F.elu(x, 0.5))


def merging(g):
    two = [{"op": "dense", "name": "a", "units": 3}, {"op": "dense", "name": "b", "units": 3, "from": ["before"]}]
    weights = {"a/kernel": (4, 3), "a/bias": (3,), "b/kernel": (4, 3), "b/bias": (3,)}

    def both(x, w):
        return [x @ w[n + "/kernel"] + w[n + "/bias"] for n in "ab"]

    g.layers("two", "torch.add", (5, 4), two + [{"op": "add", "from": ["a", "b"]}], lambda x, w: sum(both(x, w)),
             weights)
    g.layers("two", "torch.cat", (5, 4), two + [{"op": "concatenate", "from": ["a", "b"]}],
             lambda x, w: torch.cat(both(x, w), -1), weights)
    g.layers("with_input", "torch.cat", (5, 4), two[:1] + [{"op": "concatenate", "from": ["a", "before"]}],
             lambda x, w: torch.cat([both(x, w | {"b/kernel": w["a/kernel"], "b/bias": w["a/bias"]})[0], x], -1),
             {k: weights[k] for k in ("a/kernel", "a/bias")})
    g.layers("image", "torch.nn.Flatten", (2, 3, 4), [{"op": "flatten"}], lambda x, w: x.flatten(1))
    g.layers("image", "torch.reshape", (2, 6, 2), [{"op": "reshape", "shape": [4, 3, 2, 0]}],
             lambda x, w: x.reshape(-1, 4, 3, 2))


# --- norms ------------------------------------------------------------------------------------------------------------

def batch_norm(g, name, input, momentum=0.99, epsilon=1e-3, act=None):
    op, c = "batch_normalization", input[-1]
    names = [f"{op}/{n}" for n in ("gamma", "beta", "moving_mean", "moving_variance")]
    r = {"op": op} | ({"momentum": momentum} if momentum != 0.99 else {})
    r |= ({"epsilon": epsilon} if epsilon != 1e-3 else {}) | ({"act": act} if act else {})
    f = ACTS[act][1] if act else lambda y: y

    def run(x, w):
        gamma, beta, mean, var = [w[n].detach() if "moving" in n else w[n] for n in names]
        return f(last(F.batch_norm(first(x), mean, var, gamma, beta, False, 0.0, epsilon)))

    def training(x, w):
        over = tuple(range(x.ndim - 1))
        mean, var = x.detach().mean(over), x.detach().var(over, correction=0)   # PyTorch moves the unbiased one
        moved = {names[2]: momentum * w[names[2]] + (1 - momentum) * mean,
                 names[3]: momentum * w[names[3]] + (1 - momentum) * var}
        y = f(last(F.batch_norm(first(x), None, None, w[names[0]], w[names[1]], True, 0.0, epsilon)))
        return y, moved

    g.layers(name, f"torch.nn.BatchNorm{max(len(input) - 1, 1)}d", input, [r], run,
             {names[0]: ((c,), 1.0), names[1]: (c,), names[2]: (c,), names[3]: ((c,), 1.5)}, training=training)


def norms(g):
    batch_norm(g, "vector", (6,))
    batch_norm(g, "sequence", (5, 3), momentum=0.9, epsilon=1e-5)
    batch_norm(g, "image", (4, 5, 3), act="relu")
    batch_norm(g, "wide", (2, 3, 20), momentum=0.9)


# --- losses -----------------------------------------------------------------------------------------------------------

def losses(g, draw):
    def noise(case, shape):
        return draw(case + "/t", shape)

    def one_hot(case, shape):
        return np.eye(shape[1])[np.arange(shape[0]) * 2 % shape[1]]

    def soft(case, shape):
        e = np.exp(draw(case + "/t", shape))
        return e / e.sum(1, keepdims=True)

    def share(case, shape):
        return 1 / (1 + np.exp(-draw(case + "/t", shape)))

    g.loss("plain", "torch.nn.MSELoss", "mse", noise, F.mse_loss)
    cross = "categorical_crossentropy"
    for name, target in ("one_hot", one_hot), ("soft", soft):
        g.loss(name, "torch.nn.CrossEntropyLoss", cross, target, F.cross_entropy, "softmax")
        g.loss(name + "_smoothed", "torch.nn.CrossEntropyLoss", cross, target,
               lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), "softmax", label_smoothing=0.1)
    g.loss("plain", "torch.nn.BCEWithLogitsLoss", "binary_crossentropy", share, F.binary_cross_entropy_with_logits,
           "sigmoid")
    g.loss("one", "torch.nn.BCEWithLogitsLoss", "binary_crossentropy", share, F.binary_cross_entropy_with_logits,
           "sigmoid", width=1)


def add(g, draw):
    dense(g)
    convolutions(g)
    pools(g)
    norms(g)
    merging(g)
    activations(g)
    losses(g, draw)
