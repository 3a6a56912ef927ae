#include "model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Loading. The first fault stays in the model, and everything after it is passed over: the code reads as if there were none.

static void fail(model *m, mvlm_status status, const char *about) {
    if (m->status != MVLM_OK) return;
    m->status = status;
    snprintf(m->about, sizeof m->about, "%s", about);
}

static void *own(model *m, size_t size) {
    float **grown = realloc(m->owned, (m->owned_count + 1) * sizeof *grown);
    float *memory = grown ? calloc(1, size + 1) : NULL;
    if (grown) m->owned = grown;
    if (memory) m->owned[m->owned_count++] = memory;
    else fail(m, MVLM_MEMORY, "weights");
    return memory;
}

/// The tensor "PATH.NAME" if it has `rows` rows of `columns` elements, size-1 dimensions aside. Convolutions whose window
/// covers their whole input are matrices of the flattened window, so only the first dimension has to match.
static const mvlm_tensor *find(model *m, const char *path, const char *name, int64_t rows, int64_t columns) {
    if (m->status != MVLM_OK) return NULL;
    char full[256];
    snprintf(full, sizeof full, "%s%s%s", path, *path ? "." : "", name);
    const mvlm_tensor *t = mvlm_find(m->file, full);
    bool fits = t && t->rows * t->columns == rows * columns && (rows == 1 || t->shape[0] == rows);
    if (!fits) fail(m, MVLM_TENSOR_MISSING, full);
    return fits ? t : NULL;
}

/// A tensor of which the product takes a row as `columns` elements: a convolution's kernel is one row per output.
static const mvlm_tensor *find_matrix(model *m, const char *path, const char *name, int64_t rows, int64_t columns) {
    const mvlm_tensor *t = find(m, path, name, rows, columns);
    if (!t || t->columns == columns) return t;
    mvlm_tensor *flat = own(m, sizeof *flat);
    if (!flat) return NULL;
    *flat = *t;
    flat->rows = rows;
    flat->columns = columns;
    flat->row_bytes = t->size / (size_t)rows;
    // Rows of whole blocks are what kernels take; a row of small windows may cut one.
    if (columns % t->format->block_length != 0 || t->format->ggml < 0) fail(m, MVLM_TENSOR_MISSING, t->name);
    return flat;
}

/// A small tensor as floats.
static const float *floats(model *m, const char *path, const char *name, int64_t rows, int64_t columns) {
    const mvlm_tensor *t = find(m, path, name, rows, columns);
    float *values = t ? own(m, (size_t)(rows * columns) * sizeof *values) : NULL;
    for (int64_t i = 0; values && i < t->rows; i++) decode_row(t, i, values + i * t->columns);
    return values;
}

static const char *join(char *buffer, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return buffer;
}

static linear load_linear(model *m, const char *path, int64_t outputs, int64_t inputs, bool bias) {
    linear l = {.weight = find_matrix(m, path, "weight", outputs, inputs)};
    if (bias) l.bias = floats(m, path, "bias", 1, outputs);
    return l;
}

static norm load_norm(model *m, const char *path, int64_t width, float epsilon, bool bias) {
    norm n = {.width = width, .epsilon = epsilon, .weight = floats(m, path, "weight", 1, width)};
    if (bias) n.bias = floats(m, path, "bias", 1, width);
    return n;
}

static depthwise load_depthwise(model *m, const char *path, int64_t channels, bool bias, int64_t step) {
    depthwise d = {.channels = channels, .step = step};
    const float *stored = floats(m, path, "weight", channels, 9);
    float *turned = own(m, (size_t)(9 * channels) * sizeof *turned);
    for (int64_t i = 0; stored && turned && i < 9 * channels; i++) turned[i] = stored[i % channels * 9 + i / channels];
    d.weight = turned;
    if (bias) d.bias = floats(m, path, "bias", 1, channels);
    return d;
}

// Configuration

static int64_t integer(model *m, const json *object, const char *key, int64_t low, int64_t high) {
    int64_t value = low;
    if (!json_integer(object, key, low, high, &value)) fail(m, MVLM_FIELD, key);
    return value;
}

static float number(model *m, const json *object, const char *key, double low, double high) {
    const json *value = json_get(object, key);
    bool fits = value && value->kind == JSON_NUMBER && value->number > low && value->number < high;
    if (!fits) fail(m, MVLM_FIELD, key);
    return fits ? (float)value->number : 1;
}

