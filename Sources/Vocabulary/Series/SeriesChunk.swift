/// Up to 1,024 words of 64 bits in a row, in as few bytes as a simple code needs.
///
/// Loads, powers and server counts repeat themselves, or change in their low bytes only. A chunk is one word
/// that all of it holds, or bytes of one of two forms:
///
///     1  a prefix    count of bytes that begin every word, these bytes, then the rest of each word
///     2  a table     count of distinct words less one, these words, then for each word its place among them
///
/// Words are written high byte first. Every word is found without reading another. The same words always give
/// the same bytes, so that chunks are equal where their words are.
package struct SeriesChunk: Hashable, Sendable {
    /// How many words a chunk holds, unless it is the last of its series.
    package static let length = 1024

    /// How the bytes are to be read.
    package enum Form: UInt8, Sendable, CaseIterable {
        case prefix = 1
        case table = 2
    }

    /// nil where one word stands for every place.
    private let form: Form?
    private let word: UInt64
    private let bytes: [UInt8]
    package let count: Int

    private init(_ form: Form?, word: UInt64, bytes: [UInt8], count: Int) {
        self.form = form
        self.word = word
        self.bytes = bytes
        self.count = count
    }

    /// The word that stands for every place; nil where there are several.
    package var constant: UInt64? { form == nil ? word : nil }

    /// The form and the bytes; nil where all words are the same.
    package var coded: (form: Form, bytes: [UInt8])? { form.map { ($0, bytes) } }

    /// A chunk of one word that stands for every place.
    package init(constant: UInt64, count: Int) { self.init(nil, word: constant, bytes: [], count: count) }

    /// Takes over bytes; nil where no encoder would have written them for so many words.
    package init?(form: Form, bytes: [UInt8], count: Int) {
        guard let head = bytes.first, count >= 1, count <= Self.length else { return nil }
        switch form {
        case .prefix:
            guard head < 8, bytes.count == 1 + Int(head) + (8 - Int(head)) * count else { return nil }
        case .table:
            let words = Int(head) + 1
            guard bytes.count == 1 + 8 * words + count, bytes.suffix(count).allSatisfy({ $0 <= head }) else {
                return nil
            }
        }
        self.init(form, word: 0, bytes: bytes, count: count)
    }

    /// Codes words. O(words).
    /// - Precondition: there is at least one word and no more than `length`.
    package init(_ words: [UInt64]) {
        precondition((1...Self.length).contains(words.count), "a chunk holds 1 to \(Self.length) words")
        let first = words[0]
        let difference = words.reduce(0) { $0 | ($1 ^ first) }
        guard difference != 0 else {
            self.init(constant: first, count: words.count)
            return
        }
        let prefix = difference.leadingZeroBitCount / 8
        let prefixSize = 1 + prefix + (8 - prefix) * words.count
        if prefix < 7, let table = WordTable(words), table.size < prefixSize {
            self.init(.table, word: 0, bytes: table.bytes, count: words.count)
        } else {
            self.init(.prefix, word: 0, bytes: Self.prefixed(words, prefix), count: words.count)
        }
    }

    private static func prefixed(_ words: [UInt64], _ prefix: Int) -> [UInt8] {
        let size = 1 + prefix + (8 - prefix) * words.count
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            var end = 0
            func put(_ byte: UInt8) {
                buffer.initializeElement(at: end, to: byte)
                end += 1
            }
            put(UInt8(prefix))
            for place in 0..<prefix { put(UInt8(truncatingIfNeeded: words[0] >> UInt64(56 - 8 * place))) }
            for word in words {
                for place in prefix..<8 { put(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * place))) }
            }
            filled = end
        }
    }

    /// The word at a place. O(1).
    /// - Precondition: the place is one of the chunk's.
    package subscript(place: Int) -> UInt64 {
        precondition(place >= 0 && place < count, "a place of the chunk")
        switch form {
        case nil: return word
        case .prefix:
            let prefix = Int(bytes[0])
            var word: UInt64 = 0
            for index in 0..<prefix { word = word << 8 | UInt64(bytes[1 + index]) }
            let start = 1 + prefix + (8 - prefix) * place
            for index in 0..<(8 - prefix) { word = word << 8 | UInt64(bytes[start + index]) }
            return word
        case .table:
            let start = 1 + 8 * Int(bytes[1 + 8 * (Int(bytes[0]) + 1) + place])
            var word: UInt64 = 0
            for index in 0..<8 { word = word << 8 | UInt64(bytes[start + index]) }
            return word
        }
    }

    /// Whether a closure holds for every word.
    package func allSatisfy(_ body: (UInt64) -> Bool) -> Bool {
        switch form {
        case nil: return body(word)
        case .table:
            return (0...Int(bytes[0])).allSatisfy { entry in
                body((1...8).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[8 * entry + $1]) })
            }
        case .prefix: return (0..<count).allSatisfy { body(self[$0]) }
        }
    }

    /// Appends all words.
    package func append(to words: inout [UInt64]) {
        if form == nil {
            words.append(contentsOf: repeatElement(word, count: count))
        } else {
            for place in 0..<count { words.append(self[place]) }
        }
    }
}

/// The distinct words of a chunk in the order in which they first occur, and which of them stands where.
private struct WordTable {
    private var words: [UInt64] = []
    private var places: [UInt8] = []

    /// nil where there are more than 256 distinct words.
    init?(_ all: [UInt64]) {
        // Open addressing: a slot holds one more than the place of its word.
        var slots = [UInt16](repeating: 0, count: 1024)
        places.reserveCapacity(all.count)
        var last: (word: UInt64, place: UInt8)?
        for word in all {
            if let last, last.word == word {
                places.append(last.place)
                continue
            }
            var slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 54)
            while slots[slot] != 0, words[Int(slots[slot]) - 1] != word { slot = (slot + 1) & 1023 }
            if slots[slot] == 0 {
                guard words.count < 256 else { return nil }
                words.append(word)
                slots[slot] = UInt16(words.count)
            }
            let place = UInt8(slots[slot] - 1)
            places.append(place)
            last = (word, place)
        }
    }

    var size: Int { 1 + 8 * words.count + places.count }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(UInt8(words.count - 1))
        for word in words {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes + places
    }
}
