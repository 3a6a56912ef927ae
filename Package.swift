// swift-tools-version: 6.1
import PackageDescription

// The modules stand in the order in which data flows: bytes, formats, model, arithmetic, conversion, proof.
// docs/architecture.md says why each arrow exists; ArchitectureTests holds every import to this table.

/// A Swift module of ours with a test target beside it.
func module(
    _ name: String, imports: [Target.Dependency] = [], alsoForTests: [Target.Dependency] = [], exclude: [String] = []
) -> [Target] {
    [
        .target(name: name, dependencies: imports, exclude: exclude),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.byName(name: name)] + imports + alsoForTests + ["TestSupport"]),
    ]
}

/// A system library, found by pkg-config, installed by scripts/setup.
func library(_ name: String, pkgConfig: String, debian: String, homebrew: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([debian]), .brew([homebrew])])
}

let libraries: [Target] = [
    library("CJSON", pkgConfig: "json-c", debian: "libjson-c-dev", homebrew: "json-c"),
    library("COpenBLAS", pkgConfig: "openblas", debian: "libopenblas-dev", homebrew: "openblas"),
    library("CTurboJPEG", pkgConfig: "libturbojpeg", debian: "libturbojpeg0-dev", homebrew: "jpeg-turbo"),
    library("CXXHash", pkgConfig: "libxxhash", debian: "libxxhash-dev", homebrew: "xxhash"),
    library("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev", homebrew: "zstd"),
    library("CWebP", pkgConfig: "libwebpdemux", debian: "libwebp-dev", homebrew: "webp"),
    library("CPNG", pkgConfig: "libpng", debian: "libpng-dev", homebrew: "libpng"),
]

let modules: [Target] = [
    // C without any library: SIMD kernels, whose plain twins in Quantization define their results. No flags here (unsafe
    // ones would bar every package that imports us): each file forbids contraction by pragma and names its
    // instruction set by attribute.
    [.target(name: "CKernels")],
    // libpng reports errors by longjmp, which Swift must not be crossed by: the shim turns them into codes.
    [.target(name: "CImageShims", dependencies: ["CPNG"])],

    // System calls that Glibc's Swift module leaves out.
    [.target(name: "CSystemShims")],

    module("Platform", imports: ["CSystemShims"]),
    module("ByteIO", imports: ["Platform", "CSystemShims"]),
    module("JSON", imports: ["ByteIO", "CJSON"]),
    module("Tensors", imports: ["ByteIO"]),
    module("Safetensors", imports: ["Tensors", "ByteIO", "JSON"]),
    module("TorchArchive", imports: ["Tensors", "ByteIO"]),
    module("GGUF", imports: ["Tensors", "ByteIO"]),
    module("MVLM", imports: ["Tensors", "ByteIO", "JSON", "Platform", "CXXHash"]),
    module("Delivery", imports: ["MVLM", "ByteIO", "JSON", "Platform", "CZstd"]),
    module(
        "Tokenizer", imports: ["ByteIO", "JSON", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
        exclude: ["Protos/sentencepiece_fields.proto"]),
    module("Imaging", imports: ["ByteIO", "CTurboJPEG", "CWebP", "CImageShims"], alsoForTests: ["Platform"]),
    module("Quantization", imports: ["Tensors", "Platform", "CKernels"]),
    module("Models", imports: ["Tensors", "ByteIO"], alsoForTests: ["ModelSupport"]),
    module(
        "MobileVLM", imports: ["Models", "Tensors", "ByteIO", "Tokenizer", "JSON"], alsoForTests: ["ModelSupport"]),
    module(
        "Dialects",
        imports: [
            "GGUF", "MVLM", "MobileVLM", "Models", "Quantization", "Tensors", "ByteIO", "JSON", "Tokenizer",
        ],
        alsoForTests: ["ModelSupport"]),
    module(
        "Opening",
        imports: [
            "Dialects", "MobileVLM", "Models", "Quantization", "Safetensors", "TorchArchive", "Tokenizer",
            "Tensors", "ByteIO", "JSON", "Platform",
        ],
        alsoForTests: ["ModelSupport"]),
    module(
        "Execution",
        imports: [
            "Quantization", "MobileVLM", "Models", "Tensors", "ByteIO", "Platform", "CKernels", "COpenBLAS",
            "CSystemShims",
        ],
        alsoForTests: ["Safetensors", "TorchArchive", "JSON", "Imaging"]),
    module(
        "Calibration",
        imports: [
            "Execution", "Quantization", "MobileVLM", "Models", "Tensors", "ByteIO", "Platform", "COpenBLAS",
        ],
        alsoForTests: ["Safetensors", "ModelSupport"]),
    module(
        "Conversion",
        imports: [
            "Dialects", "Quantization", "MobileVLM", "Models", "Tensors", "ByteIO", "Platform", "CXXHash",
            .product(name: "Crypto", package: "swift-crypto"),
        ],
        alsoForTests: ["ModelSupport"]),
    module(
        "Verification",
        imports: ["Execution", "Quantization", "Tokenizer", "MobileVLM", "Models", "Tensors", "ByteIO", "Platform"]),
    module(
        "VLMConv",
        imports: [
            "Platform", "ByteIO", "JSON", "Tensors", "Safetensors", "TorchArchive", "GGUF", "Tokenizer", "Imaging",
            "Quantization", "Models", "MobileVLM", "Dialects", "Opening", "Execution", "Calibration", "Conversion",
            "Verification", "MVLM", "Delivery",
        ],
        alsoForTests: ["ModelSupport"]),

    [
        // The target is not called `vlmconv`: beside `VLMConv` the names would collide on file systems
        // that ignore case. The product has the short name.
        .executableTarget(
            name: "VLMConvCommand",
            dependencies: ["VLMConv", "Platform", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(name: "TestSupport", dependencies: [], path: "Tests/TestSupport"),
        .target(
            name: "ModelSupport", dependencies: ["MobileVLM", "Models", "Tensors", "ByteIO", "JSON"],
            path: "Tests/ModelSupport"),
        .testTarget(
            name: "CommandTests",
            dependencies: ["VLMConvCommand", "TestSupport", "GGUF", "Safetensors", "Tensors", "ByteIO", "JSON"]),
        .testTarget(
            name: "BoardsTests",
            dependencies: [
                "TestSupport", "VLMConv", "Conversion", "Execution", "Imaging", "MobileVLM", "Models", "Tensors",
                "ByteIO", "MVLM",
            ]),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        // Damaged files for every reader at once.
        .testTarget(
            name: "MutationTests",
            dependencies: [
                "VLMConv", "Conversion", "Dialects", "Opening", "MobileVLM", "Models", "GGUF", "MVLM", "Delivery",
                "TorchArchive", "Safetensors", "Tokenizer", "Imaging", "JSON", "Tensors", "ByteIO", "TestSupport",
            ]),
    ],
].flatMap { $0 }

let package = Package(
    name: "vlmconv",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "VLMConv", targets: ["VLMConv"]),
        .executable(name: "vlmconv", targets: ["VLMConvCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        // Its streams, which nothing here uses, would load Foundation and ICU at every start.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: libraries + modules,
    swiftLanguageModes: [.v6]
)
