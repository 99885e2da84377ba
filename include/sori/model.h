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
} sori_zoo_entry;

/* Entry i, NULL behind the last. The first is the default. */
SORI_API const sori_zoo_entry *sori_zoo_at(size_t i);

/* A classifier of the zoo for inputs of that shape; name NULL: the default.
 *   err  SORI_EINVAL unknown name (the message lists the known ones), classes < 2; SORI_EMODEL input too small */
SORI_API sori_model *sori_zoo_model(sori_ctx *c, const char *name, sori_shape input, int classes);

#ifdef __cplusplus
}
#endif
#endif
