/// What became of every tensor of the input: used, merged into another, dropped for a stated reason; a further
/// possibility is an error.
public struct TensorLedger: Sendable {
    public struct Dropped: Sendable {
        public let name: String
        public let reason: String

        public init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    public private(set) var used: [String] = []
    public private(set) var dropped: [Dropped] = []
    /// Tensors that changed another, such as an adapter's factors, and the name of that one.
    public private(set) var merged: [(name: String, into: String)] = []
    /// Tensors that nothing is known about.
    public private(set) var unknown: [String] = []

    public init() {}
    public mutating func use(_ name: String) { used.append(name) }
    public mutating func drop(_ name: String, reason: String) { dropped.append(Dropped(name: name, reason: reason)) }
    public mutating func merge(_ name: String, into target: String) { merged.append((name, target)) }
    public mutating func fail(_ name: String) { unknown.append(name) }

    public var total: Int { used.count + dropped.count + merged.count + unknown.count }

    /// Reasons in the order of their first appearance, with the number of tensors each.
    public var reasons: [(reason: String, count: Int)] {
        var order: [String] = []
        var counts: [String: Int] = [:]
        for entry in dropped {
            if counts[entry.reason] == nil { order.append(entry.reason) }
            counts[entry.reason, default: 0] += 1
        }
        return order.map { ($0, counts[$0] ?? 0) }
    }
}
