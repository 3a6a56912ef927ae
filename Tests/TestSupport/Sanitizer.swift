import Foundation

/// How many times as long as otherwise work may take: under a sanitizer everything does (`scripts/check --sanitize`).
public let patience: Double = (["__asan_init", "__tsan_init"] as [String]).contains { dlsym(nil, $0) != nil } ? 20 : 1

/// True if a sanitizer watches this process: it slows some code down more than other, so that ratios of times say nothing.
public var isSanitized: Bool { patience > 1 }
