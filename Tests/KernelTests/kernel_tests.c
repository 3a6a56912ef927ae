// Holds the fast arithmetic's kernels of every instruction set that this processor has to their plain twins.
// scripts/kernel-tests builds and runs it, natively and for other processors under qemu.
//
//     kernel_tests [NAME...]     names of instruction sets; all that can run if none is given
#include "support.h"

static int failures, checks;
static const char *current = "";

#define CHECK(condition, ...)                              \
    do {                                                   \
        checks++;                                          \
        if (!(condition) && failures++ < 40) {             \
            printf("FAILED %s: ", current);                \
            printf(__VA_ARGS__);                           \
            printf("\n");                                  \
        }                                                  \
    } while (0)

static const vlmc_float_kernels *plain, *fast;
static vlmc_isa isa;

static float largest_of(const float *x, size_t n) {
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(x[i]));
    return most;
}

/// Activations for `rows` rows: as encoded, or as floats for formats that take these.
static void *activations_for(const vlmc_linear *k, size_t columns, size_t rows, bool integral, size_t *stride) {
    *stride = k->floats ? 4 * columns : vlmc_activation_bytes(columns);
    uint8_t *all = guarded(*stride * rows, !k->floats);
    float *x = malloc(4 * columns);
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < columns; i++) x[i] = integral ? (float)(next_random() % 7) - 3 : normal();
        // So that a block's scale is exactly 1.
        for (size_t i = 0; integral && i < columns; i += 32) x[i + next_random() % 32 % (columns - i)] = 127;
        if (k->floats) {
            memcpy(all + r * *stride, x, 4 * columns);
        } else {
            plain->quantize(x, columns, all + r * *stride);
        }
    }
    free(x);
    return all;
}

enum { MOST_ROWS = 40, MOST_COUNT = 27 };

/// The largest product of some rows: one product alone may be small by chance, its rounding errors are not.
static float usual_size(const format_case *c, size_t columns, const void *x, size_t stride) {
    enum { SOME = 8 };
    vlmc_linear twin;
    vlmc_linear_kernels(VLMC_ISA_PLAIN, c->format, &twin);
    size_t bytes = row_bytes_of(c, columns);
    uint8_t *rows = malloc(SOME * bytes);
    for (size_t i = 0; i < SOME; i++) fill_row(c, columns, false, rows + i * bytes);
    float products[SOME];
    twin.gemv(c->format, rows, bytes, SOME, columns, x, stride, 1, products, SOME);
    free(rows);
    return largest_of(products, SOME);
}

