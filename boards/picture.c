#include "picture.h"

// On ARM clang would fuse products and sums, which Pillow does not; GCC is told by -ffp-contract=off.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SIDE = 65535, MOST_PIXELS = 178956970 };

// Reading

/// A number of a PPM header, after white space and comments; -1 if there is none.
static long header_number(FILE *file) {
    int c = fgetc(file);
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#') {
        if (c == '#') {
            while (c != '\n' && c != EOF) c = fgetc(file);
        } else {
            c = fgetc(file);
        }
    }
    if (c < '0' || c > '9') return -1;
    long value = 0;
    for (; c >= '0' && c <= '9'; c = fgetc(file)) {
        value = value * 10 + (c - '0');
        if (value > LONGEST_SIDE) return -1;
    }
    // One character of white space ends a number; the one after the largest value is the last of the header.
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? value : -1;
}

/// Reads what is behind the header; what is wrong, or NULL.
static const char *read_pixels(FILE *file, picture *image, bool raw) {
    if (image->width > LONGEST_SIDE || image->height > LONGEST_SIDE || (int64_t)image->width * image->height > MOST_PIXELS) {
        return "is too large for a picture";
    }
    size_t size = (size_t)image->width * (size_t)image->height * 3;
    image->pixels = malloc(size);
    if (!image->pixels) return "there is too little memory for it";
    bool whole = fread(image->pixels, 1, size, file) == size;
    // Raw pixels have nothing else that tells of a wrong size, or of four bytes a pixel.
    if (whole && (!raw || fgetc(file) == EOF)) return NULL;
    free(image->pixels);
    image->pixels = NULL;
    return whole ? "has more bytes than raw RGB of the size that --raw says" : "ends before its last pixel";
}

picture picture_read(const char *path, int32_t width, int32_t height) {
    picture image = {.width = width, .height = height};
    FILE *file = fopen(path, "rb");
    if (!file) {
        image.fault = strerror(errno);
        return image;
    }
    bool raw = width > 0;
    if (!raw) {
        bool is_ppm = fgetc(file) == 'P' && fgetc(file) == '6';
        image.width = is_ppm ? (int32_t)header_number(file) : -1;
        image.height = image.width > 0 ? (int32_t)header_number(file) : -1;
        if (image.height > 0 && header_number(file) != 255) image.height = -1;
    }
    image.fault = image.width > 0 && image.height > 0
        ? read_pixels(file, &image, raw)
        : "is no binary PPM of 8 bits per channel; djpeg and pngtopnm write such, and --raw says that it is raw RGB";
    fclose(file);
    return image;
}

// Resizing, as Pillow's Resample.c does it: bicubic with a = -0.5, the kernel widened when shrinking, weights in fixed
// point of 22 bits, the horizontal pass rounded to 8 bits before the vertical one.

enum { BITS = 22, HALF = 1 << (BITS - 1) };

/// The weights for the outputs of one axis. Of the canvas only the picture's pixels have weights of their own; all
/// beside it have one colour, and together one weight.
typedef struct axis {
    int32_t outputs;
    /// Per output: the picture's first pixel that counts, how many do, the weight of those beside the picture, and
    /// `taps` weights.
    int32_t *first, *count, *blank, *weights;
    int32_t taps;
} axis;

static double kernel(double x) {
    const double a = -0.5;
    double t = fabs(x);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
    return 0;
}

static void axis_free(axis *x) {
    free(x->first);
    free(x->count);
    free(x->blank);
    free(x->weights);
}

