// Digests of sections: XXH64 (Collet, xxHash specification 0.1.1) of the XXH64s of their pieces.
#include <stdlib.h>

#include "mvlm-file.h"

enum { PIECE = 1 << 20 };

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
