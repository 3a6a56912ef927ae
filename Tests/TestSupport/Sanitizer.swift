import Foundation

/// How many times as long as otherwise work may take: under a sanitizer everything does (`scripts/check --sanitize`).
public let patience: Double = (["__asan_init", "__tsan_init"] as [String]).contains { dlsym(nil, $0) != nil } ? 20 : 1
