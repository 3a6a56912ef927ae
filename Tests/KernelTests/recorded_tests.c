// Holds the kernels over rows of weights (encoders, decoders, dot products, error figures) of every instruction set to
// the bytes and floats recorded in fixtures/ggml-blocks and fixtures/group-scales. The tests in Swift do the same and
// more for the processor that they run on; this program is for the others, under qemu.
//
//     recorded_tests FIXTURES [NAME...]     names of instruction sets; all that can run if none is given
#include "support.h"

static int failures, checks;
static const char *current = "";

#define CHECK(condition, ...)                              \
    do {                                                   \
        checks++;                                          \
        if (!(condition) && failures++ < 40) {             \
            printf("FAILED %s: ", current);                \
            printf(__VA_ARGS__);                           \
            printf("\n");                                  \
        }                                                  \
    } while (0)

/// A file in the safetensors format that we wrote ourselves: nothing is checked beyond what is looked for.
typedef struct recording {
    char *header;
    uint8_t *data;
} recording;

static recording read_recording(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    uint64_t length = 0;
    if (!file || fread(&length, 8, 1, file) != 1) {
        printf("cannot read %s\n", path);
        exit(2);
    }
    recording r = {.header = calloc(1, length + 1), .data = malloc(4 << 20)};
    size_t header = fread(r.header, 1, length, file), data = fread(r.data, 1, 4 << 20, file);
    fclose(file);
    if (header != length || data == 0) exit(2);
    return r;
}

/// The bytes of a tensor; NULL if there is none of that name.
static const uint8_t *tensor(recording r, const char *name, size_t *bytes) {
    char quoted[128];
    snprintf(quoted, sizeof quoted, "\"%s\":{\"dtype\"", name);
    const char *entry = strstr(r.header, quoted);
    const char *offsets = entry ? strstr(entry, "\"data_offsets\":[") : NULL;
    size_t from, to;
    if (!offsets || sscanf(offsets, "\"data_offsets\":[%zu,%zu]", &from, &to) != 2) return NULL;
    *bytes = to - from;
    return r.data + from;
}

static const uint8_t *part(recording r, const char *first, const char *second, const char *third, size_t *bytes) {
    char name[128];
    snprintf(name, sizeof name, "%s%s%s%s%s", first, *first ? "." : "", second, *third ? "." : "", third);
    return tensor(r, name, bytes);
}

/// The product of an encoded row with its own values must be the sum of their squares.
static void check_dot(vlmc_isa isa, const format_case *c, const uint8_t *row, const float *values, size_t columns) {
    vlmc_dot_row dot = vlmc_dot(isa, c->format);
    double sum = 0;
    for (size_t i = 0; i < columns; i++) sum += (double)values[i] * values[i];
    if (!dot || !(sum < 1e30)) return;
    float found = dot(row, values, columns);
    CHECK(fabs(found - sum) <= 1e-5 * sum, "dot %s: %g, not %g", c->name, (double)found, sum);
}

static void check_error(vlmc_isa isa, const float *a, const float *b, size_t n) {
    vlmc_error figures;
    vlmc_error_kernel(isa)(a, b, n, &figures);
    double error = 0, square = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = (double)b[i] - a[i];
        error += difference * difference;
        square += (double)a[i] * a[i];
        largest = fmax(largest, fabs(difference));
    }
    CHECK(fabs(figures.squared_error - error) <= 1e-12 * error && figures.largest == largest &&
              fabs(figures.squared_reference - square) <= 1e-12 * square,
          "error figures");
}

