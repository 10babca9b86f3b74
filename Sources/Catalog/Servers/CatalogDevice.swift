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

        /// One of them, in words.
        public var label: String {
            switch self {
            case .processor: "processor"
            case .memory: "memory"
            case .nearMemory: "near memory"
            case .accelerator: "accelerator"
            }
        }

        /// With its article, for messages.
        var expected: String { self == .accelerator ? "an accelerator" : "a \(label)" }
    }

    /// What figures were read from: a data sheet, a page, a paper, or an assumption that says so.
    public struct Document: Hashable, Sendable {
        public let citation: String
        /// Where it can be read; nil where the citation alone leads there.
        public let url: String?
    }

    public let kind: Kind
    public let name: String
    public let title: String
    /// nil for what no vendor sells.
    public let vendor: String?
    /// In the order of the file.
    public let documents: [Document]
    let values: [DeviceFigure: Value]

    /// A figure and the document that it stands under.
    struct Value: Hashable, Sendable {
        let number: Double
        let document: Int
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
