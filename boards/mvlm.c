#define _POSIX_C_SOURCE 200809L

#include "mvlm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 128,
    ENTRY_BYTES = 64,
    NAME_BYTES = 32,
    MOST_SECTIONS = 200,
    PAGE = 16384,
    TENSOR_ALIGNMENT = 64,
    LARGEST_MANIFEST = 64 << 20,
    PIECE = 1 << 20,
};

static const uint8_t magic[8] = {0x89, 'M', 'V', 'L', 'M', '\r', '\n', 0x1A};

/// Group scales (bit 0) are known. Tensors that are there in no plain layout (bit 1) are not.
static const uint64_t known_features = 1;

struct mvlm {
    const uint8_t *bytes;
    size_t size;
    bool mapped;
    size_t section_count, tensor_count;
    mvlm_section *sections;
    mvlm_tensor *tensors;
    /// Of the tensors, sorted by name.
    const mvlm_tensor **by_name;
    json *manifest;
};

const char *mvlm_rule(mvlm_status status) {
    switch (status) {
#define MVLM_NAME(code, rule, text) \
    case code: return rule;
        MVLM_RULES(MVLM_NAME)
    default: return "mvlm.ok";
    }
}

const char *mvlm_explain(mvlm_status status) {
    switch (status) {
#define MVLM_TEXT(code, rule, text) \
    case code: return text;
        MVLM_RULES(MVLM_TEXT)
    default: return "nothing is wrong";
    }
}

// Numbers in the file are little-endian, whatever the processor.

static uint64_t read_number(const uint8_t *p, int bytes) {
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | p[bytes];
    return value;
}

static uint32_t u32(const uint8_t *p) { return (uint32_t)read_number(p, 4); }
static uint64_t u64(const uint8_t *p) { return read_number(p, 8); }

static bool all_zero(const uint8_t *p, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (p[i]) return false;
    }
    return true;
}

// Digests

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu, P3 = 0x165667B19E3779F9u,
                      P4 = 0x85EBCA77C2B2AE63u, P5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }
static uint64_t mix(uint64_t lane, uint64_t word) { return rotate(lane + word * P2, 31) * P1; }
static uint64_t merge(uint64_t hash, uint64_t lane) { return (hash ^ mix(0, lane)) * P1 + P4; }

uint64_t mvlm_xxh64(const void *bytes, size_t size) {
    const uint8_t *p = bytes, *end = p + size;
    uint64_t hash = P5;
    if (size >= 32) {
        uint64_t a = P1 + P2, b = P2, c = 0, d = 0 - P1;
        for (; end - p >= 32; p += 32) {
            a = mix(a, u64(p));
            b = mix(b, u64(p + 8));
            c = mix(c, u64(p + 16));
            d = mix(d, u64(p + 24));
        }
        hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
        hash = merge(merge(merge(merge(hash, a), b), c), d);
    }
    hash += size;
    for (; end - p >= 8; p += 8) hash = rotate(hash ^ mix(0, u64(p)), 27) * P1 + P4;
    if (end - p >= 4) {
        hash = rotate(hash ^ u32(p) * P1, 23) * P2 + P3;
        p += 4;
    }
    for (; p < end; p++) hash = rotate(hash ^ *p * P5, 11) * P1;
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

uint64_t mvlm_digest(const void *bytes, size_t size) {
    size_t pieces = (size + PIECE - 1) / PIECE;
    uint8_t *words = malloc(8 * pieces + 1);
    if (!words) return 0;
    for (size_t i = 0; i < pieces; i++) {
        size_t start = i * PIECE, length = size - start < PIECE ? size - start : PIECE;
        uint64_t hash = mvlm_xxh64((const uint8_t *)bytes + start, length);
        for (int b = 0; b < 8; b++) words[8 * i + b] = (uint8_t)(hash >> 8 * b);
    }
    uint64_t digest = mvlm_xxh64(words, 8 * pieces);
    free(words);
    return digest;
}

mvlm_status mvlm_check_section(const mvlm_section *section) {
    return mvlm_digest(section->data, section->size) == section->digest ? MVLM_OK : MVLM_SECTION_DIGEST;
}

mvlm_status mvlm_check(const mvlm *file) {
    const uint8_t *end = file->bytes + HEADER_BYTES + ENTRY_BYTES * file->section_count;
    for (size_t i = 0; i < file->section_count; i++) {
        const mvlm_section *section = &file->sections[i];
        if (!all_zero(end, (size_t)(section->data - end))) return MVLM_PADDING;
        if (mvlm_check_section(section) != MVLM_OK) return MVLM_SECTION_DIGEST;
        end = section->data + section->size;
    }
    return MVLM_OK;
}

// Header and sections

static mvlm_status read_header(mvlm *f) {
    const uint8_t *h = f->bytes;
    if (f->size < sizeof magic || memcmp(h, magic, sizeof magic) != 0) return MVLM_MAGIC;
    if (f->size < HEADER_BYTES) return MVLM_SIZE;
    if (u32(h + 8) != 1) return MVLM_VERSION;
    if (u32(h + 12) != HEADER_BYTES || u32(h + 36) != ENTRY_BYTES || !all_zero(h + 48, 72)) return MVLM_HEADER;
    if (u64(h + 120) != mvlm_xxh64(h, 120)) return MVLM_HEADER_DIGEST;
    if (u64(h + 16) & ~known_features) return MVLM_FEATURES;
    if (u64(h + 24) != f->size) return MVLM_SIZE;
    f->section_count = u32(h + 32);
    if (f->section_count < 1 || f->section_count > MOST_SECTIONS) return MVLM_SECTION_COUNT;
    if (f->size < HEADER_BYTES + ENTRY_BYTES * f->section_count) return MVLM_SIZE;
    if (u64(h + 40) != mvlm_xxh64(h + HEADER_BYTES, ENTRY_BYTES * f->section_count)) return MVLM_TABLE_DIGEST;
    return MVLM_OK;
}

static bool is_section_name(const uint8_t *name) {
    size_t length = 0;
    while (length < NAME_BYTES && name[length]) length++;
    if (length == 0 || length == NAME_BYTES || !all_zero(name + length, NAME_BYTES - length)) return false;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) return false;
    }
    return true;
}

