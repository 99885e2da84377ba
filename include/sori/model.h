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

SORI_API const sori_zoo_entry *sori_zoo(size_t *count);

/* A classifier of the zoo for inputs of that shape.
 *   err  SORI_EMODEL unknown name (the message lists the known ones), input too small, classes < 2 */
SORI_API sori_model *sori_zoo_model(sori_ctx *c, const char *name, sori_shape input, int classes);

#ifdef __cplusplus
}
#endif
#endif
