import Quantization
import Tensors

/// What a row of weights is rounded to.
public enum WeightStorage: Sendable, Hashable {
    /// A block type of ggml.
    case blocks(ElementType)
    /// Group scales of our own.
    case groups(GroupScaleFormat)

    /// How a type stores rows.
    public init(_ type: ElementType) {
        self = type.groupScales.map(WeightStorage.groups) ?? .blocks(type)
    }

    public func rowBytes(columns: Int) -> Int? {
        switch self {
        case .blocks(let type): type.rowBytes(columns: columns)
        case .groups(let format): format.rowBytes(columns: columns)
        }
    }

    /// Columns that are stored together; nil for types whose levels cannot be chosen.
    package var blockLength: Int? { Grid(self)?.block }

    /// True for types whose levels can be chosen; plain numbers have none.
    public var hasLevels: Bool { Grid(self) != nil }
}

/// The values that a type can store, as rounding sees them: `step * level + offset`, with a step (and in affine types an
/// offset) per group, stored as a half of its own or as a small multiple of a half that a super-block shares.
struct Grid: Sendable {
    /// Elements that share a step: 16, 32, 64 or 128.
    let group: Int
    /// Groups per block: 1, or 8 or 16 in super-blocks.
    let groupsPerBlock: Int
    /// Lowest and highest level; for IQ4 0 and 15, whose values lie on a curve.
    let low: Float
    let high: Float
    let isCurve: Bool
    let isAffine: Bool
    /// Range of the multiples in super-blocks; nil where each step is a half.
    let scales: ClosedRange<Float>?
    /// What is added to a level, and to a multiple, to get the stored code.
    let levelBias: Float
    let scaleBias: Float

    var block: Int { group * groupsPerBlock }

    private init(
        group: Int, perBlock: Int = 1, _ levels: ClosedRange<Float>, curve: Bool = false, affine: Bool = false,
        scales: ClosedRange<Float>? = nil, levelBias: Float = 0, scaleBias: Float = 0
    ) {
        self.group = group
        groupsPerBlock = perBlock
        low = levels.lowerBound
        high = levels.upperBound
        isCurve = curve
        isAffine = affine
        self.scales = scales
        self.levelBias = levelBias
        self.scaleBias = scaleBias
    }

    /// Nil for plain numbers.
    init?(_ storage: WeightStorage) {
        switch storage {
        case .groups(let format):
            let count = Float(1 << format.bits)
            self =
                format.symmetry == .affine
                ? Grid(group: format.groupLength, 0...count - 1, affine: true)
                : Grid(
                    group: format.groupLength, -count / 2...count / 2 - 1, levelBias: format.bits == 8 ? 0 : count / 2)
        case .blocks(let type):
            switch type {
            case .q4_0: self = Grid(group: 32, -8...7, levelBias: 8)
            case .q5_0: self = Grid(group: 32, -16...15, levelBias: 16)
            case .q8_0: self = Grid(group: 32, -127...127)
            case .q4_1: self = Grid(group: 32, 0...15, affine: true)
            case .q5_1: self = Grid(group: 32, 0...31, affine: true)
            case .iq4_NL: self = Grid(group: 32, 0...15, curve: true)
            case .iq4_XS: self = Grid(group: 32, perBlock: 8, 0...15, curve: true, scales: -32...31, scaleBias: 32)
            case .q2_K: self = Grid(group: 16, perBlock: 16, 0...3, affine: true, scales: 0...15)
            case .q3_K: self = Grid(group: 16, perBlock: 16, -4...3, scales: -32...31, levelBias: 4, scaleBias: 32)
            case .q4_K: self = Grid(group: 32, perBlock: 8, 0...15, affine: true, scales: 0...63)
            case .q5_K: self = Grid(group: 32, perBlock: 8, 0...31, affine: true, scales: 0...63)
            case .q6_K: self = Grid(group: 16, perBlock: 16, -32...31, scales: -128...127, levelBias: 32)
            default: return nil
            }
        }
    }
}

/// How a value becomes a level. Generic code is compiled once for each rule, so that inner loops do not ask.
protocol LevelRule: Sendable {
    /// The nearest level of a value in units of the step, and what the level is worth in them.
    func nearest(_ value: Lanes) -> (level: Lanes, worth: Lanes)
    func worth(_ level: Lanes) -> Lanes
    /// The worth of the end of the range that reaches farther.
    var reach: Float { get }
    /// True if the range does not reach equally far to both sides.
    var isLopsided: Bool { get }
}

struct EvenLevels: LevelRule {
    let low: Float
    let high: Float

    @inline(__always)
    func nearest(_ value: Lanes) -> (level: Lanes, worth: Lanes) {
        let level = value.limited(low, high).nearestWhole
        return (level, level)
    }

    @inline(__always)
    func worth(_ level: Lanes) -> Lanes { level }
    var reach: Float { -low > high ? low : high }
    var isLopsided: Bool { -low != high }
}

/// IQ4's levels.
struct CurveLevels: LevelRule {
    private let values: [Float] = ChosenRow.curve
    private let midpoints: [Float] = zip(ChosenRow.curve, ChosenRow.curve.dropFirst()).map { ($0 + $1) / 2 }

    @inline(__always)
    func nearest(_ value: Lanes) -> (level: Lanes, worth: Lanes) {
        var level = Lanes.zero
        var worth = Lanes(repeating: values[0])
        for i in 0..<15 {
            let isAbove = value .>= Lanes(repeating: midpoints[i])
            level.replace(with: Lanes(repeating: Float(i + 1)), where: isAbove)
            worth.replace(with: Lanes(repeating: values[i + 1]), where: isAbove)
        }
        return (level, worth)
    }

    @inline(__always)
    func worth(_ level: Lanes) -> Lanes {
        var result = Lanes.zero
        for lane in 0..<8 { result[lane] = values[max(0, min(15, Int(level[lane])))] }
        return result
    }
    var reach: Float { values[0] }
    var isLopsided: Bool { true }
}
