// Attention in one pass over keys and values. Included by fast_kernels.h only.
//
// Keys are taken in blocks of KEYS. Of each query the largest score so far and the sum of weights under it are kept; where
// a larger score comes, what was summed shrinks by the power of e between them (Milakov and Gimelshein, arXiv
// 1805.02867; Dao et al., arXiv 2205.14135).

enum { KEYS = 64, QUERIES = 72 };  // 72: whole tiles of 12, 8 and 6

/// A register of a key or value from element i on.
INLINE vf cached(uint32_t type, const uint8_t *row, size_t i) {
    if (type == VLMC_F32) return LOAD(vf, row + 4 * i);
    if (type == VLMC_F16) return __builtin_convertvector(LOAD(f16xf, row + 2 * i), vf);
    const uint8_t *block = row + i / 32 * 34;
    return __builtin_convertvector(LOAD(i8xf, block + 2 + i % 32), vf) * float_of(block);
}

/// A whole key or value as floats; past `head` the target has zeros up to a whole register.
INLINE void decode_cached(uint32_t type, const uint8_t *row, size_t head, float *y) {
    size_t i = 0;
    for (; i + VLMC_LANES <= head; i += VLMC_LANES) STORE(y + i, cached(type, row, i));
    if (i < head) {
        vf last = {0};
        for (size_t j = i; j < head; j++) {
            last[j - i] = type == VLMC_F32 ? LOAD(float, row + 4 * j) : float_of(row + 2 * j);
        }
        STORE(y + i, last);
    }
}

INLINE size_t whole_registers(size_t n) { return (n + VLMC_LANES - 1) / VLMC_LANES * VLMC_LANES; }

/// Turns scores of `count` keys (KEYS places) into weights. Returns what earlier sums shrink by.
INLINE float weigh_scores(float *scores, size_t count, float scale, float *largest, float *sum) {
    enum { REGISTERS = KEYS / VLMC_LANES };
    float before = *largest;
    for (size_t t = count; t < KEYS; t++) scores[t] = -__builtin_inff();
    vf v[REGISTERS], top = before - (vf){0};
    UNROLLED
    for (size_t i = 0; i < REGISTERS; i++) {
        v[i] = LOAD(vf, scores + i * VLMC_LANES) * scale;
        top = MAX(top, v[i]);
    }
    float now = largest_lane(top);
    vf total = {0};
    UNROLLED
    for (size_t i = 0; i < REGISTERS; i++) {
        vf weights = exponential(v[i] - now);
        STORE(scores + i * VLMC_LANES, weights);
        total += weights;
    }
    // Nothing shrinks as long as no larger score comes.
    float shrink = before == now ? 1 : exponential((before - now) - (vf){0})[0];
    *largest = now;
    *sum = *sum * shrink + sum_lanes(total);
    return shrink;
}

