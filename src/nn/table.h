/* nn/table.h - layer tables as JSON. Private to nn. */
#ifndef NN_TABLE_H
#define NN_TABLE_H

#include "nn/nn.h"
#include <jansson.h>

/* A new object (NULL only without memory); its reference is the caller's. */
json_t *nn_layer_to_json(const nn_node *n);
/* Row number row of a table; false with SORI_EMODEL. Texts are kept by the context. */
bool nn_layer_from_json(sori_ctx *c, json_t *o, size_t row, sori_layer *l);

#endif
