/* f32.c - the kernels in float, the default precision. Compiled once per instruction set (see CMakeLists.txt). */
#define REAL float
#define REAL_BYTES 4
#define SQRT sqrtf
#define INT int32_t
#define MANTISSA_BITS 23
#define SQRT_HALF_BITS 0x3f3504f3            /* sqrt(1/2) as float */
#define LOG_TERMS 5                          /* 0.172^11 / 11 = 3.5e-10 */
#define NUM_TABLE NUM_KERNELS_F32
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
