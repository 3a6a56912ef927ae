// Rows of weights re-laid so that a register holds one word of each: formats/quantized-blocks.md, "Tiles". Plain code:
// it moves bytes, and what it moves is written once.
#include "fast_tables.h"

/// Bytes of a block that are interleaved `unit` by `unit`. A row with group scales is one block.
typedef struct section {
    size_t offset, bytes, unit;
} section;

enum { MOST_SECTIONS = 4 };

/// The sections of a block and its size; returns how many there are, 0 for a format without tiles.
static size_t sections_of(uint32_t format, size_t columns, section *s, size_t *block) {
    switch (format) {
    case VLMC_Q4_0:
    case VLMC_IQ4_NL:
        s[0] = (section){0, 2, 2}, s[1] = (section){2, 16, 4}, *block = 18;
        return 2;
    case VLMC_Q8_0:
        s[0] = (section){0, 2, 2}, s[1] = (section){2, 32, 4}, *block = 34;
        return 2;
    case VLMC_Q4_K:
        s[0] = (section){0, 4, 2}, s[1] = (section){4, 12, 1}, s[2] = (section){16, 128, 4}, *block = 144;
        return 3;
    case VLMC_Q6_K:
        s[0] = (section){0, 192, 4}, s[1] = (section){192, 16, 1}, s[2] = (section){208, 2, 2}, *block = 210;
        return 3;
    default:
        break;
    }
    if (!is_group_format(format) || group_format_of(format).bits == 5) return 0;
    vlmc_group_format f = group_format_of(format);
    size_t codes = columns * f.bits / 8, halves = 2 * (columns / f.length) * (f.affine ? 2 : 1);
    s[0] = (section){0, codes, 4}, s[1] = (section){codes, halves, 2}, *block = codes + halves;
    return 2;
}

bool vlmc_has_tiles(uint32_t format) {
    section s[MOST_SECTIONS];
    size_t block;
    return sections_of(format, 256, s, &block) != 0;
}

/// Bytes of a row.
static size_t row_size(uint32_t format, size_t columns, size_t block) {
    return is_group_format(format) ? block : columns / block_of(format) * block;
}

size_t vlmc_tile_bytes(uint32_t format, size_t columns, size_t tile_rows) {
    section s[MOST_SECTIONS];
    size_t block;
    return sections_of(format, columns, s, &block) ? tile_rows * row_size(format, columns, block) : 0;
}

/// Copies the units of one row's section between the row and its tile, where a row's units are `stride` apart. Called with
/// a constant unit, so that a copy is one instruction.
static inline void move_section(
    uint8_t *row, uint8_t *tile, size_t bytes, size_t unit, size_t stride, bool intoTile) {
    for (; bytes >= unit; bytes -= unit, row += unit, tile += stride) {
        if (intoTile) memcpy(tile, row, unit);
        else memcpy(row, tile, unit);
    }
}

/// Copies between n rows and a tile, in the direction given.
static void move(
    uint32_t format, size_t columns, size_t tile_rows, size_t n, uint8_t *rows, size_t row_bytes, uint8_t *tile,
    bool intoTile) {
    section s[MOST_SECTIONS];
    size_t block, count = sections_of(format, columns, s, &block);
    size_t blocks = row_size(format, columns, block) / block;
    for (size_t b = 0; b < blocks; b++) {
        for (size_t part = 0; part < count; part++) {
            for (size_t i = 0; i < n; i++) {
                uint8_t *row = rows + i * row_bytes + b * block + s[part].offset;
                uint8_t *target = tile + (b * block + s[part].offset) * tile_rows + i * s[part].unit;
                size_t bytes = s[part].bytes, unit = s[part].unit, stride = unit * tile_rows;
                if (unit == 4) move_section(row, target, bytes, 4, stride, intoTile);
                else if (unit == 2) move_section(row, target, bytes, 2, stride, intoTile);
                else move_section(row, target, bytes, 1, stride, intoTile);
            }
        }
    }
}

void vlmc_pack_tile(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, size_t tile_rows, void *tile) {
    memset(tile, 0, vlmc_tile_bytes(format, columns, tile_rows));
    // Rows are only read in this direction.
    move(format, columns, tile_rows, n, (uint8_t *)rows, row_bytes, tile, true);
}

void vlmc_unpack_tile(
    uint32_t format, const void *tile, size_t tile_rows, size_t n, size_t columns, void *rows, size_t row_bytes) {
    move(format, columns, tile_rows, n, rows, row_bytes, (uint8_t *)tile, false);
}
