// What the files that read .mvlm share: the open file, and checks of its parts.
#ifndef MVLM_FILE_H
#define MVLM_FILE_H

#include "mvlm.h"

enum { HEADER_BYTES = 128, ENTRY_BYTES = 64 };

struct mvlm {
    const uint8_t *bytes;
    size_t size;
    bool mapped;
    /// Whether the header says that tensors may lie in tiles alone.
    bool may_lack_plain;
    size_t section_count, tensor_count, name_count;
    mvlm_section *sections;
    mvlm_tensor *tensors;
    /// Of each tensor the copy that is used, sorted by name.
    const mvlm_tensor **by_name;
    json *manifest;
};

/// True if rows of that format can lie in tiles.
bool mvlm_has_tiles(const mvlm_format *format);

/// Reads the manifest's list of tensors.
mvlm_status mvlm_read_tensors(mvlm *file);

// Numbers in the file are little-endian, whatever the processor.

static inline uint64_t read_number(const uint8_t *p, int bytes) {
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | p[bytes];
    return value;
}

static inline uint32_t u32(const uint8_t *p) { return (uint32_t)read_number(p, 4); }
static inline uint64_t u64(const uint8_t *p) { return read_number(p, 8); }

#endif
