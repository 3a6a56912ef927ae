import ByteIO
import Dialects
import Safetensors
import Tensors
import TorchArchive

/// A file, mapped once, and what it is by its first bytes, whatever its name.
package struct SniffedFile: Sendable {
    package enum Kind: Sendable, Equatable {
        /// A model in a container that is known.
        case model(any Dialect)
        /// Tensors without what makes a model of them.
        case safetensors, torchArchive
        case unknown

        package static func == (left: Kind, right: Kind) -> Bool {
            switch (left, right) {
            case (.model(let a), .model(let b)): a.name == b.name
            case (.safetensors, .safetensors), (.torchArchive, .torchArchive), (.unknown, .unknown): true
            default: false
            }
        }
    }

    package let mapped: MappedFile
    package let kind: Kind

    package init(path: String) throws {
        mapped = try MappedFile(path: path)
        let bytes = mapped.bytes
        kind =
            if let dialect = Dialects.recognising(bytes) {
                .model(dialect)
            } else if SafetensorsFile.recognises(bytes) {
                .safetensors
            } else if TorchArchive.recognises(bytes) {
                .torchArchive
            } else {
                .unknown
            }
    }

    /// True if nothing but the name tells what the file should be: then that kind's reader says what is wrong with it.
    package func isOnlyNamed(_ suffix: String) -> Bool { kind == .unknown && mapped.path.hasSuffix(suffix) }

    /// The file as tensors alone.
    /// - Throws: Of a file that is neither, what the reader says that its name asks for.
    package func weights() throws -> any TensorSource {
        kind == .safetensors || isOnlyNamed(".safetensors")
            ? try SafetensorsFile(mapped.bytes, path: mapped.path) : try TorchArchive(mapped)
    }
}
