// A strict reader of JSON (RFC 8259) for text from untrusted files. It allocates once per document and its nesting is
// bounded, so neither time nor memory can be made to explode.
#ifndef MVLM_JSON_H
#define MVLM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/// A value. Those of an array or object follow it in memory, each with all that is inside it.
typedef struct json {
    json_kind kind;
    /// Values that belong to this one, itself included: the next sibling lies so far behind it.
    uint32_t span;
    /// Members or elements.
    uint32_t count;
    /// Of a member of an object; otherwise NULL. Ends with a zero byte, and has no other.
    const char *key;
    /// Of a string, likewise.
    const char *text;
    /// Of a number; 0 or 1 of a bool.
    double number;
} json;

/// Reads a document: text in UTF-8 without a byte order mark, one value and white space around it.
///
/// Refused besides what RFC 8259 forbids: keys that occur twice in an object, objects of more than 256 members, more than
/// 16 levels, the character U+0000, and numbers that a double holds only rounded: more than 15 significant digits, or a
/// power of ten beyond 22 after that.
/// @return The value, to be freed with json_free; NULL if the text is refused or memory is short.
json *json_parse(const char *text, size_t length);
void json_free(json *document);

/// The member of that key, or NULL. `object` may be NULL or of any kind.
const json *json_get(const json *object, const char *key);

/// Walks through elements or members: `for (const json *v = json_first(a); v; v = json_next(a, v))`.
const json *json_first(const json *parent);
const json *json_next(const json *parent, const json *value);

/// The text of a string member, or NULL if there is none.
const char *json_text(const json *object, const char *key);

/// A number member that is whole and within the bounds; false if it is missing or anything else.
bool json_integer(const json *object, const char *key, int64_t low, int64_t high, int64_t *value);

#endif
