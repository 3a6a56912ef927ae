#pragma once

#include <stddef.h>
#include <stdint.h>

/* libpng reports an error by longjmp, which must not cross Swift: every call here sets its own jump target and
   returns a code. Declares no libpng type. */

enum vlm_png_code {
    VLM_PNG_OK = 0,
    /* The file ends before the picture does. */
    VLM_PNG_TRUNCATED = 1,
    /* libpng refuses the file; vlm_png_message says why. */
    VLM_PNG_DAMAGED = 2,
    VLM_PNG_NO_MEMORY = 3,
};

/* How the rows of vlm_png_read are to be understood. Alpha is always gone. */
enum vlm_png_layout {
    /* One byte per pixel; 1, 2 and 4 bits are spread over 0...255. */
    VLM_PNG_GRAY8 = 1,
    /* Two bytes per pixel, the high one first. */
    VLM_PNG_GRAY16 = 2,
    /* Three bytes per pixel; of 16 bits the high byte. */
    VLM_PNG_RGB8 = 3,
    /* One byte per pixel, an index into the palette. */
    VLM_PNG_PALETTE8 = 4,
};

typedef struct vlm_png vlm_png;

typedef struct {
    uint32_t width, height;
    enum vlm_png_layout layout;
    /* Bytes of a row of vlm_png_read. */
    size_t row_bytes;
    /* Bytes of all rows as the file holds them, before compression. */
    uint64_t stored_bytes;
    /* RGB; entries that the file does not set are 0. */
    uint8_t palette[3 * 256];
} vlm_png_header;

/* Reads everything before the pixels, and allocates nothing by their number: of the header width, height and stored_bytes
   are set, for the caller to judge. `bytes` must outlive the decoder. *png is NULL on VLM_PNG_NO_MEMORY, else
   it must be closed whatever the code is. */
enum vlm_png_code vlm_png_open(const void *bytes, size_t count, vlm_png **png, vlm_png_header *header);

/* Makes ready to read the pixels, which takes memory in proportion to the width, and sets the rest of the header. At most
   once, after VLM_PNG_OK from vlm_png_open. */
enum vlm_png_code vlm_png_begin(vlm_png *png, vlm_png_header *header);

/* Reads all rows, then the rest of the file. `rows` has height * row_bytes bytes. At most once, after
   VLM_PNG_OK from vlm_png_begin. */
enum vlm_png_code vlm_png_read(vlm_png *png, uint8_t *rows);

/* What libpng said last, in English; empty if nothing. Valid until vlm_png_close. */
const char *vlm_png_message(const vlm_png *png);

void vlm_png_close(vlm_png *png);
