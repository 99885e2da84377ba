/* extract.c - several features by name, for one STFT. */
#include "feat/pipeline.h"

bool feat_open_named(sori_ctx *c, feat_input *in, feat_use *uses, const char *const *names, size_t n,
                     const sori_feature_config *config) {
    if (n == 0) sori_fail(c, SORI_EINVAL, "%s: no feature asked for", in->who);
    for (size_t i = 0; i < n && !base_failed(c); i++) {
        const feat_op *op = feat_find(names[i]);
        if (!op) {
            sori_fail(c, SORI_EINVAL, "%s: unknown feature \"%s\"", in->who, names[i] ? names[i] : "");
            return false;
        }
        uses[i].op = op;
        in->who = op->info.name;   /* messages name the feature */
        op->open(c, &uses[i], in, config);
    }
    return !base_failed(c);
}

sori_status sori_extract(sori_ctx *c, sori_audio y, const char *const *names, size_t n,
                         const sori_feature_config *config, sori_array **out) {
    static const sori_feature_config defaults;
    feat_input in;
    if (base_failed(c)) return sori_error(c);
    if (!config) config = &defaults;
    feat_use *uses = base_alloc(c, n, sizeof *uses);
    if (!uses) return sori_error(c);
    if (feat_input_open(c, &in, "extract", y, NULL, &config->stft)) feat_open_named(c, &in, uses, names, n, config);
    feat_run_many(c, &in, uses, n, out);
    base_free(c, uses);
    return sori_error(c);
}
