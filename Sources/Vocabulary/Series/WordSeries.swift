/// A long sequence of 64-bit words, kept in coded chunks of 1,024.
package struct WordSeries: Hashable, Sendable {
    package private(set) var chunks: [SeriesChunk] = []
    /// What does not fill a chunk yet.
    private var rest: [UInt64] = []

    package init() {}

    /// One word for every place.
    package init(constant word: UInt64, count: Int) {
        chunks = Array(
            repeating: SeriesChunk(constant: word, count: SeriesChunk.length),
            count: count / SeriesChunk.length)
        rest = Array(repeating: word, count: count % SeriesChunk.length)
    }

    /// Takes over chunks; all but the last are full.
    /// - Precondition: they are.
    package init(chunks: [SeriesChunk]) {
        precondition(chunks.dropLast().allSatisfy { $0.count == SeriesChunk.length }, "chunks are full")
        if let last = chunks.last, last.count < SeriesChunk.length {
            self.chunks = Array(chunks.dropLast())
            last.append(to: &rest)
        } else {
            self.chunks = chunks
        }
    }

    package var count: Int { chunks.count * SeriesChunk.length + rest.count }

    /// The chunks, the last of which may be short.
    package var allChunks: [SeriesChunk] { rest.isEmpty ? chunks : chunks + [SeriesChunk(rest)] }

    /// Amortised O(1).
    package mutating func append(_ word: UInt64) {
        rest.append(word)
        if rest.count == SeriesChunk.length {
            chunks.append(SeriesChunk(rest))
            rest.removeAll(keepingCapacity: true)
        }
    }

    /// O(1).
    package subscript(index: Int) -> UInt64 {
        let chunk = index / SeriesChunk.length
        return chunk < chunks.count
            ? chunks[chunk][index % SeriesChunk.length] : rest[index - chunks.count * SeriesChunk.length]
    }

    /// Calls a closure for every word in order; faster than asking for each.
    package func forEach(_ body: (UInt64) throws -> Void) rethrows {
        for chunk in chunks {
            if let word = chunk.constant {
                for _ in 0..<chunk.count { try body(word) }
            } else {
                for place in 0..<chunk.count { try body(chunk[place]) }
            }
        }
        try rest.forEach(body)
    }
}
