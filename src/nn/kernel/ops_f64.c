/* ops_f64.c - the same in double, for gradient checks and for models compiled .exact. */
#define REAL double
#define REAL_BYTES 8
#define INT int64_t
#define KERNELS NN_KERNELS_F64
extern const struct nn_kernels KERNELS;
#include "nn/kernel/ops.inc"
