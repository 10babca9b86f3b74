import Vocabulary

/// A forecaster that compares by its value, and that can be written down where its type can.
struct ForecasterValue: Hashable, Sendable {
    var base: any Forecaster

    init(_ base: any Forecaster) { self.base = base }

    static func == (left: Self, right: Self) -> Bool { AnyHashable(left.base) == AnyHashable(right.base) }
    func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(base)) }
}

/// Reads what a forecaster of a name has learnt; nil for a name that is not known.
package typealias ForecasterReading =
    @Sendable (_ name: String, _ decoder: any Decoder) throws -> (any Forecaster)?

extension CodingUserInfoKey {
    /// What knows forecasters by name, in a decoder: a `ForecasterReading`.
    package static let forecasters: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "forecasters") else { preconditionFailure("no key") }
        return key
    }()
}

extension ForecasterValue: Codable {
    private enum Key: CodingKey { case name, learnt }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let name = try values.decode(String.self, forKey: .name)
        let reading = decoder.userInfo[.forecasters] as? ForecasterReading
        guard let base = try reading?(name, values.superDecoder(forKey: .learnt)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .name, in: values, debugDescription: "found forecaster \(name), which is not known")
        }
        self.init(base)
    }

    func encode(to encoder: any Encoder) throws {
        guard let learnt = base as? any Encodable else {
            throw EncodingError.invalidValue(
                base, .init(codingPath: encoder.codingPath, debugDescription: "\(base.name) has no record"))
        }
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(base.name, forKey: .name)
        try learnt.encode(to: values.superEncoder(forKey: .learnt))
    }
}
