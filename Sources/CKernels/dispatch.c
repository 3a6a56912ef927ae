// Which kernels this processor can run: one table says what each set needs and consists of.
#define _DEFAULT_SOURCE // syscall

#include <string.h>

#include "fast_tables.h"
#include "tables.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

/// What a processor has, as bits.
enum {
    AVX2_FMA_F16C_BMI2 = 1,
    AVX_VNNI = 2,
    AVX512_F_BW_DQ_VL = 4,
    AVX512_VNNI_VBMI = 8,
    AMX_INT8 = 16,
    ASIMD = 32,
    DOTPROD = 64,
    I8MM = 128,
};

typedef struct kernel_set {
    vlmc_isa isa;
    const char *name;
    unsigned needs;
    /// Kernels over rows of weights; NULL for the plain twins in Swift.
    const vlmc_table *rows;
    const vlmc_fast_table *fast;
} kernel_set;

// Without VNNI, 512 bits win little: that set shares the fast arithmetic of AVX2.
static const kernel_set sets[] = {
    {VLMC_ISA_PLAIN, "plain", 0, NULL, &vlmc_fast_plain},
#if defined(__x86_64__)
    {VLMC_ISA_AVX2, "avx2", AVX2_FMA_F16C_BMI2, &vlmc_table_avx2, &vlmc_fast_avx2},
    {VLMC_ISA_AVX2_VNNI, "avx2-vnni", AVX2_FMA_F16C_BMI2 | AVX_VNNI, &vlmc_table_avx2, &vlmc_fast_avx2_vnni},
    {VLMC_ISA_AVX512, "avx512", AVX2_FMA_F16C_BMI2 | AVX512_F_BW_DQ_VL, &vlmc_table_avx512, &vlmc_fast_avx2},
    {VLMC_ISA_AVX512_VNNI, "avx512-vnni",
     AVX2_FMA_F16C_BMI2 | AVX512_F_BW_DQ_VL | AVX512_VNNI_VBMI,
     &vlmc_table_avx512,
     &vlmc_fast_avx512_vnni},
    {VLMC_ISA_AVX512_AMX, "avx512-amx",
     AVX2_FMA_F16C_BMI2 | AVX512_F_BW_DQ_VL | AVX512_VNNI_VBMI | AMX_INT8,
     &vlmc_table_avx512,
     &vlmc_fast_avx512_amx},
#elif defined(__aarch64__)
    {VLMC_ISA_NEON, "neon", ASIMD, &vlmc_table_neon, &vlmc_fast_neon},
    {VLMC_ISA_NEON_DOTPROD, "neon-dotprod", ASIMD | DOTPROD, &vlmc_table_neon, &vlmc_fast_neon_dotprod},
    {VLMC_ISA_NEON_I8MM, "neon-i8mm", ASIMD | DOTPROD | I8MM, &vlmc_table_neon, &vlmc_fast_neon_i8mm},
#endif
};

enum { SETS = sizeof sets / sizeof *sets };

#if defined(__x86_64__)
/// True if the processor has tile registers for bytes and the system lets this process use them. Linux wants to be asked
/// (Documentation/arch/x86/xstate.rst): once for all threads.
static bool has_tile_registers(void) {
#if defined(__linux__)
    static atomic_int answer; // 1: no, 2: yes
    if (atomic_load(&answer) == 0) {
        enum { TILE_AND_INT8 = 3 << 24, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
        unsigned a, b, c, d;
        bool found = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & TILE_AND_INT8) == TILE_AND_INT8 &&
                     syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
        atomic_store(&answer, found ? 2 : 1);
    }
    return atomic_load(&answer) == 2;
#else
    return false;
#endif
}

