#include <stdlib.h>
#include <string.h>

#include "model.h"

// Vision tower: CLIP's transformer, as a feature extractor (Radford et al., arXiv 2103.00020, section 2.4)

/// The patches row by row of the grid, each flattened by channel, then line, then column.
static void cut(const model *m, const float *pixels, float *patches) {
    int64_t g = m->grid, p = m->patch_size, size = m->image_size;
    for (int64_t cell = 0; cell < g * g; cell++) {
        for (int64_t channel = 0; channel < 3; channel++) {
            for (int64_t line = 0; line < p; line++, patches += p) {
                const float *source = pixels + (channel * size + cell / g * p + line) * size + cell % g * p;
                memcpy(patches, source, (size_t)p * sizeof *patches);
            }
        }
    }
}

/// @param h [positions, C]: the embeddings come out as features.
static void run_tower(const model *m, const float *pixels, float *h, float *scratch) {
    int64_t C = m->tower_width, F = m->tower_feed_forward, T = m->grid * m->grid + 1;
    float *x = scratch, *q = x + T * C, *k = q + T * C, *v = k + T * C, *wide = v + T * C;
    float *scores = wide + T * (F > 3 * m->patch_size * m->patch_size ? F : 3 * m->patch_size * m->patch_size);
    cut(m, pixels, wide);
    memcpy(h, m->class_embedding, (size_t)C * sizeof *h);
    apply_linear(m->patches, wide, T - 1, h + C, IDENTITY);
    add(h, m->position_embedding, T * C);
    normalise(m->pre_norm, h, T, h);
    for (int64_t n = 0; n < m->tower_layers; n++) {
        const encoder_layer *e = &m->encoder[n];
        normalise(e->norm1, h, T, x);
        apply_linear(e->q, x, T, q, IDENTITY);
        apply_linear(e->k, x, T, k, IDENTITY);
        apply_linear(e->v, x, T, v, IDENTITY);
        attend(q, T, k, v, T, m->tower_heads, -1, scores, x);
        apply_linear(e->out, x, T, q, IDENTITY);
        add(h, q, T * C);
        normalise(e->norm2, h, T, x);
        apply_linear(e->fc1, x, T, wide, m->tower_activation);
        apply_linear(e->fc2, wide, T, x, IDENTITY);
        add(h, x, T * C);
    }
}

// Projectors

/// Zero padding of one cell; the kernel is not flipped.
static void convolve(depthwise d, const float *x, int64_t side, float *y) {
    int64_t out_side = (side - 1) / d.step + 1, channels = d.channels;
    for (int64_t cell = 0; cell < out_side * out_side; cell++, y += channels) {
        for (int64_t c = 0; c < channels; c++) y[c] = d.bias ? d.bias[c] : 0;
        for (int64_t tap = 0; tap < 9; tap++) {
            int64_t line = cell / out_side * d.step + tap / 3 - 1, column = cell % out_side * d.step + tap % 3 - 1;
            if (line < 0 || line >= side || column < 0 || column >= side) continue;
            const float *source = x + (line * side + column) * channels, *w = d.weight + tap * channels;
            for (int64_t c = 0; c < channels; c++) y[c] += source[c] * w[c];
        }
    }
}

/// The mean of some rows.
static void mean_rows(const float *const *rows, int64_t count, int64_t width, float *out) {
    memset(out, 0, (size_t)width * sizeof *out);
    for (int64_t i = 0; i < count; i++) add(out, rows[i], width);
    for (int64_t c = 0; c < width; c++) out[c] *= 1 / (float)count;
}