static bool flag(model *m, const json *object, const char *key) {
    const json *value = json_get(object, key);
    if (!value || value->kind != JSON_BOOL) fail(m, MVLM_FIELD, key);
    return value && value->number != 0;
}

static const char *text(model *m, const json *object, const char *key) {
    const char *value = json_text(object, key);
    if (!value) fail(m, MVLM_FIELD, key);
    return value ? value : "";
}

static void three(model *m, const json *object, const char *key, double low, double high, float *out) {
    const json *list = json_get(object, key);
    bool fits = list && list->kind == JSON_ARRAY && list->count == 3;
    int i = 0;
    for (const json *v = fits ? json_first(list) : NULL; v; v = json_next(list, v)) {
        fits = fits && v->kind == JSON_NUMBER && v->number >= low && v->number <= high;
        out[i++] = (float)v->number;
    }
    if (!fits) fail(m, MVLM_FIELD, key);
}

enum { WIDEST = 1 << 17, DEEPEST = 512, LARGEST_VOCABULARY = 1 << 21, LONGEST_CONTEXT = 1 << 22, LARGEST_IMAGE = 4096 };

/// Width of the squeeze in a squeeze-and-excitation: a quarter, in multiples of 8, not below 90 % (torchvision).
static int64_t squeeze_width(int64_t width) {
    int64_t quarter = width / 4, rounded = (quarter + 4) / 8 * 8;
    if (rounded < 8) rounded = 8;
    return 10 * rounded < 9 * quarter ? rounded + 8 : rounded;
}

static void load_projector(model *m) {
    char path[256];
    int64_t C = m->tower_width, H = m->hidden, g = m->grid;
    const char *kind = text(m, mvlm_manifest(m->file), "projector");
    int depth = 0, used = 0;
    const char *first = "mm_projector.0";
    int spacing = 2;
    if (strcmp(kind, "ldpnetv2") == 0) {
        m->projector = LDPV2;
        m->mlp_depth = 2;
        first = "mm_projector.mlp.mlp.0";
        m->position_encoding = load_depthwise(m, "mm_projector.peg.peg.0", H, true, 1);
        m->image_rows = 144;
    } else if (strcmp(kind, "ldpnet") == 0) {
        m->projector = LDP;
        m->mlp_depth = 2;
        first = "mm_projector.model.mlp.1";
        for (int b = 0; b < 2; b++) {
            inverted_residual *r = &m->blocks[b];
            int64_t squeezed = squeeze_width(H);
            char block[64];
            join(block, sizeof block, "mm_projector.model.mb_block.%d.block", b + 1);
            r->residual = b == 0;
            r->convolution = load_depthwise(m, join(path, sizeof path, "%s.0.0", block), H, false, b + 1);
            r->depthwise_norm = load_norm(m, join(path, sizeof path, "%s.0.1", block), H, 1e-5f, true);
            r->squeeze = load_linear(m, join(path, sizeof path, "%s.1.fc1", block), squeezed, H, true);
            r->excite = load_linear(m, join(path, sizeof path, "%s.1.fc2", block), H, squeezed, true);
            r->pointwise = load_linear(m, join(path, sizeof path, "%s.2.0", block), H, H, false);
            r->pointwise_norm = load_norm(m, join(path, sizeof path, "%s.2.1", block), H, 1e-5f, true);
        }
        m->image_rows = ((g - 1) / 2 + 1) * ((g - 1) / 2 + 1);
    } else if (strcmp(kind, "linear") == 0) {
        m->projector = MLP;
        m->mlp_depth = 1;
        first = "mm_projector";
        m->image_rows = g * g;
    } else if (sscanf(kind, "mlp%2dx_gelu%n", &depth, &used) == 1 && used == (int)strlen(kind) && depth >= 1 &&
               depth <= 64) {
        m->projector = MLP;
        m->mlp_depth = depth;
        m->image_rows = g * g;
    } else {
        fail(m, MVLM_FIELD, "projector");
    }
    // The layers' numbers in their names leave one out for each activation.
    const char *last_dot = strrchr(first, '.');
    int number = last_dot ? atoi(last_dot + 1) : 0;
    for (int64_t i = 0; i < m->mlp_depth; i++) {
        const char *name = m->mlp_depth == 1 && strcmp(kind, "linear") == 0
            ? first
            : join(path, sizeof path, "%.*s.%d", (int)(last_dot - first), first, number + spacing * (int)i);
        m->mlp[i] = load_linear(m, name, H, i == 0 ? C : H, true);
    }
}

