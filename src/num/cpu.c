/* cpu.c - which kernels this machine can run.
 *
 * Every instruction set has two tables, float and double, compiled from the same source (num/kernel). The compiler's
 * run-time library asks the processor once; after that the question costs a load. */
#include "num/kernel/kernel.h"
#include <string.h>

extern const num_kernels num_kernels_f32_portable, num_kernels_f64_portable;
#ifdef SORI_X86
extern const num_kernels num_kernels_f32_avx2, num_kernels_f64_avx2;
extern const num_kernels num_kernels_f32_avx512, num_kernels_f64_avx512;

static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

const num_kernels *num_kernels_find(const char *isa, bool exact) {
#ifdef SORI_X86
    if ((!isa || !strcmp(isa, "avx512")) && has_avx512())
        return exact ? &num_kernels_f64_avx512 : &num_kernels_f32_avx512;
    if ((!isa || !strcmp(isa, "avx2")) && has_avx2())
        return exact ? &num_kernels_f64_avx2 : &num_kernels_f32_avx2;
#endif
    if (isa && strcmp(isa, "portable") != 0) return NULL;
    return exact ? &num_kernels_f64_portable : &num_kernels_f32_portable;
}
