// What the tests and the benchmark of the C kernels share: random numbers, rows of every format, memory with a guard.
#pragma once

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CKernels.h"

typedef struct format_case {
    const char *name;
    uint32_t format;
    /// Columns and bytes of a block; of rows with group scales, the group's length and bits.
    size_t columns, bytes;
    /// Places of halves in a block; -1: none.
    int halves[2];
} format_case;

#define GROUP_CASE(index, name, bits, length) {name, VLMC_GROUPS + (index), length, bits, {-1, -1}}

static const format_case cases[] = {
    {"Q4_0", VLMC_Q4_0, 32, 18, {0, -1}},
    {"Q4_1", VLMC_Q4_1, 32, 20, {0, 2}},
    {"Q5_0", VLMC_Q5_0, 32, 22, {0, -1}},
    {"Q5_1", VLMC_Q5_1, 32, 24, {0, 2}},
    {"Q8_0", VLMC_Q8_0, 32, 34, {0, -1}},
    {"Q2_K", VLMC_Q2_K, 256, 84, {80, 82}},
    {"Q3_K", VLMC_Q3_K, 256, 110, {108, -1}},
    {"Q4_K", VLMC_Q4_K, 256, 144, {0, 2}},
    {"Q5_K", VLMC_Q5_K, 256, 176, {0, 2}},
    {"Q6_K", VLMC_Q6_K, 256, 210, {208, -1}},
    {"IQ4_NL", VLMC_IQ4_NL, 32, 18, {0, -1}},
    {"IQ4_XS", VLMC_IQ4_XS, 256, 136, {0, -1}},
    GROUP_CASE(0, "s4g32", 4, 32), GROUP_CASE(1, "s4g64", 4, 64), GROUP_CASE(2, "s4g128", 4, 128),
    GROUP_CASE(3, "s5g32", 5, 32), GROUP_CASE(4, "s5g64", 5, 64), GROUP_CASE(5, "s5g128", 5, 128),
    GROUP_CASE(6, "s8g32", 8, 32), GROUP_CASE(7, "s8g64", 8, 64), GROUP_CASE(8, "s8g128", 8, 128),
    GROUP_CASE(9, "a4g32", 4, 32), GROUP_CASE(10, "a4g64", 4, 64), GROUP_CASE(11, "a4g128", 4, 128),
    GROUP_CASE(12, "a5g32", 5, 32), GROUP_CASE(13, "a5g64", 5, 64), GROUP_CASE(14, "a5g128", 5, 128),
    GROUP_CASE(15, "a8g32", 8, 32), GROUP_CASE(16, "a8g64", 8, 64), GROUP_CASE(17, "a8g128", 8, 128),
    {"F32", VLMC_F32, 1, 4, {-1, -1}},
    {"F16", VLMC_F16, 1, 2, {0, -1}},
    {"BF16", VLMC_BF16, 1, 2, {-1, -1}},
};

enum { CASES = sizeof cases / sizeof *cases };

static uint64_t state = 0x9E3779B97F4A7C15u;

static inline uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static inline float uniform(void) { return (float)(next_random() >> 40) / 16777216.0f; }

/// About normal.
static inline float normal(void) {
    float sum = 0;
    for (int i = 0; i < 6; i++) sum += uniform();
    return (sum - 3) * 1.4142135f;
}

static inline bool is_groups(const format_case *c) { return c->format >= VLMC_GROUPS; }

static inline size_t row_bytes_of(const format_case *c, size_t columns) {
    if (!is_groups(c)) return columns / c->columns * c->bytes;
    size_t affine = c->format - VLMC_GROUPS >= 9;
    return columns * c->bytes / 8 + columns / c->columns * (affine ? 4 : 2);
}

static inline void put_half(uint8_t *at, bool one) {
    // 1, or something between 2^-8 and 2^-6 of either sign.
    uint16_t bits = one ? 0x3C00 : (uint16_t)(0x1C00 + next_random() % 0x800 + (next_random() % 4 == 0 ? 0x8000 : 0));
    memcpy(at, &bits, 2);
}

/// A row of random levels. All scales in halves are 1 if `plain`.
static inline void fill_row(const format_case *c, size_t columns, bool plain, uint8_t *row) {
    size_t bytes = row_bytes_of(c, columns);
    if (c->format == VLMC_F32 || c->format == VLMC_BF16) {
        for (size_t i = 0; i < columns; i++) {
            float value = plain ? (float)(next_random() % 8) - 4 : normal();
            size_t size = c->bytes;
            memcpy(row + i * size, (uint8_t *)&value + (4 - size), size);
        }
        return;
    }
    if (c->format == VLMC_F16) {
        for (size_t i = 0; i < columns; i++) put_half(row + 2 * i, plain);
        return;
    }
    for (size_t i = 0; i < bytes; i++) row[i] = (uint8_t)(next_random() >> 20);
    if (is_groups(c)) {
        for (size_t at = columns * c->bytes / 8; at < bytes; at += 2) put_half(row + at, plain);
        return;
    }
    for (size_t at = 0; at < bytes; at += c->bytes) {
        for (int i = 0; i < 2; i++) {
            if (c->halves[i] >= 0) put_half(row + at + (size_t)c->halves[i], plain);
        }
    }
}

/// `bytes` of memory whose end meets a page that cannot be touched. `aligned`: its start is a multiple of 64, and up to
/// 63 bytes lie between its end and that page.
static inline void *guarded(size_t bytes, bool aligned) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page * page;
    uint8_t *start = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || mprotect(start + pages, page, PROT_NONE) != 0) {
        perror("mmap");
        exit(2);
    }
    size_t offset = pages - bytes;
    return start + (aligned ? offset / 64 * 64 : offset);
}

static inline void release(void *memory, size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page * page;
    munmap((void *)((uintptr_t)memory / page * page), pages + page);
}
