// Text to token ids.
#include <stdlib.h>
#include <string.h>

#include "tokenizer.h"

/// The id of the piece that this text may become, or -1; control, unknown and byte pieces never come from text.
static int32_t find_text(const tokenizer *t, const uint8_t *text, size_t length) {
    int32_t id = tokenizer_find(t, text, length);
    if (id < 0) return -1;
    uint8_t kind = t->kinds[id];
    return kind == NORMAL || kind == USER_DEFINED || kind == UNUSED ? id : -1;
}

/// The longest piece of some kinds that the text starts with, or -1.
static int32_t find_special(const tokenizer *t, const uint8_t *text, size_t available, bool user_only, size_t *length) {
    if (!t->starts_special[text[0]]) return -1;
    for (*length = available < t->longest ? available : t->longest; *length > 0; --*length) {
        int32_t id = tokenizer_find(t, text, *length);
        if (id < 0) continue;
        uint8_t kind = t->kinds[id];
        if (kind == USER_DEFINED || (!user_only && (kind == CONTROL || kind == UNKNOWN))) return id;
    }
    return -1;
}

static bool push_id(id_list *list, int32_t id) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        int32_t *grown = realloc(list->ids, capacity * sizeof *grown);
        if (!grown) return false;
        list->ids = grown;
        list->capacity = capacity;
    }
    list->ids[list->count++] = id;
    return true;
}

/// A stretch of the text between its neighbours. Empty once it is merged into its left one.
typedef struct symbol {
    size_t start, count;
    int64_t previous, next;
    bool fixed;
} symbol;

/// Two neighbours that could be merged, and their bytes together when they were found.
typedef struct candidate {
    float score;
    int64_t left, right;
    size_t count;
} candidate;

typedef struct merger {
    const tokenizer *t;
    const uint8_t *text;
    symbol *symbols;
    /// A heap with the best candidate first.
    candidate *heap;
    size_t heap_count;
    /// For each unused piece that came up, the bytes of the left one of the two that it was merged from.
    uint32_t *left_counts;
} merger;

static bool is_better(candidate a, candidate b) { return a.score > b.score || (a.score == b.score && a.left < b.left); }

static void push(merger *m, candidate item) {
    size_t child = m->heap_count++;
    while (child > 0 && is_better(item, m->heap[(child - 1) / 2])) {
        m->heap[child] = m->heap[(child - 1) / 2];
        child = (child - 1) / 2;
    }
    m->heap[child] = item;
}

static candidate pop(merger *m) {
    candidate best = m->heap[0], last = m->heap[--m->heap_count];
    size_t hole = 0;
    for (size_t child = 1; child < m->heap_count; child = 2 * hole + 1) {
        if (child + 1 < m->heap_count && is_better(m->heap[child + 1], m->heap[child])) child++;
        if (!is_better(m->heap[child], last)) break;
        m->heap[hole] = m->heap[child];
        hole = child;
    }
    m->heap[hole] = last;
    return best;
}

/// Puts two neighbours on the heap if together they are a piece.
static void consider(merger *m, int64_t left, int64_t right) {
    if (left < 0 || right < 0 || m->symbols[left].fixed || m->symbols[right].fixed) return;
    size_t count = m->symbols[left].count + m->symbols[right].count;
    int32_t id = find_text(m->t, m->text + m->symbols[left].start, count);
    if (id < 0) return;
    push(m, (candidate){tokenizer_score(m->t, (uint32_t)id), left, right, count});
    if (m->t->kinds[id] == UNUSED) m->left_counts[id] = (uint32_t)m->symbols[left].count;
}

/// Of all neighbours whose text is a piece, the pair with the highest score is merged first, the leftmost of equals.
static void merge_all(merger *m) {
    while (m->heap_count > 0) {
        candidate best = pop(m);
        symbol *left = &m->symbols[best.left], *right = &m->symbols[best.right];
        if (left->count == 0 || right->count == 0 || left->count + right->count != best.count) continue;
        left->count = best.count;
        left->next = right->next;
        if (right->next >= 0) m->symbols[right->next].previous = best.left;
        right->count = 0;
        consider(m, left->previous, best.left);
        consider(m, best.left, left->next);
    }
}

