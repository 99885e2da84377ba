/* names.c - what instruments and notes are called.
 *
 * General MIDI Level 1 (MIDI Association, RP-003) numbers 128 instruments. Each gets a short name that can serve as a
 * class label and in a file name; a few everyday words lead to the usual choice. */
#include "synth/synth.h"
#include <string.h>

static const struct { const char *name, *title; } instruments[SORI_INSTRUMENTS] = {
    { "piano", "Acoustic Grand Piano" }, { "bright_piano", "Bright Acoustic Piano" },
    { "electric_grand", "Electric Grand Piano" }, { "honky_tonk", "Honky-tonk Piano" },
    { "electric_piano", "Electric Piano 1" }, { "electric_piano_2", "Electric Piano 2" },
    { "harpsichord", "Harpsichord" }, { "clavinet", "Clavi" },
    { "celesta", "Celesta" }, { "glockenspiel", "Glockenspiel" },
    { "music_box", "Music Box" }, { "vibraphone", "Vibraphone" },
    { "marimba", "Marimba" }, { "xylophone", "Xylophone" },
    { "tubular_bells", "Tubular Bells" }, { "dulcimer", "Dulcimer" },
    { "drawbar_organ", "Drawbar Organ" }, { "percussive_organ", "Percussive Organ" },
    { "rock_organ", "Rock Organ" }, { "church_organ", "Church Organ" },
    { "reed_organ", "Reed Organ" }, { "accordion", "Accordion" },
    { "harmonica", "Harmonica" }, { "bandoneon", "Tango Accordion" },
    { "guitar", "Acoustic Guitar (nylon)" }, { "steel_guitar", "Acoustic Guitar (steel)" },
    { "jazz_guitar", "Electric Guitar (jazz)" }, { "electric_guitar", "Electric Guitar (clean)" },
    { "muted_guitar", "Electric Guitar (muted)" }, { "overdriven_guitar", "Overdriven Guitar" },
    { "distortion_guitar", "Distortion Guitar" }, { "guitar_harmonics", "Guitar Harmonics" },
    { "acoustic_bass", "Acoustic Bass" }, { "bass", "Electric Bass (finger)" },
    { "picked_bass", "Electric Bass (pick)" }, { "fretless_bass", "Fretless Bass" },
    { "slap_bass", "Slap Bass 1" }, { "slap_bass_2", "Slap Bass 2" },
    { "synth_bass", "Synth Bass 1" }, { "synth_bass_2", "Synth Bass 2" },
    { "violin", "Violin" }, { "viola", "Viola" },
    { "cello", "Cello" }, { "contrabass", "Contrabass" },
    { "tremolo_strings", "Tremolo Strings" }, { "pizzicato_strings", "Pizzicato Strings" },
    { "harp", "Orchestral Harp" }, { "timpani", "Timpani" },
    { "strings", "String Ensemble 1" }, { "strings_2", "String Ensemble 2" },
    { "synth_strings", "SynthStrings 1" }, { "synth_strings_2", "SynthStrings 2" },
    { "choir", "Choir Aahs" }, { "voice", "Voice Oohs" },
    { "synth_voice", "Synth Voice" }, { "orchestra_hit", "Orchestra Hit" },
    { "trumpet", "Trumpet" }, { "trombone", "Trombone" },
    { "tuba", "Tuba" }, { "muted_trumpet", "Muted Trumpet" },
    { "french_horn", "French Horn" }, { "brass", "Brass Section" },
    { "synth_brass", "SynthBrass 1" }, { "synth_brass_2", "SynthBrass 2" },
    { "soprano_sax", "Soprano Sax" }, { "alto_sax", "Alto Sax" },
    { "tenor_sax", "Tenor Sax" }, { "baritone_sax", "Baritone Sax" },
    { "oboe", "Oboe" }, { "english_horn", "English Horn" },
    { "bassoon", "Bassoon" }, { "clarinet", "Clarinet" },
    { "piccolo", "Piccolo" }, { "flute", "Flute" },
    { "recorder", "Recorder" }, { "pan_flute", "Pan Flute" },
    { "blown_bottle", "Blown Bottle" }, { "shakuhachi", "Shakuhachi" },
    { "whistle", "Whistle" }, { "ocarina", "Ocarina" },
    { "square_lead", "Lead 1 (square)" }, { "saw_lead", "Lead 2 (sawtooth)" },
    { "calliope_lead", "Lead 3 (calliope)" }, { "chiff_lead", "Lead 4 (chiff)" },
    { "charang_lead", "Lead 5 (charang)" }, { "voice_lead", "Lead 6 (voice)" },
    { "fifths_lead", "Lead 7 (fifths)" }, { "bass_lead", "Lead 8 (bass + lead)" },
    { "new_age_pad", "Pad 1 (new age)" }, { "warm_pad", "Pad 2 (warm)" },
    { "polysynth_pad", "Pad 3 (polysynth)" }, { "choir_pad", "Pad 4 (choir)" },
    { "bowed_pad", "Pad 5 (bowed)" }, { "metallic_pad", "Pad 6 (metallic)" },
    { "halo_pad", "Pad 7 (halo)" }, { "sweep_pad", "Pad 8 (sweep)" },
    { "rain", "FX 1 (rain)" }, { "soundtrack", "FX 2 (soundtrack)" },
    { "crystal", "FX 3 (crystal)" }, { "atmosphere", "FX 4 (atmosphere)" },
    { "brightness", "FX 5 (brightness)" }, { "goblins", "FX 6 (goblins)" },
    { "echoes", "FX 7 (echoes)" }, { "sci_fi", "FX 8 (sci-fi)" },
    { "sitar", "Sitar" }, { "banjo", "Banjo" },
    { "shamisen", "Shamisen" }, { "koto", "Koto" },
    { "kalimba", "Kalimba" }, { "bagpipe", "Bag pipe" },
    { "fiddle", "Fiddle" }, { "shanai", "Shanai" },
    { "tinkle_bell", "Tinkle Bell" }, { "agogo", "Agogo" },
    { "steel_drums", "Steel Drums" }, { "woodblock", "Woodblock" },
    { "taiko", "Taiko Drum" }, { "melodic_tom", "Melodic Tom" },
    { "synth_drum", "Synth Drum" }, { "reverse_cymbal", "Reverse Cymbal" },
    { "fret_noise", "Guitar Fret Noise" }, { "breath_noise", "Breath Noise" },
    { "seashore", "Seashore" }, { "bird", "Bird Tweet" },
    { "telephone", "Telephone Ring" }, { "helicopter", "Helicopter" },
    { "applause", "Applause" }, { "gunshot", "Gunshot" },
};