static void blocks_are_the_recorded(vlmc_isa isa, recording r) {
    static const char *groups[] = {"row256", "row96", "edge"};
    static const char *weightings[] = {"q", "q_importance", "q_importance_zeros"};
    for (size_t i = 0; i < CASES; i++) {
        const format_case *c = &cases[i];
        if (is_groups(c) || c->format == VLMC_F32) continue;
        vlmc_encode_row encode = vlmc_encoder(isa, c->format);
        vlmc_decode_row decode = vlmc_decoder(isa, c->format);
        int compared = 0;
        CHECK(encode && decode, "%s has no kernels", c->name);
        for (int g = 0; g < 3; g++) {
            size_t inputBytes, columns, bytes;
            const float *input = (const float *)part(r, "", groups[g], "input", &inputBytes);
            part(r, "", groups[g], "importance", &columns);
            columns /= 4;
            size_t rows = inputBytes / 4 / columns, row = row_bytes_of(c, columns);
            uint8_t *found = guarded(row, false);
            float *values = guarded(4 * columns, false);
            for (int w = 0; w < 3; w++) {
                const uint8_t *expected = part(r, c->name, groups[g], weightings[w], &bytes);
                if (!expected) continue;
                size_t ignored;
                const float *importance =
                    w == 0 ? NULL : (const float *)part(r, "", groups[g], weightings[w] + 2, &ignored);
                for (size_t k = 0; k < rows; k++) {
                    // Denormals and numbers of 1e25 have bytes that C leaves open.
                    if (g == 2 && (k == 10 || k == 12)) continue;
                    encode(input + k * columns, importance, columns, found);
                    CHECK(memcmp(found, expected + k * row, row) == 0, "%s.%s.%s row %zu", c->name, groups[g],
                          weightings[w], k);
                    compared++;
                }
            }
            const float *decoded = (const float *)part(r, c->name, groups[g], "dequantized", &bytes);
            const uint8_t *encoded = part(r, c->name, groups[g], "q", &bytes);
            for (size_t k = 0; decoded && k < rows; k++) {
                decode(encoded + k * row, columns, values);
                CHECK(memcmp(values, decoded + k * columns, 4 * columns) == 0, "%s.%s decoded row %zu", c->name,
                      groups[g], k);
                check_dot(isa, c, encoded + k * row, values, columns);
                check_error(isa, input + k * columns, values, columns);
            }
            release(found, row), release(values, 4 * columns);
        }
        CHECK(compared >= 18, "only %d rows of %s were compared", compared, c->name);
    }
}

static void groups_are_the_recorded(vlmc_isa isa, recording r) {
    enum { COLUMNS = 384, ROWS = 9 };
    size_t bytes;
    const float *input = (const float *)tensor(r, "input", &bytes);
    const float *importance = (const float *)tensor(r, "importance", &bytes);
    for (size_t i = 0; i < CASES; i++) {
        const format_case *c = &cases[i];
        if (!is_groups(c)) continue;
        vlmc_group_format format = {
            .affine = c->format - VLMC_GROUPS >= 9, .bits = (uint32_t)c->bytes, .length = c->columns};
        size_t row = row_bytes_of(c, COLUMNS);
        uint8_t *found = guarded(row * ROWS, false);
        const uint8_t *expected = part(r, c->name, "q", "", &bytes);
        CHECK(expected && bytes == ROWS * row, "%s is not recorded", c->name);
        vlmc_group_encoder(isa)(format, input, NULL, COLUMNS, ROWS, found);
        // The last row overflows in affine formats; Swift then writes zeros.
        size_t rows = ROWS - (format.affine ? 1 : 0);
        CHECK(memcmp(found, expected, rows * row) == 0, "%s.q", c->name);
        const uint8_t *weighted = part(r, c->name, "q_importance", "", &bytes);
        for (size_t k = 0; k < 3; k++) {
            // Rows 0, 2 and 4.
            vlmc_group_encoder(isa)(format, input + 2 * k * COLUMNS, importance, COLUMNS, 1, found);
            CHECK(memcmp(found, weighted + k * row, row) == 0, "%s.q_importance %zu", c->name, k);
        }
        float *values = guarded(4 * COLUMNS, false);
        vlmc_group_decoder(isa)(format, expected + row, COLUMNS, values);
        CHECK(memcmp(values, part(r, c->name, "heavy_decoded", "", &bytes), 4 * COLUMNS) == 0, "%s.heavy", c->name);
        vlmc_group_decoder(isa)(format, part(r, c->name, "bytes", "", &bytes), COLUMNS, values);
        CHECK(memcmp(values, part(r, c->name, "bytes_decoded", "", &bytes), 4 * COLUMNS) == 0, "%s.bytes", c->name);
        release(values, 4 * COLUMNS), release(found, row * ROWS);
    }
}

int main(int count, char **arguments) {
    if (count < 2) {
        printf("usage: recorded_tests FIXTURES [NAME...]\n");
        return 2;
    }
    recording blocks = read_recording(arguments[1], "ggml-blocks/selection.safetensors");
    recording groups = read_recording(arguments[1], "group-scales/rows.safetensors");
    int sets = 0;
    for (int i = VLMC_ISA_AVX2; i < VLMC_ISA_END; i++) {
        vlmc_isa isa = (vlmc_isa)i;
        const char *name = vlmc_isa_name(isa);
        bool wanted = name && count == 2;
        for (int j = 2; name && j < count; j++) wanted |= strcmp(arguments[j], name) == 0;
        if (!wanted || !vlmc_isa_available(isa)) continue;
        current = name;
        int before = checks;
        blocks_are_the_recorded(isa, blocks);
        groups_are_the_recorded(isa, groups);
        printf("%s: %d checks against recorded bytes\n", name, checks - before);
        sets++;
    }
    if (failures) printf("%d of %d checks FAILED\n", failures, checks);
    return failures || !sets ? 1 : 0;
}
