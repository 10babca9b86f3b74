/// A published macro that computes in memory, as the gates that it is made of and what its paper reports.
public struct SiliconMacro: Hashable, Sendable {
    /// So many equal parts, and how often one switches in a cycle.
    public struct Block: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            /// One bit of an activation times so many bits of a weight.
            case multipliers(bits: Int)
            case adderTree(inputs: Int, bits: Int)
            case adder(bits: Int)
            case registers(bits: Int)
            /// Bit lines on which so many cells hang.
            case bitLines(cells: Int)
            /// Arrays of memory cells, by the area of one.
            case cells(squareMillimetres: Double)
            /// Something else, by the area of one.
            case squareMicrometres(Double)
        }

        public let kind: Kind
        public let count: Int
        /// From 0 to 1.
        public let activity: Double

        public init(_ kind: Kind, count: Int, activity: Double) {
            self.kind = kind
            self.count = count
            self.activity = activity
        }
    }

    /// A part of the way that decides the clock.
    public enum Part: Hashable, Sendable {
        case multiplier
        case adderTree(inputs: Int, bits: Int)
        /// From the inputs of an adder to its sum.
        case sum
        case carries(Int)
        /// From the inputs of an adder through all its carries.
        case adder(bits: Int)
        case converter
    }

    /// So many equal converters.
    public struct Converter: Hashable, Sendable {
        public let count: Int
        public let bits: Int
        /// On one bit line.
        public let rows: Int
        public let activity: Double
        /// As which its area is counted; nil for `bits`.
        public let areaBits: Int?

        public init(count: Int, bits: Int, rows: Int, activity: Double, areaBits: Int?) {
            self.count = count
            self.bits = bits
            self.rows = rows
            self.activity = activity
            self.areaBits = areaBits
        }
    }

    public let name: String
    public let title: String
    public let source: String
    public let nanometres: Double
    public let volts: Double
    public let blocks: [Block]
    public let path: [Part]
    public let converter: Converter?
    /// Multiply-accumulates of one result of all parts, and the cycles it takes.
    public let macsPerResult: Double
    public let cyclesPerResult: Double
    public let reportedSquareMillimetres: Double
    public let reportedMegahertz: Double
    public let reportedTeraoperationsPerWatt: Double
    /// Whether the paper's energy was measured under known sparsity.
    public let isEnergyComparable: Bool

    public init(
        name: String, title: String, source: String, nanometres: Double, volts: Double, blocks: [Block],
        path: [Part], converter: Converter?, macsPerResult: Double, cyclesPerResult: Double,
        reportedSquareMillimetres: Double, reportedMegahertz: Double, reportedTeraoperationsPerWatt: Double,
        isEnergyComparable: Bool
    ) {
        self.name = name
        self.title = title
        self.source = source
        self.nanometres = nanometres
        self.volts = volts
        self.blocks = blocks
        self.path = path
        self.converter = converter
        self.macsPerResult = macsPerResult
        self.cyclesPerResult = cyclesPerResult
        self.reportedSquareMillimetres = reportedSquareMillimetres
        self.reportedMegahertz = reportedMegahertz
        self.reportedTeraoperationsPerWatt = reportedTeraoperationsPerWatt
        self.isEnergyComparable = isEnergyComparable
    }
}
