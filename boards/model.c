#include "model.h"

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
    flat->next_copy = NULL;
    // Rows of whole blocks are what kernels take: a row of small windows may cut one, and tiles are of the rows that the file has.
    if (columns % t->format->block_length != 0 || t->format->ggml < 0 || t->tile_rows > 1) fail(m, MVLM_TENSOR_MISSING, t->name);
    return flat;
}

/// A small tensor as floats.
static const float *floats(model *m, const char *path, const char *name, int64_t rows, int64_t columns) {
    const mvlm_tensor *t = find(m, path, name, rows, columns);
    float *values = t ? own(m, (size_t)(rows * columns) * sizeof *values) : NULL;
    if (values && !decode_rows(t, 0, t->rows, values)) fail(m, MVLM_MEMORY, t->name);
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
    int depth = 0;
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
    } else if (sscanf(kind, "mlp%2dx_gelu", &depth) == 1 && depth >= 1 && depth <= 64 &&
               strcmp(kind, join(path, sizeof path, "mlp%dx_gelu", depth)) == 0) {
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
    for (int i = 0; i < 3; i++) {
        double mean = 255 * (double)m->preprocessing.mean[i];
        m->preprocessing.colour[i] = (uint8_t)(mean < 0 ? 0 : mean > 255 ? 255 : mean);
        if (m->preprocessing.colour[i] != colour[i]) fail(m, MVLM_FIELD, "pad_colour");
    }
    integer(m, vision, "projection_size", 0, WIDEST);
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
    m->rope_scaling = json_get(l, "rope_scaling") ? number(m, l, "rope_scaling", 0, 1e6) : 1;
    const char *pairing = text(m, l, "rotary_pairing");
    m->neighbours = strcmp(pairing, "neighbours") == 0;
    if (!m->neighbours && strcmp(pairing, "halves") != 0) fail(m, MVLM_FIELD, "rotary_pairing");
    bool tied = flag(m, l, "tied_embeddings");
    if (h.count * h.size != H || h.size % 2 != 0 || h.count % h.groups != 0) fail(m, MVLM_MODEL, "language");
    if (m->status != MVLM_OK) return;

    m->embedding = find(m, "model.embed_tokens", "weight", m->vocabulary, H);
    if (m->embedding && m->embedding->columns != H) fail(m, MVLM_TENSOR_MISSING, m->embedding->name);
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
    text(m, manifest, "name");
    text(m, prompt, "template");
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
