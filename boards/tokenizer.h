// SentencePiece byte pair encoding, from the tables of an .mvlm file as they lie (formats/mvlm.md, "Tokenizer").
#ifndef MVLM_TOKENIZER_H
#define MVLM_TOKENIZER_H

#include "mvlm.h"

/// Stands for a picture among token ids.
enum { IMAGE_TOKEN = -200 };

typedef enum piece_kind { NORMAL = 1, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE } piece_kind;

typedef struct tokenizer {
    uint32_t count;
    int32_t bos, eos, unknown, padding;
    /// Prompts begin with `bos`; text gets a space in front; so does text behind a special token.
    bool adds_bos, adds_space, legacy;
    // Tables in the file: scores, ends of the texts, ids in the order of their texts, kinds, texts.
    const uint8_t *scores, *ends, *order, *kinds, *texts;
    bool has_bytes;
    int32_t byte_ids[256];
    uint32_t longest;
    /// Whether a special or user-defined piece starts with a byte.
    bool starts_special[256];
} tokenizer;

/// Checks the tables. The tokenizer lives as long as the file.
mvlm_status tokenizer_open(const mvlm *file, tokenizer *t);

/// Ids in a growing array; free `ids` when done.
typedef struct id_list {
    int32_t *ids;
    size_t count, capacity;
} id_list;

/// Appends the ids of a prompt: BOS, and between the texts an IMAGE_TOKEN for each "<image>". Special tokens in the text
/// become their ids.
mvlm_status tokenize_prompt(const tokenizer *t, const char *prompt, id_list *out);

/// Turns ids into text as they come. Zero it before the first.
typedef struct text_stream {
    uint8_t pending[4];
    size_t count;
    bool begun;
} text_stream;

/// Writes the text that `id` completes to `out`, at most 3 * 4 + its piece's length bytes.
/// @return Bytes written.
size_t detokenize(const tokenizer *t, text_stream *s, int32_t id, uint8_t *out);
/// The same for what is left over.
size_t detokenize_end(text_stream *s, uint8_t *out);

/// A piece's text and length, and its score: the higher merges first.
const uint8_t *tokenizer_piece(const tokenizer *t, uint32_t id, uint32_t *length);
float tokenizer_score(const tokenizer *t, uint32_t id);

/// The id of the piece with this text, or -1.
int32_t tokenizer_find(const tokenizer *t, const uint8_t *text, size_t length);

#endif