static void load_tower(model *m, const json *vision) {
    const json *pictures = json_get(mvlm_manifest(m->file), "preprocessing");
    char layer[64], path[128];
    m->sees = true;
    int64_t C = m->tower_width = integer(m, vision, "hidden_size", 1, WIDEST);
    int64_t F = m->tower_feed_forward = integer(m, vision, "feed_forward_size", 1, WIDEST);
    m->tower_layers = integer(m, vision, "feature_layer", 0, DEEPEST);
    int64_t heads_count = integer(m, vision, "heads", 1, C);
    m->image_size = integer(m, vision, "image_size", 1, LARGEST_IMAGE);
    m->patch_size = integer(m, vision, "patch_size", 1, m->image_size);
    float epsilon = number(m, vision, "layer_norm_epsilon", 0, 1);
    const char *activation = text(m, vision, "activation");
    m->tower_activation = strcmp(activation, "gelu") == 0 ? GELU : QUICK_GELU;
    if (m->tower_activation == QUICK_GELU && strcmp(activation, "quick_gelu") != 0) fail(m, MVLM_FIELD, "activation");
    if (C % heads_count != 0 || m->image_size % m->patch_size != 0) fail(m, MVLM_MODEL, "vision");
    m->tower_heads = (heads){heads_count, heads_count, C / heads_count};
    m->grid = m->image_size / m->patch_size;
    float colour[3] = {0};
    m->preprocessing.size = (int32_t)m->image_size;
    three(m, pictures, "mean", -1e6, 1e6, m->preprocessing.mean);
    three(m, pictures, "std", 1e-6, 1e6, m->preprocessing.std);
    three(m, pictures, "pad_colour", 0, 255, colour);
    for (int i = 0; i < 3; i++) m->preprocessing.colour[i] = (uint8_t)colour[i];
    m->preprocessing.pad = flag(m, pictures, "pad_to_square");
    if (m->status != MVLM_OK) return;

    int64_t p = m->patch_size, positions = m->grid * m->grid + 1;
    m->patches = load_linear(m, "vision_model.embeddings.patch_embedding", C, 3 * p * p, false);
    m->class_embedding = floats(m, "vision_model.embeddings", "class_embedding", 1, C);
    m->position_embedding = floats(m, "vision_model.embeddings.position_embedding", "weight", positions, C);
    m->pre_norm = load_norm(m, "vision_model.pre_layrnorm", C, epsilon, true);
    m->encoder = own(m, (size_t)m->tower_layers * sizeof *m->encoder);
    for (int64_t n = 0; m->status == MVLM_OK && n < m->tower_layers; n++) {
        encoder_layer *e = &m->encoder[n];
        join(layer, sizeof layer, "vision_model.encoder.layers.%d", (int)n);
        e->norm1 = load_norm(m, join(path, sizeof path, "%s.layer_norm1", layer), C, epsilon, true);
        e->q = load_linear(m, join(path, sizeof path, "%s.self_attn.q_proj", layer), C, C, true);
        e->k = load_linear(m, join(path, sizeof path, "%s.self_attn.k_proj", layer), C, C, true);
        e->v = load_linear(m, join(path, sizeof path, "%s.self_attn.v_proj", layer), C, C, true);
        e->out = load_linear(m, join(path, sizeof path, "%s.self_attn.out_proj", layer), C, C, true);
        e->norm2 = load_norm(m, join(path, sizeof path, "%s.layer_norm2", layer), C, epsilon, true);
        e->fc1 = load_linear(m, join(path, sizeof path, "%s.mlp.fc1", layer), F, C, true);
        e->fc2 = load_linear(m, join(path, sizeof path, "%s.mlp.fc2", layer), C, F, true);
    }
    load_projector(m);
}

