#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mvlm-file.h"

enum {
    NAME_BYTES = 32,
    MOST_SECTIONS = 200,
    PAGE = 16384,
    LARGEST_MANIFEST = 64 << 20,
};

static const uint8_t magic[8] = {0x89, 'M', 'V', 'L', 'M', '\r', '\n', 0x1A};

/// Group scales, and tensors that are there in no plain layout.
enum { GROUP_SCALES = 1, WITHOUT_PLAIN = 2, SCALED_POSITIONS = 4 };

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

static bool all_zero(const uint8_t *p, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (p[i]) return false;
    }
    return true;
}

// Header and sections

static mvlm_status read_header(mvlm *f) {
    const uint8_t *h = f->bytes;
    if (f->size < sizeof magic || memcmp(h, magic, sizeof magic) != 0) return MVLM_MAGIC;
    if (f->size < HEADER_BYTES) return MVLM_SIZE;
    if (u32(h + 8) != 1) return MVLM_VERSION;
    if (u32(h + 12) != HEADER_BYTES || u32(h + 36) != ENTRY_BYTES || !all_zero(h + 48, 72)) return MVLM_HEADER;
    if (u64(h + 120) != mvlm_xxh64(h, 120)) return MVLM_HEADER_DIGEST;
    uint64_t features = u64(h + 16);
    if (features & ~(uint64_t)(GROUP_SCALES | WITHOUT_PLAIN | SCALED_POSITIONS)) return MVLM_FEATURES;
    f->may_lack_plain = features & WITHOUT_PLAIN;
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

static mvlm_status read_manifest(mvlm *f) {
    const mvlm_section *section = mvlm_find_section(f, "manifest");
    if (!section || !mvlm_find_section(f, "tokenizer")) return MVLM_SECTION_MISSING;
    if (section->size > LARGEST_MANIFEST) return MVLM_JSON;
    if (mvlm_check_section(section) != MVLM_OK) return MVLM_SECTION_DIGEST;
    f->manifest = json_parse((const char *)section->data, section->size);
    if (!f->manifest || f->manifest->kind != JSON_OBJECT) return MVLM_JSON;
    return mvlm_read_tensors(f);
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

size_t mvlm_section_count(const mvlm *file) { return file->section_count; }

const mvlm_section *mvlm_section_at(const mvlm *file, size_t index) { return &file->sections[index]; }

const mvlm_section *mvlm_find_section(const mvlm *file, const char *name) {
    for (size_t i = 0; name && i < file->section_count; i++) {
        if (strcmp(file->sections[i].name, name) == 0) return &file->sections[i];
    }
    return NULL;
}

const json *mvlm_manifest(const mvlm *file) { return file->manifest; }
