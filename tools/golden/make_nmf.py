#!/usr/bin/env python3
# Factorisations as scikit-learn 1.9.1 makes them from a given start: tests/golden/nmf/nmf.safetensors, for
# tests/golden/test_nmf.c, whose table names the same settings.
#
#     python tools/golden/make_nmf.py         with what requirements.txt names
#
# In double; of each case W, H, and loss, n_iter.
import os

import numpy as np
import safetensors.numpy
import warnings
from sklearn.decomposition import non_negative_factorization
from sklearn.decomposition._nmf import _beta_divergence

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/nmf/nmf.safetensors")
FEATURES, FRAMES, K = 33, 70, 6
LOSSES = {"frobenius": "frobenius", "kullback": "kullback-leibler", "itakura": "itakura-saito"}
warnings.simplefilter("ignore")   # that max_iter was reached
draw = np.random.default_rng(5)
parts = draw.gamma(0.5, size=(FEATURES, K)) @ draw.gamma(0.5, size=(K, FRAMES))
positive = (parts + draw.gamma(1.0, 0.05, size=parts.shape) + 0.01).astype(np.float32)
zeros = np.where(draw.uniform(size=parts.shape) < 0.1, 0, positive).astype(np.float32)
zeros[5] = 0
W = draw.uniform(0.1, 1, (FEATURES, K)).astype(np.float32)
H = draw.uniform(0.1, 1, (K, FRAMES)).astype(np.float32)
files = {"positive": positive, "zeros": zeros, "W": W, "H": H}


def keep(name, S, loss, W, H, n_iter):
    files[name + ".W"], files[name + ".H"] = np.ascontiguousarray(W), np.ascontiguousarray(H)
    files[name + ".end"] = np.array([_beta_divergence(S, W, H, loss), n_iter])


def both(name, loss, max_iter, solver="mu", tol=0, **penalties):
    S = (positive if loss == "itakura-saito" else zeros).astype(np.float64)
    keep(name, S, loss, *non_negative_factorization(
        S, W.astype(np.float64), H.astype(np.float64), K, init="custom", solver=solver, beta_loss=loss, tol=tol,
        max_iter=max_iter, **penalties))


def activations(name, loss):
    S = (positive if loss == "itakura-saito" else zeros).astype(np.float64)
    Ht, _, n_iter = non_negative_factorization(
        S.T, None, W.T.astype(np.float64), K, update_H=False, solver="mu", beta_loss=loss, tol=0, max_iter=30)
    keep(name, S, loss, W.astype(np.float64), Ht.T, n_iter)


for word, loss in LOSSES.items():
    both(word, loss, 25)
    both(word + ".penalties", loss, 25, alpha_W=0.003, alpha_H=0.02, l1_ratio=0.6)
    both(word + ".same", loss, 25, alpha_W=0.01)
    both(word + ".tol", loss, 400, tol=2e-3)
    activations(word + ".activations", loss)
both("hals", "frobenius", 25, solver="cd")
both("hals.penalties", "frobenius", 25, solver="cd", alpha_W=0.003, alpha_H=0.02, l1_ratio=0.6)
safetensors.numpy.save_file(files, OUT)
os.chmod(OUT, 0o644)
