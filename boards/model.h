// MobileVLM: CLIP's vision tower, a projector, LLaMA. docs/graph.md has the same graph with its sources; the names of
// the weights are those of the checkpoints.
#ifndef MVLM_MODEL_H
#define MVLM_MODEL_H

#include "arithmetic.h"
#include "picture.h"

typedef struct decoder_layer {
    norm input_norm, post_attention_norm;
    linear q, k, v, out, gate, up, down;
} decoder_layer;

typedef struct encoder_layer {
    norm norm1, norm2;
    linear q, k, v, out, fc1, fc2;
} encoder_layer;

/// A 3 x 3 convolution of each channel for itself: weight as [9, channels], bias or NULL.
typedef struct depthwise {
    const float *weight, *bias;
    int64_t channels, step;
} depthwise;

/// MobileNetV3's block, as LDP has two.
typedef struct inverted_residual {
    depthwise convolution;
    norm depthwise_norm, pointwise_norm;
    linear squeeze, excite, pointwise;
    bool residual;
} inverted_residual;

typedef enum projector_kind { LDP, LDPV2, MLP } projector_kind;

typedef struct model {
    const mvlm *file;
    /// Vectors that are kept as floats, to be freed.
    float **owned;
    size_t owned_count;
    /// The first thing that was wrong, and the tensor or field that it was about.
    mvlm_status status;
    char about[300];

    int64_t hidden, feed_forward, layers, vocabulary, context;
    heads heads;
    float rms_epsilon, rope_base, rope_scaling;
    /// True if the rotary embedding turns channels 2i and 2i + 1 together, false if i and i + size / 2.
    bool neighbours;
    const mvlm_tensor *embedding;
    decoder_layer *decoder;
    norm norm;
    linear head;

    bool sees;
    int64_t tower_width, tower_feed_forward, tower_layers, image_size, patch_size, grid;
    heads tower_heads;
    activation tower_activation;
    preprocessing preprocessing;
    linear patches;
    const float *class_embedding, *position_embedding;
    norm pre_norm;
    encoder_layer *encoder;
    projector_kind projector;
    /// The MLP at the head of every projector; a linear one has a single layer.
    linear mlp[64];
    int64_t mlp_depth;
    depthwise position_encoding;
    inverted_residual blocks[2];
    /// Rows that a picture takes among the tokens' embeddings.
    int64_t image_rows;

    const char *prompt_before, *prompt_picture, *prompt_after;
} model;

/// Finds every tensor of the graph and checks its shape. What is wrong stands in `status` and `about`.
mvlm_status model_open(const mvlm *file, model *m);
void model_close(model *m);

/// Columns of the widest weight, for arithmetic_start.
int64_t model_longest_row(const model *m);

/// Tower and projector. @param pixels [3, size, size]. @param rows Receives [image_rows, hidden].
mvlm_status model_see(const model *m, const float *pixels, float *rows);

/// Keys and values of all positions so far: one conversation's memory.
typedef struct conversation {
    /// Per layer [capacity, groups * size].
    float *keys, *values;
    int64_t position, capacity;
} conversation;

mvlm_status conversation_open(const model *m, int64_t capacity, conversation *c);
void conversation_close(conversation *c);

/// The embeddings of tokens, [count, hidden]. Every id is in the vocabulary.
mvlm_status model_embed(const model *m, const int32_t *ids, int64_t count, float *rows);

/// Appends rows to the conversation, which has room for them. @param logits Receives [vocabulary], of the last row.
/// @param rows [count, hidden]; used as memory.
mvlm_status model_forward(const model *m, conversation *c, float *rows, int64_t count, float *logits);

#endif
