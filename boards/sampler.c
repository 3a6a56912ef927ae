// Draws the next token: temperature, then top-k, then top-p, as in the library that the models were made with.
#include "sampler.h"

#include <math.h>
#include <stdlib.h>

/// By falling logit and rising id.
static int compare_choices(const void *a, const void *b) {
    const choice *left = a, *right = b;
    if (left->logit != right->logit) return left->logit > right->logit ? -1 : 1;
    return left->id < right->id ? -1 : 1;
}

/// At least 0, less than 1, in steps of 2^-53 (SplitMix64; Steele, Lea and Flood, doi 10.1145/2660193.2660195).
static double draw(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

int32_t sample(sampler *s, const float *logits, int64_t count, choice *choices) {
    int64_t numbers = 0;
    for (int64_t i = 0; i < count; i++) {
        if (logits[i] == logits[i]) choices[numbers++] = (choice){(int32_t)i, logits[i], 0};
    }
    if (numbers == 0) return 0;
    if (s->temperature <= 0) {
        choice best = choices[0];
        for (int64_t i = 1; i < numbers; i++) {
            if (choices[i].logit > best.logit) best = choices[i];
        }
        return best.id;
    }
    qsort(choices, (size_t)numbers, sizeof *choices, compare_choices);
    int64_t kept = numbers;
    // Those as likely as the last of the k are kept too.
    if (s->top_k > 0 && s->top_k < kept) {
        float least = choices[s->top_k - 1].logit;
        kept = s->top_k;
        while (kept < numbers && choices[kept].logit == least) kept++;
    }
    double sum = 0, share = 0;
    // The scale is a float in the sampler that this one agrees with.
    double scale = (float)s->temperature;
    for (int64_t i = 0; i < kept; i++) {
        choices[i].weight = exp(((double)choices[i].logit - choices[0].logit) / scale);
        sum += choices[i].weight;
    }
    if (s->top_p < 1) {
        double target = (float)s->top_p * sum;
        int64_t i = 0;
        while (i < kept - 1 && (share += choices[i].weight) < target) i++;
        kept = i + 1;
        sum = 0;
        for (i = 0; i < kept; i++) sum += choices[i].weight;
    }
    double rest = draw(&s->state) * sum;
    for (int64_t i = 0; i < kept; i++) {
        rest -= choices[i].weight;
        if (rest < 0) return choices[i].id;
    }
    return choices[0].id;
}
