#!/usr/bin/env python3
# Names of notes, keys and degrees as librosa 0.11.0 gives them: tests/golden/notation/names.json, for
# tests/golden/test_names.c.
#
#     python tools/golden/make_notation.py
#
# Each case is [function, arguments, answer]; the answer null means that librosa raises an error. Corrections of
# librosa (see sori_midi_to_note, sori_interval_to_fjs) are left out here and tested in tests/unit/test_notation.c.
import itertools
import json
import os

import librosa
import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/notation/names.json")
ACCIDENTALS = ["", "#", "b", "♯", "♭", "!", "♮", "##", "bb", "𝄪", "𝄫", "#b", "###", "♭♭♭", "𝄪♯", "𝄫♭", "𝄪𝄪"]
SCALES = ["maj", "min", "major", "minor", "ion", "dor", "phr", "lyd", "mix", "aeo", "loc", "ionian", "dorian",
          "phrygian", "lydian", "mixolydian", "aeolian", "locrian", "phryg", "aeol", "locr", "mixolyd"]
cases = []


def plain(answer):
    if isinstance(answer, np.ndarray):
        return answer.tolist()
    return answer.item() if isinstance(answer, np.generic) else answer


def add(function, **args):
    try:
        call = getattr(librosa, function)
        if function == "fifths_to_note" or not args:
            answer = call(**args)
        else:                                       # vectorised functions want their first argument by place
            first, *rest = args
            answer = plain(call(args[first], **{name: args[name] for name in rest}))
    except (librosa.ParameterError, KeyError, ValueError):
        answer = None
    cases.append([function, args, answer])


def notes():
    texts = [letter + accidental + octave for letter in "CDEFGABcg" for accidental in ACCIDENTALS
             for octave in ("", "4", "-1")]
    texts += ["A4+25", "A4-25", "A+25", "C-1-10", "C+10", "G#9+49", "Bb3+50", "Bb3-50", "C5+150", "F♯2-99"]
    texts += ["", "H4", "4", "A4+", "A4 ", " A4", "A4.5", "A#4b", "Ax", "A4+2.5", "♯4", "4A", "A--4", "A4++5"]
    for text in texts:
        for round_midi in (True, False):
            add("note_to_midi", note=text, round_midi=round_midi)
    for text in texts[::7]:
        add("note_to_hz", note=text, round_midi=False)


def midi():
    # Not the two that librosa gets wrong: 29 cents, and numbers below 0.
    numbers = [0, 1, 11, 12, 59, 60, 61, 66, 69, 70, 127, 128, 60.5, 61.5, 69.25, 68.75, 68.501, 100.004, 69.43]
    for number, octave, cents, unicode in itertools.product(numbers, (True, False), (True, False), (True, False)):
        add("midi_to_note", midi=number, octave=octave, cents=cents, unicode=unicode)
    for key in ("C:maj", "F:min", "Gb:maj", "D#:min", "B:maj", "A:dorian", "C##:maj", "Q:maj"):
        for number in range(60, 72):
            add("midi_to_note", midi=number, key=key)
    for hz in (16.35, 27.5, 100.0, 261.6, 440.0, 445.0, 4186.0, 12543.9):
        add("hz_to_note", frequencies=hz)
        add("hz_to_note", frequencies=hz, cents=True, unicode=False)


def keys():
    for letter, accidental, scale in itertools.product("CDEFGAB", ACCIDENTALS, SCALES):
        key = f"{letter}{accidental}:{scale}"
        if accidental in ("", "#", "♭", "𝄪", "♭♭♭"):
            add("key_to_degrees", key=key)
        if scale in ("maj", "min") or accidental in ("", "#", "b", "♯♯"):
            add("key_to_notes", key=key, unicode=accidental != "b", natural=scale in ("min", "dorian"))
    for natural, unicode in itertools.product((True, False), (True, False)):
        for key in ("C:maj", "A:min", "Eb:maj", "F#:min", "B#:maj", "Cb:maj", "d:dor", "C##:min"):
            add("key_to_notes", key=key, natural=natural, unicode=unicode)
    for key in ("", "C", "C:", "C:MAJ", "H:maj", "C:majo", "C:phrian", "C:mixian", "C maj", ":maj", "C:ionianian"):
        add("key_to_notes", key=key)
        add("key_to_degrees", key=key)


