/// Sees what goes into linear layers as a model computes: statistics, calibration.
public protocol ActivationObserver: Sendable {
    /// Called once for each input of linear layers, from the thread that runs the graph.
    /// - Parameters:
    ///   - input: The rows that are multiplied, one per position.
    ///   - keys: Canonical keys of the weights that all multiply this input, such as those of q, k and v.
    func observe(_ input: Matrix, of keys: [String])
}
