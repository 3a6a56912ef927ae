import Quantization
import Testing

@Suite("Error figures")
struct WeightErrorTests {
    @Test("figures of a row are the textbook ones")
    func figures() {
        let reference = (1...11).map { Float($0) }
        var values = reference
        values[2] += 0.5
        values[10] -= 2
        let error = figure(reference, values)
        #expect(error.count == 11)
        #expect(error.squaredError == 4.25)
        #expect(error.squaredReference == 506)
        #expect(error.maxAbsolute == 2)
        #expect(error.rmse == (4.25 / 11).squareRoot())
        #expect(error.relativeRMSE == (4.25 / 506).squareRoot())
    }

    @Test("rows added one by one and parts added together give the same bits")
    func merging() {
        var random = Generator(seed: 1)
        let rows = (0..<6).map { _ in
            let reference = (0..<77).map { _ in random.gaussian() }
            return (reference, reference.map { $0 + 0.01 * random.gaussian() })
        }
        let parts = rows.map { figure($0.0, $0.1) }
        var total = WeightError()
        for (reference, values) in rows {
            reference.withUnsafeBufferPointer { r in
                values.withUnsafeBufferPointer { total.add(reference: r, values: $0) }
            }
        }
        #expect(parts.reduce(WeightError(), +) == total)
    }

    @Test("nothing compared, a zero reference and NaN have defined figures")
    func degenerate() {
        #expect(WeightError().rmse == 0)
        #expect(WeightError().relativeRMSE == 0)
        #expect(figure([0, 0], [0, 0]).relativeRMSE == 0)
        #expect(figure([0, 0], [0, 1]).relativeRMSE == .infinity)
        for column in [0, 8, 16] {
            var values = [Float](repeating: 1, count: 17)
            values[column] = .nan
            let error = figure([Float](repeating: 0, count: 17), values)
            #expect(error.maxAbsolute.isNaN)
            #expect(error.rmse.isNaN)
            #expect((error + figure([1], [5])).maxAbsolute.isNaN)
            #expect((figure([1], [5]) + error).maxAbsolute.isNaN)
        }
    }

    @Test("every instruction set gives the bits of the plain code", arguments: InstructionSet.available)
    func kernels(set: InstructionSet) {
        var random = Generator(seed: 2)
        for columns in [1, 7, 8, 9, 31, 256, 2051] {
            let reference = (0..<columns).map { _ in random.gaussian() }
            var values = reference.map { $0 + 0.01 * random.gaussian() }
            #expect(figure(reference, values, on: set) == figure(reference, values, on: .plain))
            values[columns / 2] = .nan
            #expect(figure(reference, values, on: set).maxAbsolute.isNaN)
        }
    }

    private func figure(_ reference: [Float], _ values: [Float], on set: InstructionSet) -> WeightError {
        var error = WeightError()
        reference.withUnsafeBufferPointer { r in
            values.withUnsafeBufferPointer { error.add(reference: r, values: $0, on: set) }
        }
        return error
    }

    private func figure(_ reference: [Float], _ values: [Float]) -> WeightError {
        var error = WeightError()
        reference.withUnsafeBufferPointer { r in values.withUnsafeBufferPointer { error.add(reference: r, values: $0) }
        }
        return error
    }
}
