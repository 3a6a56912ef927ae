// Functions of a register of floats. Included by fast_kernels.h only. Their polynomials were fitted to these intervals.

/// e^x to 2 units in the last place; 0 below -87.3, where results would be subnormal.
INLINE vf exponential(vf x) {
    vf top = 88.72f - (vf){0}, bottom = -87.3f - (vf){0};
    vf limited = MIN(MAX(x, bottom), top);
    // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, the first with few enough bits that n times it is exact.
    vf shifted = limited * 1.44269504f + ROUNDER;
    vf n = shifted - ROUNDER;
    vf r = (limited - n * 0.693359375f) + n * 2.12194440e-4f;
    vf p = r * 1.3836564030498266e-3f + 8.375036530196667e-3f;
    p = p * r + 4.166824370622635e-2f;
    p = p * r + 1.6666416823863983e-1f;
    p = p * r + 4.9999991059303284e-1f;
    p = (p * r) * r + r + 1;
    vi bits = (vi)p + (((vi)shifted - 0x4B400000) << 23);
    return SELECT(x < bottom, (vf){0}, (vf)bits);
}

/// 1 / (1 + e^-x)
INLINE vf sigmoid(vf x) { return 1 / (1 + exponential(-x)); }

/// 1 - erf(z) for z >= 0: to a few units in the last place of 1 below 1, to 3e-6 of itself from there to 4.2, 0 beyond.
INLINE vf complement_of_erf(vf z) {
    vf s = z * z;
    vf p = s * 7.889119297033176e-5f - 8.020841050893068e-4f;
    p = p * s + 5.189535208046436e-3f;
    p = p * s - 2.6854444295167923e-2f;
    p = p * s + 1.1283600330352783e-1f;
    p = p * s - 3.761262595653534e-1f;
    p = p * s + 1.1283791065216064f;
    vf low = 1 - z * p;
    vf l = z * 1.5122419654289843e-6f - 4.356903082225472e-5f;
    l = l * z + 5.756561877205968e-4f;
    l = l * z - 4.659703467041254e-3f;
    l = l * z + 2.6134859770536423e-2f;
    l = l * z - 1.0957133024930954e-1f;
    l = l * z - 6.323726177215576e-1f;
    l = l * z - 1.1299092769622803f;
    l = l * z + 2.389853325439617e-4f;
    vf high = exponential(l);
    high = SELECT(z > 4.2f - (vf){0}, (vf){0}, high);
    return SELECT(z < 1.0f - (vf){0}, low, high);
}

INLINE vf gelu(vf x) {
    vf rest = 0.5f * complement_of_erf(magnitude(x) * 0.70710678f);
    return x * SELECT(x < (vf){0}, rest, 1 - rest);
}

INLINE vf hard_sigmoid(vf x) {
    vf top = 6 - (vf){0}, shifted = x + 3;
    shifted = MAX(shifted, (vf){0});
    return MIN(shifted, top) * (1.0f / 6);
}

INLINE vf value_of(vlmc_function function, vf x) {
    switch (function) {
    case VLMC_GELU: return gelu(x);
    case VLMC_QUICK_GELU: return x * sigmoid(1.702f * x);
    case VLMC_SILU: return x * sigmoid(x);
    case VLMC_HARD_SWISH: return x * hard_sigmoid(x);
    case VLMC_HARD_SIGMOID: return hard_sigmoid(x);
    default: return MAX(x, (vf){0});
    }
}
