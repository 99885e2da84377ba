#!/usr/bin/env python3
# Scores of classes as scikit-learn 1.9.1 gives them: tests/golden/metrics/metrics.json, for
# tests/golden/test_metrics.c.
#
#     python tools/golden/make_metrics.py         with what requirements.txt names
#
# Scores are multiples of 1/64 of sum 1 and exact in float32, so that many are equal.
import json
import os
import warnings

import numpy as np
import sklearn
from sklearn import metrics

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/metrics/metrics.json")
warnings.simplefilter("ignore")   # of classes that are never predicted: they score 0
draw = np.random.default_rng(11)
AVERAGES = {"none": None, "macro": "macro", "micro": "micro", "weighted": "weighted"}


def scores(n, classes):
    """Rows of counts of 64 thrown into classes, some classes likelier."""
    return draw.multinomial(64, draw.dirichlet(np.ones(classes)), n) / 64


def case(name, y_true, y_score):
    classes = y_score.shape[1]
    y_pred = y_score.argmax(axis=1)
    answers = {"accuracy": metrics.accuracy_score(y_true, y_pred),
               "confusion": metrics.confusion_matrix(y_true, y_pred, labels=range(classes)).ravel().tolist(),
               "top_k": [metrics.top_k_accuracy_score(y_true, y_score, k=k, labels=range(classes))
                         for k in range(1, classes)] if classes > 2 else []}
    for word, average in AVERAGES.items():
        labels = range(classes) if average is None else None
        p, r, f, _ = metrics.precision_recall_fscore_support(y_true, y_pred, average=average, labels=labels)
        answers[word] = np.stack([p, r, f], axis=-1).ravel().tolist()
    if len(set(y_true)) == classes > 2:
        answers["auc"] = metrics.roc_auc_score(y_true, y_score, multi_class="ovr")
    elif classes == 2:
        answers["auc"] = metrics.roc_auc_score(y_true, y_score[:, 1])
    return {"name": name, "classes": classes, "true": y_true.tolist(), "score": y_score.ravel().tolist(), **answers}


def labels_of(y_score, noise):
    """Mostly the largest score's, so that the scores are neither useless nor perfect."""
    guess = y_score.argmax(axis=1)
    other = draw.integers(0, y_score.shape[1], len(guess))
    return np.where(draw.uniform(size=len(guess)) < noise, other, guess)


cases = []
for n, classes, noise in ((60, 2, 0.5), (80, 4, 0.6), (50, 10, 0.3), (9, 3, 1.0), (2, 2, 0.0)):
    s = scores(n, classes)
    y = labels_of(s, noise)
    y[:classes] = range(classes)
    cases.append(case(f"{n} of {classes}", y, s))
s = scores(40, 5)
y = labels_of(s, 0.5)
y[y == 3] = 1
cases.append(case("class 3 is never true", y, s))
s = scores(30, 5)[:, [0, 1, 2]] @ np.eye(3, 5)
cases.append(case("classes 3 and 4 do not occur", draw.integers(0, 3, 30), s))
several = draw.integers(0, 2, (40, 3))
s = draw.integers(0, 9, (40, 3)) / 8
multilabel = {"true": several.ravel().tolist(), "score": s.ravel().tolist(), "auc": metrics.roc_auc_score(several, s)}

with open(OUT, "w") as f:
    f.write('{"versions": ' + json.dumps({"scikit-learn": sklearn.__version__, "numpy": np.__version__}))
    f.write(',\n"multilabel": ' + json.dumps(multilabel))
    f.write(',\n"cases": [\n' + ",\n".join("  " + json.dumps(c) for c in cases) + "\n]}\n")
