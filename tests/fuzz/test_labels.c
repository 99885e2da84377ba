/* Damaged label files: Audacity's, CSV and JAMS, told apart by their first byte. */
#define FUZZ_EXT "labels"
#define FUZZ_ROOM 160   /* a label of 56 bytes is as short as "0\n", and buffers double */
#include "fuzz.h"
#include <sori/labels.h>

static const sori_labels_format formats[] = { SORI_LABELS_AUDACITY, SORI_LABELS_CSV, SORI_LABELS_JAMS };

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    static const sori_label labels[] = {
        { .start_s = 0.5, .end_s = 1.25, .text = "kick" },
        { .start_s = 2, .end_s = 2, .text = "a \"beat\", perhaps", .low_hz = 100, .high_hz = 200, .confidence = 0.5,
          .has_confidence = true },
    };
    if (i == (int)BASE_COUNT(formats)) return false;
    sori_save_labels(c, path, labels, BASE_COUNT(labels), &(sori_labels_config){ .format = formats[i] });
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    FILE *f = fopen(path, "rb");
    int first = f ? fgetc(f) : EOF;
    if (f) fclose(f);
    sori_labels_config k = { .format = first == '{' ? SORI_LABELS_JAMS : first == 's' ? SORI_LABELS_CSV
                                                                          : SORI_LABELS_AUDACITY };
    sori_labels l = sori_load_labels(c, path, &k);
    for (size_t i = 0; i < l.n; i++) fuzz_touch(l.items[i].text, strlen(l.items[i].text));
    if (l.memory) fuzz_touch(l.memory->data, l.memory->size);
}
