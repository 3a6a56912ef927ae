// Language model: LLaMA (Touvron et al., arXiv 2302.13971, section 2.2)
#include <math.h>
#include <stdlib.h>

#include "model.h"

mvlm_status conversation_open(const model *m, int64_t capacity, conversation *c) {
    size_t size = (size_t)(m->layers * capacity * m->heads.groups * m->heads.size) * sizeof(float);
    *c = (conversation){.keys = malloc(size), .values = malloc(size), .capacity = capacity};
    if (c->keys && c->values) return MVLM_OK;
    conversation_close(c);
    return MVLM_MEMORY;
}

void conversation_close(conversation *c) {
    free(c->keys);
    free(c->values);
    *c = (conversation){0};
}

mvlm_status model_embed(const model *m, const int32_t *ids, int64_t count, float *rows) {
    for (int64_t i = 0; i < count; i++) {
        if (!decode_rows(m->embedding, ids[i], 1, rows + i * m->hidden)) return MVLM_MEMORY;
    }
    return MVLM_OK;
}

/// Rotary embedding (Su et al., arXiv 2104.09864): pair i of every head turns by position / base^(2i / size).
static void turn(const model *m, float *x, int64_t rows, int64_t head_count, int64_t position) {
    int64_t size = m->heads.size, half = size / 2;
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < half; i++) {
            float frequency = 1 / powf(m->rope_base, (float)(2 * i) / (float)size) / m->rope_scaling;
            float angle = (float)(position + row) * frequency, cosine = cosf(angle), sine = sinf(angle);
            for (int64_t head = 0; head < head_count; head++) {
                float *a = x + (row * head_count + head) * size + (m->neighbours ? 2 * i : i);
                float *b = a + (m->neighbours ? 1 : half), old = *a;
                *a = old * cosine - *b * sine;
                *b = *b * cosine + old * sine;
            }
        }
    }
}

mvlm_status model_forward(const model *m, conversation *c, float *h, int64_t count, float *logits) {
    int64_t H = m->hidden, F = m->feed_forward, width = m->heads.groups * m->heads.size;
    int64_t seen = c->position + count, queries = count < ATTEND_ROWS ? count : ATTEND_ROWS;
    float *scratch =
        malloc((size_t)(count * (2 * H + 2 * F) + queries * m->heads.count * seen) * sizeof *scratch);
    if (!scratch) return MVLM_MEMORY;
    float *x = scratch, *q = x + count * H, *gate = q + count * H, *up = gate + count * F, *scores = up + count * F;
    for (int64_t n = 0; n < m->layers; n++) {
        const decoder_layer *d = &m->decoder[n];
        float *keys = c->keys + n * c->capacity * width, *values = c->values + n * c->capacity * width;
        float *new_keys = keys + c->position * width, *new_values = values + c->position * width;
        // Attention, whose query heads may share key and value heads in groups
        normalise(d->input_norm, h, count, x);
        apply_linear(d->q, x, count, q, IDENTITY);
        apply_linear(d->k, x, count, new_keys, IDENTITY);
        apply_linear(d->v, x, count, new_values, IDENTITY);
        turn(m, q, count, m->heads.count, c->position);
        turn(m, new_keys, count, m->heads.groups, c->position);
        attend(q, count, keys, values, seen, m->heads, c->position, scores, x);
        apply_linear(d->out, x, count, q, IDENTITY);
        add(h, q, count * H);
        // SwiGLU: the activation belongs to the gate alone
        normalise(d->post_attention_norm, h, count, x);
        apply_linear(d->gate, x, count, gate, SILU);
        apply_linear(d->up, x, count, up, IDENTITY);
        for (int64_t i = 0; i < count * F; i++) gate[i] *= up[i];
        apply_linear(d->down, gate, count, q, IDENTITY);
        add(h, q, count * H);
    }
    c->position = seen;
    normalise(m->norm, h + (count - 1) * H, 1, x);
    apply_linear(m->head, x, 1, logits, IDENTITY);
    free(scratch);
    return MVLM_OK;
}
