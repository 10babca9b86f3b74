import Foundation

/// The objects of a JSON file: one object, a list of them, or one a line.
package enum JSONObjects {
    /// A file is read whole; a larger one is refused.
    private static let bytesMax = 256 << 20

    /// What Python writes for numbers that JSON lacks.
    private static let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }

    /// - Parameter list: the key of the list within one object that holds the objects, which then get what
    ///   stands beside the list as well; an object without that key counts as itself.
    package static func read(
        _ path: String, list: String? = nil, take: (_ object: [String: Any], _ number: Int) throws -> Void
    ) throws {
        let bytes = quotingWords(
            in: try FileContents.bytes(of: path, expected: "a JSON file", max: bytesMax))
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else {
            throw FileError.malformed(
                file: path, line: nil, found: "an empty file", expected: "a JSON object, or a list of them")
        }
        if let whole = try? JSONSerialization.jsonObject(with: Data(bytes)) {
            var elements = whole as? [Any]
            var beside: [String: Any] = [:]
            if let object = whole as? [String: Any] {
                guard let list, let nested = object[list] as? [Any] else { return try take(object, 1) }
                elements = nested
                beside = object.filter { $0.key != list }
            }
            guard let elements, !elements.isEmpty else {
                throw FileError.malformed(
                    file: path, line: nil, found: "JSON that is neither an object nor a list of them",
                    expected: "a JSON object, or a list of them")
            }
            for (index, element) in elements.enumerated() {
                guard let object = element as? [String: Any] else {
                    throw FileError.malformed(
                        file: path, line: nil, found: "item \(index + 1) of the list that is no object",
                        expected: "objects")
                }
                try take(beside.merging(object) { _, own in own }, index + 1)
            }
            return
        }
        var line = 0
        for text in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            guard text.contains(where: { ![0x20, 0x0D, 0x09].contains($0) }) else { continue }
            guard let object = (try? JSONSerialization.jsonObject(with: Data(text))) as? [String: Any] else {
                throw FileError.malformed(
                    file: path, line: line, found: "text that is not a JSON object",
                    expected: "one JSON object a line, or one JSON document")
            }
            try take(object, line)
        }
    }

    /// The same bytes with the words outside of strings in quotes, so that each is a text.
    private static func quotingWords(in bytes: [UInt8]) -> [UInt8] {
        var quoted: [UInt8] = []
        var copied = 0
        var isString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x22:
                isString.toggle()
            case 0x5C where isString:
                index += 1
            case 0x0A:
                isString = false
            case 0x2D, 0x49, 0x4E:
                let rest = bytes[index...]
                if !isString, let word = words.first(where: { rest.starts(with: $0) }) {
                    quoted += bytes[copied..<index]
                    quoted.append(0x22)
                    quoted += word
                    quoted.append(0x22)
                    copied = index + word.count
                    index = copied - 1
                }
            default:
                break
            }
            index += 1
        }
        guard copied > 0 else { return bytes }
        return quoted + bytes[copied...]
    }
}
