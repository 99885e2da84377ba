/* f64.c - the kernels in double, for `.exact`. Compiled once per instruction set (see CMakeLists.txt). */
#define REAL double
#define REAL_BYTES 8
#define SQRT sqrt
#define INT int64_t
#define MANTISSA_BITS 52
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcd    /* sqrt(1/2) as double */
#define LOG_TERMS 10                         /* 0.172^21 / 21 = 4e-18 */
#define EXP_TERMS 14                         /* 0.347^14 / 15! = 3e-19 */
#define EXPONENT_BIAS 1023
#define ROUND_MAGIC 0x1.8p52                 /* adding it leaves the nearest whole number in the low bits */
#define LN2_HIGH 0x1.62e42feep-1             /* 32 digits: times a whole number below 2^12 it is exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#define EXP_LOW -708.39                      /* -1022 ln 2: smaller results are not normal */
#define EXP_HIGH 709.42                      /* 1023.49 ln 2 */
#define SMALLEST_NORMAL 0x1p-1022
#define SUBNORMAL_SCALE 0x1p54
#define SUBNORMAL_BITS 54
#define NUM_TABLE NUM_KERNELS_F64
#include "num/kernel/vector.inc"
#include "num/kernel/fft.inc"
#include "num/kernel/rows.inc"
#include "num/kernel/explog.inc"
#include "num/kernel/pitch.inc"
#include "num/kernel/order.inc"
#include "num/kernel/halve.inc"
#include "num/kernel/sos.inc"
#include "num/kernel/trig.inc"
#include "num/kernel/phase.inc"
#include "num/kernel/structure.inc"
#include "num/kernel/median.inc"
#include "num/kernel/mask.inc"
#include "num/kernel/factor.inc"
#include "num/kernel/neighbour.inc"
#include "num/kernel/single.inc"
#include "num/kernel/fir.inc"
#include "num/kernel/table.inc"
