#include "CImageShims.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vlm_png {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count, offset;
    uint32_t height;
    size_t row_bytes;
    int passes;
    int truncated;
    char warning[80], message[200];
    /* Our own, not libpng's png_jmpbuf, whose size check depends on the library's build. */
    jmp_buf target;
};

static void on_error(png_structp png, png_const_charp message) {
    vlm_png *self = png_get_error_ptr(png);
    if (self->warning[0])
        snprintf(self->message, sizeof self->message, "%s (%s)", message, self->warning);
    else
        snprintf(self->message, sizeof self->message, "%s", message);
    longjmp(self->target, 1);
}

/* Kept for on_error: of a bad header libpng warns which field it is, and then fails with "Invalid IHDR data". */
static void on_warning(png_structp png, png_const_charp message) {
    vlm_png *self = png_get_error_ptr(png);
    snprintf(self->warning, sizeof self->warning, "%s", message);
}

static void read_bytes(png_structp png, png_bytep into, size_t count) {
    vlm_png *self = png_get_io_ptr(png);
    if (count > self->count - self->offset) {
        self->truncated = 1;
        png_error(png, "the file ends early");
    }
    memcpy(into, self->bytes + self->offset, count);
    self->offset += count;
}

static enum vlm_png_code failure(const vlm_png *self) {
    return self->truncated ? VLM_PNG_TRUNCATED : VLM_PNG_DAMAGED;
}

static void choose_layout(vlm_png *self, vlm_png_header *header) {
    int colour = png_get_color_type(self->png, self->info);
    int depth = png_get_bit_depth(self->png, self->info);
    if (colour == PNG_COLOR_TYPE_PALETTE) {
        header->layout = VLM_PNG_PALETTE8;
        png_set_packing(self->png);
        png_colorp palette = NULL;
        int count = 0;
        png_get_PLTE(self->png, self->info, &palette, &count);
        for (int i = 0; i < count && i < 256; i++) {
            header->palette[3 * i] = palette[i].red;
            header->palette[3 * i + 1] = palette[i].green;
            header->palette[3 * i + 2] = palette[i].blue;
        }
        return;
    }
    if (colour & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(self->png);
    if (colour == PNG_COLOR_TYPE_GRAY && depth == 16) {
        header->layout = VLM_PNG_GRAY16;
        return;
    }
    if (depth == 16) png_set_strip_16(self->png);
    if (depth < 8) png_set_expand_gray_1_2_4_to_8(self->png);
    header->layout = colour & PNG_COLOR_MASK_COLOR ? VLM_PNG_RGB8 : VLM_PNG_GRAY8;
}

enum vlm_png_code vlm_png_open(const void *bytes, size_t count, vlm_png **out, vlm_png_header *header) {
    memset(header, 0, sizeof *header);
    vlm_png *self = *out = calloc(1, sizeof *self);
    if (!self) return VLM_PNG_NO_MEMORY;
    self->bytes = bytes;
    self->count = count;
    if (setjmp(self->target)) return failure(self);

    self->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, self, on_error, on_warning);
    if (self->png) self->info = png_create_info_struct(self->png);
    if (!self->info) {
        vlm_png_close(self);
        *out = NULL;
        return VLM_PNG_NO_MEMORY;
    }
    png_set_read_fn(self->png, self, read_bytes);
    /* The caller has limits of its own and a better message. libpng allocates by the width in vlm_png_begin only. */
    png_set_user_limits(self->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(self->png, 1 << 20);
    png_set_chunk_cache_max(self->png, 16);
    /* Only IHDR, PLTE, tRNS, IDAT and IEND: an ICC profile or a compressed text is not even unpacked. */
    png_set_keep_unknown_chunks(self->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(self->png, self->info);

    header->width = png_get_image_width(self->png, self->info);
    header->height = self->height = png_get_image_height(self->png, self->info);
    header->stored_bytes = (uint64_t)header->height * (png_get_rowbytes(self->png, self->info) + 1);
    return VLM_PNG_OK;
}

enum vlm_png_code vlm_png_begin(vlm_png *self, vlm_png_header *header) {
    if (setjmp(self->target)) return failure(self);
    choose_layout(self, header);
    self->passes = png_set_interlace_handling(self->png);
    png_read_update_info(self->png, self->info);
    header->row_bytes = self->row_bytes = png_get_rowbytes(self->png, self->info);
    return VLM_PNG_OK;
}

enum vlm_png_code vlm_png_read(vlm_png *self, uint8_t *rows) {
    if (setjmp(self->target)) return failure(self);
    for (int pass = 0; pass < self->passes; pass++)
        for (uint32_t y = 0; y < self->height; y++) png_read_row(self->png, rows + y * self->row_bytes, NULL);
    png_read_end(self->png, NULL);
    return VLM_PNG_OK;
}

const char *vlm_png_message(const vlm_png *self) { return self->message; }

void vlm_png_close(vlm_png *self) {
    if (!self) return;
    if (self->png) png_destroy_read_struct(&self->png, &self->info, NULL);
    free(self);
}
