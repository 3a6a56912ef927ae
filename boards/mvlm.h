// Reads .mvlm files (formats/mvlm.md): one mapped file with a whole vision-language model. C99, libc and mmap.
//
// No byte of the file is trusted: every number is checked before it is used, and what does not hold is a code, never a
// crash. The weights are used where they lie. Opening touches the header, the manifest and the tokenizer; the weights
// are read when the model is, and checked against their digests when somebody asks.
//
//     mvlm *file;
//     mvlm_status status = mvlm_open("model.mvlm", &file);
//     if (status != MVLM_OK) return complain(mvlm_rule(status), mvlm_explain(status));
//     const mvlm_tensor *norm = mvlm_find(file, "model.norm.weight");
//     ...
//     mvlm_close(file);
#ifndef MVLM_H
#define MVLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

/// What can be wrong: a code, the id of the rule in formats/mvlm.md, and the rule.
#define MVLM_RULES(RULE)                                                                                          \
    RULE(MVLM_FILE, "mvlm.file", "the file exists, can be read and mapped")                                       \
    RULE(MVLM_MEMORY, "mvlm.memory", "there is memory for what the file asks for")                                \
    RULE(MVLM_MAGIC, "mvlm.magic", "the file begins with the eight bytes of an .mvlm file")                       \
    RULE(MVLM_VERSION, "mvlm.version", "the version is 1; a newer file needs a newer reader")                     \
    RULE(MVLM_HEADER, "mvlm.header", "sizes and reserved fields of the header have their only values")            \
    RULE(MVLM_HEADER_DIGEST, "mvlm.header.digest", "the header has the digest that stands in it")                 \
    RULE(MVLM_FEATURES, "mvlm.features", "no feature is required that this reader lacks")                         \
    RULE(MVLM_SIZE, "mvlm.size", "the file is as long as its header says")                                        \
    RULE(MVLM_SECTION_COUNT, "mvlm.section.count", "there are 1 to 200 sections")                                 \
    RULE(MVLM_TABLE_DIGEST, "mvlm.section.table", "the section table has the digest in the header")               \
    RULE(MVLM_SECTION_NAME, "mvlm.section.name", "names are 1 to 31 of a-z 0-9 . -, then zeros, and unique")      \
    RULE(MVLM_SECTION_OFFSET, "mvlm.section.offset", "sections start at multiples of 16384, in order, in the file") \
    RULE(MVLM_SECTION_END, "mvlm.section.end", "the file ends where the last section ends")                       \
    RULE(MVLM_SECTION_MISSING, "mvlm.section.missing", "there are the sections manifest and tokenizer")           \
    RULE(MVLM_SECTION_DIGEST, "mvlm.section.digest", "the bytes of a section have its digest")                    \
    RULE(MVLM_PADDING, "mvlm.padding", "all bytes outside header, table and sections are zero")                   \
    RULE(MVLM_JSON, "mvlm.json", "the manifest is strict JSON of at most 64 MiB, an object")                      \
    RULE(MVLM_FIELD, "mvlm.manifest.field", "the manifest's fields are there, of their kind and in their range")  \
    RULE(MVLM_TENSOR_NAME, "mvlm.tensor.name", "tensors have names of 1 to 255 bytes, each once per layout")      \
    RULE(MVLM_TENSOR_FORMAT, "mvlm.tensor.format", "a tensor's format is known")                                  \
    RULE(MVLM_TENSOR_LAYOUT, "mvlm.tensor.layout", "each tensor is there in a layout that is known and fits it")  \
    RULE(MVLM_TENSOR_SHAPE, "mvlm.tensor.shape", "1 to 4 dimensions of 1 to 2^31-1, rows of whole blocks")        \
    RULE(MVLM_TENSOR_SECTION, "mvlm.tensor.section", "a tensor names a section of the file")                      \
    RULE(MVLM_TENSOR_BYTES, "mvlm.tensor.bytes", "a tensor has the length of its format, layout and shape")       \
    RULE(MVLM_TENSOR_OFFSET, "mvlm.tensor.offset", "a tensor starts at a multiple of 64, in order, in its section") \
    RULE(MVLM_TOKENIZER, "mvlm.tokenizer", "the tokenizer's tables fit their section and each other")             \
    RULE(MVLM_TENSOR_MISSING, "mvlm.model.tensor", "every tensor of the graph is there in the shape it needs")    \
    RULE(MVLM_MODEL, "mvlm.model.size", "the model's sizes are possible and fit each other")

