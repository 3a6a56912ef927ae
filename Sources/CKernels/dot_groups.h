// Products of a row with group scales with a vector of floats, as in dot.h. Included by all_kernels.h only.

INLINE float dot_groups_of(
    vlmc_group_format format, uint32_t bits, bool affine, const uint8_t *row, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const group_layout layout = layout_of(format, columns);
    const signed char offset = affine || bits == 8 ? 0 : bits == 4 ? 8 : 16;
    f32x16 sum = {0}, other = {0};
    for (size_t group = 0; group < columns / format.length; group++) {
        float d = float_of(row + layout.scales + 2 * group);
        float m = affine ? float_of(row + layout.minima + 2 * group) : 0;
        f32x16 part = {0}, half = {0};
        for (size_t i = group * format.length; i < (group + 1) * format.length; i += 32) {
            u8x16 first, second;
            group_codes(row, layout, bits, i, &first, &second);
            f32x16 left = LOAD(f32x16, x + i), right = LOAD(f32x16, x + i + 16);
            if (affine) {
                sum += (FLOATS(first) * d + m) * left;
                other += (FLOATS(second) * d + m) * right;
            } else {
                part += FLOATS((i8x16)first - offset) * left;
                half += FLOATS((i8x16)second - offset) * right;
            }
        }
        if (!affine) TAKE_TURNS(sum, other, other + (part + half) * d);
    }
    return sum16(sum + other);
}

static float dot_groups(vlmc_group_format format, const void *row, const float *x, size_t columns) {
    // Each constant pair is compiled apart.
    if (format.affine) {
        if (format.bits == 4) return dot_groups_of(format, 4, true, row, x, columns);
        if (format.bits == 5) return dot_groups_of(format, 5, true, row, x, columns);
        return dot_groups_of(format, 8, true, row, x, columns);
    }
    if (format.bits == 4) return dot_groups_of(format, 4, false, row, x, columns);
    if (format.bits == 5) return dot_groups_of(format, 5, false, row, x, columns);
    return dot_groups_of(format, 8, false, row, x, columns);
}