/// Products of one shape. Integral ones must be equal; others may differ by rounding of sums.
static void check_products(const format_case *c, size_t columns, size_t n, size_t count, bool integral) {
    vlmc_linear twin, k;
    CHECK(vlmc_linear_kernels(VLMC_ISA_PLAIN, c->format, &twin), "%s has no plain twin", c->name);
    CHECK(vlmc_linear_kernels(isa, c->format, &k), "%s has no kernels", c->name);
    CHECK(k.block == c->columns && k.floats == twin.floats, "%s: block", c->name);
    size_t bytes = row_bytes_of(c, columns), stride;
    uint8_t *rows = guarded(bytes * n, false);
    for (size_t i = 0; i < n; i++) fill_row(c, columns, integral, rows + i * bytes);
    void *x = activations_for(&k, columns, count, integral, &stride);

    enum { GAP = 3 };
    size_t y_stride = n + GAP, size = y_stride * count;
    float expected[(MOST_ROWS + GAP) * MOST_COUNT], found[(MOST_ROWS + GAP) * MOST_COUNT];
    for (size_t i = 0; i < size; i++) expected[i] = found[i] = -7;
    twin.gemv(c->format, rows, bytes, n, columns, x, stride, count, expected, y_stride);
    float bound = integral ? 0 : 3e-6f * fmaxf(largest_of(expected, size), usual_size(c, columns, x, stride));

    k.gemv(c->format, rows, bytes, n, columns, x, stride, count, found, y_stride);
    for (size_t i = 0; i < size; i++) {
        CHECK(fabsf(found[i] - expected[i]) <= bound, "gemv %s %zu x %zu x %zu at %zu: %g, not %g", c->name, n, columns,
              count, i, found[i], expected[i]);
    }
    // Whatever the split, the same bits.
    for (size_t i = 0; i < n; i++) {
        float alone;
        k.gemv(c->format, rows + i * bytes, bytes, 1, columns, x, stride, 1, &alone, 1);
        float together;
        k.gemv(c->format, rows, bytes, n, columns, x, stride, 1, found, y_stride);
        together = found[i];
        CHECK(memcmp(&alone, &together, 4) == 0, "gemv %s: row %zu alone differs", c->name, i);
    }

    size_t panelBytes = vlmc_panel_bytes(isa, c->format, columns);
    void *panel = guarded(panelBytes, true);
    for (size_t first = 0; first < n; first += k.panel_rows) {
        size_t some = n - first < k.panel_rows ? n - first : k.panel_rows;
        for (size_t i = 0; i < size; i++) found[i] = -7;
        k.unpack(c->format, rows + first * bytes, bytes, some, columns, panel);
        k.multiply(c->format, panel, some, columns, x, stride, count, found + first, y_stride);
        for (size_t i = 0; i < size; i++) {
            bool inside = i % y_stride >= first && i % y_stride < first + some;
            float value = inside ? expected[i] : -7;
            CHECK(fabsf(found[i] - value) <= bound, "multiply %s %zu x %zu x %zu at %zu: %g, not %g", c->name, n,
                  columns, count, i, found[i], value);
        }
        for (size_t a = 0; a < count; a++) {
            float alone[MOST_ROWS];
            k.multiply(
                c->format, panel, some, columns, (uint8_t *)x + a * stride, stride, 1, alone, some);
            CHECK(memcmp(alone, found + a * y_stride + first, 4 * some) == 0, "multiply %s: row %zu alone differs",
                  c->name, a);
        }
    }
    release(panel, panelBytes);
    release(rows, bytes * n);
    release(x, stride * count);
}

/// n rows in tiles of `size`, in guarded memory of `*bytes`.
static uint8_t *tiles_of(
    const format_case *c, const uint8_t *rows, size_t columns, size_t n, size_t size, size_t *bytes) {
    size_t rowBytes = row_bytes_of(c, columns), tileBytes = vlmc_tile_bytes(c->format, columns, size);
    *bytes = (n + size - 1) / size * tileBytes;
    uint8_t *all = guarded(*bytes, false);
    for (size_t first = 0; first < n; first += size) {
        size_t some = n - first < size ? n - first : size;
        vlmc_pack_tile(c->format, rows + first * rowBytes, rowBytes, some, columns, size, all + first / size * tileBytes);
    }
    return all;
}

/// Products with tiles of every size, which a file for another processor has: those of the own tiles.
static void check_other_tiles(
    const format_case *c, const uint8_t *rows, size_t columns, size_t n, const void *x, size_t stride, size_t count,
    size_t own, const float *expected, float bound) {
    size_t bytes = row_bytes_of(c, columns);
    for (size_t size = 4; size <= 16; size *= 2) {
        vlmc_gemv gemv = vlmc_tile_gemv(isa, c->format | VLMC_TILED, size);
        CHECK((gemv != NULL) == (own != 0), "gemv in tiles of %zu of %s", size, c->name);
        if (!gemv) continue;
        size_t allBytes;
        uint8_t *all = tiles_of(c, rows, columns, n, size, &allBytes);
        float found[MOST_ROWS * MOST_COUNT];
        gemv(c->format | VLMC_TILED, all, bytes, n, columns, x, stride, count, found, n);
        // Registers of four times as many rows leave the product to narrower ones, which do not multiply alike.
        float most = own == 4 * size ? bound : 0;
        for (size_t i = 0; i < n * count; i++) {
            CHECK(fabsf(found[i] - expected[i]) <= most, "gemv in tiles of %zu %s %zu x %zu x %zu at %zu: %g, not %g", size,
                  c->name, n, columns, count, i, found[i], expected[i]);
        }
        release(all, allBytes);
    }
}

