/* ops_f32.c - the networks' arithmetic in float, which is what trains and runs. */
#define REAL float
#define REAL_BYTES 4
#define INT int32_t
#define KERNELS NN_KERNELS_F32
extern const struct nn_kernels KERNELS;
#include "nn/kernel/ops.inc"
