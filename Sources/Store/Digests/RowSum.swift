import Foundation
import GRDB

/// A sum over rows in which their order does not matter, so that no query has to sort. Made against faults,
/// not against forgers.
struct RowSum {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var rows: UInt64 = 0

    /// Adds a row of a table. A column that is NULL adds nothing, so that one that a later schema adds leaves
    /// the sum as it was.
    /// - Parameter columns: one for each value.
    mutating func add(_ row: Row, columns: [UInt64]) {
        var mixer = Mixer()
        for (index, column) in columns.enumerated() {
            let value = row[index] as DatabaseValue
            if case .null = value.storage { continue }
            mixer.take(column)
            switch value.storage {
            case .null: break
            case .int64(let number):
                mixer.take(1)
                mixer.take(UInt64(bitPattern: number))
            case .double(let number):
                mixer.take(2)
                mixer.take(number.bitPattern)
            case .string(let text):
                mixer.take(3)
                var text = text
                text.withUTF8 { mixer.take(UnsafeRawBufferPointer($0)) }
            case .blob(let data):
                mixer.take(4)
                data.withUnsafeBytes { mixer.take($0) }
            }
        }
        let (low, high) = mixer.value
        first &+= low
        second &+= high
        rows &+= 1
    }

    /// What the sum came to, in words that a digest can be made of.
    var text: String { "\(rows) \(first) \(second)" }

    /// A column by its name.
    static func column(_ name: String) -> UInt64 {
        var mixer = Mixer()
        var name = name
        name.withUTF8 { mixer.take(UnsafeRawBufferPointer($0)) }
        return mixer.value.0
    }

    /// Two lanes of multiplication and rotation, each bit of the input in both.
    private struct Mixer {
        private var low: UInt64 = 0x243F_6A88_85A3_08D3
        private var high: UInt64 = 0x1319_8A2E_0370_7344

        mutating func take(_ word: UInt64) {
            low = (low ^ word) &* 0x9E37_79B9_7F4A_7C15
            low ^= low >> 29
            high = (high &+ word) &* 0xD6E8_FEB8_6659_FD93
            high ^= high >> 32
        }

        mutating func take(_ bytes: UnsafeRawBufferPointer) {
            take(UInt64(bytes.count))
            var offset = 0
            while offset + 8 <= bytes.count {
                take(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            for byte in bytes[offset...] { rest = rest << 8 | UInt64(byte) }
            take(rest)
        }

        var value: (UInt64, UInt64) {
            var (first, second) = (low, high)
            first = (first ^ first >> 32) &* 0xD6E8_FEB8_6659_FD93
            second = (second ^ second >> 29) &* 0x9E37_79B9_7F4A_7C15
            return (first ^ first >> 32, second ^ second >> 29)
        }
    }
}
