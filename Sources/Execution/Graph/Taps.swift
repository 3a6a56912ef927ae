/// Takes down intermediate results by name, as they pass.
///
/// The names are those of docs/graph.md, of the golden data and of the verifier, so that a wrong number leads to a
/// line of code. Without taps nothing is named, copied or kept.
public final class Taps {
    public enum Selection: Sendable, Equatable {
        case all
        /// Each is a whole name, such as `llama.layer.3`, or the part of one before a dot, such as `llama.layer`.
        case names([String])

        func includes(_ name: String) -> Bool {
            switch self {
            case .all: true
            case .names(let names): names.contains { name == $0 || name.hasPrefix("\($0).") }
            }
        }
    }

    private let selection: Selection
    /// In the order in which the graph computed them; values are row-major.
    public private(set) var recorded: [(name: String, shape: [Int], values: [Float])] = []

    public init(_ selection: Selection = .all) { self.selection = selection }

    /// The values under `name`, the latest if there are several.
    public subscript(name: String) -> (shape: [Int], values: [Float])? {
        recorded.last { $0.name == name }.map { ($0.shape, $0.values) }
    }

    func record(_ name: String, _ value: borrowing Rows) {
        guard selection.includes(name) else { return }
        recorded.append((name, [value.rows, value.columns], value.matrix.elements))
    }
}
