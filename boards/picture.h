// From a picture to what the vision tower takes: CLIP's preprocessing with Pillow's arithmetic, bit for bit.
#ifndef MVLM_PICTURE_H
#define MVLM_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct picture {
    int32_t width, height;
    /// R, G, B of every pixel, row by row from the top.
    uint8_t *pixels;
    /// What is wrong, without pixels.
    const char *fault;
} picture;

/// Reads a binary PPM (P6, 8 bits per channel), or `width` x `height` raw RGB pixels where these are not 0.
/// @return A picture whose pixels are to be freed; NULL pixels and a fault if the file is none or memory is short.
picture picture_read(const char *path, int32_t width, int32_t height);

typedef struct preprocessing {
    int32_t size;
    float mean[3], std[3];
    /// Whether the picture is put on a square of `colour` first. If not, its longer side is cut.
    bool pad;
    uint8_t colour[3];
} preprocessing;

/// @param values Receives [3, size, size] floats.
/// @return False if memory is short.
bool picture_prepare(const preprocessing *p, const picture *image, float *values);

#endif