/// Tiles give their rows back, and the products of the twin. Shape as in check_products.
static void check_tiles(const format_case *c, size_t columns, size_t n, size_t count, bool integral) {
    vlmc_linear twin, k;
    vlmc_linear_kernels(VLMC_ISA_PLAIN, c->format, &twin);
    uint32_t format = c->format | VLMC_TILED;
    CHECK(vlmc_linear_kernels(isa, format, &k) == vlmc_has_tiles(c->format), "tiles of %s", c->name);
    if (!vlmc_has_tiles(c->format)) return;
    size_t bytes = row_bytes_of(c, columns), stride, allBytes;
    size_t tileBytes = vlmc_tile_bytes(c->format, columns, k.tile_rows);
    CHECK(tileBytes == bytes * k.tile_rows, "a tile of %s has %zu bytes", c->name, tileBytes);
    uint8_t *rows = guarded(bytes * n, false), *back = guarded(bytes * n, false);
    for (size_t i = 0; i < n; i++) fill_row(c, columns, integral, rows + i * bytes);
    uint8_t *all = tiles_of(c, rows, columns, n, k.tile_rows, &allBytes);
    for (size_t first = 0; first < n; first += k.tile_rows) {
        size_t some = n - first < k.tile_rows ? n - first : k.tile_rows;
        vlmc_unpack_tile(c->format, all + first * bytes, k.tile_rows, some, columns, back + first * bytes, bytes);
    }
    CHECK(memcmp(rows, back, bytes * n) == 0, "tiles of %s do not give their rows back", c->name);
    void *x = activations_for(&k, columns, count, integral, &stride);
    size_t size = n * count;
    float expected[MOST_ROWS * MOST_COUNT], found[MOST_ROWS * MOST_COUNT];
    twin.gemv(c->format, rows, bytes, n, columns, x, stride, count, expected, n);
    float bound = integral ? 0 : 3e-6f * fmaxf(largest_of(expected, size), usual_size(c, columns, x, stride));
    k.gemv(format, all, bytes, n, columns, x, stride, count, found, n);
    for (size_t i = 0; i < size; i++) {
        CHECK(fabsf(found[i] - expected[i]) <= bound, "gemv in tiles %s %zu x %zu x %zu at %zu: %g, not %g", c->name, n,
              columns, count, i, found[i], expected[i]);
    }
    check_other_tiles(c, rows, columns, n, x, stride, count, k.tile_rows, found, bound);
    // A panel from tiles has the bytes of one from rows, so that `multiply` needs no test of its own.
    vlmc_linear plainRows;
    vlmc_linear_kernels(isa, c->format, &plainRows);
    size_t panelBytes = vlmc_panel_bytes(isa, format, columns), some = n < k.panel_rows ? n : k.panel_rows;
    CHECK(panelBytes == vlmc_panel_bytes(isa, c->format, columns), "panels of %s", c->name);
    uint8_t *panel = guarded(panelBytes, true), *other = guarded(panelBytes, true);
    k.unpack(format, all, bytes, some, columns, panel);
    plainRows.unpack(c->format, rows, bytes, some, columns, other);
    k.multiply(format, panel, some, columns, x, stride, count, found, n);
    plainRows.multiply(c->format, other, some, columns, x, stride, count, expected, n);
    for (size_t a = 0; a < count; a++) {
        CHECK(memcmp(found + a * n, expected + a * n, 4 * some) == 0, "multiply in tiles %s %zu x %zu x %zu", c->name,
              n, columns, count);
    }
    release(panel, panelBytes), release(other, panelBytes);
    release(rows, bytes * n), release(back, bytes * n), release(all, allBytes), release(x, stride * count);
}

