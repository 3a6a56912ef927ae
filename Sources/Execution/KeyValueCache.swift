/// The keys and values of all positions that a model has seen: one conversation's memory.
///
/// It grows as needed. A cache serves the executor that made it, and one call at a time.
public final class KeyValueCache {
    /// Keys after their rotation, and values: `[position, KV * D]` each.
    struct Layer {
        var keys: [Float] = []
        var values: [Float] = []
    }

    var layers: [Layer]
    let width: Int
    /// Positions held; the next row gets this number.
    public internal(set) var position = 0

    init(layerCount: Int, width: Int) {
        layers = Array(repeating: Layer(), count: layerCount)
        self.width = width
    }

    /// Forgets all positions from `position` on. Does nothing if there are none.
    public func rewind(to position: Int) {
        guard (0..<self.position).contains(position) else { return }
        for n in layers.indices {
            layers[n].keys.removeSubrange(position * width..<layers[n].keys.count)
            layers[n].values.removeSubrange(position * width..<layers[n].values.count)
        }
        self.position = position
    }
}