typedef enum mvlm_status {
    MVLM_OK,
#define MVLM_CODE(code, rule, text) code,
    MVLM_RULES(MVLM_CODE)
#undef MVLM_CODE
} mvlm_status;

/// The rule's id, and what it demands.
const char *mvlm_rule(mvlm_status status);
const char *mvlm_explain(mvlm_status status);

typedef struct mvlm mvlm;

/// A stretch of the file that starts on a page of 4 or 16 KiB.
typedef struct mvlm_section {
    char name[32];
    const uint8_t *data;
    size_t size;
    uint64_t digest;
} mvlm_section;

/// How elements are stored: a type of ggml or a row format with group scales (formats/quantized-blocks.md).
typedef struct mvlm_format {
    const char *name;
    /// ggml's number of the type; -1 for group scales.
    int ggml;
    /// Elements per block, and bytes per block; of group scales per group, though a row keeps codes and scales apart.
    uint32_t block_length, block_bytes;
    /// Of group scales: bits per level, and whether groups have a minimum.
    uint32_t bits;
    bool affine;
} mvlm_format;

typedef struct mvlm_tensor {
    const char *name;
    const mvlm_format *format;
    const char *layout;
    /// Rows that share their bytes: of a tile, or 1 in the layout `plain`.
    int64_t tile_rows;
    /// In PyTorch's order: the last dimension is a row's length.
    int rank;
    int64_t shape[4];
    /// Rows in all, elements and bytes of each.
    int64_t rows, columns;
    size_t row_bytes;
    const uint8_t *data;
    size_t size;
    /// The same rows in another layout, NULL for the last one.
    const struct mvlm_tensor *next_copy;
} mvlm_tensor;

/// Maps a file and checks everything but the weights' bytes. On failure *file is NULL.
mvlm_status mvlm_open(const char *path, mvlm **file);

/// The same for a file that is in memory already and stays there. `bytes` is aligned to 64 bytes.
mvlm_status mvlm_open_memory(const void *bytes, size_t size, mvlm **file);

/// What was handed out of the file ends with it.
void mvlm_close(mvlm *file);

size_t mvlm_section_count(const mvlm *file);
const mvlm_section *mvlm_section_at(const mvlm *file, size_t index);
/// NULL if there is none.
const mvlm_section *mvlm_find_section(const mvlm *file, const char *name);

/// Tensors in a layout that this reader knows, in the manifest's order: one in several layouts occurs once for each.
size_t mvlm_tensor_count(const mvlm *file);
const mvlm_tensor *mvlm_tensor_at(const mvlm *file, size_t index);
/// NULL if there is none. Of several copies the plain one, or that in the smallest tiles; the others follow by `next_copy`.
const mvlm_tensor *mvlm_find(const mvlm *file, const char *name);

/// The rows from `first` on, one after the other as the layout `plain` has them: where they lie, or taken out of their tiles.
/// @param memory Of `count` rows; not used with the layout `plain`.
const uint8_t *mvlm_rows(const mvlm_tensor *t, int64_t first, int64_t count, uint8_t *memory);

/// The manifest: the model's sizes, its preprocessing, its conversation.
const json *mvlm_manifest(const mvlm *file);

/// Reads a section, or everything, and compares digests; padding has to be zero.
mvlm_status mvlm_check_section(const mvlm_section *section);
mvlm_status mvlm_check(const mvlm *file);

/// XXH64 with seed 0 (Collet, xxHash specification 0.1.1).
uint64_t mvlm_xxh64(const void *bytes, size_t size);

/// A section's digest: XXH64 of the XXH64s, as little-endian words, of its pieces of 1 MiB.
uint64_t mvlm_digest(const void *bytes, size_t size);

#endif
