// Runs a model from its one file: pictures and a question in, an answer out. README.md says how it is built.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "sampler.h"
#include "tokenizer.h"

static const char usage[] =
    "usage: mvlm-run MODEL.mvlm [options] [QUESTION]\n"
    "  --image FILE        a binary PPM; once for each picture, before the question\n"
    "  --raw WxH           pictures are raw RGB of this size instead\n"
    "  --prompt            the question is a whole prompt, with <image> where a picture goes\n"
    "  --tokens N          most tokens of the answer (128)\n"
    "  --temperature T     0, the default, always takes the likeliest token\n"
    "  --top-k N  --top-p P  --seed N\n"
    "  --threads N         one per core if not given\n"
    "  --ids               print token ids instead of text, those of the prompt first\n"
    "  --list              print sections and tensors\n"
    "  --reference         compute in 32-bit floats throughout: slower, and to the sixth digit what the checkpoint computes\n"
    "  --check             read everything and compare digests\n"
    "  --dump FILE         write the first picture's pixel values and features, as floats\n"
    "  --help              print this\n"
    "  --                  what follows is the question, even if it begins with two hyphens\n";

enum { MOST_PICTURES = 64 };

typedef struct options {
    const char *model, *question, *pictures[MOST_PICTURES], *dump;
    int picture_count, tokens, threads;
    int32_t raw_width, raw_height;
    sampler sampler;
    bool list, check, ids, prompt, reference;
} options;

static int complain(mvlm_status status, const char *about) {
    fprintf(stderr, "mvlm-run: %s: broken rule %s: %s\n", about, mvlm_rule(status), mvlm_explain(status));
    return 1;
}

static void print_contents(const mvlm *file) {
    for (size_t i = 0; i < mvlm_section_count(file); i++) {
        const mvlm_section *s = mvlm_section_at(file, i);
        printf("section %-12s %12zu bytes  %016llx\n", s->name, s->size, (unsigned long long)s->digest);
    }
    for (size_t i = 0; i < mvlm_tensor_count(file); i++) {
        const mvlm_tensor *t = mvlm_tensor_at(file, i);
        printf("%-8s %-7s %s [", t->format->name, t->layout, t->name);
        for (int d = 0; d < t->rank; d++) printf(d ? ", %lld" : "%lld", (long long)t->shape[d]);
        printf("]\n");
    }
}

/// The whole prompt: what was given, or the question in the model's conversation.
static char *make_prompt(const model *m, const options *o) {
    const char *before = o->prompt ? "" : m->prompt_before, *after = o->prompt ? "" : m->prompt_after;
    int pictures = o->prompt ? 0 : o->picture_count;
    size_t size = strlen(before) + strlen(o->question) + strlen(after) + 1;
    size += (size_t)pictures * strlen(m->prompt_picture);
    char *prompt = malloc(size);
    if (!prompt) return NULL;
    strcpy(prompt, before);
    for (int i = 0; i < pictures; i++) strcat(prompt, m->prompt_picture);
    strcat(prompt, o->question);
    return strcat(prompt, after);
}

/// The rows of all pictures, one after another.
static int see_pictures(const model *m, const options *o, float *rows) {
    size_t size = 3 * (size_t)m->image_size * (size_t)m->image_size;
    float *pixels = malloc(size * sizeof *pixels);
    if (!pixels) return complain(MVLM_MEMORY, "pictures");
    for (int i = 0; i < o->picture_count; i++) {
        float *out = rows + (int64_t)i * m->image_rows * m->hidden;
        picture image = picture_read(o->pictures[i], o->raw_width, o->raw_height);
        if (!image.pixels) {
            fprintf(stderr, "mvlm-run: %s: %s\n", o->pictures[i], image.fault);
            free(pixels);
            return 1;
        }
        bool prepared = picture_prepare(&m->preprocessing, &image, pixels);
        free(image.pixels);
        if (!prepared) {
            free(pixels);
            return complain(MVLM_MEMORY, o->pictures[i]);
        }
        mvlm_status status = model_see(m, pixels, out);
        if (status == MVLM_OK && i == 0 && o->dump) {
            FILE *file = fopen(o->dump, "wb");
            bool written = file && fwrite(pixels, sizeof *pixels, size, file) == size;
            size_t features = (size_t)(m->image_rows * m->hidden);
            written = written && fwrite(out, sizeof *out, features, file) == features;
            if (!file || fclose(file) != 0 || !written) status = MVLM_FILE;
        }
        if (status != MVLM_OK) {
            free(pixels);
            return complain(status, o->pictures[i]);
        }
    }
    free(pixels);
    return 0;
}

