import Foundation

/// JSON whose bytes depend on nothing but the value: keys ascending, two spaces of indentation.
package enum StableJSON {
    /// The text of a value, ending with a line break.
    ///
    /// - Precondition: the value encodes without numbers that are not finite, which the types of this module
    ///   ensure by encoding null instead.
    package static func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            preconditionFailure(
                "a value made only of finite numbers, strings, arrays and objects encodes: \(error)")
        }
    }
}