static unsigned features(void) {
    unsigned found = 0;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
        __builtin_cpu_supports("bmi2")) {
        found |= AVX2_FMA_F16C_BMI2;
    }
    if (__builtin_cpu_supports("avxvnni")) found |= AVX_VNNI;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        found |= AVX512_F_BW_DQ_VL;
    }
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi")) found |= AVX512_VNNI_VBMI;
    if (has_tile_registers()) found |= AMX_INT8;
    return found;
}
#elif defined(__aarch64__) && defined(__linux__)
static unsigned features(void) {
    // HWCAP_ASIMDDP and HWCAP2_I8MM, which old headers lack.
    return ASIMD | (getauxval(AT_HWCAP) & 1 << 20 ? DOTPROD : 0) | (getauxval(AT_HWCAP2) & 1 << 13 ? I8MM : 0);
}
#elif defined(__aarch64__) && defined(__APPLE__)
static bool has(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

static unsigned features(void) {
    return ASIMD | (has("hw.optional.arm.FEAT_DotProd") ? DOTPROD : 0) |
           (has("hw.optional.arm.FEAT_I8MM") ? I8MM : 0);
}
#elif defined(__aarch64__)
static unsigned features(void) { return ASIMD; }
#else
static unsigned features(void) { return 0; }
#endif

/// The set of that number, NULL where this processor cannot run it.
static const kernel_set *set(vlmc_isa isa) {
    for (size_t i = 0; i < SETS; i++) {
        if (sets[i].isa == isa) return (sets[i].needs & ~features()) == 0 ? &sets[i] : NULL;
    }
    return NULL;
}

bool vlmc_isa_available(vlmc_isa isa) { return set(isa) != NULL; }

const char *vlmc_isa_name(vlmc_isa isa) {
    for (size_t i = 0; i < SETS; i++) {
        if (sets[i].isa == isa) return sets[i].name;
    }
    return NULL;
}

vlmc_isa vlmc_choose_isa(const char *name) {
    vlmc_isa fastest = VLMC_ISA_PLAIN;
    for (size_t i = 0; i < SETS; i++) {
        if (!vlmc_isa_available(sets[i].isa)) continue;
        if (name && strcmp(sets[i].name, name) == 0) return sets[i].isa;
        fastest = sets[i].isa;
    }
    return fastest;
}

static const vlmc_table *table(vlmc_isa isa) {
    const kernel_set *kernels = set(isa);
    return kernels ? kernels->rows : NULL;
}

vlmc_decode_row vlmc_decoder(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->decode[type] : NULL;
}

vlmc_encode_row vlmc_encoder(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->encode[type] : NULL;
}

vlmc_dot_row vlmc_dot(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->dot[type] : NULL;
}

vlmc_error_of_row vlmc_error_kernel(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->error : NULL;
}

vlmc_encode_groups vlmc_group_encoder(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->encode_groups : NULL;
}

vlmc_decode_groups vlmc_group_decoder(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->decode_groups : NULL;
}

vlmc_dot_groups vlmc_group_dot(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->dot_groups : NULL;
}

size_t vlmc_activation_bytes(size_t columns) { return activations_of(columns).bytes; }

bool vlmc_linear_kernels(vlmc_isa isa, uint32_t format, vlmc_linear *kernels) {
    const kernel_set *found = set(isa);
    bool tiled = (format & VLMC_TILED) != 0;
    uint32_t plainFormat = format & ~(uint32_t)VLMC_TILED;
    size_t block = block_of(plainFormat);
    if (!found || block == 0) return false;
    if (tiled && (!vlmc_has_tiles(plainFormat) || !found->fast->tiles.gemv)) return false;
    *kernels = tiled                            ? found->fast->tiles
               : is_number_format(plainFormat) ? found->fast->numbers
                                               : found->fast->bits;
    kernels->block = block;
    return true;
}

vlmc_gemv vlmc_tile_gemv(vlmc_isa isa, uint32_t format, size_t tile_rows) {
    int place = tile_rows == 4 ? 0 : tile_rows == 8 ? 1 : tile_rows == 16 ? 2 : -1;
    const kernel_set *found = set(isa);
    if (!found || place < 0 || !(format & VLMC_TILED) || !vlmc_has_tiles(format & ~(uint32_t)VLMC_TILED)) return NULL;
    // Where registers are too wide, those of an earlier set do: activations are the same for all.
    for (const kernel_set *s = found; s >= sets; s--) {
        if ((s->needs & ~found->needs) == 0 && s->fast->gemv_of_tiles[place]) return s->fast->gemv_of_tiles[place];
    }
    return NULL;
}

const vlmc_float_kernels *vlmc_floats(vlmc_isa isa) {
    const kernel_set *found = set(isa);
    return found ? &found->fast->floats : NULL;
}

size_t vlmc_panel_bytes(vlmc_isa isa, uint32_t format, size_t columns) {
    vlmc_linear kernels;
    if (!vlmc_linear_kernels(isa, format, &kernels)) return 0;
    if (kernels.floats) return kernels.panel_rows * 4 * columns;
    // Levels, and of each half of 32 columns a scale and a minimum: at most.
    return kernels.panel_rows * (columns / 32) * (32 + 16);
}
