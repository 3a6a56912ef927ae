import Tensors

/// The best types for tensors under a limit of bytes: a choice of one option for each.
///
/// Losses add up. Of each tensor's options those on the lower convex hull of size and loss are taken in the order of what
/// they save per byte: that is the Lagrangian optimum for every limit on the way (Everett 1963). What is left over is filled
/// by single changes until none helps. The result is less than one step of the hull from the best there is.
public enum TypeMix {
    /// One way to store a tensor.
    public struct Option: Sendable, Equatable {
        public let type: ElementType
        public let bytes: Int
        /// What the choice costs, in any unit that is the same for all tensors; not negative.
        public let loss: Double

        public init(type: ElementType, bytes: Int, loss: Double) {
            self.type = type
            self.bytes = bytes
            self.loss = loss
        }
    }

    /// The position of the option for each tensor; nil if even the smallest ones do not fit.
    /// - Parameters:
    ///   - tensors: The options of each, at least one.
    ///   - budget: Most bytes of all together.
    public static func choose(_ tensors: [[Option]], budget: Int) -> [Int]? {
        let hulls = tensors.map(hull)
        var choice = hulls.map { $0.first ?? 0 }
        var left = budget - total(tensors, choice).bytes
        guard left >= 0, !hulls.contains(where: \.isEmpty) else { return nil }
        var position = [Int](repeating: 0, count: tensors.count)
        // Along one hull gains fall, so that the steps of a tensor come in their order.
        for step in steps(tensors, hulls) where position[step.tensor] == step.from && step.bytes <= left {
            position[step.tensor] += 1
            choice[step.tensor] = hulls[step.tensor][position[step.tensor]]
            left -= step.bytes
        }
        while let (tensor, option) = bestChange(tensors, choice, left: left) {
            left -= tensors[tensor][option].bytes - tensors[tensor][choice[tensor]].bytes
            choice[tensor] = option
        }
        return choice
    }

    /// Bytes and loss of a choice.
    public static func total(_ tensors: [[Option]], _ choice: [Int]) -> (bytes: Int, loss: Double) {
        zip(tensors, choice).reduce((0, 0)) { sum, next in
            guard next.0.indices.contains(next.1) else { return sum }
            let option = next.0[next.1]
            return (sum.0 + option.bytes, sum.1 + option.loss)
        }
    }

    /// Positions of the options on the lower convex hull, by rising size; the first is the smallest.
    package static func hull(_ options: [Option]) -> [Int] {
        let order = options.indices.sorted {
            (options[$0].bytes, options[$0].loss, $0) < (options[$1].bytes, options[$1].loss, $1)
        }
        var result: [Int] = []
        for index in order {
            if let last = result.last, options[index].loss >= options[last].loss { continue }
            while result.count >= 2 {
                let (a, b, c) = (options[result[result.count - 2]], options[result[result.count - 1]], options[index])
                // b lies above the line from a to c.
                guard (a.loss - b.loss) * Double(c.bytes - a.bytes) <= (a.loss - c.loss) * Double(b.bytes - a.bytes)
                else { break }
                result.removeLast()
            }
            result.append(index)
        }
        return result
    }

    private struct Step {
        let tensor: Int
        /// The position on the hull that it starts at.
        let from: Int
        let bytes: Int
        let gain: Double
    }

    /// All steps along all hulls, those that save most per byte first.
    private static func steps(_ tensors: [[Option]], _ hulls: [[Int]]) -> [Step] {
        var steps: [Step] = []
        for (tensor, hull) in hulls.enumerated() {
            for (from, pair) in zip(hull, hull.dropFirst()).enumerated() {
                let (a, b) = (tensors[tensor][pair.0], tensors[tensor][pair.1])
                steps.append(
                    Step(
                        tensor: tensor, from: from, bytes: b.bytes - a.bytes,
                        gain: (a.loss - b.loss) / Double(max(1, b.bytes - a.bytes))))
            }
        }
        return steps.sorted { ($1.gain, $0.tensor, $0.from) < ($0.gain, $1.tensor, $1.from) }
    }

    /// The single change that lowers the loss most without needing more than `left` bytes.
    private static func bestChange(
        _ tensors: [[Option]], _ choice: [Int], left: Int
    ) -> (tensor: Int, option: Int)? {
        var best: (tensor: Int, option: Int)?
        var most = 0.0
        for (tensor, options) in tensors.enumerated() {
            let now = options[choice[tensor]]
            for (index, option) in options.enumerated() where option.bytes - now.bytes <= left {
                let gain = now.loss - option.loss
                if gain > most { (most, best) = (gain, (tensor, index)) }
            }
        }
        return best
    }
}
