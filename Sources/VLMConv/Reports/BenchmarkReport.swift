import Execution

/// What `bench` measured.
public struct BenchmarkReport: Sendable {
    public struct Stage: Sendable {
        public let name: String
        /// Seconds of each repetition, fastest first.
        public let seconds: [Double]
        /// Tokens that the stage works on; nil for loading.
        public let tokens: Int?
        /// Bytes of weights that it must read, where that is what takes the time.
        let bytes: Double?
        /// Multiplications that it must do.
        let products: Double?

        init(_ name: String, _ seconds: [Double], tokens: Int?, bytes: Double? = nil, products: Double? = nil) {
            self.name = name
            self.seconds = seconds.sorted()
            self.tokens = tokens
            self.bytes = bytes
            self.products = products
        }

        public var median: Double { seconds.isEmpty ? 0 : seconds[seconds.count / 2] }
        public var fastest: Double { seconds.first ?? 0 }
        public var slowest: Double { seconds.last ?? 0 }
        public var tokensPerSecond: Double? { rate(tokens.map(Double.init)) }
        /// Of weights read.
        public var bytesPerSecond: Double? { rate(bytes) }
        public var productsPerSecond: Double? { rate(products) }

        /// Half the distance between the fastest and the slowest, in tokens a second.
        public var spread: Double? {
            guard let tokens, fastest > 0, slowest > 0 else { return nil }
            return (Double(tokens) / fastest - Double(tokens) / slowest) / 2
        }

        private func rate(_ amount: Double?) -> Double? {
            guard let amount, median > 0 else { return nil }
            return amount / median
        }
    }

    /// All stages with one number of threads.
    public struct Run: Sendable {
        public let threads: Int
        public let stages: [Stage]
        /// Bytes a second that as many threads read from the weights.
        public let readBandwidth: Double
        /// Multiplications a second of the kernels that multiply the language model's weights, from the first cache.
        public let peakProducts: Double
        /// The same of the kernels for weights that are numbers.
        public let peakFloatProducts: Double

        func stage(_ name: String) -> Stage? { stages.first { $0.name == name } }
        public var prefillTokensPerSecond: Double? { stage("prefill")?.tokensPerSecond }
        public var decodeTokensPerSecond: Double? { stage("decode")?.tokensPerSecond }
        public var encodeSeconds: Double? { stage("image encode")?.median }
        /// Of the bandwidth, the share that decoding uses.
        public var bandwidthShare: Double? {
            guard readBandwidth > 0 else { return nil }
            return stage("decode")?.bytesPerSecond.map { $0 / readBandwidth }
        }
    }

    public let model: String
    public let arithmetic: Arithmetic
    public let cacheFormat: KeyValueCache.Format
    public let instructionSet: String
    /// The processor whose kernels OpenBLAS chose.
    public let blas: String
    /// Bytes of weights that a token reads.
    public let weightBytes: Int
    public let repetitions: Int
    /// Tokens in the cache before decoding began.
    public let depth: Int
    /// One for each number of threads.
    public let runs: [Run]
    public let warnings: [String]
    /// In bytes.
    public let peakMemory: Int

    /// The first run's.
    public var threads: Int { runs.first?.threads ?? 0 }
    public var stages: [Stage] { runs.first?.stages ?? [] }

    /// A header and one row for each stage of each run, as people read them.
    public func table(_ fixed: (Double, Int) -> String) -> [[String]] {
        var rows = [
            [
                "stage", "threads", "median s", "tokens", "tokens/s", "±", "GB/s", "of read", "GMAC/s", "of peak",
            ]
        ]
        for run in runs {
            for stage in run.stages {
                let bytes = stage.bytesPerSecond
                let products = stage.name == "decode" ? nil : stage.productsPerSecond
                let peak =
                    stage.name == "image encode" ? max(run.peakProducts, run.peakFloatProducts) : run.peakProducts
                rows.append([
                    stage.name, "\(run.threads)", fixed(stage.median, 4), stage.tokens.map { "\($0)" } ?? "",
                    stage.tokensPerSecond.map { fixed($0, 2) } ?? "", stage.spread.map { fixed($0, 2) } ?? "",
                    bytes.map { fixed($0 / 1e9, 1) } ?? "",
                    bytes.map { fixed(100 * $0 / max(1, run.readBandwidth), 0) + " %" } ?? "",
                    products.map { fixed($0 / 1e9, 0) } ?? "",
                    products.map { peak > 0 ? fixed(100 * $0 / peak, 0) + " %" : "" } ?? "",
                ])
            }
        }
        return rows
    }

    /// The circumstances, a line each.
    public func remarks(_ fixed: (Double, Int) -> String) -> [String] {
        var lines = [
            "\(arithmetic.rawValue) arithmetic, cache \(cacheFormat.rawValue), kernels \(instructionSet), "
                + "OpenBLAS \(blas)"
                + (arithmetic == .fast ? " (not used)" : "")
        ]
        for run in runs {
            lines.append(
                "\(run.threads == 1 ? "1 thread" : "\(run.threads) threads"): reads \(fixed(run.readBandwidth / 1e9, 1)) "
                    + "GB/s, multiplies at most \(fixed(run.peakProducts / 1e9, 0)) GMAC/s "
                    + "(floats \(fixed(run.peakFloatProducts / 1e9, 0)))")
        }
        return lines + warnings.map { "warning: \($0)" }
    }
}
