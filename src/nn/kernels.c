/* kernels.c - choose the kernels for this processor. */
#include "nn/kernel/kernels.h"
#include <string.h>

typedef struct choice {
    const char *isa;
    const nn_kernels *f32, *f64;
} choice;

/* Best first. */
static const choice choices[] = {
#ifdef SORI_X86
    { "avx512", &nn_kernels_f32_avx512, &nn_kernels_f64_avx512 },
    { "avx2", &nn_kernels_f32_avx2, &nn_kernels_f64_avx2 },
#endif
    { "portable", &nn_kernels_f32_portable, &nn_kernels_f64_portable },
};

static bool can_run(const char *isa) {
#ifdef SORI_X86
    if (!strcmp(isa, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (!strcmp(isa, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return !strcmp(isa, "portable");
}

const nn_kernels *nn_kernels_find(bool exact, const char *isa) {
    for (size_t i = 0; i < BASE_COUNT(choices); i++)
        if ((!isa || !strcmp(isa, choices[i].isa)) && can_run(choices[i].isa))
            return exact ? choices[i].f64 : choices[i].f32;
    return NULL;
}
