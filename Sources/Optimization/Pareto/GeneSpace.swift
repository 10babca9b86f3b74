import Randomness

/// A space of integer vectors, in which several vectors may stand for the same thing: the canonical one of
/// them is the one that counts.
public struct GeneSpace: Sendable {
    /// How many values each gene has, from 0 on.
    public let sizes: [Int]
    /// Genes that belong together and are crossed together; they cover all genes in order.
    public let blocks: [Range<Int>]
    /// The vector that stands for all of its kind, as where genes of what is not there are zeroed.
    public let canonical: @Sendable ([Int]) -> [Int]

    /// - Precondition: every gene has a value, and the blocks cover the genes in order.
    public init(
        sizes: [Int], blocks: [Range<Int>], canonical: @escaping @Sendable ([Int]) -> [Int] = { $0 }
    ) {
        precondition(sizes.allSatisfy { $0 >= 1 }, "every gene has a value")
        precondition(blocks.flatMap(Array.init) == Array(sizes.indices), "blocks cover the genes in order")
        self.sizes = sizes
        self.blocks = blocks
        self.canonical = canonical
    }

    /// How many vectors there are, canonical or not; an upper bound of the space.
    public var vectors: Double { sizes.reduce(1) { $0 * Double($1) } }

    /// Every canonical vector once. O(vectors).
    public func all() -> [[Int]] {
        var vector = sizes.map { _ in 0 }
        var found: [[Int]] = []
        while true {
            if canonical(vector) == vector { found.append(vector) }
            guard let place = vector.indices.last(where: { vector[$0] + 1 < sizes[$0] }) else { return found }
            vector[place] += 1
            for later in (place + 1)..<max(vector.count, place + 1) { vector[later] = 0 }
        }
    }

    /// A canonical vector, evenly over all vectors.
    public func random(_ words: inout SplitMix64) -> [Int] {
        canonical(sizes.map { Int.random(in: 0..<$0, using: &words) })
    }

    /// The vector with each gene drawn anew with a probability.
    public func mutated(_ genes: [Int], probability: Double, _ words: inout SplitMix64) -> [Int] {
        canonical(
            genes.indices.map { gene in
                guard sizes[gene] > 1, Double.random(in: 0..<1, using: &words) < probability else {
                    return genes[gene]
                }
                // Another value than it has.
                let drawn = Int.random(in: 0..<(sizes[gene] - 1), using: &words)
                return drawn < genes[gene] ? drawn : drawn + 1
            })
    }

    /// A child that takes each block from either parent.
    public func crossed(_ left: [Int], _ right: [Int], _ words: inout SplitMix64) -> [Int] {
        var child = left
        for block in blocks where Bool.random(using: &words) {
            for gene in block { child[gene] = right[gene] }
        }
        return canonical(child)
    }

    /// Vectors that differ in one gene, canonical, without the vector itself.
    public func neighbours(of genes: [Int]) -> [[Int]] {
        var found: [[Int]] = []
        for gene in genes.indices {
            for value in 0..<sizes[gene] where value != genes[gene] {
                var other = genes
                other[gene] = value
                let made = canonical(other)
                if made != genes, !found.contains(made) { found.append(made) }
            }
        }
        return found
    }
}