static void products_are_the_twins(void) {
    static const size_t counts[] = {1, 2, 3, 4, 5, 7, 13, MOST_COUNT};
    for (size_t i = 0; i < CASES; i++) {
        const format_case *c = &cases[i];
        size_t widths[5] = {c->columns, 2 * c->columns, 256, 3 * c->columns + 256 / c->columns * c->columns, 1536};
        if (c->columns == 1) widths[0] = 1, widths[1] = 19, widths[2] = 67, widths[3] = 256, widths[4] = 1000;
        for (size_t w = 0; w < 5; w++) {
            for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) {
                size_t rows = counts[(j + w) % 8];
                check_products(c, widths[w], rows, counts[j], false);
                if (widths[w] <= 256) check_products(c, widths[w], rows, counts[j], true);
                check_tiles(c, widths[w], rows, counts[j], widths[w] <= 256);
            }
        }
        check_products(c, widths[2], MOST_ROWS, 6, false);
        check_tiles(c, widths[2], MOST_ROWS, 6, false);
    }
}

static void activations_are_the_twins(void) {
    for (size_t columns = 32; columns <= 1056; columns += 32) {
        float *x = guarded(4 * columns, false);
        size_t bytes = vlmc_activation_bytes(columns);
        uint8_t *expected = guarded(bytes, true), *found = guarded(bytes, true);
        for (int round = 0; round < 6; round++) {
            for (size_t i = 0; i < columns; i++) {
                float size = round == 1 ? 0 : round == 2 ? 1e-36f : round == 3 ? 1e30f : 1;
                // Halves, which must go to even, in the fifth round.
                x[i] = round == 4 ? (float)(int)(next_random() % 509) / 4 - 63.5f : size * normal();
                if (round == 4 && i % 32 == 0) x[i] = 127;
            }
            plain->quantize(x, columns, expected);
            fast->quantize(x, columns, found);
            CHECK(memcmp(expected, found, bytes) == 0, "activations of %zu columns, round %d", columns, round);
        }
        release(x, 4 * columns);
        release(expected, bytes);
        release(found, bytes);
    }
}

/// |found - expected| within `units` units in the last place of the result, or `absolute`.
static void check_close(
    const char *name, size_t n, const float *expected, const float *found, float relative, float absolute) {
    for (size_t i = 0; i < n; i++) {
        CHECK(fabsf(found[i] - expected[i]) <= fmaxf(relative * fabsf(expected[i]), absolute),
              "%s of %zu at %zu: %.9g, not %.9g", name, n, i, found[i], expected[i]);
    }
}

static void functions_are_the_twins(void) {
    static const char *names[] = {"gelu", "quick gelu", "silu", "hard swish", "hard sigmoid", "relu"};
    enum { N = 4001 };
    static float x[N], expected[N], found[N];
    for (int f = VLMC_GELU; f <= VLMC_RELU; f++) {
        for (int i = 0; i < N; i++) x[i] = (float)(i - 2000) / 100 + 1e-3f * normal();
        x[0] = -90, x[1] = -200, x[2] = 200, x[3] = 0, x[4] = -88.5f;
        plain->apply((vlmc_function)f, x, N, expected);
        fast->apply((vlmc_function)f, x, N, found);
        // Of numbers far below 0, gelu and its kin are tiny; there the absolute error counts.
        float relative = f == VLMC_QUICK_GELU ? 5e-6f : 1e-6f;  // e to a product that was rounded
        check_close(names[f], N, expected, found, relative, f == VLMC_GELU ? 2e-8f : 1e-36f);
        fast->apply((vlmc_function)f, x, N, x);
        CHECK(memcmp(x, found, sizeof x) == 0, "%s in place differs", names[f]);
    }
}