/// The ids of a stretch. An unused piece falls apart into the two it was merged from, and so on.
static bool write_ids(const merger *m, size_t start, size_t count, bool *after_unknown, id_list *out) {
    const tokenizer *t = m->t;
    while (true) {
        int32_t id = find_text(t, m->text + start, count);
        if (id >= 0 && t->kinds[id] == UNUSED && m->left_counts[id]) {
            size_t left = m->left_counts[id];
            if (!write_ids(m, start, left, after_unknown, out)) return false;
            start += left;
            count -= left;
            continue;
        }
        if (id >= 0) {
            *after_unknown = false;
            return push_id(out, id);
        }
        if (!t->has_bytes) {
            if (*after_unknown) return true;
            *after_unknown = true;
            return push_id(out, t->unknown);
        }
        for (size_t i = start; i < start + count; i++) {
            if (!push_id(out, t->byte_ids[m->text[i]])) return false;
        }
        return true;
    }
}

/// The ids of text in which spaces are U+2581 already.
static mvlm_status merge_text(const tokenizer *t, const uint8_t *text, size_t size, id_list *out) {
    merger m = {.t = t, .text = text};
    m.symbols = calloc(size, sizeof *m.symbols);
    // Every pair at the start, and two more for each merge, of which there are fewer than symbols.
    m.heap = calloc(3 * size, sizeof *m.heap);
    m.left_counts = calloc(t->count, sizeof *m.left_counts);
    bool ok = m.symbols && m.heap && m.left_counts;
    int64_t count = 0;
    for (size_t start = 0; ok && start < size;) {
        size_t length;
        bool fixed = find_special(t, text + start, size - start, true, &length) >= 0;
        if (!fixed) {
            uint8_t first = text[start];
            length = first < 0xC0 || first > 0xF7 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
            if (length > size - start) length = size - start;
        }
        m.symbols[count] = (symbol){start, length, count - 1, count + 1, fixed};
        count++;
        start += length;
    }
    if (ok) {
        m.symbols[count - 1].next = -1;
        for (int64_t i = 1; i < count; i++) consider(&m, i - 1, i);
        merge_all(&m);
        bool after_unknown = false;
        for (int64_t i = 0; ok && i >= 0; i = m.symbols[i].next) {
            ok = write_ids(&m, m.symbols[i].start, m.symbols[i].count, &after_unknown, out);
        }
    }
    free(m.symbols);
    free(m.heap);
    free(m.left_counts);
    return ok ? MVLM_OK : MVLM_MEMORY;
}

/// Text without special tokens.
static mvlm_status encode_plain(const tokenizer *t, const uint8_t *text, size_t size, bool prefix, id_list *out) {
    if (size == 0) return MVLM_OK;
    uint8_t *escaped = malloc(3 * size + 3);
    if (!escaped) return MVLM_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < size + 1; i++) {
        // The space in front comes before the text even if that starts with one.
        bool space = i == 0 ? prefix && t->adds_space : text[i - 1] == ' ';
        if (space) {
            memcpy(escaped + count, "\xE2\x96\x81", 3);
            count += 3;
        } else if (i > 0) {
            escaped[count++] = text[i - 1];
        }
    }
    mvlm_status status = merge_text(t, escaped, count, out);
    free(escaped);
    return status;
}

static mvlm_status encode(const tokenizer *t, const uint8_t *text, size_t size, id_list *out) {
    size_t start = 0, position = 0;
    mvlm_status status = MVLM_OK;
    while (position < size && status == MVLM_OK) {
        size_t length;
        int32_t id = find_special(t, text + position, size - position, false, &length);
        if (id < 0) {
            position++;
            continue;
        }
        status = encode_plain(t, text + start, position - start, t->legacy || start == 0, out);
        if (status == MVLM_OK && !push_id(out, id)) status = MVLM_MEMORY;
        start = position += length;
    }
    if (status != MVLM_OK) return status;
    return encode_plain(t, text + start, size - start, t->legacy || start == 0, out);
}

mvlm_status tokenize_prompt(const tokenizer *t, const char *prompt, id_list *out) {
    static const char mark[] = "<image>";
    if (t->adds_bos && t->bos >= 0 && !push_id(out, t->bos)) return MVLM_MEMORY;
    // Each text is encoded on its own, with its own space in front, as the models were trained.
    while (true) {
        const char *picture = strstr(prompt, mark);
        size_t size = picture ? (size_t)(picture - prompt) : strlen(prompt);
        mvlm_status status = encode(t, (const uint8_t *)prompt, size, out);
        if (status != MVLM_OK || !picture) return status;
        if (!push_id(out, IMAGE_TOKEN)) return MVLM_MEMORY;
        prompt = picture + sizeof mark - 1;
    }
}
