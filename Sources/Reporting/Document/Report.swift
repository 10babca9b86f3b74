/// A document made from outcomes: what is said, apart from how a terminal, a file or a browser shows it.
public struct Report: Hashable, Sendable {
    /// A part of the document under one heading.
    public struct Section: Hashable, Sendable {
        /// The heading, without numbering.
        public let heading: String
        /// What stands under the heading, in reading order.
        public let blocks: [Block]

        /// A section of the given blocks.
        public init(heading: String, blocks: [Block]) {
            self.heading = heading
            self.blocks = blocks
        }
    }

    /// One thing in the flow of a section.
    public enum Block: Hashable, Sendable {
        /// Prose, as plain text without markup.
        case paragraph(String)
        /// A remark that limits what the numbers around it mean.
        case note(String)
        /// Something the reader must not overlook, for example a demand that cannot be served.
        case warning(String)
        /// A few numbers that stand for the whole, shown large where that is possible.
        case figures([HeadlineFigure])
        /// Numbers in rows and columns.
        case table(Table)
        /// A picture of numbers; shown only where it can be drawn.
        case plot(Plot)
    }

    /// One number with the words that it needs.
    public struct HeadlineFigure: Hashable, Sendable {
        /// The number with its unit, ready to read.
        public let value: String
        /// What the number is.
        public let label: String

        /// A figure with its label.
        public init(value: String, label: String) {
            self.value = value
            self.label = label
        }
    }

    /// A name with a value that identifies a version or an input.
    public struct NamedText: Hashable, Sendable {
        /// What is identified, for example `OpenVINO` or the name of a scenario file.
        public let name: String
        /// The version, or the digest.
        public let text: String

        /// A name with its text.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// What a reader needs to trace the numbers back to where they came from.
    public struct Foot: Hashable, Sendable {
        /// Sentences on where the numbers come from.
        public let provenance: [String]
        /// The seed of every random stream behind the numbers; nil where none was drawn.
        public let seed: UInt64?
        /// Versions of the tool, the engines and the solver.
        public let versions: [NamedText]
        /// Names of the inputs with the digests of their contents.
        public let inputs: [NamedText]

        /// A foot of the given facts.
        public init(provenance: [String], seed: UInt64?, versions: [NamedText], inputs: [NamedText]) {
            self.provenance = provenance
            self.seed = seed
            self.versions = versions
            self.inputs = inputs
        }
    }

    /// The name of the document.
    public let title: String
    /// What a reader in a hurry should see, above all sections.
    public let summary: [Block]
    /// The body, in reading order.
    public let sections: [Section]
    /// The one table that a spreadsheet user wants; a CSV rendering holds this and nothing else.
    public let mainTable: Table
    /// Provenance, seed, versions and digests.
    public let foot: Foot

    /// A document of the given parts.
    public init(title: String, summary: [Block], sections: [Section], mainTable: Table, foot: Foot) {
        self.title = title
        self.summary = summary
        self.sections = sections
        self.mainTable = mainTable
        self.foot = foot
    }
}

/// One kind of report: a pure function from outcomes to the parts of a document.
public protocol ReportContent: Sendable {
    /// The name of the document.
    var title: String { get }
    /// What a reader in a hurry should see.
    var summary: [Report.Block] { get }
    /// The body.
    var sections: [Report.Section] { get }
    /// What a CSV rendering holds.
    var mainTable: Table { get }
    /// Sentences on where the numbers come from.
    var provenance: [String] { get }
}

extension ReportContent {
    /// The whole document.
    ///
    /// - Parameters:
    ///   - seed: The seed of every random stream behind the numbers; nil where none was drawn.
    ///   - versions: Versions of the tool, the engines and the solver.
    ///   - inputs: Names of the inputs with the digests of their contents.
    public func report(
        seed: UInt64?, versions: [Report.NamedText] = [], inputs: [Report.NamedText] = []
    ) -> Report {
        Report(
            title: title, summary: summary, sections: sections, mainTable: mainTable,
            foot: Report.Foot(provenance: provenance, seed: seed, versions: versions, inputs: inputs))
    }
}
