// Cycles per weight of the fast arithmetic's kernels, and how they compare to the processor's peak and to its memory.
//
//     kernel_bench NAME [FORMAT...]     NAME: an instruction set, as VLMCONV_ISA has it
//
// Cycles are those of the running clock, found from a chain of dependent additions. Markdown on standard output.
#include <time.h>

#include "support.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// Cycles per second, from additions that wait for each other.
static double measure_clock(void) {
    double best = 1e9;
    for (int round = 0; round < 20; round++) {
        uint64_t x = (uint64_t)round;
        double start = now();
        for (int i = 0; i < 1000000; i++) {
            x += 3;
            __asm__ volatile("" : "+r"(x));
        }
        double seconds = now() - start;
        if (seconds < best) best = seconds;
    }
    return 1000000 / best;
}

static double hertz;

/// Seconds of the fastest of several runs of BODY.
#define FASTEST(BODY)                                      \
    ({                                                     \
        double best = 1e9;                                 \
        for (int round = 0; round < 7; round++) {          \
            double start = now();                          \
            BODY;                                          \
            double seconds = now() - start;                \
            if (seconds < best) best = seconds;            \
        }                                                  \
        best;                                              \
    })

enum { COLUMNS = 2048 };

static float y[1 << 20];

/// A row of the table for one format. `large`: bytes of weights that come from memory.
static void measure_format(vlmc_isa isa, const format_case *c, bool tiled, size_t large) {
    vlmc_linear k;
    uint32_t format = c->format | (tiled ? VLMC_TILED : 0);
    if (!vlmc_linear_kernels(isa, format, &k)) return;
    size_t bytes = row_bytes_of(c, COLUMNS), rows = large / bytes / 32 * 32;
    uint8_t *weights = guarded(bytes * rows, false);
    fill_row(c, COLUMNS, false, weights);
    for (size_t i = 1; i < rows; i++) memcpy(weights + i * bytes, weights, bytes);

    enum { VECTORS = 252 };
    size_t stride = k.floats ? 4 * COLUMNS : vlmc_activation_bytes(COLUMNS);
    uint8_t *x = guarded(stride * VECTORS, true);
    float *row = malloc(4 * COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) row[i] = normal();
    for (size_t r = 0; r < VECTORS; r++) {
        if (k.floats) {
            memcpy(x + r * stride, row, 4 * COLUMNS);
        } else {
            vlmc_floats(isa)->quantize(row, COLUMNS, x + r * stride);
        }
    }
    // 32 rows stay in the caches.
    size_t few = 32;
    double weightsOfFew = (double)few * COLUMNS;
    double near = FASTEST(for (int i = 0; i < 20; i++) k.gemv(format, weights, bytes, few, COLUMNS, x, stride, 1, y, few)) / 20;
    double four = FASTEST(for (int i = 0; i < 20; i++) k.gemv(format, weights, bytes, few, COLUMNS, x, stride, 4, y, few)) / 20;
    double far = FASTEST(k.gemv(format, weights, bytes, rows, COLUMNS, x, stride, 1, y, rows));
    void *panel = guarded(vlmc_panel_bytes(isa, format, COLUMNS), true);
    size_t n = k.panel_rows;
    double unpack = FASTEST(for (int i = 0; i < 20; i++) k.unpack(format, weights, bytes, n, COLUMNS, panel)) / 20;
    double multiply = FASTEST(k.multiply(format, panel, n, COLUMNS, x, stride, VECTORS, y, n));
    double products = (double)n * COLUMNS * VECTORS;
    printf("| %s%s | %.3f | %.1f | %.1f | %.3f | %.3f | %.4f | %.0f |\n", c->name, tiled ? " in tiles" : "", near * hertz / weightsOfFew,
           (double)(few * bytes) / near / hertz, (double)(rows * bytes) / far * 1e-9, four * hertz / weightsOfFew,
           unpack * hertz / ((double)n * COLUMNS), multiply * hertz / products, products / multiply * 1e-9);
    release(weights, bytes * rows), release(x, stride * VECTORS);
    release(panel, vlmc_panel_bytes(isa, format, COLUMNS));
    free(row);
}

