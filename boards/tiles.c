// Rows in tiles, taken out again: formats/quantized-blocks.md, "Tiles".
#include <string.h>

#include "mvlm-file.h"

/// A part of every block, cut into units: those of a tile's rows alternate.
typedef struct part {
    size_t bytes, unit;
} part;

enum { MOST_PARTS = 3 };

/// The parts of a block; returns how many there are, 0 for a format that has no tiles.
static int parts_of(const mvlm_format *f, size_t columns, part parts[MOST_PARTS]) {
    static const struct {
        const char *format;
        part parts[MOST_PARTS];
    } known[] = {
        {"Q4_0", {{2, 2}, {16, 4}}},           {"IQ4_NL", {{2, 2}, {16, 4}}},
        {"Q8_0", {{2, 2}, {32, 4}}},           {"Q4_K", {{4, 2}, {12, 1}, {128, 4}}},
        {"Q6_K", {{192, 4}, {16, 1}, {2, 2}}},
    };
    int count = 0;
    if (f->ggml < 0 && f->bits != 5) {
        // A row is one block: all codes, then all scales and minima.
        size_t codes = columns * f->bits / 8;
        parts[count++] = (part){codes, 4};
        parts[count++] = (part){columns / f->block_length * f->block_bytes - codes, 2};
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(f->name, known[i].format) != 0) continue;
        while (count < MOST_PARTS && known[i].parts[count].unit) {
            parts[count] = known[i].parts[count];
            count++;
        }
    }
    return count;
}

bool mvlm_has_tiles(const mvlm_format *format) {
    part parts[MOST_PARTS];
    return parts_of(format, format->block_length, parts) > 0;
}

/// Copies units of `count` rows, which lie `stride` apart in the tile; rows are `row_bytes` apart. Called with a constant
/// unit, so that a copy is one instruction.
static inline void take_units(
    const uint8_t *tile, size_t stride, int64_t count, size_t bytes, size_t unit, uint8_t *rows, size_t row_bytes) {
    for (size_t at = 0; at < bytes; at += unit, tile += stride) {
        for (int64_t i = 0; i < count; i++) memcpy(rows + (size_t)i * row_bytes + at, tile + (size_t)i * unit, unit);
    }
}

/// Takes `count` rows out of a tile, from its row `first` on.
static void take_rows(const mvlm_tensor *t, const uint8_t *tile, int64_t first, int64_t count, uint8_t *rows) {
    part parts[MOST_PARTS];
    int part_count = parts_of(t->format, (size_t)t->columns, parts);
    size_t tile_rows = (size_t)t->tile_rows;
    for (size_t at = 0; at < t->row_bytes;) {
        for (int p = 0; p < part_count; p++) {
            size_t bytes = parts[p].bytes, unit = parts[p].unit, stride = unit * tile_rows;
            const uint8_t *source = tile + at * tile_rows + (size_t)first * unit;
            if (unit == 4) take_units(source, stride, count, bytes, 4, rows + at, t->row_bytes);
            else if (unit == 2) take_units(source, stride, count, bytes, 2, rows + at, t->row_bytes);
            else take_units(source, stride, count, bytes, 1, rows + at, t->row_bytes);
            at += bytes;
        }
    }
}

const uint8_t *mvlm_rows(const mvlm_tensor *t, int64_t first, int64_t count, uint8_t *memory) {
    if (t->tile_rows == 1) return t->data + (size_t)first * t->row_bytes;
    uint8_t *rows = memory;
    for (int64_t end = first + count; first < end;) {
        int64_t inside = first % t->tile_rows, taken = t->tile_rows - inside;
        if (taken > end - first) taken = end - first;
        take_rows(t, t->data + (size_t)(first - inside) * t->row_bytes, inside, taken, rows);
        rows += (size_t)taken * t->row_bytes;
        first += taken;
    }
    return memory;
}