static const struct { const char *alias; int program; } aliases[] = {
    { "grand_piano", 0 }, { "vibes", 11 }, { "bells", 14 }, { "organ", 19 }, { "nylon_guitar", 24 },
    { "acoustic_guitar", 24 }, { "clean_guitar", 27 }, { "electric_bass", 33 }, { "double_bass", 43 }, { "horn", 60 },
    { "saxophone", 65 }, { "sax", 65 }, { "cor_anglais", 69 }, { "panpipes", 75 }, { "kettledrum", 47 },
};

/* Equal but for case, and for which of blank, "-" and "_" stands between words. */
bool synth_same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a == ' ' || *a == '-' ? '_' : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b == ' ' || *b == '-' ? '_' : *b;
        if (x != y) return false;
    }
    return !*a && !*b;
}

int sori_instrument(sori_ctx *c, const char *name) {
    int64_t number;
    if (base_failed(c)) return -1;
    if (!name) name = "";
    for (int i = 0; i < SORI_INSTRUMENTS; i++)
        if (synth_same_name(name, instruments[i].name) || synth_same_name(name, instruments[i].title)) return i;
    for (size_t i = 0; i < BASE_COUNT(aliases); i++)
        if (synth_same_name(name, aliases[i].alias)) return aliases[i].program;
    if (base_parse_i64(name, &number) && number >= 0 && number < SORI_INSTRUMENTS) return (int)number;
    sori_fail(c, SORI_EINVAL, "synth: no instrument is called \"%.100s\" (piano, guitar, bass, violin, flute, "
              "trumpet, ..., any General MIDI name, or 0 to 127)", name);
    return -1;
}