/// LDP's block (Howard et al., arXiv 1905.02244, section 3, with layer norms): depthwise, norm, hard swish, squeeze and
/// excitation (Hu et al., arXiv 1709.01507), pointwise, norm. x keeps its content.
static bool run_block(const inverted_residual *r, const float *x, int64_t side, float *y, float *scratch) {
    int64_t H = r->convolution.channels, out_side = (side - 1) / r->convolution.step + 1, cells = out_side * out_side;
    int64_t squeezed = r->squeeze.weight->rows;
    const float **rows = malloc((size_t)cells * sizeof *rows);
    float *factors = malloc((size_t)(2 * H + squeezed) * sizeof *factors), *small = factors + 2 * H;
    bool ok = rows && factors;
    if (ok) {
        convolve(r->convolution, x, side, scratch);
        normalise(r->depthwise_norm, scratch, cells, scratch);
        activate(HARD_SWISH, scratch, cells * H);
        for (int64_t i = 0; i < cells; i++) rows[i] = scratch + i * H;
        mean_rows(rows, cells, H, factors);
        apply_linear(r->squeeze, factors, 1, small, RELU);
        apply_linear(r->excite, small, 1, factors + H, HARD_SIGMOID);
        for (int64_t i = 0; i < cells * H; i++) scratch[i] *= factors[H + i % H];
        apply_linear(r->pointwise, scratch, cells, y, IDENTITY);
        normalise(r->pointwise_norm, y, cells, y);
        if (r->residual) add(y, x, cells * H);
    }
    free(rows);
    free(factors);
    return ok;
}

/// LDPv2's token reduction: bin i of 12 covers floor(i g / 12) up to ceil((i + 1) g / 12), exclusive.
static bool pool(const float *x, int64_t g, int64_t width, float *out) {
    enum { BINS = 12 };
    const float **rows = malloc((size_t)(g * g) * sizeof *rows);
    if (!rows) return false;
    for (int64_t bin = 0; bin < BINS * BINS; bin++) {
        int64_t top = bin / BINS * g / BINS, bottom = ((bin / BINS + 1) * g + BINS - 1) / BINS;
        int64_t left = bin % BINS * g / BINS, right = ((bin % BINS + 1) * g + BINS - 1) / BINS, count = 0;
        for (int64_t line = top; line < bottom; line++) {
            for (int64_t column = left; column < right; column++) rows[count++] = x + (line * g + column) * width;
        }
        mean_rows(rows, count, width, out + bin * width);
    }
    free(rows);
    return true;
}

/// @param features [g * g, C]. @param a,b Scratch of [g * g, the wider of C and H] each.
static bool run_projector(const model *m, const float *features, float *a, float *b, float *c, float *rows) {
    int64_t cells = m->grid * m->grid, H = m->hidden;
    const float *x = features;
    for (int64_t i = 0; i < m->mlp_depth; i++) {
        float *y = x == a ? b : a;
        apply_linear(m->mlp[i], x, cells, y, i < m->mlp_depth - 1 ? GELU : IDENTITY);
        x = y;
    }
    float *other = x == a ? b : a;
    switch (m->projector) {
    case MLP:
        memcpy(rows, x, (size_t)(cells * H) * sizeof *rows);
        return true;
    case LDPV2:
        // The positional encoding generator is residual: it adds a position to what is there.
        if (!pool(x, m->grid, H, other)) return false;
        convolve(m->position_encoding, other, 12, rows);
        add(rows, other, m->image_rows * H);
        return true;
    case LDP:
        return run_block(&m->blocks[0], x, m->grid, other, c) && run_block(&m->blocks[1], other, m->grid, rows, c);
    }
    return false;
}

mvlm_status model_see(const model *m, const float *pixels, float *rows) {
    int64_t C = m->tower_width, H = m->hidden, T = m->grid * m->grid + 1, p = m->patch_size;
    int64_t wide = m->tower_feed_forward > 3 * p * p ? m->tower_feed_forward : 3 * p * p;
    int64_t queries = T < ATTEND_ROWS ? T : ATTEND_ROWS, row = C > H ? C : H;
    // What the tower works with, or after it the projector.
    int64_t tower = T * (4 * C + wide) + queries * m->tower_heads.count * T;
    int64_t projector = 3 * (T > 144 ? T : 144) * row;
    float *h = malloc((size_t)(T * C) * sizeof *h);
    float *scratch = malloc((size_t)(tower > projector ? tower : projector) * sizeof *scratch);
    bool ok = h && scratch;
    if (ok) {
        run_tower(m, pixels, h, scratch);
        // Row 0 is the class token, which no projector takes.
        int64_t part = (T > 144 ? T : 144) * row;
        ok = run_projector(m, h + C, scratch, scratch + part, scratch + 2 * part, rows);
    }
    free(h);
    free(scratch);
    return ok ? MVLM_OK : MVLM_MEMORY;
}
