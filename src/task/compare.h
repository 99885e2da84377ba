/* task/compare.h - what the files of sori_compare share. */
#ifndef TASK_COMPARE_H
#define TASK_COMPARE_H

#include <sori/compare.h>

/* f0_hz and partials of s from s->y (compare_partials.c). f0_hz 0: sought. False after an error. */
bool task_partials(sori_ctx *c, sori_compared *s, int n_partials, double f0_hz);

/* Smallest power of two not below v (64 .. 2^24). */
int task_power_of_two(double v);

#endif
