/// A part that servers are made of, as its vendor describes it: figures, each with the document it was read
/// from.
///
/// A figure that is not published is not there; it is never zero.
public struct CatalogDevice: Hashable, Sendable {
    /// What a device is; the raw value is the folder its files lie in.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case processor = "processors"
        case memory = "memories"
        case nearMemory = "near-memories"
        case accelerator = "accelerators"
        case systolicArray = "systolic-arrays"
        case memoryMacro = "memory-macros"

        /// One of them, in words.
        public var label: String {
            switch self {
            case .processor: "processor"
            case .memory: "memory"
            case .nearMemory: "near memory"
            case .accelerator: "accelerator"
            case .systolicArray: "systolic array"
            case .memoryMacro: "macro that computes in memory"
            }
        }
    }

    /// What figures were read from: a data sheet, a page, a paper, or an assumption that says so.
    public struct Document: Hashable, Sendable {
        public let citation: String
        /// Where it can be read; nil where the citation alone leads there.
        public let url: String?

        public init(citation: String, url: String?) {
            self.citation = citation
            self.url = url
        }
    }

    /// A figure and the document that it stands under.
    public struct Value: Hashable, Sendable {
        public let number: Double
        /// Its place among the device's documents.
        public let document: Int

        public init(number: Double, document: Int) {
            self.number = number
            self.document = document
        }
    }

    public let kind: Kind
    public let name: String
    public let title: String
    /// nil for what no vendor sells.
    public let vendor: String?
    /// In the order of the file.
    public let documents: [Document]
    private let values: [DeviceFigure: Value]

    /// - Precondition: the document of every figure is among the documents.
    public init(
        kind: Kind, name: String, title: String, vendor: String?, documents: [Document],
        values: [DeviceFigure: Value]
    ) {
        precondition(
            values.values.allSatisfy { documents.indices.contains($0.document) },
            "every figure stands under one of the documents")
        self.kind = kind
        self.name = name
        self.title = title
        self.vendor = vendor
        self.documents = documents
        self.values = values
    }

    /// A figure in the unit of its key; nil where it is not published.
    public subscript(figure: DeviceFigure) -> Double? { values[figure]?.number }

    /// The figures there are, in the order in which figures are listed.
    public var figures: [DeviceFigure] { DeviceFigure.allCases.filter { values[$0] != nil } }

    /// What a figure was read from; nil where there is no such figure.
    public func document(of figure: DeviceFigure) -> Document? {
        values[figure].map { documents[$0.document] }
    }
}
