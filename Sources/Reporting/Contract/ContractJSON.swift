/// An outcome in the JSON that programs outside this package read. The keys are a contract: keys may be
/// added, none is renamed or left out, and what is not known is null.
public protocol ContractJSON: Encodable, Sendable {}

extension ContractJSON {
    /// The JSON text with ascending keys, ending with a line break; the same bytes for the same outcome.
    public var text: String { StableJSON.text(of: self) }
}