/// One query: keys and values are read as they lie.
INLINE void attend_one(const vlmc_attention *job, uint32_t type, size_t row) {
    size_t visible = job->visible + row * job->step, head = job->head;
    float q[VLMC_LARGEST_HEAD], result[VLMC_LARGEST_HEAD] = {0}, scores[KEYS], one[VLMC_LARGEST_HEAD];
    size_t whole = whole_registers(head), registers = whole / VLMC_LANES;
    memset(q, 0, sizeof q);
    memcpy(q, job->q + row * job->q_stride, sizeof(float) * head);
    float largest = -__builtin_inff(), sum = 0;
    for (size_t start = 0; start < visible; start += KEYS) {
        size_t count = visible - start < KEYS ? visible - start : KEYS;
        for (size_t t = 0; t < count; t++) {
            const uint8_t *key = (const uint8_t *)job->k + (start + t) * job->k_stride;
            __builtin_prefetch(key + 8 * job->k_stride);
            vf products[2] = {0};
            if (head == whole) {
                for (size_t i = 0; i < registers; i++) {
                    products[i % 2] += LOAD(vf, q + i * VLMC_LANES) * cached(type, key, i * VLMC_LANES);
                }
            } else {
                decode_cached(type, key, head, one);
                for (size_t i = 0; i < whole; i += VLMC_LANES) products[0] += LOAD(vf, q + i) * LOAD(vf, one + i);
            }
            scores[t] = sum_lanes(products[0] + products[1]);
        }
        float shrink = weigh_scores(scores, count, job->scale, &largest, &sum);
        const uint8_t *values = (const uint8_t *)job->v + start * job->v_stride;
        if (head == whole) {
            // Four registers of the result stay in registers over all values of the block.
            for (size_t first = 0; first < registers; first += 4) {
                size_t some = registers - first < 4 ? registers - first : 4;
                vf sums[4] = {0};
                for (size_t i = 0; i < some; i++) sums[i] = LOAD(vf, result + (first + i) * VLMC_LANES) * shrink;
                for (size_t t = 0; t < count; t++) {
                    const uint8_t *value = values + t * job->v_stride;
                    if (some == 4) {
                        UNROLLED
                        for (size_t i = 0; i < 4; i++) {
                            sums[i] += cached(type, value, (first + i) * VLMC_LANES) * scores[t];
                        }
                    } else {
                        for (size_t i = 0; i < some; i++) {
                            sums[i] += cached(type, value, (first + i) * VLMC_LANES) * scores[t];
                        }
                    }
                }
                for (size_t i = 0; i < some; i++) STORE(result + (first + i) * VLMC_LANES, sums[i]);
            }
        } else {
            for (size_t i = 0; i < whole; i += VLMC_LANES) STORE(result + i, LOAD(vf, result + i) * shrink);
            for (size_t t = 0; t < count; t++) {
                decode_cached(type, values + t * job->v_stride, head, one);
                for (size_t i = 0; i < whole; i += VLMC_LANES) {
                    STORE(result + i, LOAD(vf, result + i) + LOAD(vf, one + i) * scores[t]);
                }
            }
        }
    }
    for (size_t i = 0; i < whole; i += VLMC_LANES) STORE(result + i, LOAD(vf, result + i) / sum);
    memcpy(job->out + row * job->out_stride, result, sizeof(float) * head);
}

/// c (+)= a * b in tiles, for `rows` rows of a and whole registers of c.
INLINE void float_product(
    bool add, size_t rows, size_t columns, size_t length, const float *a, size_t a_step, const float *b,
    size_t b_step, float *c, size_t c_step) {
    for (size_t j = 0; j < columns; j += NUMBER_ROWS) {
        bool narrow = columns - j < NUMBER_ROWS;
        size_t r = 0;
        for (; r + NUMBER_TILE <= rows && !narrow; r += NUMBER_TILE) {
            float_tile(
                NUMBER_TILE, NUMBER_VECTORS, add, length, a + r * a_step, a_step, b + j, b_step, c + r * c_step + j,
                c_step);
        }
        for (; r + 4 <= rows && !narrow; r += 4) {
            float_tile(
                4, NUMBER_VECTORS, add, length, a + r * a_step, a_step, b + j, b_step, c + r * c_step + j, c_step);
        }
        for (; r < rows && !narrow; r++) {
            float_tile(
                1, NUMBER_VECTORS, add, length, a + r * a_step, a_step, b + j, b_step, c + r * c_step + j, c_step);
        }
        for (size_t i = j; i < columns && narrow; i += VLMC_LANES) {
            for (r = 0; r + 4 <= rows; r += 4) {
                float_tile(
                    4, 1, add, length, a + r * a_step, a_step, b + i, b_step, c + r * c_step + i, c_step);
            }
            for (; r < rows; r++) {
                float_tile(1, 1, add, length, a + r * a_step, a_step, b + i, b_step, c + r * c_step + i, c_step);
            }
        }
    }
}

