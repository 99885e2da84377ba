/* f64.c - the kernels in double, for `.exact`. Compiled once per instruction set (see CMakeLists.txt). */
#define REAL double
#define REAL_BYTES 8
#define SQRT sqrt
#define INT int64_t
#define MANTISSA_BITS 52
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcd    /* sqrt(1/2) as double */
#define LOG_TERMS 10                         /* 0.172^21 / 21 = 4e-18 */
#define NUM_TABLE NUM_KERNELS_F64
#include "num/kernel/vector.inc"
#include "num/kernel/fft.inc"
#include "num/kernel/rows.inc"
#include "num/kernel/halve.inc"
#include "num/kernel/sos.inc"
#include "num/kernel/trig.inc"
#include "num/kernel/phase.inc"
#include "num/kernel/single.inc"
#include "num/kernel/fir.inc"
#include "num/kernel/table.inc"
