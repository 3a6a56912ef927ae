// Prints for each file the first rule that it breaks, or mvlm.ok: what the tests compare.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model.h"
#include "../tokenizer.h"

/// Rows that lie in tiles are the same one by one as together.
static bool is_taken_apart(const mvlm_tensor *t) {
    uint8_t *all = malloc(t->size), *one = malloc(t->row_bytes);
    bool same = all && one;
    const uint8_t *rows = same ? mvlm_rows(t, 0, t->rows, all) : NULL;
    for (int64_t i = 0; same && i < t->rows; i++) {
        same = memcmp(mvlm_rows(t, i, 1, one), rows + (size_t)i * t->row_bytes, t->row_bytes) == 0;
    }
    free(all);
    free(one);
    return same;
}

static mvlm_status probe(const char *path) {
    mvlm *file;
    mvlm_status status = mvlm_open(path, &file);
    if (status != MVLM_OK) return status;
    tokenizer t;
    model m = {0};
    status = tokenizer_open(file, &t);
    if (status == MVLM_OK) status = model_open(file, &m);
    if (status == MVLM_OK) status = mvlm_check(file);
    for (size_t i = 0; status == MVLM_OK && i < mvlm_tensor_count(file); i++) {
        if (!is_taken_apart(mvlm_tensor_at(file, i))) status = MVLM_TENSOR_LAYOUT;
    }
    model_close(&m);
    mvlm_close(file);
    return status;
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) puts(mvlm_rule(probe(arguments[i])));
    return count < 2;
}
