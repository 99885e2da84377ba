/* compose_lines.c - one note at a time: melody, counter melody, bass.
 *
 * A melody walks along the scale. On strong beats, and where a note is long, it goes on to the nearest note of the
 * chord; between them it steps, seldom jumps, and turns back at the ends of its range. */
#include "synth/compose.h"
#include <stdlib.h>

/* Where notes begin, in eighths of a bar. The last is for bars that end a phrase. */
static const char *const rhythms[] = {
    "x.x.x.x.", "x...x.x.", "x.x.x...", "x..xx.x.", "x.xxx...", "x...x...", "..x.x.xx", "xxx.x.x.", "x..x..x.",
    "x.....x.", "x.x.....",
};
enum { RHYTHMS = BASE_COUNT(rhythms) - 1 };

static bool in_chord(int degree, int chord) {
    int above = (degree - chord + 70) % 7;
    return above == 0 || above == 2 || above == 4;
}

/* The chord's note nearest to degree, of equals the one in the direction. */
static int nearest(int degree, int chord, int direction) {
    for (int away = 0;; away++) {
        if (in_chord(degree + direction * away, chord)) return degree + direction * away;
        if (in_chord(degree - direction * away, chord)) return degree - direction * away;
    }
}

typedef struct walk {
    int degree, low, high;       /* degrees */
} walk;

static int step(base_rng *r) {
    static const int steps[] = { 1, -1, 1, -1, 1, -1, 2, -2, 0, 1, -1, 3 };
    return steps[base_rng_below(r, BASE_COUNT(steps))];
}

static void move(walk *w, base_rng *r, int chord, bool strong) {
    int by = step(r), to = w->degree + by;
    if (to > w->high || to < w->low) to = w->degree - by;
    if (to > w->high || to < w->low) to = w->degree;
    w->degree = strong ? nearest(to, chord, to > (w->low + w->high) / 2 ? -1 : 1) : to;
}

static void melody_bar(compose_song *s, size_t bar, base_rng *r, walk *w) {
    const char *rhythm = rhythms[bar % 4 == 3 ? RHYTHMS : base_rng_below(r, RHYTHMS)];
    for (int at = 0, next; at < COMPOSE_EIGHTHS; at = next) {
        for (next = at + 1; next < COMPOSE_EIGHTHS && rhythm[next] != 'x';) next++;
        if (rhythm[at] != 'x') continue;
        move(w, r, synth_compose_chord(s, bar), at % 4 == 0 || next - at > 2);
        if (compose_last(s, bar)) next = COMPOSE_EIGHTHS;   /* the last note is held */
        synth_compose_add(s, bar, at / 2.0, 0.92 * BASE_MIN(next - at, 6) / 2, synth_compose_pitch(s, w->degree),
                    at % 4 == 0 ? 98 : 86);
    }
}

/* Repeats draw the same again. */
void synth_compose_melody(compose_song *s, int part) {
    int low = synth_compose_degree(s, 62);
    base_rng r = { 0 };
    walk w = { 0 };
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            r = synth_compose_rng(s, part, compose_section(bar));
            w = (walk){ low + 3 + 2 * compose_section(bar), low, low + 9 };
        }
        melody_bar(s, bar, &r, &w);
    }
}

/* Half notes below the melody, from chord note to nearest chord note. */
void synth_compose_counter(compose_song *s, int part) {
    int low = synth_compose_degree(s, 53);
    base_rng r = { 0 };
    walk w = { 0 };
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            r = synth_compose_rng(s, part, compose_section(bar));
            w = (walk){ low + 2, low, low + 6 };
        }
        int halves = compose_last(s, bar) ? 1 : 2;
        for (int half = 0; half < halves; half++) {
            move(&w, &r, synth_compose_chord(s, bar), true);
            synth_compose_add(s, bar, 2 * half, 3.8 / halves, synth_compose_pitch(s, w.degree), 78);
        }
    }
}

/* --- bass --------------------------------------------------------------------------------------------------------- */

/* In eighths: R root, 5 fifth, 8 octave, A a step from the next chord's root. */
static const char *const lines[] = {
    "R...5...", "R..RR..A", "R.R.R.R.", "R.8.R.8A", "R...R..A", "R.5.8.5A", "R..5..8.", "RRRRRRRA",
};

static int bass_pitch(const compose_song *s, size_t bar, char what) {
    int lowest = synth_compose_degree(s, 29), root = lowest + (synth_compose_chord(s, bar) - lowest % 7 + 7) % 7;
    int next = lowest + (synth_compose_chord(s, bar + 1) - lowest % 7 + 7) % 7;
    if (what == 'A') return synth_compose_pitch(s, next > root ? next - 1 : next + 1);
    return synth_compose_pitch(s, root + (what == '5' ? 4 : what == '8' ? 7 : 0));
}

void synth_compose_bass(compose_song *s, int part) {
    const char *line = lines[0];
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            base_rng r = synth_compose_rng(s, part, compose_section(bar));
            line = lines[base_rng_below(&r, BASE_COUNT(lines))];
        }
        const char *here = compose_last(s, bar) ? "R......." : line;
        for (int at = 0, next; at < COMPOSE_EIGHTHS; at = next) {
            for (next = at + 1; next < COMPOSE_EIGHTHS && here[next] == '.';) next++;
            synth_compose_add(s, bar, at / 2.0, 0.9 * (next - at) / 2, bass_pitch(s, bar, here[at]), at ? 88 : 100);
        }
    }
}
