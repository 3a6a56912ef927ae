import Models
import Tensors

/// One file of weights, of either kind.
enum WeightFile {
    /// Opens a file by what is in it, not by its name.
    static func open(_ path: String) throws -> any TensorSource {
        try SniffedFile(path: path).weights()
    }

    /// True if the name is one that programs give to files of tensors.
    static func hasSuffix(_ name: String) -> Bool {
        [".safetensors", ".bin", ".pt", ".pth"].contains(where: name.hasSuffix)
    }

    /// Files of tensors beside a model's weights that are not those.
    static func isOther(_ name: String) -> Bool {
        let stems = [
            "adapter_model.", "mm_projector.", "non_lora_trainables.", "training_args.", "optimizer.", "scheduler.",
            "rng_state", "scaler.", "random_states", "zero_pp_rank", "bf16_zero_pp_rank", "tokenizer.",
        ]
        return stems.contains(where: name.hasPrefix) || name.has("optim_states")
    }
}
