import JSON
import MobileVLM
import Tensors
import Verification

// The reports as JSON, for programs. Field names are part of the tool's interface.

/// An object of the entries given, in their order; entries that are nil are left out.
private func object(_ entries: [(String, JSONValue?)]) -> JSONValue {
    var object = JSONObject()
    for case (let key, let value?) in entries { object[key] = value }
    return .object(object)
}

private func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

/// JSON has no infinity and no NaN: they become null.
private func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }

private func list<Element>(_ elements: some Sequence<Element>, _ make: (Element) -> JSONValue) -> JSONValue {
    .array(elements.map(make))
}

extension ConversionReport {
    public var json: String {
        object([
            ("model", .string(name)),
            (
                "files",
                list(files) { file in
                    object([
                        ("path", .string(file.path)), ("parts", list(file.parts) { .string($0) }),
                        ("bytes", number(file.bytes)), ("tensors", number(file.tensors)),
                        ("parameters", number(file.parameters)),
                        ("bits_per_weight", number(file.bitsPerWeight)),
                        ("types", object(file.types.map { ($0.type.name, number($0.count)) })),
                    ])
                }
            ),
            (
                "ledger",
                ledger.map { ledger in
                    object([
                        ("used", number(ledger.used.count)),
                        (
                            "merged",
                            list(ledger.merged) { object([("name", .string($0.name)), ("into", .string($0.into))]) }
                        ),
                        (
                            "dropped",
                            list(ledger.dropped) {
                                object([("name", .string($0.name)), ("reason", .string($0.reason))])
                            }
                        ),
                    ])
                }
            ),
            ("notes", list(notes) { .string($0) }),
            ("advice", list(advice) { .string($0) }),
            ("seconds", number(seconds)),
            ("peak_memory_bytes", number(peakMemory)),
        ]).serialized(pretty: true)
    }
}

extension PlanReport {
    public var json: String {
        object([
            ("files", list(files, Self.json)), ("disk_bytes", number(diskBytes)),
            ("expected_memory_bytes", number(expectedMemory)),
            ("cache_bytes_per_1024_tokens", number(cacheBytesPer1024)),
        ]).serialized(pretty: true)
    }

    private static func json(_ file: File) -> JSONValue {
        object([
            ("path", .string(file.path)), ("bytes", number(file.bytes)),
            ("bits_per_weight", number(file.bitsPerWeight)),
            (
                "tensors",
                list(file.rows) { row in
                    object([
                        ("name", .string(row.name)), ("part", .string(row.part)),
                        ("shape", list(row.shape.dimensions) { number($0) }),
                        ("source_type", .string(row.source.name)), ("type", .string(row.target.name)),
                        ("source_bytes", number(row.sourceBytes)), ("bytes", number(row.targetBytes)),
                        ("importance", .bool(row.hasImportance)),
                    ])
                }
            ),
        ])
    }
}

extension VerificationReport {
    public var json: String {
        object([
            ("passed", .bool(passed)),
            (
                "faults",
                list(faults) { object([("subject", .string($0.subject)), ("problem", .string($0.problem))]) }
            ),
            ("remarks", list(remarks) { .string($0) }),
            ("logits", Self.json(logits)),
            ("feature_cosine", featureCosine.map(number)),
            ("same_answers", number(sameAnswers)),
            (
                "thresholds",
                object([
                    ("mean_kld", number(thresholds.meanDivergence)),
                    ("same_top_p", number(thresholds.topAgreement)),
                    ("feature_cosine", number(thresholds.featureCosine)),
                ])
            ),
            (
                "prompts",
                list(prompts) { prompt in
                    object([
                        ("name", .string(prompt.name)), ("logits", Self.json(prompt.logits)),
                        ("feature_cosine", prompt.featureCosine.map(number)),
                        ("same_answer", .bool(prompt.referenceAnswer == prompt.candidateAnswer)),
                    ])
                }
            ),
            ("tensors_reproduced", number(reproduced)),
            (
                "tensors",
                list(tensors) { tensor in
                    object([
                        ("name", .string(tensor.name)), ("key", .string(tensor.key)),
                        ("type", .string(tensor.type.name)),
                        ("relative_error", number(tensor.error.relativeRMSE)),
                        ("worst_block", number(tensor.worstBlock)),
                        ("reproduced", .bool(tensor.isReproduced)),
                    ])
                }
            ),
        ]).serialized(pretty: true)
    }

    private static func json(_ logits: LogitComparison) -> JSONValue {
        object([
            ("positions", number(logits.positions)), ("max_delta", number(logits.maxDelta)),
            ("mean_delta", number(logits.meanDelta)), ("mean_cosine", number(logits.meanCosine)),
            ("min_cosine", number(logits.minCosine)), ("mean_kld", number(logits.meanDivergence)),
            ("max_kld", number(logits.maxDivergence)), ("same_top_p", number(logits.topAgreement)),
            ("sure_positions", number(logits.surePositions)), ("same_top_p_sure", number(logits.sureAgreement)),
        ])
    }
}

extension Inspection {
    public var json: String {
        object([
            ("path", .string(path)), ("kind", .string(kind)),
            ("facts", object(facts.map { ($0.name, .string($0.value)) })),
            ("metadata", object(metadata.map { ($0.key, .string($0.value)) })),
            ("parameters", number(parameterCount)), ("bytes", number(totalBytes)),
            (
                "tensors",
                list(tensors) { row in
                    object([
                        ("name", .string(row.info.name)), ("type", .string(row.info.type.name)),
                        ("shape", list(row.info.shape.dimensions) { number($0) }),
                        ("bytes", number(row.info.byteCount)),
                        ("note", row.note.isEmpty ? nil : .string(row.note)),
                    ])
                }
            ),
            ("warnings", list(warnings) { .string($0) }),
        ]).serialized(pretty: true)
    }
}

extension IntegrityCheck {
    public var json: String {
        object([
            ("passed", .bool(passed)), ("tensors", list(tensors, Self.json)), ("sources", list(sources, Self.json)),
        ]).serialized(pretty: true)
    }

    private static func json(_ row: Row) -> JSONValue {
        object([
            ("name", .string(row.name)), ("outcome", .string(row.outcome.rawValue)),
            ("recorded", .string(row.recorded)), ("found", row.found.map { .string($0) }),
        ])
    }
}

extension BenchmarkReport {
    public var json: String {
        object([
            ("model", .string(model)), ("threads", number(threads)), ("repetitions", number(repetitions)),
            (
                "stages",
                list(stages) { stage in
                    object([
                        ("name", .string(stage.name)), ("median_seconds", number(stage.median)),
                        ("min_seconds", number(stage.fastest)), ("max_seconds", number(stage.slowest)),
                        ("tokens", stage.tokens.map { number($0) }),
                        ("tokens_per_second", stage.tokensPerSecond.map { number($0) }),
                    ])
                }
            ),
            ("peak_memory_bytes", number(peakMemory)),
        ]).serialized(pretty: true)
    }
}
