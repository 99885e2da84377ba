/* sori/model.h - the zoo: models by name, each a table of layers and nothing else. */
#ifndef SORI_MODEL_H
#define SORI_MODEL_H

#include <sori/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_zoo_entry {
    const char *name;        /* "cnn" */
    const char *summary;     /* one line */
    const char *feature;     /* what of a sound it was made to see: "mel", "mfcc", "waveform"; NULL: not for sound */
    sori_shape input;        /* a usual input, for lists and examples */
} sori_zoo_entry;

/* Entry i, NULL behind the last. The first is the default. */
SORI_API const sori_zoo_entry *sori_zoo_at(size_t i);

/* The entry of that name, NULL: the default.   err SORI_EINVAL unknown name (the message lists the known ones) */
SORI_API const sori_zoo_entry *sori_zoo_find(sori_ctx *c, const char *name);

/* A model of the zoo for inputs of that shape, its last layer a softmax over the classes (mlp_sum: always one number).
 * Models of images take [bins, frames, 1]; lstm also [frames, features]; m5 takes [samples, 1]. Layers with weights
 * have the names that a PyTorch module would give them (conv1, bn1, fc1), see sori_weights_load.
 *   err  SORI_EINVAL unknown name, classes < 2; SORI_EMODEL input too small, or of another number of axes */
SORI_API sori_model *sori_zoo_model(sori_ctx *c, const char *name, sori_shape input, int classes);

#ifdef __cplusplus
}
#endif
#endif
