import ByteIO
import JSON
import MVLM
import MobileVLM
import Models

/// The manifest's members that say what the model is, written and read in one place.
package enum MVLMManifest {
    // MARK: Writing

    /// All members but the tensors.
    /// - Parameter chatTemplate: The model's own; nil for v1's.
    package static func write(_ configuration: ModelConfiguration, chatTemplate: String?) -> JSONObject {
        let l = configuration.language
        var manifest = JSONObject()
        manifest["name"] = text(configuration.name)
        manifest["language"] = [
            "hidden_size": whole(l.hiddenSize), "feed_forward_size": whole(l.feedForwardSize),
            "layers": whole(l.layerCount), "heads": whole(l.headCount), "key_value_heads": whole(l.keyValueHeadCount),
            "head_size": whole(l.headSize), "vocabulary_size": whole(l.vocabularySize),
            "context_length": whole(l.contextLength), "rms_epsilon": real(l.rmsEpsilon),
            "rope_base": real(l.ropeBase), "tied_embeddings": .bool(l.tiedEmbeddings),
            "rotary_pairing": .string("neighbours"),
        ]
        if l.ropeScaling != 1, var language = manifest["language"]?.object {
            language["rope_scaling"] = real(l.ropeScaling)
            manifest["language"] = .object(language)
        }
        if let multimodal = configuration.multimodal {
            let v = multimodal.vision
            manifest["vision"] = [
                "hidden_size": whole(v.hiddenSize), "feed_forward_size": whole(v.feedForwardSize),
                "layers": whole(v.featureLayer), "heads": whole(v.headCount), "image_size": whole(v.imageSize),
                "patch_size": whole(v.patchSize), "feature_layer": whole(v.featureLayer),
                "projection_size": whole(v.projectionSize), "layer_norm_epsilon": real(v.layerNormEpsilon),
                "activation": .string(v.activation.rawValue),
            ]
            manifest["preprocessing"] = [
                "mean": .array(v.imageMean.map(real)), "std": .array(v.imageStandardDeviation.map(real)),
                "pad_to_square": .bool(v.padsToSquare), "pad_colour": .array(v.padColour.map(whole)),
            ]
            manifest["projector"] = .string("\(multimodal.projector)")
        }
        let conversation = configuration.conversation
        manifest["conversation"] = [
            "before": text(conversation.before), "picture": text(conversation.picture),
            "after": text(conversation.after), "template": text(chatTemplate ?? ConversationV1.jinja),
        ]
        return manifest
    }

    /// Without U+0000, which the format's readers in C refuse.
    private static func text(_ text: String) -> JSONValue { .string(text.replacing("\0", with: "")) }

    private static func whole(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    /// With the digits that restore the float, not those of the double that equals it.
    private static func real(_ value: Float) -> JSONValue { .double(Double(value.description) ?? Double(value)) }

    // MARK: Reading

    /// The configuration, how rows of queries and keys are ordered, and the template of a conversation.
    /// - Throws: `InputError` with `mvlm.manifest.field` or `mvlm.model.size`.
    package static func read(
        _ manifest: JSONValue, file: String
    ) throws -> (ModelConfiguration, RotaryPairing, template: String) {
        let language = Fields(manifest["language"], "language", file: file)
        let hidden = try language.whole("hidden_size", 1...Limit.width)
        let conversation = Fields(manifest["conversation"], "conversation", file: file)
        let isScaled = manifest["language"]?["rope_scaling"] != nil
        let configuration = ModelConfiguration(
            name: try Fields(manifest, "manifest", file: file).text("name"),
            language: LanguageConfiguration(
                hiddenSize: hidden,
                feedForwardSize: try language.whole("feed_forward_size", 1...Limit.width),
                layerCount: try language.whole("layers", 1...Limit.layers),
                headCount: try language.whole("heads", 1...hidden),
                keyValueHeadCount: try language.whole("key_value_heads", 1...hidden),
                headSize: try language.whole("head_size", 1...Limit.width),
                vocabularySize: try language.whole("vocabulary_size", 1...Limit.vocabulary),
                contextLength: try language.whole("context_length", 1...Limit.context),
                rmsEpsilon: try language.real("rms_epsilon", above: 0, below: 1),
                ropeBase: try language.real("rope_base", above: 1, below: 1e30),
                ropeScaling: isScaled ? try language.real("rope_scaling", above: 0, below: 1e6) : 1,
                tiedEmbeddings: try language.flag("tied_embeddings")),
            multimodal: try multimodal(manifest, file: file),
            conversation: Conversation(
                before: try conversation.text("before"), picture: try conversation.text("picture"),
                after: try conversation.text("after")))
        let pairing = try language.choice(
            "rotary_pairing", ["neighbours": .neighbours, "halves": RotaryPairing.halves])
        let template = try conversation.text("template")
        do {
            try configuration.validate(file: file)
        } catch let error as InputError {
            throw InputError(MVLMRule.modelSize, file: file, field: error.field, problem: error.problem)
        }
        return (configuration, pairing, template)
    }

    private static func multimodal(_ manifest: JSONValue, file: String) throws -> ModelConfiguration.Multimodal? {
        guard let object = manifest["vision"] else { return nil }
        let vision = Fields(object, "vision", file: file)
        let pictures = Fields(manifest["preprocessing"], "preprocessing", file: file)
        guard let projector = manifest["projector"]?.string.flatMap(ProjectorKind.init(checkpointName:)),
            manifest["projector"]?.string == "\(projector)"
        else { throw Fields(manifest, "manifest", file: file).wrong("projector") }
        let width = try vision.whole("hidden_size", 1...Limit.width)
        let size = try vision.whole("image_size", 1...Limit.image)
        let layers = try vision.whole("feature_layer", 0...Limit.layers)
        let configuration = VisionConfiguration(
            hiddenSize: width,
            feedForwardSize: try vision.whole("feed_forward_size", 1...Limit.width),
            layerCount: max(1, layers),
            headCount: try vision.whole("heads", 1...width),
            imageSize: size,
            patchSize: try vision.whole("patch_size", 1...size),
            layerNormEpsilon: try vision.real("layer_norm_epsilon", above: 0, below: 1),
            activation: try vision.choice(
                "activation", ["quick_gelu": TowerActivation.quickGELU, "gelu": .gelu]),
            featureLayer: layers,
            projectionSize: try vision.whole("projection_size", 0...Limit.width),
            imageMean: try pictures.reals("mean", -1e6...1e6),
            imageStandardDeviation: try pictures.reals("std", 1e-6...1e6),
            padsToSquare: try pictures.flag("pad_to_square"))
        guard try pictures.reals("pad_colour", 0...255) == configuration.padColour.map(Float.init) else {
            throw pictures.wrong("pad_colour")
        }
        return ModelConfiguration.Multimodal(vision: configuration, projector: projector)
    }

    /// Bounds of the format.
    private enum Limit {
        static let width = 1 << 17
        static let layers = 512
        static let vocabulary = 1 << 21
        static let context = 1 << 22
        static let image = 4096
    }

    /// Members of one object, each of its kind and within its bounds.
    private struct Fields {
        let object: JSONValue?
        let name: String
        let file: String

        init(_ object: JSONValue?, _ name: String, file: String) {
            self.object = object
            self.name = name
            self.file = file
        }

        func wrong(_ key: String) -> InputError {
            InputError(
                MVLMRule.field, file: file, field: "\(name).\(key)",
                problem: "is missing, of another kind, or out of its range",
                remedy: "The file is damaged or was made by another program: fetch or make it again.")
        }

        func whole(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
            let value = object?[key]
            guard let number = value?.int ?? value?.double.flatMap({ Int(exactly: $0) }), range.contains(number) else {
                throw wrong(key)
            }
            return number
        }

        func real(_ key: String, above low: Double, below high: Double) throws -> Float {
            guard let number = object?[key]?.double, number > low, number < high else { throw wrong(key) }
            return Float(number)
        }

        func reals(_ key: String, _ range: ClosedRange<Double>) throws -> [Float] {
            guard let list = object?[key]?.array, list.count == 3 else { throw wrong(key) }
            return try list.map {
                guard let number = $0.double, range.contains(number) else { throw wrong(key) }
                return Float(number)
            }
        }

        func flag(_ key: String) throws -> Bool {
            guard let value = object?[key]?.bool else { throw wrong(key) }
            return value
        }

        func text(_ key: String) throws -> String {
            guard let value = object?[key]?.string else { throw wrong(key) }
            return value
        }

        func choice<Value>(_ key: String, _ values: [String: Value]) throws -> Value {
            guard let value = values[try text(key)] else { throw wrong(key) }
            return value
        }
    }
}
