/* compose_drums.c - drum kit and percussion: patterns of sixteenths, a fill before each new section. */
#include "synth/compose.h"

enum { KICK = 36, STICK = 37, SNARE = 38, CLOSED = 42, LOW_TOM = 45, OPEN = 46, MID_TOM = 47, CRASH = 49 };
enum { HIGH_TOM = 50 };
enum { TAMBOURINE = 54, HIGH_CONGA = 62, OPEN_CONGA = 63, LOW_CONGA = 64, CABASA = 69, CLAVES = 75 };

typedef struct line {
    int key, velocity;
    const char *steps;           /* sixteenths: x, or o for a soft one */
} line;

static void play(compose_song *s, size_t bar, const line *lines, int n, int from, int to) {
    for (int i = 0; i < n; i++)
        for (int at = from; at < to; at++)
            if (lines[i].steps[at] != '.') {
                int softer = lines[i].steps[at] == 'o' ? 25 : 0;
                synth_compose_add(s, bar, at / 4.0, 0.2, lines[i].key, lines[i].velocity - softer);
            }
}

static const line beats[][3] = {
    { { KICK, 105, "x.......x......." }, { SNARE, 100, "....x.......x..." }, { CLOSED, 80, "x.o.x.o.x.o.x.o." } },
    { { KICK, 105, "x..x..x...x....." }, { SNARE, 100, "....x.......x..o" }, { CLOSED, 72, "xoxoxoxoxoxoxoxo" } },
    { { KICK, 108, "x...x...x...x..." }, { SNARE, 96, "....x.......x..." }, { OPEN, 74, "..x...x...x...x." } },
    { { KICK, 104, "x.x.......x..x.." }, { SNARE, 98, "....x..o.o..x..o" }, { CLOSED, 76, "x.x.x.x.x.x.x.xx" } },
    { { KICK, 104, "x.....x........." }, { SNARE, 98, "........x......." }, { CLOSED, 74, "x.o.x.o.x.o.x.o." } },
    { { KICK, 100, "x.......x.x....." }, { STICK, 92, "....x.......x..." }, { CLOSED, 70, "x.xox.xox.xox.xo" } },
};

static const line fills[][3] = {
    { { SNARE, 96, "............xxxx" }, { HIGH_TOM, 0, "................" }, { KICK, 100, "............x..." } },
    { { HIGH_TOM, 98, "............xx.." }, { MID_TOM, 98, "..............x." }, { LOW_TOM, 100, "...............x" } },
    { { SNARE, 92, "............x.ox" }, { LOW_TOM, 100, "..............xx" }, { KICK, 100, "............x.x." } },
};

/* One stroke of kick and cymbal ends the song. */
void synth_compose_drums(compose_song *s, int part) {
    const line *beat = beats[0], *fill = fills[0];
    for (size_t bar = 0; bar < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            base_rng r = synth_compose_rng(s, part, compose_section(bar));
            beat = beats[base_rng_below(&r, BASE_COUNT(beats))];
            fill = fills[base_rng_below(&r, BASE_COUNT(fills))];
        }
        bool fills_up = bar % COMPOSE_SECTION == COMPOSE_SECTION - 1;
        if ((bar % COMPOSE_SECTION == 0 && bar > 0) || compose_last(s, bar)) synth_compose_add(s, bar, 0, 1, CRASH, 95);
        play(s, bar, beat, 3, 0, compose_last(s, bar) ? 1 : fills_up ? 12 : COMPOSE_STEPS);
        if (fills_up && !compose_last(s, bar)) play(s, bar, fill, 3, 12, COMPOSE_STEPS);
    }
}

void synth_compose_percussion(compose_song *s, int part) {
    static const line sets[][3] = {
        { { CABASA, 70, "x.o.x.o.x.o.x.o." }, { TAMBOURINE, 80, "....x.......x..." },
          { CLAVES, 0, "................" } },
        { { OPEN_CONGA, 84, "......x.......xx" }, { HIGH_CONGA, 78, "..x.......x....." },
          { LOW_CONGA, 86, "...x............" } },
        { { TAMBOURINE, 72, "x.o.x.o.x.o.x.o." }, { CLAVES, 80, "x..x..x...x.x..." },
          { LOW_CONGA, 80, "......x.......x." } },
    };
    const line *set = sets[0];
    for (size_t bar = 0; bar + 1 < s->bars; bar++) {
        if (bar % COMPOSE_SECTION == 0) {
            base_rng r = synth_compose_rng(s, part, compose_section(bar));
            set = sets[base_rng_below(&r, BASE_COUNT(sets))];
        }
        play(s, bar, set, 3, 0, COMPOSE_STEPS);
    }
}