static void rows_are_the_twins(void) {
    static const size_t sizes[] = {1, 3, 8, 16, 17, 31, 64, 100, 577, 1024, 2048, 2053};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        float *x = guarded(4 * n, false), *w = guarded(4 * n, false), *b = guarded(4 * n, false);
        float *expected = guarded(4 * n, false), *found = guarded(4 * n, false);
        uint16_t *halves = guarded(2 * n, false), *more = guarded(2 * n, false);
        for (size_t i = 0; i < n; i++) x[i] = normal() + 0.3f, w[i] = normal(), b[i] = normal();
        plain->rms_norm(x, w, 1e-6f, n, expected);
        fast->rms_norm(x, w, 1e-6f, n, found);
        check_close("rms norm", n, expected, found, 1e-6f, 1e-7f);
        plain->layer_norm(x, w, b, 1e-5f, n, expected);
        fast->layer_norm(x, w, b, 1e-5f, n, found);
        check_close("layer norm", n, expected, found, 2e-6f, 2e-6f);
        plain->swiglu(x, w, n, expected);
        fast->swiglu(x, w, n, found);
        check_close("swiglu", n, expected, found, 1e-6f, 1e-37f);
        memcpy(expected, x, 4 * n), memcpy(found, x, 4 * n);
        plain->add(w, n, expected), fast->add(w, n, found);
        check_close("add", n, expected, found, 0, 0);
        plain->scale(b, n, expected), fast->scale(b, n, found);
        check_close("scale", n, expected, found, 0, 0);
        vlmc_function function = VLMC_RELU;
        plain->add_bias(b, &function, 1, n, expected, n), fast->add_bias(b, &function, 1, n, found, n);
        check_close("bias", n, expected, found, 0, 0);
        for (size_t i = 0; i < n; i++) x[i] *= powf(2, (float)(next_random() % 40) - 25);
        plain->to_half(x, n, halves), fast->to_half(x, n, more);
        CHECK(memcmp(halves, more, 2 * n) == 0, "halves of %zu", n);
        release(x, 4 * n), release(w, 4 * n), release(b, 4 * n), release(expected, 4 * n), release(found, 4 * n);
        release(halves, 2 * n), release(more, 2 * n);
    }
}

static void rotation_is_the_twins(void) {
    static const size_t heads[] = {2, 8, 20, 64, 80, 128};
    for (size_t h = 0; h < 6; h++) {
        for (int neighbours = 0; neighbours < 2; neighbours++) {
            size_t head = heads[h], n = 3 * head;
            float *cosines = guarded(2 * head, false), *sines = guarded(2 * head, false);
            float *expected = guarded(4 * n, false), *found = guarded(4 * n, false);
            for (size_t i = 0; i < n; i++) expected[i] = found[i] = normal();
            for (size_t i = 0; i < head / 2; i++) cosines[i] = cosf((float)i), sines[i] = sinf((float)i);
            plain->rotate(expected, 3, head, cosines, sines, neighbours);
            fast->rotate(found, 3, head, cosines, sines, neighbours);
            check_close("rotation", n, expected, found, 1e-6f, 5e-7f);
            release(cosines, 2 * head), release(sines, 2 * head), release(expected, 4 * n), release(found, 4 * n);
        }
    }
}

static void convolution_is_the_twins(void) {
    static const size_t shapes[][3] = {{1, 1, 5}, {2, 3, 16}, {5, 4, 35}, {12, 12, 64}};
    for (size_t s = 0; s < 4; s++) {
        for (size_t step = 1; step <= 2; step++) {
            size_t height = shapes[s][0], width = shapes[s][1], channels = shapes[s][2];
            size_t n = height * width * channels, outputs = (width + step - 1) / step * channels;
            float *x = guarded(4 * n, false), *weight = guarded(36 * channels, false);
            float *bias = guarded(4 * channels, false);
            float *expected = guarded(4 * outputs, false), *found = guarded(4 * outputs, false);
            for (size_t i = 0; i < n; i++) x[i] = normal();
            for (size_t i = 0; i < 9 * channels; i++) weight[i] = normal();
            for (size_t i = 0; i < channels; i++) bias[i] = normal();
            for (size_t line = 0; line < (height + step - 1) / step; line++) {
                const float *some = line % 2 ? NULL : bias;
                plain->depthwise(x, height, width, channels, weight, some, step, line, expected);
                fast->depthwise(x, height, width, channels, weight, some, step, line, found);
                check_close("depthwise", outputs, expected, found, 2e-6f, 2e-6f);
            }
            release(x, 4 * n), release(weight, 36 * channels), release(bias, 4 * channels);
            release(expected, 4 * outputs), release(found, 4 * outputs);
        }
    }
}