static mvlm_status read_sections(mvlm *f) {
    f->sections = calloc(f->section_count, sizeof *f->sections);
    if (!f->sections) return MVLM_MEMORY;
    uint64_t end = HEADER_BYTES + ENTRY_BYTES * f->section_count;
    for (size_t i = 0; i < f->section_count; i++) {
        const uint8_t *entry = f->bytes + HEADER_BYTES + ENTRY_BYTES * i;
        mvlm_section *section = &f->sections[i];
        if (!is_section_name(entry)) return MVLM_SECTION_NAME;
        memcpy(section->name, entry, NAME_BYTES);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(section->name, f->sections[j].name) == 0) return MVLM_SECTION_NAME;
        }
        uint64_t offset = u64(entry + 32), size = u64(entry + 40);
        if (offset % PAGE != 0 || offset < end || offset > f->size || size > f->size - offset) {
            return MVLM_SECTION_OFFSET;
        }
        section->data = f->bytes + offset;
        section->size = (size_t)size;
        section->digest = u64(entry + 48);
        if (u64(entry + 56) != 0) return MVLM_HEADER;
        end = offset + size;
    }
    return end == f->size ? MVLM_OK : MVLM_SECTION_END;
}

// Tensors

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

/// @param known False if the layout is one of those that this reader passes over.
static mvlm_status read_tensor(const mvlm *f, const json *entry, mvlm_tensor *t, size_t *ends, bool *known) {
    int64_t offset, size;
    t->name = json_text(entry, "name");
    if (!t->name || !*t->name || strlen(t->name) > 255) return MVLM_TENSOR_NAME;
    t->format = find_format(json_text(entry, "format"));
    if (!t->format) return MVLM_TENSOR_FORMAT;
    t->layout = json_text(entry, "layout");
    if (!t->layout || !*t->layout) return MVLM_TENSOR_LAYOUT;
    *known = strcmp(t->layout, "plain") == 0;
    mvlm_status status = read_shape(entry, t);
    if (status != MVLM_OK) return status;
    const mvlm_section *section = mvlm_find_section(f, json_text(entry, "section"));
    if (!section) return MVLM_TENSOR_SECTION;
    if (!json_integer(entry, "bytes", 1, INT64_C(1) << 50, &size)) return MVLM_TENSOR_BYTES;
    if (*known && (uint64_t)size != t->size) return MVLM_TENSOR_BYTES;
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

static int compare_names(const void *a, const void *b) {
    const mvlm_tensor *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static mvlm_status read_tensors(mvlm *f) {
    const json *list = json_get(f->manifest, "tensors");
    if (!list || list->kind != JSON_ARRAY) return MVLM_FIELD;
    f->tensors = calloc(list->count + 1, sizeof *f->tensors);
    f->by_name = calloc(list->count + 1, sizeof *f->by_name);
    size_t *ends = calloc(f->section_count, sizeof *ends);
    mvlm_status status = f->tensors && f->by_name && ends ? MVLM_OK : MVLM_MEMORY;
    for (const json *entry = json_first(list); entry && status == MVLM_OK; entry = json_next(list, entry)) {
        bool known = false;
        mvlm_tensor tensor = {0};
        status = read_tensor(f, entry, &tensor, ends, &known);
        if (status == MVLM_OK && known) f->tensors[f->tensor_count++] = tensor;
    }
    free(ends);
    if (status != MVLM_OK) return status;
    for (size_t i = 0; i < f->tensor_count; i++) f->by_name[i] = &f->tensors[i];
    qsort(f->by_name, f->tensor_count, sizeof *f->by_name, compare_names);
    for (size_t i = 1; i < f->tensor_count; i++) {
        if (compare_names(&f->by_name[i - 1], &f->by_name[i]) == 0) return MVLM_TENSOR_NAME;
    }
    // What is there in another layout must be there in the plain one too.
    for (const json *entry = json_first(list); entry; entry = json_next(list, entry)) {
        if (!mvlm_find(f, json_text(entry, "name"))) return MVLM_TENSOR_LAYOUT;
    }
    return MVLM_OK;
}

static mvlm_status read_manifest(mvlm *f) {
    const mvlm_section *section = mvlm_find_section(f, "manifest");
    if (!section || !mvlm_find_section(f, "tokenizer")) return MVLM_SECTION_MISSING;
    if (section->size > LARGEST_MANIFEST) return MVLM_JSON;
    if (mvlm_check_section(section) != MVLM_OK) return MVLM_SECTION_DIGEST;
    f->manifest = json_parse((const char *)section->data, section->size);
    if (!f->manifest || f->manifest->kind != JSON_OBJECT) return MVLM_JSON;
    return read_tensors(f);
}

/// Takes a mapping over, whatever comes of it.
static mvlm_status open_bytes(const void *bytes, size_t size, bool mapped, mvlm **file) {
    mvlm *f = calloc(1, sizeof *f);
    if (!f) {
        if (mapped) munmap((void *)bytes, size);
        return MVLM_MEMORY;
    }
    f->bytes = bytes;
    f->size = size;
    f->mapped = mapped;
    mvlm_status status = read_header(f);
    if (status == MVLM_OK) status = read_sections(f);
    if (status == MVLM_OK) status = read_manifest(f);
    if (status == MVLM_OK) {
        *file = f;
    } else {
        mvlm_close(f);
    }
    return status;
}

mvlm_status mvlm_open_memory(const void *bytes, size_t size, mvlm **file) {
    *file = NULL;
    return open_bytes(bytes, size, false, file);
}

mvlm_status mvlm_open(const char *path, mvlm **file) {
    *file = NULL;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK);
    if (descriptor < 0) return MVLM_FILE;
    struct stat info;
    void *bytes = MAP_FAILED;
    if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) {
        if (info.st_size == 0) {
            close(descriptor);
            return MVLM_MAGIC;
        }
        if ((uint64_t)info.st_size <= SIZE_MAX) {
            bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        }
    }
    close(descriptor);
    if (bytes == MAP_FAILED) return MVLM_FILE;
    return open_bytes(bytes, (size_t)info.st_size, true, file);
}

