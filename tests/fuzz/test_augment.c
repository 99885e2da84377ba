/* Damaged chains of changes, as text and as JSON. */
#define FUZZ_EXT "chain"
#define FUZZ_ROOM 64   /* a parameter is written out in full: "gain" becomes gain(db=-6..6,p=1) */
#include "fuzz.h"
#include <sori/augment.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    static const char *const chains[] = {
        "pitch_shift(-2..2,p=0.5) noise(snr=10..30, color=pink) one_of(gain(-6..6) clip(0.5..0.9)) "
        "some_of(2, polarity, shift(circular=1) compose(harmonic)) mixup(0.4) time_mask(0.1,count=2)",
        "[{\"name\": \"noise\", \"snr\": [10, 30], \"color\": \"pink\", \"p\": 0.5}, {\"name\": \"one_of\", "
        "\"of\": [{\"name\": \"gain\"}, {\"name\": \"compose\", \"of\": [{\"name\": \"clip\"}]}]}]",
    };
    if (i == (int)BASE_COUNT(chains)) return false;
    (void)c;
    fuzz_put(path, chains[i], strlen(chains[i]));
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    char name[600];
    snprintf(name, sizeof name, "@%s", path);
    sori_augment *a = sori_augment_new(c, name);
    if (!a) return;
    sori_augment *again = sori_augment_new(c, sori_augment_text(a));
    if (!again || strcmp(sori_augment_text(a), sori_augment_text(again)) != 0)
        fuzz_die("a chain's text is another chain", sori_augment_text(a));
    float y[64];
    for (int i = 0; i < 64; i++) y[i] = (float)(i % 7) / 7;
    sori_augment_spectrum(c, a, sori_array_from(c, SORI_F32, 2, (size_t[]){ 8, 8 }, y), -80, 1, 2, 3, NULL);
    sori_augment_free(c, a);
    sori_augment_free(c, again);
}
