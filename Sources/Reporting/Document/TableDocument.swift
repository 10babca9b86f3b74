/// A result that is one table, with a few lines that people read below it.
public protocol TableDocument {
    /// All that JSON and CSV hold, and what text begins with.
    var table: Table { get }
    /// What text ends with; it begins with a line break where it is to stand apart, and ends with one.
    var remarks: String { get }
}

extension TableDocument {
    /// Nothing, unless a document has something to say.
    public var remarks: String { "" }

    /// The document in one of its forms.
    public func text(as rendering: Rendering) -> String {
        let text = rendering.render(table)
        return rendering.isText ? text + remarks : text
    }
}
