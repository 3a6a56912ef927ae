// Vector types and the few operations that the language lacks. Included by all_kernels.h only.

#include <string.h>

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef float f32x4 __attribute__((vector_size(16)));
typedef float f32x8 __attribute__((vector_size(32)));
typedef float f32x16 __attribute__((vector_size(64)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef double f64x8 __attribute__((vector_size(64)));
typedef int64_t i64x8 __attribute__((vector_size(64)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));
typedef _Float16 f16x8 __attribute__((vector_size(16)));
typedef _Float16 f16x16 __attribute__((vector_size(32)));

/// One value per sub-block.
typedef float vf __attribute__((vector_size(4 * VLMC_LANES)));
typedef int32_t vi __attribute__((vector_size(4 * VLMC_LANES)));

#define LOAD(type, address)                             \
    ({                                                  \
        type loaded;                                    \
        memcpy(&loaded, (address), sizeof loaded);      \
        loaded;                                         \
    })
#define STORE(address, value)                           \
    do {                                                \
        __typeof__(value) stored = (value);             \
        memcpy((address), &stored, sizeof stored);      \
    } while (0)

/// Lane by lane `mask ? a : b`; the mask is what a comparison gives.
#define SELECT(mask, a, b) \
    ((__typeof__(b))(((mask) & (__typeof__(mask))(a)) | (~(mask) & (__typeof__(mask))(b))))

// `a > b ? a : b` is exactly the instruction of x86. On ARM that is maxnum; they differ for NaN and for zeros of
// different signs only, and no kernel lets its result depend on either.
#if defined(__x86_64__) || !defined(__clang__)
#define MAX(a, b) SELECT((a) > (b), a, b)
#define MIN(a, b) SELECT((a) < (b), a, b)
#else
#define MAX(a, b) __builtin_elementwise_max(a, b)
#define MIN(a, b) __builtin_elementwise_min(a, b)
#endif

/// Before a loop over sub-blocks: shifts of bytes by a constant are cheap, others are not.
#if defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

#define INLINE static inline __attribute__((always_inline))

/// table[index] for 16 indices below 16. A processor's instruction, for the language knows only fixed shuffles.
INLINE i8x16 look_up(i8x16 table, u8x16 index) {
#if defined(VLMC_BASELINE)
    i8x16 result = {0};
    for (int i = 0; i < 16; i++) result[i] = table[index[i]];
    return result;
#elif defined(__x86_64__)
    typedef char bytes __attribute__((vector_size(16)));
    return (i8x16)__builtin_ia32_pshufb128((bytes)table, (bytes)index);
#else
    return (i8x16)vqtbl1q_s8((int8x16_t)table, (uint8x16_t)index);
#endif
}

/// A half, as the software conversion of the plain twin gives it: NaN is 0x7E00 with the sign kept.
INLINE uint16_t half_of(float value) {
    _Float16 half = (_Float16)value;
    uint16_t bits;
    memcpy(&bits, &half, 2);
    return value == value ? bits : (uint16_t)((bits & 0x8000) | 0x7E00);
}

INLINE float float_of(const uint8_t *bytes) {
    uint32_t bits = LOAD(uint16_t, bytes);
    // Hides that the half comes from memory. Clang would insert it into whatever register lies at hand, which then
    // waits for what that held before, often a sum.
    __asm__("" : "+r"(bits));
    return (float)((f16x8)(u32x4){bits})[0];
}

INLINE void store_half(uint8_t *bytes, float value) { STORE(bytes, half_of(value)); }

/// 1/d, or 0 where d is 0.
INLINE float inverse(float d) { return d != 0 ? 1 / d : 0; }

/// The same value in every lane.
INLINE vf splat(float value) { return value - (vf){0}; }

/// 2^23 + 2^22: adding it leaves the nearest integer, halves to even, in the low bits.
#define ROUNDER 12582912.0f

/// `v` rounded as ggml's nearest_int does, within low ... high, as a float of `type`; `integers` is the vector of
/// integers of that size. Without a high enough `low` or `high`, give -4194304 and 4194303: then it is nearest_int.
#define LEVEL(type, integers, v, low, high)                                                          \
    ({                                                                                               \
        type lowest = (ROUNDER + (low)) - (type){0}, highest = (ROUNDER + (high)) - (type){0};       \
        type rounded = (type)((((integers)((v) + ROUNDER)) & 0x7FFFFF) | 0x4B000000);                \
        rounded = MAX(rounded, lowest);                                                              \
        MIN(rounded, highest) - ROUNDER;                                                             \
    })

INLINE vf level(vf v, float low, float high) { return LEVEL(vf, vi, v, low, high); }

/// ggml's nearest_int.
INLINE int32_t nearest_int(float value) {
    float sum = value + ROUNDER;
    return (LOAD(int32_t, &sum) & 0x7FFFFF) - 0x400000;
}

INLINE int32_t clip(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

/// True if any lane of a comparison holds.
INLINE bool any(vi mask) {
    int32_t lanes[VLMC_LANES], all = 0;
    memcpy(lanes, &mask, sizeof mask);
    for (int i = 0; i < VLMC_LANES; i++) all |= lanes[i];
    return all != 0;
}

/// Magnitudes.
INLINE vf magnitude(vf v) { return (vf)((vi)v & 0x7FFFFFFF); }
