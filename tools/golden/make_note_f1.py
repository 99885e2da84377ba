# Scores of found notes by mir_eval, for tests/golden/test_note_f1.c.
#
#     python tools/golden/make_note_f1.py        mir_eval 0.8.2, numpy
#
# Random notes, moved, dropped and added to; many within reach of several others, so that pairing matters.
import json
import pathlib

import mir_eval
import numpy as np


def notes(draw, n, seconds, pitches):
    start = np.round(draw.uniform(0, seconds, n), 4)
    return np.stack([start, start + np.round(draw.uniform(0.05, 1, n), 4), draw.integers(60, 60 + pitches, n)], 1)


def heard(draw, truth, spread):
    found = truth[draw.uniform(size=len(truth)) < 0.8].copy()
    found[:, :2] += np.round(draw.normal(0, spread, (len(found), 2)), 4)
    found[:, 0] = np.maximum(found[:, 0], 0)
    found[:, 1] = np.maximum(found[:, 1], found[:, 0] + 0.01)
    found[:, 2] += draw.uniform(-0.7, 0.7, len(found))
    return np.concatenate([found, notes(draw, len(truth) // 5, truth[:, 1].max(), 6)])


def score(truth, found, ratio, onset):
    hz = [440 * 2 ** ((a[:, 2] - 69) / 12) for a in (truth, found)]
    p, r, f, _ = mir_eval.transcription.precision_recall_f1_overlap(
        truth[:, :2], hz[0], found[:, :2], hz[1], offset_ratio=ratio, onset_tolerance=onset)
    return {"precision": p, "recall": r, "f1": f}


draw = np.random.default_rng(5)
cases = []
sizes = (1, 1, 1, 0.01), (6, 2, 3, 0.03), (30, 3, 4, 0.04), (60, 2, 2, 0.03), (40, 20, 30, 0.02)
for n, seconds, pitches, spread in sizes:
    truth = notes(draw, n, seconds, pitches)
    found = heard(draw, truth, spread)
    for ratio, onset in ((None, 0.05), (0.2, 0.05), (None, 0.1)):
        cases.append({"truth": truth.round(6).tolist(), "found": found.round(6).tolist(), "offset_ratio": ratio,
                      "onset": onset, **score(truth.round(6), found.round(6), ratio, onset)})
folder = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "metrics"
(folder / "note_f1.json").write_text(json.dumps({"mir_eval": mir_eval.__version__, "cases": cases}) + "\n")
