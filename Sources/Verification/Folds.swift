import MobileVLM
import Models
import Quantization
import Tensors

/// The scales that moved between the tensors of a calibrated file, read off the file itself.
///
/// Any scales other than 0 leave what the model computes as it is, so nothing can hide behind them: whoever divides a row must
/// have multiplied the columns that read it, and those are compared with the same scales.
struct Folds {
    /// What the reference's tensor is multiplied by, column by column, and divided by, row by row, before it is compared.
    struct Factors: Sendable {
        var columns: [Float]?
        var rows: [Float]?
    }

    private(set) var factors: [String: Factors] = [:]

    static let none = Folds()

    private init() {}

    init(_ configuration: ModelConfiguration, reference: ModelWeights, candidate: ModelWeights) throws {
        let tensors = Dictionary(configuration.tensors.map { ($0.key, $0) }) { first, _ in first }
        // Norms first: the rows of matrices are compared with their columns scaled.
        for coupling in configuration.couplings.sorted(by: { $0.kind == .norm && $1.kind != .norm }) {
            guard let producer = tensors[coupling.producers[0]] else { continue }
            let expected = try Rows(producer, reference, pairing: candidate.rotaryPairing)
            let actual = try Rows(producer, candidate, pairing: candidate.rotaryPairing)
            let scales =
                producer.kind == .vector
                ? zip(try expected.row(0), try actual.row(0)).map { Self.usable($0 / $1) }
                : try Self.scales(expected, actual, columns: factors[producer.key]?.columns)
            guard scales.count == coupling.channelCount, scales.contains(where: { $0 != 1 }) else { continue }
            for key in coupling.producers {
                if tensors[key]?.kind == .vector {
                    factors[key, default: Factors()].columns = scales.map { 1 / $0 }
                } else {
                    factors[key, default: Factors()].rows = scales
                }
            }
            for key in coupling.consumers {
                factors[key, default: Factors()].columns = (0..<coupling.columnCount).map {
                    scales[coupling.channel(ofColumn: $0)]
                }
            }
        }
    }

    /// Row by row the factor by which the candidate's is smaller, by least squares.
    private static func scales(_ expected: Rows, _ actual: Rows, columns: [Float]?) throws -> [Float] {
        try (0..<expected.count).map { row in
            let (x, y) = (try expected.row(row), try actual.row(row))
            var (xx, xy) = (0.0, 0.0)
            for (column, value) in x.enumerated() where column < y.count {
                let value = Double(value * (columns?[column] ?? 1))
                xx += value * value
                xy += value * Double(y[column])
            }
            return usable(Float(xx / xy))
        }
    }

    /// A scale that means something, or 1.
    private static func usable(_ scale: Float) -> Float { scale.isNormal && scale > 0 ? scale : 1 }

    /// Rows of one tensor as floats.
    private struct Rows {
        let rows: any TensorRows
        let decoder: RowDecoder
        var count: Int { rows.info.geometry.rows }

        init(_ tensor: TensorSpecification, _ weights: ModelWeights, pairing: RotaryPairing) throws {
            rows = try weights.rows(tensor, pairing: pairing)
            decoder = try RowDecoder(type: rows.info.type, columns: rows.info.geometry.columns)
        }

        func row(_ number: Int) throws -> [Float] {
            var values = [Float](repeating: 0, count: decoder.columns)
            try rows.rows(number..<number + 1).withUnsafeBytes { bytes in
                values.withUnsafeMutableBufferPointer { decoder.decode(row: 0, of: bytes, into: $0) }
            }
            return values
        }
    }
}
