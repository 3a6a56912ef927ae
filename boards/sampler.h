// The choice of the next token.
#ifndef MVLM_SAMPLER_H
#define MVLM_SAMPLER_H

#include <stdint.h>

typedef struct sampler {
    /// At 0 the likeliest token is taken; of equals the first.
    double temperature;
    /// The likeliest `top_k`, all if that is 0; of those as many as together have the probability `top_p`.
    long top_k;
    double top_p;
    /// Of the generator: its seed at first.
    uint64_t state;
} sampler;

typedef struct choice {
    int32_t id;
    float logit;
    double weight;
} choice;

/// @param choices Memory for as many as there are logits.
int32_t sample(sampler *s, const float *logits, int64_t count, choice *choices);

#endif
