#!/usr/bin/env python3
# What chords consist of as mir_eval 0.8.2 reads Harte's syntax: tests/golden/notation/chords.json, for
# tests/golden/test_chords.c.
#
#     python tools/golden/make_chords.py
#
# Each case is [label, root, pitch classes above the root, bass]: semitones. Labels have every bass that the chord's
# quality names, and some that it does not.
import json
import os

import mir_eval
import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/notation/chords.json")
QUALITIES = {
    "maj": "1 3 5 2", "min": "1 b3 5 4", "dim": "1 b3 b5", "aug": "1 3 #5", "sus2": "1 2 5", "sus4": "1 4 5 b7",
    "7": "1 3 5 b7", "maj7": "1 3 5 7", "min7": "1 b3 5 b7", "minmaj7": "1 b3 5 7", "dim7": "1 b3 b5 6",
    "hdim7": "1 b3 b5 b7", "maj6": "1 3 5 6", "min6": "1 b3 5 6", "9": "1 3 5 b7 2", "maj9": "1 3 5 7",
    "min9": "1 b3 5 b7", "11": "1 3 5 b7", "min11": "1 b3 5", "13": "1 3 5", "maj13": "1 3 5", "min13": "1 b3 5",
    "5": "1 5", "1": "1", "maj(9)": "1 3 5", "min(9)": "1 b3 5", "sus4(b7)": "1 4 5", "aug(b7)": "1 3 #5",
}

cases = []
for root in ("C", "F#", "Bb", "Ab", "E"):
    for quality, degrees in QUALITIES.items():
        for degree in degrees.split():
            label = f"{root}:{quality}" + ("" if degree == "1" else f"/{degree}")
            number, bitmap, bass = mir_eval.chord.encode(label, reduce_extended_chords=True)
            bitmap = np.array(bitmap)
            bitmap[bass] = 1
            cases.append([label, int(number), [int(i) for i in np.flatnonzero(bitmap)], int(bass)])
with open(OUT, "w") as f:
    json.dump(cases, f, separators=(",", ":"))
    f.write("\n")
print(len(cases), "cases")