static void check_attention(size_t queries, size_t visible, size_t step, size_t head, uint32_t type, float loud) {
    size_t positions = visible + (queries - 1) * step;
    size_t bytes = type == VLMC_F32 ? 4 * head : type == VLMC_F16 ? 2 * head : head / 32 * 34;
    // Two heads lie side by side; the second is attended to, so that its last row meets the guard.
    size_t stride = 2 * bytes;
    uint8_t *k = guarded(positions * stride, false), *v = guarded(positions * stride, false);
    format_case c = {.format = type, .columns = type == VLMC_Q8_0 ? 32 : 1, .bytes = type == VLMC_Q8_0 ? 34 : bytes / head};
    for (size_t t = 0; t < 2 * positions; t++) {
        fill_row(&c, head, false, k + t * bytes);
        fill_row(&c, head, false, v + t * bytes);
    }
    if (type == VLMC_F16) {
        // fill_row's halves are small.
        for (size_t i = 0; i < 2 * positions * head; i++) {
            float number = normal();
            plain->to_half(&number, 1, (uint16_t *)k + i);
        }
    }
    size_t row = head + 5;
    float *q = guarded(4 * row * queries, false), *expected = guarded(4 * row * queries, false);
    float *found = guarded(4 * row * queries, false);
    for (size_t i = 0; i < row * queries; i++) q[i] = loud * normal(), expected[i] = found[i] = -7;
    vlmc_attention job = {
        .q = q, .out = expected, .q_stride = row, .out_stride = row, .queries = queries, .head = head,
        .k = k + bytes, .v = v + bytes, .k_stride = stride, .v_stride = stride, .type = type, .visible = visible,
        .step = step, .scale = 1 / sqrtf((float)head)};
    if (type == VLMC_Q8_0) job.scale *= 0.02f;
    plain->attend(&job);
    job.out = found;
    fast->attend(&job);
    float bound = 4e-6f * largest_of(expected, row * queries - 5) + 1e-7f;
    // Scores of a loud query are large numbers, and so are their rounding errors in the exponent.
    check_close("attention", row * queries, expected, found, 0, bound * (loud > 2 ? 40 : 1));
    release(k, positions * stride), release(v, positions * stride);
    release(q, 4 * row * queries), release(expected, 4 * row * queries), release(found, 4 * row * queries);
}

static void attention_is_the_twins(void) {
    static const size_t heads[] = {64, 80, 128, 20, 256};
    static const uint32_t types[] = {VLMC_F16, VLMC_F32, VLMC_Q8_0};
    for (size_t h = 0; h < 5; h++) {
        for (size_t t = 0; t < 3; t++) {
            if (types[t] == VLMC_Q8_0 && heads[h] % 32) continue;
            for (size_t visible = 1; visible < 200; visible = visible * 3 + 1) {
                check_attention(1, visible, 0, heads[h], types[t], 1);
                check_attention(3, visible, 1, heads[h], types[t], 1);
                check_attention(5, visible, 0, heads[h], types[t], 20);
                check_attention(75, visible, 1, heads[h], types[t], 1);
            }
        }
    }
    check_attention(577, 577, 0, 64, VLMC_F16, 1);
    check_attention(130, 1, 1, 128, VLMC_F16, 1);
}

typedef struct named_isa {
    vlmc_isa isa;
    bool wanted;
} named_isa;

int main(int count, char **names) {
    plain = vlmc_floats(VLMC_ISA_PLAIN);
    int sets = 0;
    for (int i = VLMC_ISA_AVX2; i < VLMC_ISA_END; i++) {
        isa = (vlmc_isa)i;
        const char *name = vlmc_isa_name(isa);
        bool wanted = name && count == 1;
        for (int j = 1; name && j < count; j++) wanted |= strcmp(names[j], name) == 0;
        if (!wanted) continue;
        if (!vlmc_isa_available(isa)) {
            printf("%s: not on this processor\n", name);
            continue;
        }
        current = name;
        fast = vlmc_floats(isa);
        int before = checks;
        activations_are_the_twins();
        functions_are_the_twins();
        rows_are_the_twins();
        rotation_is_the_twins();
        convolution_is_the_twins();
        attention_is_the_twins();
        products_are_the_twins();
        printf("%s: %d checks\n", name, checks - before);
        sets++;
    }
    if (failures) printf("%d of %d checks FAILED\n", failures, checks);
    return failures || !sets ? 1 : 0;
}