/// Up to QUERIES queries: keys and values are decoded once for all.
INLINE void attend_many(const vlmc_attention *job, uint32_t type, size_t first, size_t rows) {
    size_t head = job->head, whole = whole_registers(head);
    size_t most = job->visible + (first + rows - 1) * job->step;
    float keys[VLMC_LARGEST_HEAD * KEYS], values[KEYS * VLMC_LARGEST_HEAD];
    float scores[QUERIES * KEYS], results[QUERIES * VLMC_LARGEST_HEAD], largest[QUERIES], sums[QUERIES];
    memset(results, 0, sizeof(float) * rows * whole);
    for (size_t r = 0; r < rows; r++) {
        largest[r] = -__builtin_inff();
        sums[r] = 0;
    }
    for (size_t start = 0; start < most; start += KEYS) {
        size_t count = most - start < KEYS ? most - start : KEYS;
        // Keys element by element, values row by row: so are both right operands of products.
        for (size_t t = 0; t < count; t++) {
            decode_cached(type, (const uint8_t *)job->k + (start + t) * job->k_stride, head, values + t * whole);
        }
        memset(values + count * whole, 0, sizeof(float) * (KEYS - count) * whole);
        for (size_t t = 0; t < KEYS; t += 4) {
            for (size_t i = 0; i < whole; i += 4) {
                const float *corner = values + t * whole + i;
                f32x4 a = LOAD(f32x4, corner), b = LOAD(f32x4, corner + whole);
                f32x4 c = LOAD(f32x4, corner + 2 * whole), d = LOAD(f32x4, corner + 3 * whole);
                f32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
                f32x4 abHigh = __builtin_shufflevector(a, b, 2, 6, 3, 7);
                f32x4 cdHigh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
                STORE(keys + i * KEYS + t, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
                STORE(keys + (i + 1) * KEYS + t, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
                STORE(keys + (i + 2) * KEYS + t, __builtin_shufflevector(abHigh, cdHigh, 0, 1, 4, 5));
                STORE(keys + (i + 3) * KEYS + t, __builtin_shufflevector(abHigh, cdHigh, 2, 3, 6, 7));
            }
        }
        for (size_t t = 0; t < count; t++) {
            decode_cached(type, (const uint8_t *)job->v + (start + t) * job->v_stride, head, values + t * whole);
        }
        float_product(
            false, rows, KEYS, head, job->q + first * job->q_stride, job->q_stride, keys, KEYS, scores, KEYS);
        for (size_t r = 0; r < rows; r++) {
            size_t visible = job->visible + (first + r) * job->step;
            size_t seen = visible <= start ? 0 : visible - start < count ? visible - start : count;
            if (seen == 0) {
                memset(scores + r * KEYS, 0, sizeof(float) * KEYS);
                continue;
            }
            float shrink = weigh_scores(scores + r * KEYS, seen, job->scale, &largest[r], &sums[r]);
            float *result = results + r * whole;
            if (shrink == 1) continue;
            for (size_t i = 0; i < whole; i += VLMC_LANES) STORE(result + i, LOAD(vf, result + i) * shrink);
        }
        float_product(true, rows, whole, count, scores, KEYS, values, whole, results, whole);
    }
    for (size_t r = 0; r < rows; r++) {
        float *result = results + r * whole;
        for (size_t i = 0; i < whole; i += VLMC_LANES) STORE(result + i, LOAD(vf, result + i) / sums[r]);
        memcpy(job->out + (first + r) * job->out_stride, result, sizeof(float) * head);
    }
}

INLINE void attend_of(const vlmc_attention *job, uint32_t type) {
    if (job->queries < 4) {
        for (size_t row = 0; row < job->queries; row++) attend_one(job, type, row);
        return;
    }
    for (size_t first = 0; first < job->queries; first += QUERIES) {
        size_t rows = job->queries - first < QUERIES ? job->queries - first : QUERIES;
        attend_many(job, type, first, rows);
    }
}

static void attend(const vlmc_attention *job) {
    if (job->type == VLMC_F32) {
        attend_of(job, VLMC_F32);
    } else if (job->type == VLMC_F16) {
        attend_of(job, VLMC_F16);
    } else {
        attend_of(job, VLMC_Q8_0);
    }
}