def fifths():
    for unison, unicode in itertools.product(("C", "F", "b", "Bb", "F#", "E##", "A♭♭", "Gn"), (True, False)):
        for n in (-40, -15, -8, -7, -3, -1, 0, 1, 2, 6, 7, 13, 14, 21, 40):
            add("fifths_to_note", unison=unison, fifths=n, unicode=unicode)
    add("fifths_to_note", unison="X", fifths=1)


def just():
    known = sorted(librosa.core.intervals.INTERVALS, key=float)
    for interval in known[::2] + [3.0, 0.75, 20 / 3, 1 / 7, 0.0, -1.5, 2 ** (7 / 12), 1.23456]:
        add("interval_to_fjs", interval=float(interval), unison="F#" if len(cases) % 3 else "C",
            unicode=len(cases) % 2 == 0)
    add("interval_to_fjs", interval=5 / 4)
    add("interval_to_fjs", interval=5 / 4, tolerance=1.01)
    for ratio in (1.0, 5 / 4, 4 / 3, 3 / 2, 7 / 4, 2.0, 11 / 8, 13 / 8 * 1.0001):
        add("hz_to_fjs", frequencies=55 * ratio, fmin=55.0)
        add("hz_to_fjs", frequencies=55 * ratio, fmin=55.0, unison="C#", unicode=True)


def india():
    for thaat in librosa.list_thaat() + ["Kafi", "nothing"]:
        add("thaat_to_degrees", thaat=thaat)
    for name in list(librosa.list_mela())[::7] + ["Kanakangi", "nothing"]:
        add("mela_to_degrees", mela=name)
        add("mela_to_svara", mela=name)
    for mela in range(0, 74):
        add("mela_to_degrees", mela=mela)
        add("mela_to_svara", mela=mela, abbr=mela % 2 == 0, unicode=mela % 3 != 0)
    styles = list(itertools.product((True, False), (True, False), (True, False)))
    for abbr, octave, unicode in styles:
        style = {"abbr": abbr, "octave": octave, "unicode": unicode}
        for midi in (30, 47, 48, 59, 60, 61.4, 65.5, 66.5, 71, 72, 83, 84, 96):
            add("midi_to_svara_h", midi=midi, Sa=60, **style)
            add("midi_to_svara_c", midi=midi, Sa=60, mela=22, **style)
    for mela in (1, 6, 36, 37, 72, 0, 73):
        for midi in range(60, 72):
            add("midi_to_svara_c", midi=midi, Sa=60, mela=mela)
    for hz in (130.0, 220.0, 261.0, 300.5, 523.0, 600.0):
        add("hz_to_svara_h", frequencies=hz, Sa=261.6)
        add("hz_to_svara_c", frequencies=hz, Sa=261.6, mela=15, abbr=False)
    for note in ("C4", "D♯4+49", "A3", "G5", "C", "X"):
        add("note_to_svara_h", notes=note, Sa="C4", abbr=False)
        add("note_to_svara_c", notes=note, Sa="D4+60", mela=36, unicode=False)


def defaults():
    """Nothing but what must be given."""
    for function, args in (("note_to_midi", {"note": "A4+25"}), ("note_to_hz", {"note": "A4+25"}),
                           ("fifths_to_note", {"unison": "F#", "fifths": 3}), ("key_to_notes", {"key": "Eb:min"}),
                           ("midi_to_svara_h", {"midi": 73.2, "Sa": 60}),
                           ("note_to_svara_h", {"notes": "D♯5", "Sa": "C4"}),
                           ("hz_to_svara_c", {"frequencies": 600.5, "Sa": 261.6, "mela": 15}),
                           ("note_to_svara_c", {"notes": "D♯5", "Sa": "C4", "mela": 36})):
        add(function, **args)


for group in (notes, midi, keys, fifths, just, india, defaults):
    group()
add("list_thaat")
cases.append(["list_mela", {}, list(librosa.list_mela())])
with open(OUT, "w") as f:
    f.write('{"versions": ' + json.dumps({"librosa": librosa.__version__, "numpy": np.__version__}) + ',\n"cases": [\n')
    f.write(",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases) + "\n]}\n")
