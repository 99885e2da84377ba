/* compose_chords.c - several notes at a time: chords, pad, arpeggio.
 *
 * Voice leading: of all positions of the next triad within the range, the one whose three voices move least, in
 * semitones added up, from where they are. */
#include "synth/compose.h"
#include <stdlib.h>

typedef struct voices {
    int pitch[3], low, high;     /* rising; range */
} voices;

static void lead(const compose_song *s, int chord, voices *v) {
    int best = 1000, from[3] = { v->pitch[0], v->pitch[1], v->pitch[2] };
    for (int degree = synth_compose_degree(s, v->low); synth_compose_pitch(s, degree) + 9 <= v->high; degree++) {
        int place = (degree - chord + 70) % 7, pitch[3], cost = 0;   /* degree: the lowest voice */
        if (place != 0 && place != 2 && place != 4) continue;
        int second = degree + (place == 4 ? 3 : 2), third = second + (place == 2 ? 3 : 2);
        for (int i = 0; i < 3; i++) {
            pitch[i] = synth_compose_pitch(s, i == 0 ? degree : i == 1 ? second : third);
            cost += abs(pitch[i] - from[i]);
        }
        if (cost >= best) continue;
        best = cost;
        for (int i = 0; i < 3; i++) v->pitch[i] = pitch[i];
    }
}

static void add_all(compose_song *s, size_t bar, double beat, double beats, const voices *v, int velocity) {
    for (int i = 0; i < 3; i++) synth_compose_add(s, bar, beat, beats, v->pitch[i], velocity);
}

void synth_compose_chords(compose_song *s, int part) {
    static const char *const patterns[] = { "x...x...", "x.x.x.x.", "x..x..x.", "x.....x.", "..x...x.", "x..xx..x" };
    const char *pattern = patterns[0];
    voices v = { { 55, 60, 64 }, 50, 74 };
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            base_rng r = synth_compose_rng(s, part, compose_section(bar));
            pattern = patterns[base_rng_below(&r, BASE_COUNT(patterns))];
        }
        const char *here = compose_last(s, bar) ? "x......." : pattern;
        lead(s, synth_compose_chord(s, bar), &v);
        for (int at = 0, next; at < COMPOSE_EIGHTHS; at = next) {
            for (next = at + 1; next < COMPOSE_EIGHTHS && here[next] != 'x';) next++;
            if (here[at] == 'x') add_all(s, bar, at / 2.0, 0.85 * (next - at) / 2, &v, at ? 72 : 82);
        }
    }
}

void synth_compose_pad(compose_song *s, int part) {
    voices v = { { 60, 64, 67 }, 55, 79 };
    (void)part;
    for (size_t bar = 0; bar < s->bars; bar++) {
        lead(s, synth_compose_chord(s, bar), &v);
        add_all(s, bar, 0, 3.95, &v, 62);
    }
}

void synth_compose_arpeggio(compose_song *s, int part) {
    static const int orders[][8] = {   /* voices; 3 and more are an octave up */
        { 0, 1, 2, 3, 4, 3, 2, 1 }, { 0, 2, 1, 2, 0, 2, 1, 2 }, { 3, 2, 1, 0, 3, 2, 1, 0 }, { 0, 1, 2, 3, 0, 1, 2, 3 },
    };
    const int *order = orders[0];
    voices v = { { 64, 67, 72 }, 60, 84 };
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            base_rng r = synth_compose_rng(s, part, compose_section(bar));
            order = orders[base_rng_below(&r, BASE_COUNT(orders))];
        }
        lead(s, synth_compose_chord(s, bar), &v);
        for (int at = 0; at < COMPOSE_EIGHTHS; at++)
            synth_compose_add(s, bar, at / 2.0, 0.48, v.pitch[order[at] % 3] + 12 * (order[at] / 3), at % 4 ? 66 : 76);
    }
}
