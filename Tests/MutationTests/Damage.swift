import ByteIO
import Foundation
import Tensors
import TestSupport
import Testing

/// The bytes of a fixture.
func contents(_ fixture: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.path(fixture))))
}

/// Reads `rounds` damaged copies of each fixture.
/// - Returns: How many were read without error.
@discardableResult
func damage(
    _ fixtures: [String], rounds: Int, isText: Bool = false, prepare: ([UInt8]) -> [UInt8] = { $0 },
    _ read: ([UInt8]) throws -> Void
) throws -> Int {
    var readable = 0
    for (number, fixture) in fixtures.enumerated() {
        let original = prepare(try contents(fixture))
        try read(original)
        var mutator = Mutator(seed: UInt64(1000 + number))
        for round in 0..<rounds {
            let damaged = isText ? mutator.text(original) : mutator.bytes(original)
            do {
                try read(damaged)
                readable += 1
            } catch {
                expectTyped(error, "\(fixture), round \(round)")
            }
        }
    }
    return readable
}

/// Reads all that a source lists, as whoever converts it would.
func fetchAll(_ source: some TensorSource) throws {
    for tensor in source.tensors {
        #expect(source.info(tensor.name) == tensor)
        let bytes = try source.bytes(of: tensor.name)
        #expect(bytes.count == tensor.byteCount)
        #expect(bytes.count < 1 << 24, "\(tensor) from a file of a few thousand bytes")
        _ = bytes.withUnsafeBytes { $0.reduce(into: UInt8(0)) { $0 ^= $1 } }
    }
}

/// An error that says which file and what to do, not one of some library's.
func expectTyped(_ error: any Error, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    switch error {
    case let error as InputError:
        #expect(!error.rule.id.isEmpty && !error.problem.isEmpty, "\(what)", sourceLocation: sourceLocation)
    case is SystemError: break
    default: Issue.record("\(what): \(type(of: error)) \(error)", sourceLocation: sourceLocation)
    }
}
