import Quantities

/// The software that runs models on an accelerator, as far as speed goes: what shares of a data sheet's
/// figures it reaches, and what it adds to every run.
///
/// The constants are fitted to published measurements of one stack, so they say nothing about another: an
/// eager framework and a compiled engine differ by a factor of ten on the same card.
public struct SoftwareStack: Hashable, Codable, Sendable {
    /// The number format of matrix products.
    public enum Precision: String, CaseIterable, Hashable, Codable, Sendable {
        case fp32, tf32, bf16, fp16, fp8, int8

        /// The peaks that such products can run at, the fastest first. A device without one uses the next, as
        /// engines do: TF32 is single precision to a caller, and runs on vector units before Ampere.
        public var peaks: [DeviceFigure] {
            switch self {
            case .fp32: [.fp32]
            case .tf32: [.tf32, .fp32]
            case .bf16: [.bf16, .fp32]
            case .fp16: [.fp16, .fp32]
            case .fp8: [.fp8, .fp16, .fp32]
            case .int8: [.int8, .fp32]
            }
        }
    }

    /// What no data sheet states.
    public struct Constants: Hashable, Codable, Sendable {
        /// Share of the peak that large matrix products reach.
        public var denseEfficiency: Double
        /// Items at which a matrix product reaches half of that share.
        public var halfBatchItems: Double
        /// Share of the memory bandwidth that random row reads reach.
        public var gatherEfficiency: Double
        /// What each looked-up row adds beyond its bytes.
        public var rowOverheadSeconds: Double
        /// What each operator adds to a run.
        public var operatorOverheadSeconds: Double
        /// What each run adds, whatever is in it.
        public var requestOverheadSeconds: Double

        public init(
            denseEfficiency: Double, halfBatchItems: Double, gatherEfficiency: Double,
            rowOverheadSeconds: Double, operatorOverheadSeconds: Double, requestOverheadSeconds: Double
        ) {
            self.denseEfficiency = denseEfficiency
            self.halfBatchItems = halfBatchItems
            self.gatherEfficiency = gatherEfficiency
            self.rowOverheadSeconds = rowOverheadSeconds
            self.operatorOverheadSeconds = operatorOverheadSeconds
            self.requestOverheadSeconds = requestOverheadSeconds
        }
    }

    public let name: String
    public let title: String
    public let precision: Precision
    /// Whether all kernels of a run are started at once, so that the launch overhead counts once.
    public let capturesGraphs: Bool
    public let constants: Constants
    /// What the constants were fitted to, one citation per line.
    public let sources: [String]

    public init(
        name: String, title: String, precision: Precision, capturesGraphs: Bool, constants: Constants,
        sources: [String]
    ) {
        self.name = name
        self.title = title
        self.precision = precision
        self.capturesGraphs = capturesGraphs
        self.constants = constants
        self.sources = sources
    }
}