static void load_language(model *m, const json *l) {
    char layer[64], path[128];
    int64_t H = m->hidden = integer(m, l, "hidden_size", 1, WIDEST);
    int64_t F = m->feed_forward = integer(m, l, "feed_forward_size", 1, WIDEST);
    m->layers = integer(m, l, "layers", 1, DEEPEST);
    heads h = m->heads = (heads){
        integer(m, l, "heads", 1, H), integer(m, l, "key_value_heads", 1, H), integer(m, l, "head_size", 1, WIDEST)};
    m->vocabulary = integer(m, l, "vocabulary_size", 1, LARGEST_VOCABULARY);
    m->context = integer(m, l, "context_length", 1, LONGEST_CONTEXT);
    m->rms_epsilon = number(m, l, "rms_epsilon", 0, 1);
    m->rope_base = number(m, l, "rope_base", 1, 1e30);
    const char *pairing = text(m, l, "rotary_pairing");
    m->neighbours = strcmp(pairing, "neighbours") == 0;
    if (!m->neighbours && strcmp(pairing, "halves") != 0) fail(m, MVLM_FIELD, "rotary_pairing");
    bool tied = flag(m, l, "tied_embeddings");
    if (h.count * h.size != H || h.size % 2 != 0 || h.count % h.groups != 0) fail(m, MVLM_MODEL, "language");
    if (m->status != MVLM_OK) return;

    m->embedding = find(m, "model.embed_tokens", "weight", m->vocabulary, H);
    m->norm = load_norm(m, "model.norm", H, m->rms_epsilon, false);
    m->head = load_linear(m, tied ? "model.embed_tokens" : "lm_head", m->vocabulary, H, false);
    m->decoder = own(m, (size_t)m->layers * sizeof *m->decoder);
    for (int64_t n = 0; m->status == MVLM_OK && n < m->layers; n++) {
        decoder_layer *d = &m->decoder[n];
        int64_t queries = h.count * h.size, values = h.groups * h.size;
        join(layer, sizeof layer, "model.layers.%d", (int)n);
        d->input_norm = load_norm(m, join(path, sizeof path, "%s.input_layernorm", layer), H, m->rms_epsilon, false);
        d->q = load_linear(m, join(path, sizeof path, "%s.self_attn.q_proj", layer), queries, H, false);
        d->k = load_linear(m, join(path, sizeof path, "%s.self_attn.k_proj", layer), values, H, false);
        d->v = load_linear(m, join(path, sizeof path, "%s.self_attn.v_proj", layer), values, H, false);
        d->out = load_linear(m, join(path, sizeof path, "%s.self_attn.o_proj", layer), H, queries, false);
        d->post_attention_norm =
            load_norm(m, join(path, sizeof path, "%s.post_attention_layernorm", layer), H, m->rms_epsilon, false);
        d->gate = load_linear(m, join(path, sizeof path, "%s.mlp.gate_proj", layer), F, H, false);
        d->up = load_linear(m, join(path, sizeof path, "%s.mlp.up_proj", layer), F, H, false);
        d->down = load_linear(m, join(path, sizeof path, "%s.mlp.down_proj", layer), H, F, false);
    }
}

mvlm_status model_open(const mvlm *file, model *m) {
    *m = (model){.file = file};
    const json *manifest = mvlm_manifest(file), *vision = json_get(manifest, "vision");
    const json *prompt = json_get(manifest, "conversation");
    m->prompt_before = text(m, prompt, "before");
    m->prompt_picture = text(m, prompt, "picture");
    m->prompt_after = text(m, prompt, "after");
    load_language(m, json_get(manifest, "language"));
    if (vision && m->status == MVLM_OK) load_tower(m, vision);
    return m->status;
}

void model_close(model *m) {
    for (size_t i = 0; i < m->owned_count; i++) free(m->owned[i]);
    free(m->owned);
}

int64_t model_longest_row(const model *m) {
    int64_t longest = m->hidden > m->feed_forward ? m->hidden : m->feed_forward;
    int64_t tower[3] = {m->tower_width, m->tower_feed_forward, 3 * m->patch_size * m->patch_size};
    for (int i = 0; i < 3; i++) {
        if (tower[i] > longest) longest = tower[i];
    }
    return longest;
}

// Vision tower: CLIP's transformer, as a feature extractor (Radford et al., arXiv 2103.00020, section 2.4)

static void normalise(norm n, const float *x, int64_t rows, float *y) {
    if (n.bias) layer_norm(x, rows, n.width, n.weight, n.bias, n.epsilon, y);
    else rms_norm(x, rows, n.width, n.weight, n.epsilon, y);
}

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

// Language model: LLaMA (Touvron et al., arXiv 2302.13971, section 2.2)

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

void model_embed(const model *m, const int32_t *ids, int64_t count, float *rows) {
    for (int64_t i = 0; i < count; i++) decode_row(m->embedding, ids[i], rows + i * m->hidden);
}

/// Rotary embedding (Su et al., arXiv 2104.09864): pair i of every head turns by position / base^(2i / size).
static void turn(const model *m, float *x, int64_t rows, int64_t head_count, int64_t position) {
    int64_t size = m->heads.size, half = size / 2;
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < half; i++) {
            float frequency = 1 / powf(m->rope_base, (float)(2 * i) / (float)size);
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
