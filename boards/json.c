#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16, MOST_MEMBERS = 256, MOST_DIGITS = 15, LARGEST_POWER = 22 };

typedef struct parser {
    const char *at, *end;
    json *values;
    size_t count, capacity;
    /// Where decoded strings go. They are never longer than they were in the text, quotes against the zero at the end.
    char *strings;
} parser;

static bool parse_value(parser *p, const char *key, int depth);

static void skip_space(parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) p->at++;
}

static bool take(parser *p, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, word, length) != 0) return false;
    p->at += length;
    return true;
}

/// The index of a new value, or -1. Indices, for the array moves when it grows.
static int64_t append(parser *p, json_kind kind, const char *key) {
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64;
        json *grown = capacity < UINT32_MAX ? realloc(p->values, capacity * sizeof(json)) : NULL;
        if (!grown) return -1;
        p->values = grown;
        p->capacity = capacity;
    }
    p->values[p->count] = (json){.kind = kind, .span = 1, .key = key};
    return (int64_t)p->count++;
}

/// Bytes of the UTF-8 sequence at `s`, 0 if it is none (The Unicode Standard, table 3-7).
static size_t utf8_length(const unsigned char *s, size_t available) {
    unsigned char first = s[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || available < length) return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF) return 0;
    }
    return length;
}

static bool parse_hex(parser *p, uint32_t *code) {
    if (p->end - p->at < 4) return false;
    *code = 0;
    for (int i = 0; i < 4; i++) {
        char c = *p->at++;
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = c ? strchr(digits, c) : NULL;
        if (!digit) return false;
        *code = *code << 4 | (uint32_t)(digit - digits < 16 ? digit - digits : digit - digits - 6);
    }
    return true;
}

/// The character of an escape, after the backslash, as UTF-8.
static bool parse_escape(parser *p) {
    if (p->at == p->end) return false;
    char c = *p->at++;
    if (c != 'u') {
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        const char *name = c ? strchr(names, c) : NULL;
        if (!name) return false;
        *p->strings++ = values[name - names];
        return true;
    }
    uint32_t code, low;
    if (!parse_hex(p, &code) || code == 0 || (code >= 0xDC00 && code <= 0xDFFF)) return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take(p, "\\u") || !parse_hex(p, &low) || low < 0xDC00 || low > 0xDFFF) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code < 0x80) {
        *p->strings++ = (char)code;
    } else if (code < 0x800) {
        *p->strings++ = (char)(0xC0 | code >> 6);
        *p->strings++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
        *p->strings++ = (char)(0xE0 | code >> 12);
        *p->strings++ = (char)(0x80 | (code >> 6 & 63));
        *p->strings++ = (char)(0x80 | (code & 63));
    } else {
        *p->strings++ = (char)(0xF0 | code >> 18);
        *p->strings++ = (char)(0x80 | (code >> 12 & 63));
        *p->strings++ = (char)(0x80 | (code >> 6 & 63));
        *p->strings++ = (char)(0x80 | (code & 63));
    }
    return true;
}

/// A string's decoded text, or NULL.
static const char *parse_string(parser *p) {
    if (!take(p, "\"")) return NULL;
    const char *start = p->strings;
    while (p->at < p->end && *p->at != '"') {
        unsigned char c = (unsigned char)*p->at;
        if (c < 0x20) return NULL;
        if (c == '\\') {
            p->at++;
            if (!parse_escape(p)) return NULL;
            continue;
        }
        size_t length = utf8_length((const unsigned char *)p->at, (size_t)(p->end - p->at));
        if (length == 0) return NULL;
        memcpy(p->strings, p->at, length);
        p->strings += length;
        p->at += length;
    }
    if (!take(p, "\"")) return NULL;
    *p->strings++ = 0;
    return start;
}

static bool is_digit(const parser *p) { return p->at < p->end && *p->at >= '0' && *p->at <= '9'; }

/// Digits of a number go to `mantissa`; false if there is none, or more than are exact.
static bool parse_digits(parser *p, uint64_t *mantissa, int *digits) {
    if (!is_digit(p)) return false;
    for (; is_digit(p); p->at++) {
        if (*digits > 0 || *p->at != '0') ++*digits;
        if (*digits > MOST_DIGITS) return false;
        *mantissa = *mantissa * 10 + (uint64_t)(*p->at - '0');
    }
    return true;
}

