/// What a request's blocks of keys and values hold, by name, so that equal beginnings have equal names.
struct KVContent: ~Copyable {
    let request: TokenRequest
    let blockTokens: Int
    /// Names that workloads list.
    let names: UnsafePointer<UInt64>?

    /// Blocks at the beginning that other requests may have as well.
    var sharedBlocks: Int {
        switch request.prefix {
        case .none: 0
        case .group(_, let tokens): min(Int(tokens), Int(request.prompt)) / blockTokens
        // Earlier turns come again whole, answers included.
        case .session: .max
        case .branch(_, _, _, let tokens): min(Int(tokens), Int(request.prompt)) / blockTokens
        case .blocks(_, let count, let tokens):
            min(Int(count) * Int(tokens), Int(request.prompt)) / blockTokens
        }
    }

    /// The name of the blocks that are the request's own.
    var ownKey: UInt64 { Self.mixed(UInt64(bitPattern: request.id), 0x5EED_0000_0000_0001) }

    /// The name of a shared block.
    @inline(__always)
    func key(ofBlock block: Int) -> UInt64 {
        switch request.prefix {
        case .none: return ownKey &+ UInt64(block)
        case .group(let id, _): return Self.key(ofGroup: id, block)
        case .session(let id, let group, let tokens), .branch(let id, let group, let tokens, _):
            if block < Int(tokens) / blockTokens { return Self.key(ofGroup: group, block) }
            return Self.mixed(UInt64(id), 0x5E55_0000_0000_0000 | UInt64(block))
        case .blocks(let first, _, let tokens):
            let (perName, start) = (Int(tokens) / blockTokens, Int(first))
            guard let names, perName > 0 else { return ownKey &+ UInt64(block) }
            return Self.mixed(
                names[start + block / perName], 0xB10C_0000_0000_0000 | UInt64(block % perName))
        }
    }

    private static func key(ofGroup id: UInt32, _ block: Int) -> UInt64 {
        mixed(UInt64(id), 0x6709_0000_0000_0000 | UInt64(block))
    }

    /// Two words made one, by the finaliser of SplitMix64; never 0, which names nothing.
    @inline(__always)
    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var word = left &* 0x9E37_79B9_7F4A_7C15 &+ right
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return max(1, word ^ (word >> 31))
    }
}
