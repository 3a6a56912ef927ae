import Execution
import MobileVLM
import Models
import Tensors

/// The rows that the result is measured by: the same prompts in the source, in the source as plain rounding stores it, and in
/// the calibrated model, block by block beside the calibration.
extension ModelWalk {
    /// `weights` with tensors as plain rounding stores them.
    func rounded(plainly tensors: [TensorSpecification], of weights: ModelWeights) throws -> ModelWeights {
        var weights = weights
        for tensor in tensors {
            guard let type = calibration.types[tensor.key], type.isQuantized,
                let rows = try MatrixReading(weights: source, threads: calibration.threads).plain(tensor, type)
            else { continue }
            weights.place(tensor.key, rows)
        }
        return weights
    }

    mutating func judge(_ plan: BlockPlan) throws {
        guard !judged.whole.isEmpty else { return }
        judged.whole = judged.whole.map(try executor.steps(plan.number, of: plan.stack, weights: source).run)
        judged.quantized = judged.quantized.map(try executor.steps(plan.number, of: plan.stack, weights: rounded).run)
        plain = plain.map(
            try executor.steps(plan.number, of: plan.stack, weights: rounded(plainly: plan.tensors, of: source)).run)
    }

    func judgeHead(_ judge: (HeldOutLogits) -> Void) throws {
        let heads = configuration.tensors.filter {
            $0.kind == .outputHead || configuration.language.tiedEmbeddings && $0.kind == .tokenEmbedding
        }
        let plainWeights = try rounded(plainly: heads, of: source)
        let whole = try executor.headSteps(weights: source)
        let plainHead = try executor.headSteps(weights: plainWeights)
        let calibrated = try executor.headSteps(weights: rounded)
        for number in judged.whole.indices {
            try cancellation?.check()
            judge(
                HeldOutLogits(
                    whole: whole.logits(whole.input(judged.whole[number])),
                    plain: plainHead.logits(plainHead.input(plain[number])),
                    calibrated: calibrated.logits(calibrated.input(judged.quantized[number])),
                    isPicture: judged.isPicture[number]))
        }
    }
}
