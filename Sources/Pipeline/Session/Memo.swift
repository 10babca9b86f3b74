import Store

/// An outcome beside the key under which everything that it depends on is digested: the only way in which a
/// use case reuses what the database holds.
///
/// The key names all inputs, the edition of the algorithm included, so that a changed setting, measurement
/// or method never picks up an old outcome. A key is a value of the store: a digest of inputs, or a
/// `SearchKey`, `MeasurementKey` or `ImportOrigin` that holds one.
package struct Memo<Key, Outcome> {
    package let key: Key
    private let find: (Key) throws -> Outcome?
    private let keep: (Outcome, Key) throws -> Void

    /// - Parameters:
    ///   - find: the stored outcome of a key; nil where there is none, or none that may stand in.
    ///   - keep: stores an outcome under its key.
    package init(
        _ key: Key, find: @escaping (Key) throws -> Outcome?,
        keep: @escaping (Outcome, Key) throws -> Void = { _, _ in }
    ) {
        self.key = key
        self.find = find
        self.keep = keep
    }

    /// The stored outcome; nil where it has not been computed yet.
    package func stored() throws -> Outcome? { try find(key) }

    /// The stored outcome, or one that is computed and stored now. A computation that throws stores nothing.
    package func outcome(_ compute: () throws -> Outcome) throws -> (value: Outcome, wasStored: Bool) {
        if let found = try find(key) { return (found, true) }
        let made = try compute()
        try keep(made, key)
        return (made, false)
    }
}

extension Memo where Key == ContentDigest {
    /// A memo under the digest of the inputs.
    /// - Throws: `StoreError.notEncodable` where the inputs hold a number that is not finite.
    package init(
        of inputs: some Encodable, find: @escaping (ContentDigest) throws -> Outcome?,
        keep: @escaping (Outcome, ContentDigest) throws -> Void = { _, _ in }
    ) throws {
        self.init(try ContentDigest(of: inputs), find: find, keep: keep)
    }
}