const char *sori_instrument_name(int program) {
    return program >= 0 && program < SORI_INSTRUMENTS ? instruments[program].name : NULL;
}

const char *sori_instrument_title(int program) {
    return program >= 0 && program < SORI_INSTRUMENTS ? instruments[program].title : NULL;
}

/* --- notes ------------------------------------------------------------------------------------------------------ */

/* A letter, and any number of # and b (or the signs U+266F and U+266D, and "!" for flat, as librosa). */
const char *synth_read_class(const char *p, int *semitones) {
    static const int steps[] = { 9, 11, 0, 2, 4, 5, 7 };   /* A to G, semitones above C */
    int letter = *p >= 'a' && *p <= 'g' ? *p - 'a' : *p >= 'A' && *p <= 'G' ? *p - 'A' : -1, shift = 0;
    if (letter < 0) return NULL;
    for (p++; *p;) {
        if (!strncmp(p, "\xe2\x99\xaf", 3)) shift++, p += 3;
        else if (!strncmp(p, "\xe2\x99\xad", 3)) shift--, p += 3;
        else if (*p == '#') shift++, p++;
        else if (*p == 'b' || *p == '!') shift--, p++;
        else break;
    }
    *semitones = steps[letter] + shift;
    return shift < -12 || shift > 12 ? NULL : p;
}

/* Those, and an octave. */
static bool parse_note(const char *p, int64_t *midi) {
    int semitones;
    int64_t octave;
    p = synth_read_class(p, &semitones);
    if (!p || !base_parse_i64(p, &octave) || octave < -10 || octave > 20) return false;
    *midi = 12 * (octave + 1) + semitones;
    return true;
}

const char *synth_read_root(const char *p, int octave, int *midi) {
    int semitones;
    p = synth_read_class(p, &semitones);
    if (!p) return NULL;
    bool below = p[0] == '-' && p[1] >= '0' && p[1] <= '9';
    if (below || (*p >= '0' && *p <= '9')) {
        p += below;
        octave = *p++ - '0';
        if (*p >= '0' && *p <= '9') octave = 10 * octave + *p++ - '0';
        if (below) octave = -octave;
    }
    *midi = 12 * (octave + 1) + semitones;
    return p;
}

int sori_note_number(sori_ctx *c, const char *name) {
    int64_t midi;
    if (base_failed(c)) return -1;
    if (!name) name = "";
    if ((parse_note(name, &midi) || base_parse_i64(name, &midi)) && midi >= 0 && midi <= 127) return (int)midi;
    sori_fail(c, SORI_EINVAL, "synth: \"%.100s\" is not a note from C-1 to G9 (such as C4, F#3, Bb2), nor 0 to 127",
              name);
    return -1;
}

const char *sori_note_label(int midi, char *out) {
    static const char *const names[] = { "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B" };
    midi = BASE_MAX(0, BASE_MIN(midi, 127));
    base_format(out, 8, "%s%d", names[midi % 12], midi / 12 - 1);
    return out;
}

sori_status sori_pitch_range(sori_ctx *c, const char *text, int *low, int *high) {
    char first[32];
    if (base_failed(c)) return sori_error(c);
    if (!text) text = "";
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    base_format(first, sizeof first, "%.*s", (int)BASE_MIN(n, sizeof first - 1), text);
    *low = sori_note_number(c, first);
    *high = colon ? sori_note_number(c, colon + 1) : *low;
    if (!base_failed(c) && *low > *high)
        sori_fail(c, SORI_EINVAL, "synth: the range %.60s begins above its end", text);
    return sori_error(c);
}