/// Writes tokens as they are chosen, until one ends the answer.
static int answer(const model *m, const tokenizer *t, const options *o, const id_list *prompt, const float *pictures) {
    int64_t count = 0, H = m->hidden;
    for (size_t i = 0; i < prompt->count; i++) count += prompt->ids[i] == IMAGE_TOKEN ? m->image_rows : 1;
    int64_t capacity = count + o->tokens < m->context ? count + o->tokens : m->context;
    if (count == 0) {
        fprintf(stderr, "mvlm-run: the prompt has no tokens: ask something\n");
        return 1;
    }
    if (count > m->context) {
        fprintf(stderr, "mvlm-run: the prompt has %lld positions, the model %lld\n", (long long)count, (long long)m->context);
        return 1;
    }
    conversation c = {0};
    float *rows = malloc((size_t)(count * H) * sizeof *rows), *logits = malloc((size_t)m->vocabulary * sizeof *logits);
    choice *choices = malloc((size_t)m->vocabulary * sizeof *choices);
    uint8_t *text = malloc((size_t)t->longest + 16);
    mvlm_status status = rows && logits && choices && text ? conversation_open(m, capacity, &c) : MVLM_MEMORY;
    int64_t at = 0;
    for (size_t i = 0; status == MVLM_OK && i < prompt->count; i++) {
        if (prompt->ids[i] == IMAGE_TOKEN) {
            memcpy(rows + at * H, pictures, (size_t)(m->image_rows * H) * sizeof *rows);
            pictures += m->image_rows * H;
            at += m->image_rows;
        } else {
            status = model_embed(m, &prompt->ids[i], 1, rows + at++ * H);
        }
    }
    text_stream stream = {0};
    sampler sampler = o->sampler;
    for (int n = 0; status == MVLM_OK && n < o->tokens && c.position + count <= capacity; n++) {
        status = model_forward(m, &c, rows, count, logits);
        if (status != MVLM_OK) break;
        int32_t id = sample(&sampler, logits, m->vocabulary, choices);
        if (id == t->eos) break;
        if (o->ids) {
            printf("%d ", (int)id);
        } else {
            fwrite(text, 1, detokenize(t, &stream, id, text), stdout);
        }
        fflush(stdout);
        status = model_embed(m, &id, 1, rows);
        count = 1;
    }
    fwrite(text ? text : (uint8_t *)"", 1, text ? detokenize_end(&stream, text) : 0, stdout);
    printf("\n");
    free(rows);
    free(logits);
    free(choices);
    free(text);
    conversation_close(&c);
    return status == MVLM_OK ? 0 : complain(status, "answer");
}

static int run(const mvlm *file, const options *o) {
    model m;
    tokenizer t;
    id_list prompt = {0};
    float *pictures = NULL;
    mvlm_status status = tokenizer_open(file, &t);
    if (status != MVLM_OK) return complain(status, o->model);
    status = model_open(file, &m);
    if (status == MVLM_OK && t.count != m.vocabulary) {
        status = MVLM_MODEL;
        strcpy(m.about, "vocabulary_size");
    }
    int result = status == MVLM_OK ? 0 : complain(status, m.about);
    char *whole = result == 0 ? make_prompt(&m, o) : NULL;
    if (result == 0) {
        bool started = whole && arithmetic_start(o->threads, model_longest_row(&m), o->reference);
        status = started ? tokenize_prompt(&t, whole, &prompt) : MVLM_MEMORY;
        int places = 0;
        for (size_t i = 0; i < prompt.count; i++) places += prompt.ids[i] == IMAGE_TOKEN;
        pictures = malloc((size_t)(places * m.image_rows * m.hidden) * sizeof *pictures + 1);
        if (!pictures) status = MVLM_MEMORY;
        if (status != MVLM_OK) {
            result = complain(status, "prompt");
        } else if (places != o->picture_count || (places > 0 && !m.sees)) {
            fprintf(stderr, "mvlm-run: the prompt has %d places for pictures, %d were given%s\n", places,
                o->picture_count, m.sees ? "" : ", and the model has no vision tower");
            result = 1;
        }
    }
    if (result == 0) result = see_pictures(&m, o, pictures);
    if (result == 0 && o->ids) {
        for (size_t i = 0; i < prompt.count; i++) printf("%d ", (int)prompt.ids[i]);
        printf("\n");
    }
    if (result == 0) result = answer(&m, &t, o, &prompt, pictures);
    free(pictures);
    free(prompt.ids);
    free(whole);
    model_close(&m);
    return result;
}

