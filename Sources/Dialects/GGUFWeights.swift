import MobileVLM
import Models
import Tensors

extension ModelWeights {
    /// The weights of a GGUF pair: every tensor of `configuration` under the name that GGUF has for it.
    ///
    /// The legacy scripts named `fc1` `ffn_down` and `fc2` `ffn_up`. As llama.cpp does, the two are told apart by the
    /// row length of `ffn_down`.
    public static func gguf(
        _ configuration: ModelConfiguration, language: any TensorSource, projector: (any TensorSource)?,
        origin: String
    ) -> ModelWeights {
        var weights = ModelWeights(rotaryPairing: .neighbours, origin: origin)
        for specification in configuration.languageTensors {
            guard let name = specification.ggufName else { continue }
            weights.place(specification.key, in: language, name: name)
        }
        guard let projector, let vision = configuration.multimodal?.vision else { return weights }
        let isSwapped =
            vision.hiddenSize != vision.feedForwardSize
            && projector.info("v.blk.0.ffn_down.weight")?.columns == vision.hiddenSize
        for specification in configuration.towerTensors + configuration.projectorTensors {
            guard var name = specification.ggufName else { continue }
            if isSwapped { name = legacyFeedForwardName(name) }
            weights.place(specification.key, in: projector, name: name)
        }
        return weights
    }

    /// The name in the legacy scripts' files, and the other way round.
    static func legacyFeedForwardName(_ name: String) -> String {
        if let range = name.firstRange(of: ".ffn_up.") {
            return name.replacingCharacters(in: range, with: ".ffn_down.")
        }
        if let range = name.firstRange(of: ".ffn_down.") {
            return name.replacingCharacters(in: range, with: ".ffn_up.")
        }
        return name
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
