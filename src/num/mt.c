/* mt.c - the Mersenne Twister MT19937, seeded and read as numpy.random.RandomState does it.
 *
 * Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
 * generator", ACM Trans. Modeling and Computer Simulation 8, 1998; the seeding is Knuth's (TAOCP 2, 3.3.4). */
#include "num/num.h"

#define WORDS 624
#define AHEAD 397

void num_mt_seed(num_mt *r, uint32_t seed) {
    r->state[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t before = r->state[i - 1];
        r->state[i] = 1812433253u * (before ^ (before >> 30)) + i;
    }
    r->at = WORDS;
}

/* The recurrence of the paper: the top bit of one word joined with the rest of the next, times the matrix A. */
static uint32_t twisted(uint32_t here, uint32_t next, uint32_t ahead) {
    uint32_t joined = (here & 0x80000000u) | (next & 0x7fffffffu);
    return ahead ^ (joined >> 1) ^ (joined & 1 ? 0x9908b0dfu : 0);
}

static void renew(num_mt *r) {
    uint32_t *s = r->state;
    for (int i = 0; i < WORDS - AHEAD; i++) s[i] = twisted(s[i], s[i + 1], s[i + AHEAD]);
    for (int i = WORDS - AHEAD; i < WORDS - 1; i++) s[i] = twisted(s[i], s[i + 1], s[i + AHEAD - WORDS]);
    s[WORDS - 1] = twisted(s[WORDS - 1], s[0], s[AHEAD - 1]);
    r->at = 0;
}

uint32_t num_mt_u32(num_mt *r) {
    if (r->at == WORDS) renew(r);
    uint32_t y = r->state[r->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

double num_mt_uniform(num_mt *r) {
    uint32_t high = num_mt_u32(r) >> 5, low = num_mt_u32(r) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;   /* 2^26, 2^53 */
}
