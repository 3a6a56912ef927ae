// For AVX-512: 64 levels at a time, two units of a chunk in one register, where that takes fewer instructions than to put
// together what fast_units.h gives. Included by fast_gemv.h only.

typedef uint8_t u8x64 __attribute__((vector_size(64)));

/// The first bit of each byte in its word of 64 bits.
static const u8x64 in_word = {
    0, 8, 16, 24, 32, 40, 48, 56, 0, 8, 16, 24, 32, 40, 48, 56, 0, 8, 16, 24, 32, 40, 48, 56, 0, 8, 16, 24, 32,
    40, 48, 56, 0, 8, 16, 24, 32, 40, 48, 56, 0, 8, 16, 24, 32, 40, 48, 56, 0, 8, 16, 24, 32, 40, 48, 56, 0, 8,
    16, 24, 32, 40, 48, 56};
/// Each byte's place among 16.
static const u8x64 in_block = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0,
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
/// All ones in the upper half.
static const u8x64 of_upper_half = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255};
/// All ones where a high nibble goes.
static const u8x64 of_high_nibbles = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255};

INLINE __m512i join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

/// The same 32 bytes twice.
INLINE __m512i twice(const uint8_t *bytes) { return _mm512_broadcast_i64x4((__m256i)LOAD(u8x32, bytes)); }

/// Of each byte of a register the eight bits that begin `low` (lower half) or `high` (upper half) bits further up; those
/// that would come from beyond a word of 64 bits come from its beginning.
INLINE __m512i shifted_by(__m512i bytes, int low, int high) {
    u8x64 places = (in_word + (unsigned char)low + (of_upper_half & (unsigned char)(high - low))) & 63;
    return _mm512_multishift_epi64_epi8((__m512i)places, bytes);
}

/// Nibbles of 16 bytes each at places `at` and `at + step` of `size` bytes: lows and highs of the first, then of the
/// second. What is read lies within the `size` bytes.
INLINE __m512i nibbles64(const uint8_t *bytes, int at, int step, int size) {
    u8x64 shifts = (in_word + (of_high_nibbles & 4)) & 63;
    __m512i spread;
    if (step == 16) {
        __m512i all = _mm512_castsi256_si512((__m256i)LOAD(u8x32, bytes + at));
        spread = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 0, 1, 2, 3, 2, 3), all);
    } else {
        int from = at < size - 64 ? at : size - 64;
        u8x64 places = in_block + (unsigned char)(at - from) + (of_upper_half & (unsigned char)step);
        spread = _mm512_permutexvar_epi8((__m512i)places, (__m512i)LOAD(u8x64, bytes + from));
    }
    return _mm512_and_si512(_mm512_multishift_epi64_epi8((__m512i)shifts, spread), _mm512_set1_epi8(15));
}

/// Adds `value` to levels whose bit is set.
INLINE __m512i add_where(uint64_t bits, __m512i levels, int value) {
    return _mm512_mask_add_epi8(levels, bits, levels, _mm512_set1_epi8((char)value));
}

/// Bits whose value is 1 << low in the lower half of a register, 1 << high in the upper half.
INLINE uint64_t bits_at(__m512i bytes, int low, int high) {
    __m256i lower = _mm256_set1_epi8((char)(1 << low)), upper = _mm256_set1_epi8((char)(1 << high));
    return _mm512_test_epi8_mask(bytes, join(lower, upper));
}

INLINE __m512i on_curve64(__m512i levels) {
    const u8x16 values = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4((__m128i)values), levels);
}

/// Fifth bits of two blocks.
INLINE uint64_t two_words(const uint8_t *first, size_t step) {
    return LOAD(uint32_t, first) | (uint64_t)LOAD(uint32_t, first + step) << 32;
}