/// With so few digits and so small a power both are exact doubles, and one operation rounds correctly.
static bool parse_number(parser *p, double *number) {
    bool negative = take(p, "-"), zero = p->at < p->end && *p->at == '0';
    uint64_t mantissa = 0;
    int digits = 0, power = 0;
    const char *start = p->at;
    if (!parse_digits(p, &mantissa, &digits) || (zero && p->at - start > 1)) return false;
    if (take(p, ".")) {
        start = p->at;
        if (!parse_digits(p, &mantissa, &digits)) return false;
        power = -(int)(p->at - start);
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        p->at++;
        bool below = take(p, "-");
        if (!below) take(p, "+");
        int exponent = 0;
        if (!is_digit(p)) return false;
        for (; is_digit(p); p->at++) {
            exponent = exponent * 10 + (*p->at - '0');
            if (exponent > 1000) exponent = 1000;
        }
        power += below ? -exponent : exponent;
    }
    if (power < -LARGEST_POWER || power > LARGEST_POWER) return false;
    double scale = 1;
    for (int i = power < 0 ? -power : power; i > 0; i--) scale *= 10;
    *number = power < 0 ? (double)mantissa / scale : (double)mantissa * scale;
    if (negative) *number = -*number;
    return true;
}

/// True if no earlier member of the object has this key.
static bool is_new(const parser *p, size_t object, const char *key) {
    for (size_t i = object + 1; i < p->count; i += p->values[i].span) {
        if (strcmp(p->values[i].key, key) == 0) return false;
    }
    return true;
}

/// An array, or an object, whose values have keys.
static bool parse_many(parser *p, const char *key, int depth, json_kind kind) {
    const char *close = kind == JSON_OBJECT ? "}" : "]";
    int64_t self = append(p, kind, key);
    p->at++;
    if (self < 0 || depth == 0) return false;
    skip_space(p);
    bool empty = take(p, close);
    while (!empty) {
        const char *name = NULL;
        if (kind == JSON_OBJECT) {
            skip_space(p);
            name = parse_string(p);
            if (!name || p->values[self].count == MOST_MEMBERS || !is_new(p, (size_t)self, name)) return false;
            skip_space(p);
            if (!take(p, ":")) return false;
        }
        if (!parse_value(p, name, depth - 1)) return false;
        p->values[self].count++;
        skip_space(p);
        if (take(p, close)) break;
        if (!take(p, ",")) return false;
    }
    p->values[self].span = (uint32_t)(p->count - (size_t)self);
    return true;
}

static bool parse_value(parser *p, const char *key, int depth) {
    skip_space(p);
    if (p->at == p->end) return false;
    if (*p->at == '{') return parse_many(p, key, depth, JSON_OBJECT);
    if (*p->at == '[') return parse_many(p, key, depth, JSON_ARRAY);
    int64_t self = append(p, JSON_NULL, key);
    if (self < 0) return false;
    json value = p->values[self];
    if (*p->at == '"') {
        value.kind = JSON_STRING;
        value.text = parse_string(p);
        if (!value.text) return false;
    } else if (take(p, "true") || take(p, "false")) {
        value.kind = JSON_BOOL;
        value.number = p->at[-2] == 'u';
    } else if (!take(p, "null")) {
        value.kind = JSON_NUMBER;
        if (!parse_number(p, &value.number)) return false;
    }
    p->values[self] = value;
    return true;
}

json *json_parse(const char *text, size_t length) {
    char *strings = malloc(length + 1);
    parser p = {.at = text, .end = text + length, .strings = strings};
    bool ok = strings && append(&p, JSON_STRING, NULL) == 0 && parse_value(&p, NULL, DEEPEST);
    skip_space(&p);
    if (!ok || p.at != p.end) {
        free(strings);
        free(p.values);
        return NULL;
    }
    // Value 0 owns the strings; the document is what follows it.
    p.values[0].text = strings;
    return p.values + 1;
}

void json_free(json *document) {
    if (!document) return;
    free((char *)document[-1].text);
    free(document - 1);
}

const json *json_first(const json *parent) { return parent && parent->span > 1 ? parent + 1 : NULL; }

const json *json_next(const json *parent, const json *value) {
    const json *next = value + value->span;
    return next < parent + parent->span ? next : NULL;
}

const json *json_get(const json *object, const char *key) {
    if (!object || object->kind != JSON_OBJECT) return NULL;
    for (const json *value = json_first(object); value; value = json_next(object, value)) {
        if (strcmp(value->key, key) == 0) return value;
    }
    return NULL;
}

const char *json_text(const json *object, const char *key) {
    const json *value = json_get(object, key);
    return value && value->kind == JSON_STRING ? value->text : NULL;
}

bool json_integer(const json *object, const char *key, int64_t low, int64_t high, int64_t *value) {
    const json *member = json_get(object, key);
    if (!member || member->kind != JSON_NUMBER) return false;
    double number = member->number;
    if (!(number >= (double)low && number <= (double)high) || number != (double)(int64_t)number) return false;
    *value = (int64_t)number;
    return true;
}
