/* synth_piece.c - notes of several instruments, one after the other and together, and playing them. */
#include "synth.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ACCENT 27            /* velocity of "X" over that of "x" */
#define MOST_NOTES 65536     /* of a part: sori_play's own limit */

size_t synth_velocities(cli *k, int out[127]) {
    size_t count;
    char **words = cli_list(k, "velocity", &count);
    bool ok = count > 0 && count <= 127;
    if (!ok) cli_usage(k, "--velocity: 1 to 127 values");
    for (size_t i = 0; ok && i < count; i++) {
        char *end;
        long v = strtol(words[i], &end, 10);
        ok = words[i][strspn(words[i], "0123456789")] == 0 && !*end && v >= 1 && v <= 127;
        if (!ok) cli_usage(k, "--velocity %s: not a whole number from 1 to 127", words[i]);
        out[i] = (int)v;
    }
    free(words);
    return ok ? count : 0;
}

bool synth_piece_new(cli *k, synth_piece *p) {
    memset(p, 0, sizeof *p);
    p->velocity_count = synth_velocities(k, p->velocities);
    return p->velocity_count > 0;
}

void synth_piece_free(synth_piece *p) {
    for (size_t i = 0; i < p->part_count; i++) free(p->parts[i].notes);
    free(p->chords);
}

synth_part *synth_piece_part(cli *k, synth_piece *p, const char *instrument, bool drums) {
    int program = drums ? 0 : sori_instrument(k->c, instrument);
    if (program < 0) return NULL;
    if (p->part_count == SYNTH_PARTS) {
        sori_fail(k->c, SORI_EINVAL, "more than %d parts", SYNTH_PARTS);
        return NULL;
    }
    synth_part *part = &p->parts[p->part_count++];
    part->config = (sori_note_config){ .program = program, .drums = drums, .release_s = cli_number(k, "release"),
                                       .sr = cli_number(k, "sr"), .stereo = cli_flag(k, "stereo"),
                                       .a4_hz = cli_number(k, "tuning") };
    return part;
}

/* --- notes ------------------------------------------------------------------------------------------------------ */

/* *items [n] with room for one more. */
static void *grown(void *items, size_t n, size_t *room, size_t size) {
    if (n < *room) return items;
    *room = *room ? 2 * *room : 16;
    void *larger = cli_alloc(*room, size);
    if (n) memcpy(larger, items, n * size);
    free(items);
    return larger;
}

static void add_note(cli *k, synth_part *to, sori_score_note note) {
    if (to->n == MOST_NOTES) {
        sori_fail(k->c, SORI_EINVAL, "more than %d notes of one instrument", MOST_NOTES);
        return;
    }
    to->notes = grown(to->notes, to->n, &to->room, sizeof *to->notes);
    to->notes[to->n++] = note;
}

static int next_velocity(synth_piece *p) { return p->velocities[p->struck++ % p->velocity_count]; }

double synth_put_chord(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s) {
    sori_chord_config config = { .voicing = (sori_voicing)cli_choice(k, "voicing"),
                                 .octave = (int)cli_int(k, "octave"), .bass = cli_flag(k, "bass") };
    int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(k->c, name, &config, pitches);
    const char *label = sori_chord_label(k->c, name);
    if (!label || n < 0) return at;
    int velocity = next_velocity(p);
    for (int i = 0; i < n; i++) add_note(k, to, (sori_score_note){ at, length_s, pitches[i], velocity, 0 });
    p->chords = grown(p->chords, p->chord_count, &p->chord_room, sizeof *p->chords);
    p->chords[p->chord_count++] = (synth_chord){ at, at + length_s, label };
    return at + length_s;
}

double synth_put_scale(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s) {
    sori_scale_config config = { .direction = (sori_direction)cli_choice(k, "direction"),
                                 .octaves = (int)cli_int(k, "octaves"), .octave = (int)cli_int(k, "octave") };
    int pitches[SORI_SCALE_NOTES], n = sori_scale_pitches(k->c, name, &config, pitches);
    for (int i = 0; i < n; i++, at += length_s)
        add_note(k, to, (sori_score_note){ at, length_s, pitches[i], next_velocity(p), 0 });
    return at;
}

static double put_named(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s) {
    if (!strcmp(name, "-")) return at + length_s;
    if (strpbrk(name, ":/") || !strcmp(name, "N")) return synth_put_chord(k, p, to, name, at, length_s);
    int pitch = sori_note_number(k->c, name);
    if (pitch == 0) sori_fail(k->c, SORI_EINVAL, "%s: the lowest note is C#-1", name);
    if (pitch > 0) add_note(k, to, (sori_score_note){ at, length_s, pitch, next_velocity(p), 0 });
    return at + length_s;
}

double synth_put_sound(cli *k, synth_piece *p, synth_part *to, const char *text, double at, double length_s) {
    const char *star = strchr(text, '*');
    char *name = cli_printf("%.*s", (int)(star ? star - text : (ptrdiff_t)strlen(text)), text), *end = name;
    double times = star ? strtod(star + 1, &end) : 1;
    bool ok = !star || (star[1 + strspn(star + 1, "0123456789.")] == 0 && star[1] && !*end);
    if (!ok || !(times > 0 && times <= 1000))
        sori_fail(k->c, SORI_EINVAL, "%.60s: what follows the * is a length from above 0 to 1000", text);
    else at = put_named(k, p, to, name, at, length_s * times);
    free(name);
    return at;
}

void synth_put_pattern(cli *k, synth_piece *p, synth_part *to, int key, const char *pattern, double step_s,
                       size_t times, double until) {
    size_t steps = strlen(pattern), all = times * steps;
    if (until > (double)all * step_s) all = (size_t)ceil(until / step_s - 1e-9);
    for (size_t i = 0; i < all && !sori_error(k->c); i++) {
        char mark = pattern[i % steps];
        if (mark != 'x' && mark != 'X') continue;
        int velocity = next_velocity(p) + (mark == 'X' ? ACCENT : 0);
        add_note(k, to, (sori_score_note){ (double)i * step_s, step_s, key, velocity > 127 ? 127 : velocity, 0 });
    }
}

/* --- playing ---------------------------------------------------------------------------------------------------- */

static void humanise(cli *k, synth_piece *p) {
    sori_humanise_config config = { .seed = (uint64_t)cli_int(k, "seed") };
    for (size_t i = 0; i < p->part_count; i++) {
        sori_humanise(k->c, p->parts[i].notes, p->parts[i].n, &config);
        config.first += (uint32_t)p->parts[i].n;
    }
}

void synth_make_piece(cli *k, synth_piece *p, sori_synth *s, const synth_out *o, const char *path) {
    sori_audio sounds[SYNTH_PARTS];
    size_t n = 0;
    int scope = sori_begin(k->c);
    if (cli_flag(k, "humanise")) humanise(k, p);
    for (size_t i = 0; i < p->part_count && !sori_error(k->c); i++) {
        const synth_part *part = &p->parts[i];
        if (part->n) sounds[n++] = sori_play(k->c, s, part->notes, part->n, &part->config);
    }
    if (n == 0) sori_fail(k->c, SORI_EINVAL, "%s: there is nothing to play", path);
    sori_audio y = sori_error(k->c) ? (sori_audio){ 0 } : sori_mix(k->c, sounds, n, NULL);
    cli_save_sound(k, path, y, &o->save);
    if (y.y && !sori_error(k->c)) synth_save_labels(k, p, path, y);
    sori_end(k->c, scope, NULL);
}
