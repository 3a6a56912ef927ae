import ByteIO
import Execution

/// What kind of failure an error is. Raw values are the exit statuses of the command (docs/exit-codes.md), from
/// `sysexits.h` where it has one.
public enum FailureKind: Int32, Sendable, CaseIterable {
    /// A file, or an argument that a file does not fit, breaks a rule.
    case badInput = 65
    /// A file or folder that is not there, or may not be read.
    case missingInput = 66
    /// A file that is whole, but of a kind that this program does not do.
    case unsupported = 69
    /// An error that should not occur.
    case unexpected = 70
    /// The system refused a call, or a disk lost what it was given.
    case system = 74
    /// No space is left, or a file would be larger than the user or the file system allows.
    case outOfSpace = 75
    /// Somebody asked the run to end.
    case interrupted = 130

    public init(_ error: any Error) {
        self =
            switch error {
            case let error as InputError:
                Self.unsupportedRules.contains(error.rule.id) ? .unsupported : .badInput
            case is ExecutionError: .badInput
            case let error as SystemError:
                error.isOutOfSpace ? .outOfSpace : error.isMissingFile ? .missingInput : .system
            case is CancellationError: .interrupted
            default: .unexpected
            }
    }

    /// Rules that a right file breaks: it asks for something that is not done here.
    static let unsupportedRules: Set<String> = [
        "adapter.dora", "adapter.kind", "checkpoint.quantized", "config.unsupported", "gguf.byte-order",
        "gguf.projector-inexpressible", "gguf.tensor.unsupported", "gguf.version", "safetensors.dtype",
        "tokenizer.algorithm", "tokenizer.normalization", "tokenizer.pre-tokenizer", "torch.byteorder",
        "torch.pickle.protocol", "torch.zip.stored",
    ]
}
