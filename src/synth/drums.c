/* drums.c - what the keys of a drum kit are called: General MIDI's percussion map (MIDI Association, RP-003). */
#include "synth/synth.h"
#include <sori/score.h>

static const struct { const char *name, *title; } drums[SORI_LAST_DRUM - SORI_FIRST_DRUM + 1] = {
    { "acoustic_kick", "Acoustic Bass Drum" }, { "kick", "Bass Drum 1" },
    { "side_stick", "Side Stick" }, { "snare", "Acoustic Snare" },
    { "clap", "Hand Clap" }, { "electric_snare", "Electric Snare" },
    { "low_floor_tom", "Low Floor Tom" }, { "closed_hihat", "Closed Hi Hat" },
    { "high_floor_tom", "High Floor Tom" }, { "pedal_hihat", "Pedal Hi-Hat" },
    { "low_tom", "Low Tom" }, { "open_hihat", "Open Hi-Hat" },
    { "low_mid_tom", "Low-Mid Tom" }, { "high_mid_tom", "Hi-Mid Tom" },
    { "crash", "Crash Cymbal 1" }, { "high_tom", "High Tom" },
    { "ride", "Ride Cymbal 1" }, { "china", "Chinese Cymbal" },
    { "ride_bell", "Ride Bell" }, { "tambourine", "Tambourine" },
    { "splash", "Splash Cymbal" }, { "cowbell", "Cowbell" },
    { "crash_2", "Crash Cymbal 2" }, { "vibraslap", "Vibraslap" },
    { "ride_2", "Ride Cymbal 2" }, { "high_bongo", "Hi Bongo" },
    { "low_bongo", "Low Bongo" }, { "mute_high_conga", "Mute Hi Conga" },
    { "open_high_conga", "Open Hi Conga" }, { "low_conga", "Low Conga" },
    { "high_timbale", "High Timbale" }, { "low_timbale", "Low Timbale" },
    { "high_agogo", "High Agogo" }, { "low_agogo", "Low Agogo" },
    { "cabasa", "Cabasa" }, { "maracas", "Maracas" },
    { "short_whistle", "Short Whistle" }, { "long_whistle", "Long Whistle" },
    { "short_guiro", "Short Guiro" }, { "long_guiro", "Long Guiro" },
    { "claves", "Claves" }, { "high_wood_block", "Hi Wood Block" },
    { "low_wood_block", "Low Wood Block" }, { "mute_cuica", "Mute Cuica" },
    { "open_cuica", "Open Cuica" }, { "mute_triangle", "Mute Triangle" },
    { "triangle", "Open Triangle" },
};

static const struct { const char *alias; int key; } aliases[] = {
    { "bass_drum", 36 }, { "bd", 36 }, { "sd", 38 }, { "rimshot", 37 }, { "hihat", 42 }, { "hh", 42 }, { "hat", 42 },
    { "tom", 45 }, { "floor_tom", 41 }, { "mid_tom", 47 }, { "cymbal", 49 }, { "bongo", 60 }, { "conga", 63 },
};

int sori_drum(sori_ctx *c, const char *name) {
    int64_t number;
    if (base_failed(c)) return -1;
    if (!name) name = "";
    for (int i = 0; i <= SORI_LAST_DRUM - SORI_FIRST_DRUM; i++)
        if (synth_same_name(name, drums[i].name) || synth_same_name(name, drums[i].title)) return SORI_FIRST_DRUM + i;
    for (size_t i = 0; i < BASE_COUNT(aliases); i++)
        if (synth_same_name(name, aliases[i].alias)) return aliases[i].key;
    if (base_parse_i64(name, &number) && sori_drum_name((int)number) && number == (int)number) return (int)number;
    sori_fail(c, SORI_EINVAL, "synth: no drum is called \"%.100s\" (kick, snare, closed_hihat, open_hihat, crash, "
              "ride, low_tom, ..., any General MIDI name, or 35 to 81)", name);
    return -1;
}

const char *sori_drum_name(int key) {
    return key >= SORI_FIRST_DRUM && key <= SORI_LAST_DRUM ? drums[key - SORI_FIRST_DRUM].name : NULL;
}

const char *sori_drum_title(int key) {
    return key >= SORI_FIRST_DRUM && key <= SORI_LAST_DRUM ? drums[key - SORI_FIRST_DRUM].title : NULL;
}
