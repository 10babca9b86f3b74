/// What one import of one file came to.
public struct ImportSummary: Hashable, Sendable {
    /// Rows that share a reason.
    public struct Reason: Hashable, Sendable {
        public let text: String
        public var rows: Int
        /// The first of them.
        public let firstLine: Int

        public init(text: String, rows: Int, firstLine: Int) {
            self.text = text
            self.rows = rows
            self.firstLine = firstLine
        }
    }

    /// The smallest and the largest value kept under one name.
    public struct Range: Hashable, Sendable {
        public let name: String
        public var rows: Int
        public var minimum: Double
        public var maximum: Double

        public init(name: String, rows: Int, minimum: Double, maximum: Double) {
            self.name = name
            self.rows = rows
            self.minimum = minimum
            self.maximum = maximum
        }
    }

    public var file: String
    public var kind: String
    public var source: String
    public var licence: String?
    /// The SHA-256 of the file, in hexadecimal digits.
    public var fileDigest: String
    public var rowsRead = 0
    /// Marked ones included.
    public var rowsKept = 0
    public var rowsMarked = 0
    public var refusals: [Reason] = []
    public var marks: [Reason] = []
    public var ranges: [Range] = []
    /// Where the range of each number of a figure stands; -1 where there is none yet.
    private var rangePlaces = Array(repeating: -1, count: ImportedFigure.numberNames.count)
    /// Whether the database held this file already, so that nothing was done.
    public var isKnown = false

    public var rowsRefused: Int { refusals.reduce(0) { $0 + $1.rows } }

    /// How many different reasons are listed; rows with others are counted under one.
    public static let reasonsMax = 40

    public init(file: String, kind: String, source: String, licence: String?, fileDigest: String) {
        self.file = file
        self.kind = kind
        self.source = source
        self.licence = licence
        self.fileDigest = fileDigest
    }

    /// Counts a row that was not taken.
    public mutating func refuse(_ reason: String, line: Int) {
        Self.count(reason, line, in: &refusals)
    }

    /// Counts a row that was taken with a doubt.
    public mutating func mark(_ reasons: [String], line: Int) {
        rowsMarked += 1
        for reason in reasons { Self.count(reason, line, in: &marks) }
    }

    /// Widens the ranges by the numbers of a figure.
    public mutating func note(_ figure: ImportedFigure) {
        figure.forEachNumber { name, value in
            let place = rangePlaces[name]
            if place < 0 {
                rangePlaces[name] = ranges.count
                ranges.append(
                    Range(name: ImportedFigure.numberNames[name], rows: 1, minimum: value, maximum: value))
            } else {
                ranges[place].rows += 1
                ranges[place].minimum = min(ranges[place].minimum, value)
                ranges[place].maximum = max(ranges[place].maximum, value)
            }
        }
    }

    /// Widens the ranges by the numbers of a row.
    public mutating func note(_ numbers: [(name: String, value: Double)]) {
        for (name, value) in numbers {
            if let index = ranges.firstIndex(where: { $0.name == name }) {
                ranges[index].rows += 1
                ranges[index].minimum = min(ranges[index].minimum, value)
                ranges[index].maximum = max(ranges[index].maximum, value)
            } else {
                ranges.append(Range(name: name, rows: 1, minimum: value, maximum: value))
            }
        }
    }

    private static func count(_ reason: String, _ line: Int, in reasons: inout [Reason]) {
        if let index = reasons.firstIndex(where: { $0.text == reason }) {
            reasons[index].rows += 1
        } else if reasons.count < reasonsMax {
            reasons.append(Reason(text: reason, rows: 1, firstLine: line))
        } else if let last = reasons.last, last.text == others {
            reasons[reasons.count - 1].rows += 1
        } else {
            reasons.append(Reason(text: others, rows: 1, firstLine: line))
        }
    }

    private static let others = "other reasons"
}
