/* Random bits by counting: Threefry-2x32, 20 rounds (refimpl/ops/random.py says what it is).

   One loop a form: element `start + i` of y is made of the words that key (k0, k1) makes of that
   counter. Counters of one call share their upper word: the caller sees to it. The state of many
   counters fits in vector registers and nothing depends on a neighbour, so compilers vectorise the
   loops; 20 rounds are 60 operations (add, rotate, xor) for each pair of words. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef void (*isograd_counter_loop)(char *y, uint32_t k0, uint32_t k1, uint64_t start,
                                     ptrdiff_t n);
typedef struct { const char *form; isograd_counter_loop loop; } isograd_counter_row;

#define ROTATE(x, r) ((x) << (r) | (x) >> (32 - (r)))
#define MIX(r) x0 += x1; x1 = ROTATE(x1, r) ^ x0;
#define EVEN MIX(13) MIX(15) MIX(26) MIX(6)
#define ODD MIX(17) MIX(29) MIX(16) MIX(24)
#define INJECT(a, b, step) x0 += a; x1 += b + step;

#define COUNTER_LOOP(form, T, STORE)                                                              \
    static void counter_##form(char *out, uint32_t k0, uint32_t k1, uint64_t start,               \
                               ptrdiff_t n) {                                                     \
        T *y = (T *) out;                                                                         \
        const uint32_t k2 = k0 ^ k1 ^ 0x1BD11BDA;                                                 \
        const uint32_t high = (uint32_t) (start >> 32) + k0, low = (uint32_t) start + k1;         \
        for (ptrdiff_t i = 0; i < n; i++) {                                                       \
            uint32_t x0 = high, x1 = low + (uint32_t) i;                                          \
            EVEN INJECT(k1, k2, 1) ODD INJECT(k2, k0, 2) EVEN INJECT(k0, k1, 3)                   \
            ODD INJECT(k1, k2, 4) EVEN INJECT(k2, k0, 5)                                          \
            STORE                                                                                 \
        }                                                                                         \
    }

/* The upper bits as the fraction of a number in [1, 2), less one. */
static inline float unit_float(uint32_t bits) {
    float x;
    bits = bits >> 9 | 0x3F800000;
    memcpy(&x, &bits, sizeof x);
    return x - 1;
}
static inline double unit_double(uint64_t bits) {
    double x;
    bits = bits >> 12 | 0x3FF0000000000000;
    memcpy(&x, &bits, sizeof x);
    return x - 1;
}

#define BITS64 ((uint64_t) x0 << 32 | x1)
COUNTER_LOOP(uint8, uint8_t, y[i] = (uint8_t) (x0 ^ x1);)
COUNTER_LOOP(uint16, uint16_t, y[i] = (uint16_t) (x0 ^ x1);)
COUNTER_LOOP(uint32, uint32_t, y[i] = x0 ^ x1;)
COUNTER_LOOP(uint64, uint64_t, y[i] = BITS64;)
COUNTER_LOOP(pair, uint32_t, y[2 * i] = x0; y[2 * i + 1] = x1;)
COUNTER_LOOP(float32, float, y[i] = unit_float(x0 ^ x1);)
COUNTER_LOOP(float64, double, y[i] = unit_double(BITS64);)

#define ROW(form) {#form, counter_##form}
static const isograd_counter_row isograd_counter_loops[] = {
    ROW(uint8), ROW(uint16), ROW(uint32), ROW(uint64), ROW(pair), ROW(float32), ROW(float64),
};
enum { isograd_counter_loop_count = sizeof isograd_counter_loops / sizeof(isograd_counter_row) };
