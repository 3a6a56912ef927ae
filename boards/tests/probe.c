// Prints for each file the first rule that it breaks, or mvlm.ok: what the tests compare.
#include <stdio.h>

#include "../model.h"
#include "../tokenizer.h"

static mvlm_status probe(const char *path) {
    mvlm *file;
    mvlm_status status = mvlm_open(path, &file);
    if (status != MVLM_OK) return status;
    tokenizer t;
    model m = {0};
    status = tokenizer_open(file, &t);
    if (status == MVLM_OK) status = model_open(file, &m);
    if (status == MVLM_OK) status = mvlm_check(file);
    model_close(&m);
    mvlm_close(file);
    return status;
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) puts(mvlm_rule(probe(arguments[i])));
    return count < 2;
}