static void measure_rest(vlmc_isa isa) {
    const vlmc_float_kernels *f = vlmc_floats(isa);
    enum { N = 5632 };
    static float a[N], b[N], c[N];
    static uint16_t halves[2048 * 4096];
    for (int i = 0; i < N; i++) a[i] = normal(), b[i] = normal(), c[i] = normal();
    for (int i = 0; i < 2048 * 4096; i++) put_half((uint8_t *)(halves + i), false);
    void *q = guarded(vlmc_activation_bytes(N), true);
    printf("\n| kernel | cycles per element |\n|---|---|\n");
#define ELEMENTS(name, count, CALL) \
    printf("| %s | %.2f |\n", name, FASTEST(for (int i = 0; i < 20; i++) { CALL; }) / 20 * hertz / (double)(count))
    ELEMENTS("activations to 8 bits", N, f->quantize(a, N, q));
    ELEMENTS("RMS norm", N, f->rms_norm(a, b, 1e-6f, N, c));
    ELEMENTS("layer norm", N, f->layer_norm(a, b, b, 1e-6f, N, c));
    ELEMENTS("SwiGLU", N, f->swiglu(a, b, N, c));
    ELEMENTS("GELU", N, f->apply(VLMC_GELU, a, N, c));
    ELEMENTS("quick GELU", N, f->apply(VLMC_QUICK_GELU, a, N, c));
    ELEMENTS("add", N, f->add(a, N, c));
    ELEMENTS("to halves", N, f->to_half(a, N, halves + 2048 * 2048));
    ELEMENTS("rotation, halves", 2048, f->rotate(a, 16, 128, b, b, false));
    ELEMENTS("rotation, neighbours", 2048, f->rotate(a, 16, 128, b, b, true));
    printf("\n| attention on F16 | products | cycles per product | GMAC/s |\n|---|---|---|---|\n");
    static const size_t shapes[][4] = {{1, 512, 0, 128}, {1, 2048, 0, 128}, {64, 193, 1, 128}, {577, 577, 0, 64}};
    static float queries[577 * 128], out[577 * 128];
    for (size_t i = 0; i < 577 * 128; i++) queries[i] = normal();
    for (int s = 0; s < 4; s++) {
        size_t rows = shapes[s][0], visible = shapes[s][1], step = shapes[s][2], head = shapes[s][3];
        vlmc_attention job = {
            .q = queries, .out = out, .q_stride = head, .out_stride = head, .queries = rows, .head = head, .k = halves,
            .v = halves + head, .k_stride = 4096, .v_stride = 4096, .type = VLMC_F16, .visible = visible,
            .step = step, .scale = 0.1f};
        double seconds = FASTEST(f->attend(&job));
        double products = 0;
        for (size_t i = 0; i < rows; i++) products += 2 * (double)head * (double)(visible + i * step);
        printf("| %zu queries, %zu keys, head of %zu | %.3g | %.4f | %.1f |\n", rows, visible + (rows - 1) * step, head,
               products, seconds * hertz / products, products / seconds * 1e-9);
    }
}

int main(int count, char **names) {
    vlmc_isa isa = VLMC_ISA_PLAIN;
    for (int i = VLMC_ISA_AVX2; i < VLMC_ISA_END; i++) {
        const char *name = vlmc_isa_name((vlmc_isa)i);
        if (count > 1 && name && strcmp(name, names[1]) == 0 && vlmc_isa_available((vlmc_isa)i)) isa = (vlmc_isa)i;
    }
    if (isa == VLMC_ISA_PLAIN) {
        printf("usage: kernel_bench NAME [FORMAT...]\n");
        return 1;
    }
    hertz = measure_clock();
    printf("%s, %.2f GHz\n\n", names[1], hertz * 1e-9);
    printf("| type | decode: cycles per weight | bytes per cycle | GB/s from memory | with 4 vectors | unpacking | "
           "matrix: cycles per product | GMAC/s |\n|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < CASES; i++) {
        bool wanted = count == 2;
        for (int j = 2; j < count; j++) wanted |= strcmp(names[j], cases[i].name) == 0;
        if (!wanted) continue;
        measure_format(isa, &cases[i], false, (size_t)256 << 20);
        measure_format(isa, &cases[i], true, (size_t)256 << 20);
    }
    if (count == 2) measure_rest(isa);
    return 0;
}