/// The value after an option, as a number within bounds.
static bool number(char **arguments, int *i, double low, double high, double *value) {
    char *end;
    if (!arguments[*i + 1]) return false;
    errno = 0;
    *value = strtod(arguments[++*i], &end);
    return *end == 0 && end != arguments[*i] && errno == 0 && *value >= low && *value <= high;
}

static bool parse(char **arguments, options *o) {
    double v = 0;
    for (int i = 1; arguments[i]; i++) {
        const char *a = arguments[i];
        if (strcmp(a, "--") == 0 && arguments[i + 1] && !o->question) {
            o->question = arguments[++i];
        } else if (strcmp(a, "--list") == 0) {
            o->list = true;
        } else if (strcmp(a, "--check") == 0) {
            o->check = true;
        } else if (strcmp(a, "--reference") == 0) {
            o->reference = true;
        } else if (strcmp(a, "--ids") == 0) {
            o->ids = true;
        } else if (strcmp(a, "--prompt") == 0) {
            o->prompt = true;
        } else if (strcmp(a, "--image") == 0 && arguments[i + 1] && o->picture_count < MOST_PICTURES) {
            o->pictures[o->picture_count++] = arguments[++i];
        } else if (strcmp(a, "--dump") == 0 && arguments[i + 1]) {
            o->dump = arguments[++i];
        } else if (strcmp(a, "--raw") == 0 && arguments[i + 1]) {
            int width, height, used = 0;
            if (sscanf(arguments[++i], "%5dx%5d%n", &width, &height, &used) != 2 || arguments[i][used]) return false;
            if (width < 1 || height < 1) return false;
            o->raw_width = width;
            o->raw_height = height;
        } else if (strcmp(a, "--tokens") == 0) {
            if (!number(arguments, &i, 0, 1 << 22, &v)) return false;
            o->tokens = (int)v;
        } else if (strcmp(a, "--threads") == 0) {
            if (!number(arguments, &i, 1, 64, &v)) return false;
            o->threads = (int)v;
        } else if (strcmp(a, "--temperature") == 0) {
            if (!number(arguments, &i, 0, 1e6, &o->sampler.temperature)) return false;
        } else if (strcmp(a, "--top-p") == 0) {
            if (!number(arguments, &i, 0, 1, &o->sampler.top_p)) return false;
        } else if (strcmp(a, "--top-k") == 0) {
            if (!number(arguments, &i, 0, 1 << 21, &v)) return false;
            o->sampler.top_k = (long)v;
        } else if (strcmp(a, "--seed") == 0) {
            if (!number(arguments, &i, 0, 0x1p53, &v)) return false;
            o->sampler.state = (uint64_t)v;
        } else if (a[0] == '-' && a[1] == '-') {
            return false;
        } else if (!o->model) {
            o->model = a;
        } else if (!o->question) {
            o->question = a;
        } else {
            return false;
        }
    }
    return o->model && (o->question || o->list || o->check) && (o->picture_count > 0 || !o->dump);
}

int main(int count, char **arguments) {
    options o = {.tokens = 128, .sampler = {.top_p = 1, .top_k = 50}};
    if (count == 2 && strcmp(arguments[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (count < 2 || !parse(arguments, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    mvlm *file;
    mvlm_status status = mvlm_open(o.model, &file);
    if (status != MVLM_OK) return complain(status, o.model);
    if (o.list) print_contents(file);
    if (o.check) status = mvlm_check(file);
    int result = status == MVLM_OK ? 0 : complain(status, o.model);
    if (result == 0 && o.question) result = run(file, &o);
    mvlm_close(file);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("mvlm-run: standard output");
        return 1;
    }
    return result;
}
