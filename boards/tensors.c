// The tensors of an .mvlm file: the manifest's list of them, checked.
#include <stdlib.h>
#include <string.h>

#include "mvlm-file.h"

enum { TENSOR_ALIGNMENT = 64 };

static const mvlm_format formats[] = {
    {"F32", 0, 1, 4, 0, false},        {"F16", 1, 1, 2, 0, false},        {"BF16", 30, 1, 2, 0, false},
    {"Q4_0", 2, 32, 18, 0, false},     {"Q4_1", 3, 32, 20, 0, false},     {"Q5_0", 6, 32, 22, 0, false},
    {"Q5_1", 7, 32, 24, 0, false},     {"Q8_0", 8, 32, 34, 0, false},     {"IQ4_NL", 20, 32, 18, 0, false},
    {"Q2_K", 10, 256, 84, 0, false},   {"Q3_K", 11, 256, 110, 0, false},  {"Q4_K", 12, 256, 144, 0, false},
    {"Q5_K", 13, 256, 176, 0, false},  {"Q6_K", 14, 256, 210, 0, false},  {"IQ4_XS", 23, 256, 136, 0, false},
    {"s4g32", -1, 32, 18, 4, false},   {"s4g64", -1, 64, 34, 4, false},   {"s4g128", -1, 128, 66, 4, false},
    {"s5g32", -1, 32, 22, 5, false},   {"s5g64", -1, 64, 42, 5, false},   {"s5g128", -1, 128, 82, 5, false},
    {"s8g32", -1, 32, 34, 8, false},   {"s8g64", -1, 64, 66, 8, false},   {"s8g128", -1, 128, 130, 8, false},
    {"a4g32", -1, 32, 20, 4, true},    {"a4g64", -1, 64, 36, 4, true},    {"a4g128", -1, 128, 68, 4, true},
    {"a5g32", -1, 32, 24, 5, true},    {"a5g64", -1, 64, 44, 5, true},    {"a5g128", -1, 128, 84, 5, true},
    {"a8g32", -1, 32, 36, 8, true},    {"a8g64", -1, 64, 68, 8, true},    {"a8g128", -1, 128, 132, 8, true},
};

static const mvlm_format *find_format(const char *name) {
    for (size_t i = 0; name && i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) == 0) return &formats[i];
    }
    return NULL;
}

/// Dimensions, rows and sizes of a tensor.
static mvlm_status read_shape(const json *entry, mvlm_tensor *t) {
    const json *shape = json_get(entry, "shape");
    if (!shape || shape->kind != JSON_ARRAY || shape->count < 1 || shape->count > 4) return MVLM_TENSOR_SHAPE;
    uint64_t elements = 1;
    for (const json *d = json_first(shape); d; d = json_next(shape, d)) {
        if (d->kind != JSON_NUMBER || !(d->number >= 1 && d->number <= INT32_MAX)) return MVLM_TENSOR_SHAPE;
        t->shape[t->rank] = (int64_t)d->number;
        if ((double)t->shape[t->rank] != d->number) return MVLM_TENSOR_SHAPE;
        if (elements > (UINT64_C(1) << 48) / (uint64_t)t->shape[t->rank]) return MVLM_TENSOR_SHAPE;
        elements *= (uint64_t)t->shape[t->rank++];
    }
    t->columns = t->shape[t->rank - 1];
    t->rows = (int64_t)(elements / (uint64_t)t->columns);
    if (t->columns % t->format->block_length != 0) return MVLM_TENSOR_SHAPE;
    // At most 2^48 elements of 4 bytes: nothing overflows.
    t->row_bytes = (size_t)(t->columns / t->format->block_length * t->format->block_bytes);
    uint64_t size = (uint64_t)t->rows * (uint64_t)t->row_bytes;
    if (size > SIZE_MAX) return MVLM_TENSOR_SHAPE;
    t->size = (size_t)size;
    return MVLM_OK;
}

/// Rows of a tile in the layout of that name, 1 for `plain`, 0 for one that is not known.
static int64_t rows_together(const char *layout) {
    static const struct {
        const char *name;
        int64_t rows;
    } known[] = {{"plain", 1}, {"tiles4", 4}, {"tiles8", 8}, {"tiles16", 16}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(layout, known[i].name) == 0) return known[i].rows;
    }
    return 0;
}