/// @param from,to The canvas's length and what it is resized to.
/// @param start The first output that is wanted, of `outputs`.
/// @param begin,length Where on the canvas the picture lies.
static bool axis_make(
    axis *x, int32_t from, int32_t to, int32_t start, int32_t outputs, int32_t begin, int32_t length) {
    double scale = (double)from / to, widening = scale > 1 ? scale : 1;
    int32_t reach = (int32_t)ceil(2 * widening) * 2 + 1;
    *x = (axis){.outputs = outputs, .taps = reach < length ? reach : length};
    x->first = calloc((size_t)outputs, sizeof *x->first);
    x->count = calloc((size_t)outputs, sizeof *x->count);
    x->blank = calloc((size_t)outputs, sizeof *x->blank);
    x->weights = calloc((size_t)outputs * (size_t)x->taps, sizeof *x->weights);
    double *raw = calloc((size_t)reach, sizeof *raw);
    bool ok = x->first && x->count && x->blank && x->weights && raw;
    for (int32_t i = 0; ok && i < outputs; i++) {
        double centre = (start + i + 0.5) * scale, sum = 0;
        int32_t low = (int32_t)(centre - 2 * widening + 0.5), high = (int32_t)(centre + 2 * widening + 0.5);
        if (centre - 2 * widening + 0.5 < 0) low = 0;
        if (high > from) high = from;
        // Pillow makes no pass along an axis that keeps its length.
        if (from == to) low = start + i, high = low + 1;
        for (int32_t p = low; p < high; p++) {
            raw[p - low] = from == to ? 1 : kernel((p - centre + 0.5) * (1 / widening));
            sum += raw[p - low];
        }
        x->first[i] = low > begin ? low - begin : 0;
        for (int32_t p = low; p < high; p++) {
            double scaled = raw[p - low] / sum * (1 << BITS);
            int32_t weight = (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            if (p >= begin && p < begin + length) {
                x->weights[i * x->taps + x->count[i]++] = weight;
            } else {
                x->blank[i] += weight;
            }
        }
    }
    free(raw);
    return ok;
}

static uint8_t to_byte(int32_t sum) {
    int32_t value = sum >> BITS;
    return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

/// The horizontal pass over one line of the picture; over a line of the colour alone if `pixels` is NULL.
static void resize_line(const axis *x, const uint8_t *pixels, const uint8_t *colour, uint8_t *out) {
    for (int32_t i = 0; i < x->outputs; i++) {
        const int32_t *weights = x->weights + i * x->taps;
        for (int c = 0; c < 3; c++) {
            int32_t sum = HALF + x->blank[i] * colour[c];
            for (int32_t k = 0; k < x->count[i]; k++) {
                sum += weights[k] * (pixels ? pixels[3 * (x->first[i] + k) + c] : colour[c]);
            }
            out[3 * i + c] = to_byte(sum);
        }
    }
}

bool picture_prepare(const preprocessing *p, const picture *image, float *values) {
    int32_t n = p->size, width = image->width, height = image->height;
    // The canvas. Of an odd difference the extra line is at the right or bottom.
    int32_t side = width > height ? width : height;
    int32_t canvas_width = p->pad ? side : width, canvas_height = p->pad ? side : height;
    // The shorter side becomes n; the longer one is truncated, not rounded.
    int32_t shorter = canvas_width < canvas_height ? canvas_width : canvas_height;
    int32_t longer = (int32_t)((double)((int64_t)n * (canvas_width + canvas_height - shorter)) / shorter);
    int32_t to_width = canvas_width <= canvas_height ? n : longer;
    int32_t to_height = canvas_width <= canvas_height ? longer : n;

    axis across = {0}, down = {0};
    size_t line_bytes = 3 * (size_t)n;
    bool ok = axis_make(&across, canvas_width, to_width, (to_width - n) / 2, n, (canvas_width - width) / 2, width) &&
              axis_make(&down, canvas_height, to_height, (to_height - n) / 2, n, (canvas_height - height) / 2, height);
    // Lines that have gone through the horizontal pass: the picture's line y lies at y modulo the most that count.
    uint8_t *ring = ok ? malloc(line_bytes * (size_t)(down.taps + 1)) : NULL;
    uint8_t *blank = ring ? ring + line_bytes * (size_t)down.taps : NULL;
    if (ring) resize_line(&across, NULL, p->colour, blank);
    int32_t next = 0;
    for (int32_t y = 0; ring && y < n; y++) {
        int32_t end = down.count[y] ? down.first[y] + down.count[y] : 0;
        if (next < down.first[y] && next < end) next = down.first[y];
        for (; next < end; next++) {
            resize_line(
                &across, image->pixels + (size_t)next * 3 * (size_t)width, p->colour,
                ring + (size_t)(next % down.taps) * line_bytes);
        }
        for (int32_t i = 0; i < 3 * n; i++) {
            int32_t sum = HALF + down.blank[y] * blank[i], c = i % 3;
            for (int32_t k = 0; k < down.count[y]; k++) {
                sum += down.weights[y * down.taps + k] *
                       ring[(size_t)((down.first[y] + k) % down.taps) * line_bytes + (size_t)i];
            }
            // Rescaling is in double and rounds to float, as NumPy does it.
            float scaled = (float)(to_byte(sum) * (1.0 / 255));
            values[((size_t)c * (size_t)n + (size_t)y) * (size_t)n + (size_t)(i / 3)] =
                (scaled - p->mean[c]) / p->std[c];
        }
    }
    axis_free(&across);
    axis_free(&down);
    free(ring);
    return ring != NULL;
}
