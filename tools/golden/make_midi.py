#!/usr/bin/env python3
# MIDI files and their notes as pretty_midi 0.2.11 (mido 1.3.3) reads them: tests/golden/midi/, for
# tests/golden/test_midi.c.
#
#     python tools/golden/make_midi.py
#
# Tempos, times, pitches and velocities are drawn from a seed. notes.json: { file: { tempos: [[time, bpm]], tracks: [[program, drums, name, [[onset, end, pitch,
# velocity]]]] } }, tracks sorted by (drums, program, name).
import json
import os
import random

import mido
import pretty_midi

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/midi")


def part(rng, channel, program, name):
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    track.append(mido.Message("program_change", channel=channel, program=program))
    events, free = [], [0] * 128
    for _ in range(60):
        pitch = rng.randrange(30, 90)
        on = free[pitch] + rng.randrange(1, 900)
        off = free[pitch] = on + rng.randrange(1, 700)
        events.append((on, 1, mido.Message("note_on", channel=channel, note=pitch, velocity=rng.randrange(1, 128))))
        up = "note_off" if rng.random() < 0.5 else "note_on"
        events.append((off, 0, mido.Message(up, channel=channel, note=pitch, velocity=0)))
        bend = mido.Message("pitchwheel", channel=channel, pitch=rng.randrange(-8000, 8000))
        events.append((on, 2, bend))
    at = 0
    for tick, _, message in sorted(events, key=lambda e: e[:2]):
        track.append(message.copy(time=tick - at))
        at = tick
    return track


def conductor(rng):
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="conductor")])
    for time in (0, 500, 333, 1200):
        track.append(mido.MetaMessage("set_tempo", tempo=rng.randrange(200000, 1500000), time=time))
    return track


def piece(seed, ticks):
    rng = random.Random(seed)
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    file.tracks.append(conductor(rng))
    for channel, program, name in ((0, 0, "piano"), (1, 33, "bass"), (9, 0, "drums"), (2, 73, "flute")):
        file.tracks.append(part(rng, channel, program, name))
    return file


def answer(path):
    midi = pretty_midi.PrettyMIDI(path)
    times, bpms = midi.get_tempo_changes()
    tracks = []
    for i in midi.instruments:
        notes = [[float(n.start), float(n.end), int(n.pitch), int(n.velocity)] for n in i.notes]
        tracks.append([int(i.program), bool(i.is_drum), i.name, sorted(notes)])
    tracks.sort(key=lambda t: (t[1], t[0], t[2]))
    return {"tempos": list(zip(times.tolist(), bpms.tolist())), "tracks": tracks}


answers = {}
for name, seed, ticks, merged in (("format1.mid", 1, 480, False), ("format0.mid", 2, 96, True)):
    file, path = piece(seed, ticks), os.path.join(OUT, name)
    if merged:
        for track in file.tracks[1:]:
            track[1].time += track.pop(0).time
        file.tracks = [mido.merge_tracks(file.tracks)]
        file.type = 0
    file.save(path)
    answers[name] = answer(path)
with open(os.path.join(OUT, "notes.json"), "w") as f:
    json.dump(answers, f, separators=(",", ":"))
    f.write("\n")
