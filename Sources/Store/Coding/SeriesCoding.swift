import Foundation
import GRDB
import Vocabulary

/// Chunks of series as values of a database, and back.
///
/// A chunk of one word is that number, or NULL where it is not known. Any other is a blob: the payload of its
/// frame is the chunk's own bytes.
enum SeriesCoding {
    /// What the words of a series are.
    enum Kind: Sendable {
        /// Floating-point numbers, finite and not below zero, or not known.
        case numbers
        /// Signed integers.
        case integers

        /// What the series of a quantity of a replay holds: of changes and logs, integers but for rates.
        init(ofQuantity quantity: String) {
            let isEvent = ["allocation_", "serving_", "decision_", "action_"].contains {
                quantity.hasPrefix($0)
            }
            self = isEvent && !quantity.hasSuffix("_queries_per_second") ? .integers : .numbers
        }

        fileprivate func frame(_ form: SeriesChunk.Form) -> BlobFrame.Kind {
            switch (self, form) {
            case (.numbers, .prefix): .prefixedNumbersV1
            case (.numbers, .table): .numberTableV1
            case (.integers, .prefix): .prefixedIntegersV1
            case (.integers, .table): .integerTableV1
            }
        }
    }

    static func value(of chunk: SeriesChunk, as kind: Kind) -> DatabaseValue {
        if let (form, bytes) = chunk.coded {
            return Data(BlobFrame.seal(bytes, as: kind.frame(form))).databaseValue
        }
        let word = chunk.constant ?? NumberSeries.unknown
        return switch kind {
        case .numbers: NumberSeries.number(word)?.databaseValue ?? .null
        case .integers: Int64(bitPattern: word).databaseValue
        }
    }

    /// - Throws: `BlobFault` for anything that `value` does not make; it never traps.
    static func chunk(
        of value: DatabaseValue, count: Int, as kind: Kind
    ) throws(BlobFault) -> SeriesChunk {
        guard count >= 1, count <= SeriesChunk.length else {
            throw BlobFault(found: "\(count) numbers", expected: "1 to \(SeriesChunk.length)")
        }
        switch (value.storage, kind) {
        case (.null, .numbers): return SeriesChunk(constant: NumberSeries.unknown, count: count)
        case (.double(let number), .numbers):
            guard number >= 0, number.isFinite else {
                throw BlobFault(found: "\(number)", expected: "a finite number of at least 0")
            }
            return SeriesChunk(constant: number.bitPattern, count: count)
        case (.int64(let number), .integers):
            return SeriesChunk(constant: UInt64(bitPattern: number), count: count)
        case (.blob(let data), _): return try chunk(of: [UInt8](data), count: count, as: kind)
        default: throw BlobFault(found: "\(value)", expected: "a number or a blob of \(kind)")
        }
    }

    private static func chunk(
        of blob: [UInt8], count: Int, as kind: Kind
    ) throws(BlobFault) -> SeriesChunk {
        let form: SeriesChunk.Form = blob.first == kind.frame(.table).rawValue ? .table : .prefix
        let payload = try BlobFrame.open(blob, as: kind.frame(form))
        guard let chunk = SeriesChunk(form: form, bytes: Array(payload), count: count) else {
            throw BlobFault(found: "\(payload.count) bytes", expected: "as many as \(count) numbers take")
        }
        let isSound =
            kind == .integers
            || chunk.allSatisfy { word in
                guard let number = NumberSeries.number(word) else { return true }
                return number.isFinite && number.sign == .plus
            }
        guard isSound else {
            throw BlobFault(found: "a number below 0", expected: "finite numbers of at least 0")
        }
        return chunk
    }
}