void mvlm_close(mvlm *file) {
    if (!file) return;
    json_free(file->manifest);
    free(file->sections);
    free(file->tensors);
    free(file->by_name);
    if (file->mapped) munmap((void *)file->bytes, file->size);
    free(file);
}

size_t mvlm_section_count(const mvlm *file) { return file->section_count; }

const mvlm_section *mvlm_section_at(const mvlm *file, size_t index) { return &file->sections[index]; }

const mvlm_section *mvlm_find_section(const mvlm *file, const char *name) {
    for (size_t i = 0; name && i < file->section_count; i++) {
        if (strcmp(file->sections[i].name, name) == 0) return &file->sections[i];
    }
    return NULL;
}

size_t mvlm_tensor_count(const mvlm *file) { return file->tensor_count; }

const mvlm_tensor *mvlm_tensor_at(const mvlm *file, size_t index) { return &file->tensors[index]; }

const mvlm_tensor *mvlm_find(const mvlm *file, const char *name) {
    mvlm_tensor wanted = {.name = name};
    const mvlm_tensor *key = &wanted;
    const mvlm_tensor **found =
        bsearch(&key, file->by_name, file->tensor_count, sizeof *file->by_name, compare_names);
    return found ? *found : NULL;
}

const json *mvlm_manifest(const mvlm *file) { return file->manifest; }
