/// An outcome in the JSON that programs outside this package read. The keys are a contract: keys may be
/// added, none is renamed or left out, and what is not known is null.
public protocol ContractJSON: Encodable, Sendable {
    /// The JSON text with ascending keys, ending with a line break; the same bytes for the same outcome.
    var text: String { get }
}

extension ContractJSON {
    /// An object, with `schemaVersion` among its keys.
    public var text: String { StableJSON.document(of: self) }
}
