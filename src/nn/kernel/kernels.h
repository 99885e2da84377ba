/* kernels.h - the tables the kernel files export, one a precision and instruction set. */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include "nn/nn.h"

extern const nn_kernels nn_kernels_f32_portable, nn_kernels_f64_portable;
#ifdef SORI_X86
extern const nn_kernels nn_kernels_f32_avx2, nn_kernels_f64_avx2;
extern const nn_kernels nn_kernels_f32_avx512, nn_kernels_f64_avx512;
#endif

#endif
