import ByteIO

/// Where a model lies: one value that every call takes and every command makes.
public struct ModelLocation: Sendable, Hashable {
    /// Folder of a checkpoint, or a file that holds a model.
    public var path: String
    /// For a checkpoint without a tower: the folder of the CLIP tower.
    public var visionTower: String?
    /// For a checkpoint: a file with the projector that a training left (`mm_projector.bin`). For a language model's file: the
    /// file of tower and projector; nil takes the one that is named after it.
    public var projector: String?
    /// Folders of adapters that are merged into the weights, in this order.
    public var adapters: [String] = []
    /// The folder of the weights that `path`, or an adapter, was trained on.
    public var base: String?

    public init(
        _ path: String, visionTower: String? = nil, projector: String? = nil, adapters: [String] = [],
        base: String? = nil
    ) {
        self.path = path
        self.visionTower = visionTower
        self.projector = projector
        self.adapters = adapters
        self.base = base
    }

    /// The same model, with its tower sought at the same place, opened as another file.
    public func replacing(path: String) -> ModelLocation {
        var location = self
        location.path = path
        return location
    }
}
