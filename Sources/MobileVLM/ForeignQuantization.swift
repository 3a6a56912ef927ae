import ByteIO
import Models
import Tensors

/// Ways in which others quantize a checkpoint's weights in place, told by the tensors that come with them.
///
/// Such a checkpoint has lost what a conversion starts from; what is left would have to be decoded by each method's rules
/// and be quantized a second time.
public enum ForeignQuantization {
    /// The weights are no plain numbers any more.
    public static let rule = Rule("checkpoint.quantized")

    /// The method, as its users call it, and a tensor that shows it; nil where the weights are plain numbers.
    public static func method(_ tensors: [TensorInfo]) -> (name: String, tensor: String)? {
        let names = Set(tensors.map(\.name))
        for info in tensors {
            let name = info.name
            func beside(_ suffix: String, _ other: String) -> Bool {
                name.hasSuffix(suffix) && names.contains(name.dropLast(suffix.count) + other)
            }
            if name.has(".quant_state.") || name.hasSuffix(".weight.absmax") || name.hasSuffix(".quant_map") {
                return ("bitsandbytes (4 bit)", name)
            }
            if name.hasSuffix(".SCB") { return ("bitsandbytes (LLM.int8)", name) }
            if name.hasSuffix(".qweight") {
                return (names.contains(name.dropLast("qweight".count) + "g_idx") ? "GPTQ" : "AWQ or GPTQ", name)
            }
            if name.hasSuffix(".weight_packed") { return ("compressed-tensors", name) }
            if name.hasSuffix(".weight_scale") || name.hasSuffix(".weight_scale_inv") {
                return ("scaled 8-bit numbers (FP8 or INT8)", name)
            }
            if info.type == .u32, beside("weight", "scales") { return ("MLX", name) }
            if !info.type.isReal, name.hasSuffix("_proj.weight") { return ("\(info.type.name) numbers", name) }
        }
        return nil
    }
}
