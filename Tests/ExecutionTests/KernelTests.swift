import Execution
import Foundation
import Testing

/// The vector functions against the definitions in double precision.
struct KernelTests {
    @Test("the exponential is within two units in the last place over the range of normal results")
    func exponential() {
        var worst = 0.0
        for i in stride(from: -87.0, through: 88.0, by: 0.000_937) {
            let x = Float(i)
            let (value, exact) = (Double(Kernels.exponential(.init(repeating: x))[3]), exp(Double(x)))
            worst = max(worst, abs(value - exact) / Double(Float(exact).ulp))
        }
        #expect(worst < 2)
        #expect(Kernels.exponential(.zero)[0] == 1)
        #expect(Kernels.exponential(.init(repeating: -.infinity))[0] < 1.3e-38)
        #expect(Kernels.exponential(.init(repeating: .infinity))[0] > 1e38)
        #expect(Kernels.exponential(.init(repeating: .nan))[0].isNaN)
    }

    private let functions: [(Activation, (Double) -> Double)] = [
        (.identity, { $0 }),
        (.relu, { max($0, 0) }),
        (.silu, { $0 / (1 + exp(-$0)) }),
        (.gelu, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
        (.quickGELU, { $0 / (1 + exp(-1.702 * $0)) }),
        (.hardSigmoid, { min(max($0 / 6 + 0.5, 0), 1) }),
        (.hardSwish, { $0 * min(max($0 + 3, 0), 6) / 6 }),
    ]

    @Test("activations are what their definitions say, at every place of a vector")
    func activations() {
        let inputs: [Float] = (-4099...4099).map { Float($0) / 97 } + [-200, 200, -1e4, 1e4]
        for (activation, definition) in functions {
            var x = inputs
            Kernels.apply(activation, to: &x)
            for (input, value) in zip(inputs, x) {
                let exact = definition(Double(input))
                #expect(abs(Double(value) - exact) <= 1e-6 * max(1, abs(exact)), "\(activation) of \(input)")
            }
        }
    }

    @Test("an activation never turns what is no number into one")
    func notANumber() {
        for (activation, _) in functions {
            var x = [Float](repeating: .nan, count: 9)
            Kernels.apply(activation, to: &x)
            #expect(x.count { $0.isNaN } == 9, "\(activation)")
        }
    }
}
