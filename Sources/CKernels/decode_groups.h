// Rows with group scales to floats. Included by all_kernels.h only. Layout: formats/quantized-blocks.md; twins:
// Quantization/PlainGroups.swift.

/// Where the parts of a row begin, in bytes; its codes begin at 0.
typedef struct group_layout {
    size_t fifths, scales, minima, bytes;
} group_layout;

INLINE group_layout layout_of(vlmc_group_format format, size_t columns) {
    size_t groups = columns / format.length;
    group_layout layout = {.fifths = format.bits == 8 ? columns : columns / 2};
    layout.scales = layout.fifths + (format.bits == 5 ? columns / 8 : 0);
    layout.minima = layout.scales + 2 * groups;
    layout.bytes = layout.minima + (format.affine ? 2 * groups : 0);
    return layout;
}

/// The codes of 32 columns from `i` on.
INLINE void group_codes(const uint8_t *row, group_layout layout, uint32_t bits, size_t i, u8x16 *first, u8x16 *second) {
    if (bits == 8) {
        *first = LOAD(u8x16, row + i);
        *second = LOAD(u8x16, row + i + 16);
    } else {
        u8x16 qs = LOAD(u8x16, row + i / 2);
        uint32_t qh = bits == 5 ? LOAD(uint32_t, row + layout.fifths + i / 8) : 0;
        *first = (qs & 15) | spread_bits(qh);
        *second = qs >> 4 | spread_bits(qh >> 16);
    }
}

INLINE void decode_groups_of(
    vlmc_group_format format, uint32_t bits, bool affine, const uint8_t *row, size_t columns, float *y) {
    const group_layout layout = layout_of(format, columns);
    const signed char offset = affine || bits == 8 ? 0 : bits == 4 ? 8 : 16;
    for (size_t group = 0; group < columns / format.length; group++) {
        float d = float_of(row + layout.scales + 2 * group);
        float m = affine ? float_of(row + layout.minima + 2 * group) : 0;
        for (size_t i = group * format.length; i < (group + 1) * format.length; i += 32) {
            u8x16 first, second;
            group_codes(row, layout, bits, i, &first, &second);
            if (affine) {
                put_affine(y + i, first, d, m);
                put_affine(y + i + 16, second, d, m);
            } else {
                put_scaled(y + i, (i8x16)first - offset, d);
                put_scaled(y + i + 16, (i8x16)second - offset, d);
            }
        }
    }
}

static void decode_groups(vlmc_group_format format, const void *row, size_t columns, float *y) {
    // Each constant pair is compiled apart.
    if (format.affine) {
        if (format.bits == 4) decode_groups_of(format, 4, true, row, columns, y);
        else if (format.bits == 5) decode_groups_of(format, 5, true, row, columns, y);
        else decode_groups_of(format, 8, true, row, columns, y);
    } else {
        if (format.bits == 4) decode_groups_of(format, 4, false, row, columns, y);
        else if (format.bits == 5) decode_groups_of(format, 5, false, row, columns, y);
        else decode_groups_of(format, 8, false, row, columns, y);
    }
}
