/* f32.c - the kernels in float, the default precision. Compiled once per instruction set (see CMakeLists.txt). */
#define REAL float
#define REAL_BYTES 4
#define SQRT sqrtf
#define INT int32_t
#define MANTISSA_BITS 23
#define SQRT_HALF_BITS 0x3f3504f3            /* sqrt(1/2) as float */
#define LOG_TERMS 5                          /* 0.172^11 / 11 = 3.5e-10 */
#define EXP_TERMS 8                          /* 0.347^8 / 9! = 6e-10 */
#define EXPONENT_BIAS 127
#define ROUND_MAGIC 0x1.8p23                 /* adding it leaves the nearest whole number in the low bits */
#define LN2_HIGH 0x1.62e4p-1                 /* 15 digits: times a whole number below 2^9 it is exact */
#define LN2_LOW 0x1.7f7d1cf79abcap-20
#define EXP_LOW -87.33                       /* -126 ln 2: smaller results are not normal */
#define EXP_HIGH 88.37                       /* 127.49 ln 2 */
#define SMALLEST_NORMAL 0x1p-126
#define SUBNORMAL_SCALE 0x1p24
#define SUBNORMAL_BITS 24
#define NUM_TABLE NUM_KERNELS_F32
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