/// Its `tile_rows` are 0 if the layout is one of those that this reader passes over.
static mvlm_status read_tensor(const mvlm *f, const json *entry, mvlm_tensor *t, size_t *ends) {
    int64_t offset, size;
    t->name = json_text(entry, "name");
    if (!t->name || !*t->name || strlen(t->name) > 255) return MVLM_TENSOR_NAME;
    t->format = find_format(json_text(entry, "format"));
    if (!t->format) return MVLM_TENSOR_FORMAT;
    t->layout = json_text(entry, "layout");
    if (!t->layout || !*t->layout) return MVLM_TENSOR_LAYOUT;
    mvlm_status status = read_shape(entry, t);
    if (status != MVLM_OK) return status;
    t->tile_rows = rows_together(t->layout);
    if (t->tile_rows > 1 && (t->rank != 2 || !mvlm_has_tiles(t->format) || t->rows % t->tile_rows != 0)) {
        return MVLM_TENSOR_LAYOUT;
    }
    const mvlm_section *section = mvlm_find_section(f, json_text(entry, "section"));
    if (!section) return MVLM_TENSOR_SECTION;
    if (!json_integer(entry, "bytes", 1, INT64_C(1) << 50, &size)) return MVLM_TENSOR_BYTES;
    if (t->tile_rows > 0 && (uint64_t)size != t->size) return MVLM_TENSOR_BYTES;
    if (!json_integer(entry, "offset", 0, INT64_C(1) << 50, &offset)) return MVLM_TENSOR_OFFSET;
    size_t *end = &ends[section - f->sections];
    if (offset % TENSOR_ALIGNMENT != 0 || (uint64_t)offset < *end || (uint64_t)offset > section->size ||
        (uint64_t)size > section->size - (uint64_t)offset) {
        return MVLM_TENSOR_OFFSET;
    }
    *end = (size_t)(offset + size);
    t->data = section->data + offset;
    return MVLM_OK;
}

/// By name, of one name the plain copy first.
static int compare_copies(const void *a, const void *b) {
    const mvlm_tensor *const *left = a, *const *right = b;
    int order = strcmp((*left)->name, (*right)->name);
    if (order) return order;
    return ((*left)->tile_rows > (*right)->tile_rows) - ((*left)->tile_rows < (*right)->tile_rows);
}

static int compare_names(const void *a, const void *b) {
    const mvlm_tensor *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/// Sorts the tensors and leaves one copy of each, from which one comes to the others.
static mvlm_status index_tensors(mvlm *f) {
    for (size_t i = 0; i < f->tensor_count; i++) f->by_name[i] = &f->tensors[i];
    qsort(f->by_name, f->tensor_count, sizeof *f->by_name, compare_copies);
    for (size_t i = 0; i < f->tensor_count; i++) {
        const mvlm_tensor *t = f->by_name[i], *best = f->name_count ? f->by_name[f->name_count - 1] : NULL;
        if (!best || strcmp(t->name, best->name) != 0) {
            f->by_name[f->name_count++] = t;
            continue;
        }
        const mvlm_tensor *last = best;
        while (last->next_copy) last = last->next_copy;
        if (t->tile_rows == last->tile_rows) return MVLM_TENSOR_NAME;
        f->tensors[last - f->tensors].next_copy = t;
        bool same = t->format == best->format && t->rank == best->rank;
        if (!same || memcmp(t->shape, best->shape, sizeof t->shape) != 0) return MVLM_TENSOR_SHAPE;
    }
    return MVLM_OK;
}

mvlm_status mvlm_read_tensors(mvlm *f) {
    const json *list = json_get(f->manifest, "tensors");
    if (!list || list->kind != JSON_ARRAY) return MVLM_FIELD;
    f->tensors = calloc(list->count + 1, sizeof *f->tensors);
    f->by_name = calloc(list->count + 1, sizeof *f->by_name);
    size_t *ends = calloc(f->section_count, sizeof *ends);
    mvlm_status status = f->tensors && f->by_name && ends ? MVLM_OK : MVLM_MEMORY;
    for (const json *entry = json_first(list); entry && status == MVLM_OK; entry = json_next(list, entry)) {
        mvlm_tensor tensor = {0};
        status = read_tensor(f, entry, &tensor, ends);
        if (status == MVLM_OK && tensor.tile_rows > 0) f->tensors[f->tensor_count++] = tensor;
    }
    free(ends);
    if (status == MVLM_OK) status = index_tensors(f);
    if (status != MVLM_OK) return status;
    // What is there in layouts that are not known must be there in another, and in the plain one unless the header says so.
    for (const json *entry = json_first(list); entry; entry = json_next(list, entry)) {
        const mvlm_tensor *t = mvlm_find(f, json_text(entry, "name"));
        if (!t || (t->tile_rows > 1 && !f->may_lack_plain)) return MVLM_TENSOR_LAYOUT;
    }
    return MVLM_OK;
}

size_t mvlm_tensor_count(const mvlm *file) { return file->tensor_count; }

const mvlm_tensor *mvlm_tensor_at(const mvlm *file, size_t index) { return &file->tensors[index]; }

const mvlm_tensor *mvlm_find(const mvlm *file, const char *name) {
    mvlm_tensor wanted = {.name = name};
    const mvlm_tensor *key = &wanted;
    const mvlm_tensor **found =
        bsearch(&key, file->by_name, file->name_count, sizeof *file->by_name, compare_names);
    return found ? *found : NULL;
}