/// The levels of units j and j + 1 of a whole chunk, j even; as two times levels_of.
INLINE __m512i pair_of(int kind, row r, size_t chunk, int j) {
    size_t unit = CHUNK_UNITS * chunk + (size_t)j, block = size_of(kind);
    const uint8_t *b = r.bytes + (is_super(kind) ? chunk : CHUNK_UNITS * chunk) * block;
    // Of blocks of 32: where this pair begins in the chunk, and the chunk's size.
    int at = (int)block * j, step = (int)block, size = (int)block * CHUNK_UNITS, k = j % 4;
    switch (kind) {
    case VLMC_Q4_0: return nibbles64(b, at + 2, step, size);
    case VLMC_Q4_1: return nibbles64(b, at + 4, step, size);
    case VLMC_Q5_0: return add_where(two_words(b + at + 2, block), nibbles64(b, at + 6, step, size), 16);
    case VLMC_Q5_1: return add_where(two_words(b + at + 4, block), nibbles64(b, at + 8, step, size), 16);
    case VLMC_IQ4_NL: return on_curve64(nibbles64(b, at + 2, step, size));
    case VLMC_IQ4_XS: return on_curve64(nibbles64(b, 8 + 16 * j, 16, 136));
    case VLMC_Q2_K:
        return _mm512_and_si512(shifted_by(twice(b + 16 + 32 * (j / 4)), 2 * k, 2 * k + 2), _mm512_set1_epi8(3));
    case VLMC_Q3_K: {
        __m512i low =
            _mm512_and_si512(shifted_by(twice(b + 32 + 32 * (j / 4)), 2 * k, 2 * k + 2), _mm512_set1_epi8(3));
        return add_where(bits_at(twice(b), j, j + 1), low, 4);
    }
    case VLMC_Q4_K:
    case VLMC_Q5_K: {
        __m512i both = shifted_by(twice(b + (kind == VLMC_Q5_K ? 48 : 16) + 32 * (j / 2)), 0, 4);
        both = _mm512_and_si512(both, _mm512_set1_epi8(15));
        return kind == VLMC_Q5_K ? add_where(bits_at(twice(b + 16), j, j + 1), both, 16) : both;
    }
    case VLMC_Q6_K: {
        __m512i low = (__m512i)LOAD(u8x64, b + 64 * (j / 4));
        low = _mm512_and_si512(k ? _mm512_srli_epi16(low, 4) : low, _mm512_set1_epi8(15));
        __m512i high = shifted_by(twice(b + 128 + 32 * (j / 4)), 2 * k - 4, 2 * k - 2);
        return _mm512_or_si512(low, _mm512_and_si512(high, _mm512_set1_epi8(0x30)));
    }
    case VLMC_Q8_0:
        return _mm512_xor_si512(
            join((__m256i)LOAD(u8x32, b + at + 2), (__m256i)LOAD(u8x32, b + at + 36)), _mm512_set1_epi8((char)128));
    case S4:
    case A4: return nibbles64(r.bytes + 16 * unit, 0, 16, 32);
    case S5:
    case A5: return add_where(LOAD(uint64_t, r.fifths + 4 * unit), nibbles64(r.bytes + 16 * unit, 0, 16, 32), 16);
    case S8: return (__m512i)(LOAD(u8x64, r.bytes + 32 * unit) ^ 128);
    default: return (__m512i)LOAD(u8x64, r.bytes + 32 * unit);
    }
}

/// Adds units j and j + 1; `scales` are those of the chunk, of 32 or 16 columns each.
INLINE void add_pair(int kind, int A, row r, size_t chunk, int j, const vector *x, const f32x16 *scales, f32x16 *sums) {
    __m512i levels = pair_of(kind, r, chunk, j), which;
    which = is_of_16(kind) ? (__m512i)(((i32x16){0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}) + 2 * j)
                           : (__m512i)(((i32x16){0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}) + j);
    for (int a = 0; a < A; a++) {
        __m512i q = (__m512i)LOAD(u8x64, x[a].q + CHUNK_COLUMNS * chunk + 32 * j);
        f32x16 products =
            __builtin_convertvector((i32x16)_mm512_dpbusd_epi32(_mm512_setzero_si512(), levels, q), f32x16);
        sums[a] += products * (f32x16)_mm512_permutexvar_ps(which, (__m512)scales[a]);
    }
}

/// Adds a whole chunk.
INLINE void add_pairs(
    int kind, int A, row r, size_t chunk, const vector *x, f32x16 (*sums)[2], f32x8 *minima) {
    bool of16 = is_of_16(kind), affine = has_minimum(kind) || zero_of(kind);
    grids g = grids_of(kind, r, chunk, CHUNK_UNITS, 0);
    f32x16 scales[4];
    for (int a = 0; a < A; a++) {
        f32x8 scale = LOAD(f32x8, x[a].scale + CHUNK_UNITS * chunk);
        scales[a] = g.scale * (of16 ? __builtin_shufflevector(
                                          scale, scale, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
                                    : widen(scale));
        if (affine && of16) {
            f32x16 parts = g.minimum * LOAD(f32x16, x[a].sum16 + 2 * CHUNK_UNITS * chunk);
            minima[a] += lower8(parts) + upper8(parts);
        } else if (affine) {
            minima[a] += lower8(g.minimum) * LOAD(f32x8, x[a].sum32 + CHUNK_UNITS * chunk);
        }
    }
    f32x16 even[4], odd[4];
    for (int a = 0; a < A; a++) even[a] = sums[a][0], odd[a] = sums[a][1];
    add_pair(kind, A, r, chunk, 0, x, scales, even);
    add_pair(kind, A, r, chunk, 2, x, scales, odd);
    add_pair(kind, A, r, chunk, 4, x, scales, even);
    add_pair(kind, A, r, chunk, 6, x, scales, odd);
    for (int a = 0; a < A; a++) sums[a][0] = even[a], sums[a][1] = odd[a];
}
