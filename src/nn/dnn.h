/* nn/dnn.h - oneDNN as a second engine of single layers. Everything of oneDNN is behind this header; without it
 * nn_fast_plan has nothing to do.
 *
 * Where a plan's node has primitives made for its shapes, its runs have .fast, and the functions below stand in for the
 * operator's own prepare, forward and backward. */
#ifndef NN_DNN_H
#define NN_DNN_H

#include "nn/nn.h"

bool nn_fast_built(void);

/* Primitives for the nodes that oneDNN computes faster than we (SORI_ENGINE_AUTO) or can compute at all (ONEDNN), and
 * where they are into the plan's runs. Fails without memory only. */
void nn_fast_plan(const sori_model *m, nn_plan *p);
void nn_fast_free(nn_plan *p);

/* As those of nn_op. */
void nn_fast_prepare(const nn_run *r);
void nn_fast_forward(const nn_run *r);
void nn_fast_backward(const nn_run *r);

/* What oneDNN calls its implementation of node i's forward pass; NULL where the node is ours. */
const char *nn_fast_name(const nn_plan *p, int i);

#endif
