import Execution
import MobileVLM
import Models
import Synchronization
import Tensors

/// Tower and projector, calibrated on pictures where their type has levels to choose.
extension ModelWalk {
    private var towerTensors: [TensorSpecification] { configuration.tensors.filter { $0.part != .language } }

    private var isTowerRounded: Bool { towerTensors.contains(where: group.isRounded) }

    /// Steps of the walk before the language model.
    var towerSteps: Int { isTowerRounded ? executor.blockCount(.visionTower) + 1 : 0 }

    /// - Parameter pictures: Preprocessed, `[3, size, size]` each; no more of them are read than the effort asks for.
    mutating func tower(_ pictures: [[Float]]) throws {
        guard isTowerRounded, let vision = configuration.multimodal?.vision, !pictures.isEmpty else { return }
        let wanted = min(pictures.count, max(2, calibration.effort.rows / vision.positionCount))
        let chosenPictures = (0..<wanted).map { pictures[$0 * pictures.count / wanted] }
        // What stands before the blocks is stored as plain rounding has it.
        let embedding = towerTensors.filter { $0.key.hasPrefix("vision_model.embeddings.") }
        let first = try Executor(
            configuration: configuration, weights: rounded(plainly: embedding, of: source),
            threads: calibration.threads)
        var seen = Streams()
        for picture in chosenPictures {
            try cancellation?.check()
            seen.whole.append(try executor.blockInput(pixels: picture))
            seen.quantized.append(try first.blockInput(pixels: picture))
            seen.isPicture.append(Array(repeating: true, count: vision.positionCount))
        }
        let count = executor.blockCount(.visionTower)
        for number in 0..<count {
            let stage = "tower layer \(number + 1) of \(count)"
            try round(
                BlockPlan(configuration, .visionTower, number, types: calibration.types), name: "tower \(number)",
                stage: stage, &seen)
        }
        try projector(seen)
        steps.done += 1
    }

    /// The projector's layers, one after another, each on what those before it give.
    private mutating func projector(_ seen: Streams) throws {
        tell("projector", 0)
        var result = RoundedTensors()
        let layers = configuration.projectorTensors.filter(group.isRounded)
        if let known = calibration.store?.take("projector") {
            result = known
            steps.resumed += 1
        } else {
            for layer in layers {
                let whole = try inputs(of: layer.key, rows: seen.whole, weights: source)
                let quantized = try inputs(of: layer.key, rows: seen.quantized, weights: rounded)
                // Too few rows, as those of means over a picture, are no sample of anything.
                let rows = whole.reduce(0) { $0 + $1.rows }
                guard rows >= 256, whole.count == quantized.count else { continue }
                var streams = Streams(whole: whole, quantized: quantized)
                streams.isPicture = whole.map { Array(repeating: true, count: $0.rows) }
                try group.round(
                    BlockPlan.Group(tensors: [layer], coupling: nil), couplings: [], quantized: quantized,
                    whole: whole, streams, choosesScales: false, &result)
                var ignored = folded
                try result.place(
                    [layer], [], types: calibration.types, source: source, folded: &ignored, rounded: &rounded)
            }
            try calibration.store?.keep("projector", result)
        }
        try finish(result, layers, [])
    }

    /// What a layer of the projector reads of some pictures' rows.
    private func inputs(of key: String, rows: [Matrix], weights: ModelWeights) throws -> [Matrix] {
        let recorder = InputRecorder(key)
        let executor = try Executor(
            configuration: configuration, weights: weights, threads: calibration.threads, observer: recorder)
        for matrix in rows {
            try cancellation?.check()
            _ = try executor.project(matrix)
        }
        return recorder.inputs
    }
}

/// Keeps what one linear layer reads.
private final class InputRecorder: ActivationObserver {
    private let key: String
    private let seen = Mutex<[Matrix]>([])

    init(_ key: String) { self.key = key }

    var inputs: [Matrix] { seen.withLock { $0 } }

    func observe(_ input: Matrix, of keys: [String]) {
        if keys.contains(key) { seen.withLock { $0.append(input) } }
    }
}
