import Foundation

/// True if a sanitizer watches this process (`scripts/check --sanitize`). It slows instrumented code down and libraries not,
/// so that the times of two kinds of work cannot be compared.
public let isSanitized = (["__asan_init", "__tsan_init"] as [String]).contains { dlsym(nil, $0) != nil }

/// How many times as long as otherwise work may take: under a sanitizer everything takes longer.
public let patience: Double = isSanitized ? 20 : 1
