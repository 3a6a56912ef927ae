import Conversion
import JSON
import Models
import Verification

// The reports as JSON, for programs. Field names are part of the tool's interface.

extension ConversionReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "model": name, "files": files, "calibration": calibration, "budget": budget, "ledger": ledger,
            "notes": notes,
            "advice": advice, "seconds": seconds,
            "peak_memory_bytes": peakMemory,
        ])
    }
}

extension CalibrationReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "effort": summary.effort.rawValue, "text_rows": summary.textRows, "picture_rows": summary.pictureRows,
            "pictures": summary.pictures, "picture_share": summary.pictureShare, "matrices": summary.matrices,
            "folds": summary.folds, "resumed": summary.resumed, "plain": plain, "calibrated": calibrated,
            "seconds": seconds,
        ])
    }
}

extension WrittenFile: JSONRepresentable {
    public var jsonValue: JSONValue {
        var counts = JSONObject()
        for (type, count) in types { counts[type.name] = count.jsonValue }
        return .describing([
            "path": path, "parts": parts, "bytes": bytes, "tensors": tensors, "parameters": parameters,
            "bits_per_weight": bitsPerWeight, "types": JSONValue.object(counts),
        ])
    }
}

extension TensorLedger: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "used": used.count,
            "merged": merged.map { JSONValue.describing(["name": $0.name, "into": $0.into]) }, "dropped": dropped,
        ])
    }
}

extension TensorLedger.Dropped: JSONRepresentable {
    public var jsonValue: JSONValue { .describing(["name": name, "reason": reason]) }
}

extension PlanReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "files": files, "disk_bytes": diskBytes, "expected_memory_bytes": expectedMemory,
            "cache_bytes_per_1024_tokens": cacheBytesPer1024, "budget": budget,
        ])
    }
}

extension BudgetReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "limit": budget.description, "expected_mean_kld": expectedDivergence, "sensitivity_measured": isMeasured,
        ])
    }
}

extension PlanReport.File: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing(["path": path, "bytes": bytes, "bits_per_weight": bitsPerWeight, "tensors": rows])
    }
}

extension PlanReport.Row: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "name": name, "part": part, "shape": shape.dimensions, "source_type": source.name, "type": target.name,
            "source_bytes": sourceBytes, "bytes": targetBytes * layouts.count, "importance": hasImportance,
            "layouts": layouts.map(\.description),
        ])
    }
}

extension VerificationReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "passed": passed,
            "faults": faults.map { JSONValue.describing(["subject": $0.subject, "problem": $0.problem]) },
            "remarks": remarks, "logits": logits, "feature_cosine": featureCosine, "same_answers": sameAnswers,
            "thresholds": JSONValue.describing([
                "mean_kld": thresholds.meanDivergence, "same_top_p": thresholds.topAgreement,
                "feature_cosine": thresholds.featureCosine,
            ]),
            "prompts": prompts.map { prompt in
                JSONValue.describing([
                    "name": prompt.name, "logits": prompt.logits, "feature_cosine": prompt.featureCosine,
                    "same_answer": prompt.referenceAnswer == prompt.candidateAnswer,
                ])
            },
            "tensors_reproduced": reproduced, "tensors": tensors,
        ])
    }
}

extension LogitComparison: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "positions": positions, "max_delta": maxDelta, "mean_delta": meanDelta, "mean_cosine": meanCosine,
            "min_cosine": minCosine, "mean_kld": meanDivergence, "max_kld": maxDivergence, "same_top_p": topAgreement,
            "sure_positions": surePositions, "same_top_p_sure": sureAgreement,
        ])
    }
}

extension TensorComparison: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "name": name, "key": key, "type": type.name, "relative_error": error.relativeRMSE,
            "worst_block": worstBlock, "reproduced": isReproduced,
        ])
    }
}

extension Inspection: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "path": path, "kind": kind, "facts": texts(facts), "metadata": texts(metadata.map { ($0.key, $0.value) }),
            "parameters": parameterCount, "bytes": totalBytes, "tensors": tensors, "warnings": warnings,
        ])
    }

    private func texts(_ entries: [(name: String, value: String)]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in entries { object[name] = .string(value) }
        return .object(object)
    }
}

extension Inspection.Row: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "name": info.name, "type": info.type.name, "layout": "\(info.layout)",
            "shape": info.shape.dimensions, "bytes": info.byteCount,
            "note": note.isEmpty ? nil : note,
        ])
    }
}

extension IntegrityCheck: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing(["passed": passed, "tensors": tensors, "members": members, "sources": sources])
    }
}

extension IntegrityCheck.Row: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing(["name": name, "outcome": outcome.rawValue, "recorded": recorded, "found": found])
    }
}

extension BenchmarkReport: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "model": model, "arithmetic": arithmetic.rawValue, "cache": cacheFormat.rawValue, "kernels": instructionSet,
            "openblas": blas, "weight_bytes": weightBytes, "threads": threads, "repetitions": repetitions,
            "depth": depth,
            "stages": stages, "prefill_tps": runs.first?.prefillTokensPerSecond,
            "decode_tps": runs.first?.decodeTokensPerSecond, "encode_s": runs.first?.encodeSeconds, "runs": runs,
            "warnings": warnings, "peak_memory_bytes": peakMemory,
        ])
    }
}

extension BenchmarkReport.Run: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "threads": threads, "stages": stages, "prefill_tps": prefillTokensPerSecond,
            "decode_tps": decodeTokensPerSecond, "encode_s": encodeSeconds, "read_bytes_per_second": readBandwidth,
            "decode_share_of_bandwidth": bandwidthShare, "peak_products_per_second": peakProducts,
            "peak_float_products_per_second": peakFloatProducts,
        ])
    }
}

extension BenchmarkReport.Stage: JSONRepresentable {
    public var jsonValue: JSONValue {
        .describing([
            "name": name, "median_seconds": median, "min_seconds": fastest, "max_seconds": slowest, "tokens": tokens,
            "tokens_per_second": tokensPerSecond, "bytes_per_second": bytesPerSecond,
            "products_per_second": productsPerSecond,
        ])
    }
}
