// Vectors of the fast arithmetic, and the few operations that differ between instruction sets. Included by
// fast_kernels.h only, after vectors.h, whose VLMC_LANES is the number of floats in a register.

typedef uint8_t u8x32 __attribute__((vector_size(32)));
typedef int8_t i8x32 __attribute__((vector_size(32)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef float f32x2 __attribute__((vector_size(8)));
typedef int8_t i8xf __attribute__((vector_size(VLMC_LANES)));
typedef uint16_t u16xf __attribute__((vector_size(2 * VLMC_LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * VLMC_LANES)));
typedef _Float16 f16xf __attribute__((vector_size(2 * VLMC_LANES)));

/// Bytes of a register: four columns for each lane.
typedef uint8_t vb __attribute__((vector_size(4 * VLMC_LANES)));

// Ways to multiply bytes. Four neighbours of one operand times four of the other are added to a 32-bit lane.
#define DOT_VNNI512 1  // vpdpbusd in AVX-512's encoding: unsigned by signed
#define DOT_VNNI256 2  // the same in VEX's
#define DOT_MADD 3     // vpmaddubsw, which saturates, so that weights of 8 bits are multiplied as magnitudes
#define DOT_SDOT 4     // sdot: signed by signed
#define DOT_NEON 5     // smull, saddlp

#define VNNI (FAST_DOT == DOT_VNNI512 || FAST_DOT == DOT_VNNI256)
#define ARM (FAST_DOT == DOT_SDOT || FAST_DOT == DOT_NEON)

/// To the nearest whole number, of two as near to the even one.
#if defined(__clang__)
#define ROUND_EVEN(v) __builtin_elementwise_roundeven(v)
#else
// Where a float has no room for a fraction the sum is rounded so; for |v| < 2^22.
#define ROUND_EVEN(v) (((v) + 0x1.8p23f) - 0x1.8p23f)
#endif

INLINE i32x8 zeros8(void) { return (i32x8){0}; }

/// The sums of fours of 32 products. `small`: no level is above 127, and `levels` are unsigned where UNSIGNED(small) is
/// true, else signed.
#define UNSIGNED(small) (VNNI || (FAST_DOT == DOT_MADD && (small)))

#if FAST_DOT == DOT_VNNI512
INLINE i32x8 dot32(u8x32 levels, i8x32 q, bool small) {
    (void)small;
    return (i32x8)_mm256_dpbusd_epi32((__m256i)zeros8(), (__m256i)levels, (__m256i)q);
}
INLINE vi dot_lanes(vi sum, vb levels, vi four) {
    return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)levels, (__m512i)four);
}
#elif FAST_DOT == DOT_VNNI256
INLINE i32x8 dot32(u8x32 levels, i8x32 q, bool small) {
    (void)small;
    return (i32x8)_mm256_dpbusd_avx_epi32((__m256i)zeros8(), (__m256i)levels, (__m256i)q);
}
INLINE vi dot_lanes(vi sum, vb levels, vi four) {
    return (vi)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)levels, (__m256i)four);
}
#elif FAST_DOT == DOT_MADD
INLINE i32x8 dot32(u8x32 levels, i8x32 q, bool small) {
    __m256i pairs = small ? _mm256_maddubs_epi16((__m256i)levels, (__m256i)q)
                          : _mm256_maddubs_epi16(
                                _mm256_abs_epi8((__m256i)levels), _mm256_sign_epi8((__m256i)q, (__m256i)levels));
    return (i32x8)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}
INLINE vi dot_lanes(vi sum, vb levels, vi four) { return sum + (vi)dot32((u8x32)levels, (i8x32)four, false); }
#elif FAST_DOT == DOT_SDOT
INLINE vi dot_lanes(vi sum, vb levels, vi four) {
    return (vi)vdotq_s32((int32x4_t)sum, (int8x16_t)levels, (int8x16_t)four);
}
#elif FAST_DOT == DOT_NEON
INLINE vi dot_lanes(vi sum, vb levels, vi four) {
    int8x16_t a = (int8x16_t)levels, b = (int8x16_t)four;
    int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(a), vget_high_s8(b)));
    return sum + (vi)vpaddq_s32(low, high);
}
#endif

#if ARM
INLINE i32x8 dot32(u8x32 levels, i8x32 q, bool small) {
    (void)small;
    vb a = __builtin_shufflevector(levels, levels, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    vb b = __builtin_shufflevector(levels, levels, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    i8x16 p = __builtin_shufflevector(q, q, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    i8x16 r = __builtin_shufflevector(q, q, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    vi low = dot_lanes((vi){0}, a, (vi)p), high = dot_lanes((vi){0}, b, (vi)r);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
#endif

/// table[index] for 32 indices below 16.
INLINE u8x32 look_up32(u8x16 table, u8x32 index) {
#if defined(__x86_64__)
    u8x32 both = __builtin_shufflevector(
        table, table, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
        14, 15);
    return (u8x32)_mm256_shuffle_epi8((__m256i)both, (__m256i)index);
#else
    uint8x16_t low = vqtbl1q_u8((uint8x16_t)table, ((uint8x16_t *)&index)[0]);
    uint8x16_t high = vqtbl1q_u8((uint8x16_t)table, ((uint8x16_t *)&index)[1]);
    return __builtin_shufflevector(
        (u8x16)low, (u8x16)high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31);
#endif
}

/// 1 in every byte whose bit is set.
INLINE u8x32 spread32(uint32_t bits) {
#if FAST_DOT == DOT_VNNI512
    return (u8x32)_mm256_maskz_set1_epi8(bits, 1);
#else
    const u8x32 bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128,
                       1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    u8x32 four = (u8x32)((u32x8){0} + bits);
    u8x32 each = __builtin_shufflevector(
        four, four, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19,
        19, 19, 19);
    return (u8x32)((each & bit) == bit) & 1;
#endif
}

INLINE vi splat_int(const void *four) { return LOAD(int32_t, four) - (vi){0}; }

INLINE float sum4(f32x4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }

INLINE float sum8(f32x8 v) {
    return sum4(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}

/// Adds up a register, always in the same tree.
INLINE float sum_lanes(vf v) {
#if VLMC_LANES == 16
    return sum8(
        __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
#elif VLMC_LANES == 8
    return sum8(v);
#else
    return sum4(v);
#endif
}

INLINE float largest_lane(vf v) {
#if VLMC_LANES == 16
    f32x8 low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
    f32x8 high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), eight = MAX(low, high);
#elif VLMC_LANES == 8
    f32x8 eight = v;
#endif
#if VLMC_LANES >= 8
    f32x4 left = __builtin_shufflevector(eight, eight, 0, 1, 2, 3), right = __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    f32x4 four = MAX(left, right);
#else
    f32x4 four = v;
#endif
    f32x4 turned = __builtin_shufflevector(four, four, 2, 3, 0, 1), two = MAX(four, turned);
    return two[0] > two[1] ? two[0] : two[1];
}

/// The first `count` floats, zeros after them.
INLINE vf load_some(const float *x, size_t count) {
    vf v = {0};
    memcpy(&v, x, sizeof(float) * count);
    return v;
}
