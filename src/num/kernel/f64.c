/* f64.c - the kernels in double, for `.exact`. Compiled once per instruction set (see CMakeLists.txt). */
#define REAL double
#define REAL_BYTES 8
#define SQRT sqrt
#define INT int64_t
#define NUM_TABLE NUM_KERNELS_F64
#include "num/kernel/vector.inc"
#include "num/elementary.h"
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
#include "num/kernel/nmf.inc"
#include "num/kernel/neighbour.inc"
#include "num/kernel/single.inc"
#include "num/kernel/fir.inc"
#include "num/kernel/table.inc"
