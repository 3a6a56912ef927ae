import Calibration
import Conversion
import Execution
import MobileVLM
import Platform
import Verification

extension CalibrationRun {
    /// Measures on a little of the calibration's input how far each matrix moves the predictions, and what each type costs it.
    func sensitivities() throws -> SensitivityMeasurement.Result {
        if let advice = session.advice { options.notice(advice) }
        let (all, _) = try CalibrationMaterial(options).sequences(session, effort: options.effort)
        let texts = all.filter(\.pictures.isEmpty)
        let length = Self.positions(options.effort)
        let count = min(texts.count, Self.texts)
        var chosen = (0..<count).map { number -> CalibrationSequence in
            let ids = texts[(2 * number + 1) * texts.count / (2 * count)].prompt.ids
            return CalibrationSequence(prompt: TokenPrompt([.tokens(Array(ids.prefix(length)))]))
        }
        chosen += all.filter { !$0.pictures.isEmpty }.prefix(1)
        let configuration = session.model.configuration
        let measurement = SensitivityMeasurement(configuration: configuration, weights: try weights())
        let result = try measurement.run(
            chosen, material: all.sample(tokens: Self.lossTokens(options.effort)), types: BudgetPlan.candidates,
            blocks: Self.blocks(options.effort), threads: session.executor.threads, cancellation: cancellation,
            progress: progress,
            divergence: { whole, rounded in
                var comparison = LogitComparison()
                for row in 0..<whole.rows { comparison.add(reference: whole[row: row], candidate: rounded[row: row]) }
                return comparison.meanDivergence
            })
        return order.map { result.restored($0, configuration) } ?? result
    }

    /// Texts of which the beginning is read.
    private static let texts = 4

    /// Tokens of each.
    private static func positions(_ effort: CalibrationEffort) -> Int {
        switch effort {
        case .quick: 48
        case .normal: 96
        case .best: 192
        }
    }

    /// Tokens of the input from which losses are measured, or up to twice as many.
    private static func lossTokens(_ effort: CalibrationEffort) -> Int {
        switch effort {
        case .quick: 2048
        case .normal: 4096
        case .best: 8192
        }
    }

    /// Blocks that are measured.
    private static func blocks(_ effort: CalibrationEffort) -> Int {
        switch effort {
        case .quick: 5
        case .normal: 10
        case .best: .max
        }
    }
}
