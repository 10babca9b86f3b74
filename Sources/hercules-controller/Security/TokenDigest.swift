import Store

/// The digest under which a token is kept: tokens are 32 random bytes, so that a plain SHA-256 cannot be
/// searched backwards.
struct TokenDigest: Hashable, Sendable {
    /// 32 bytes.
    let bytes: [UInt8]

    init(of token: String) {
        var hash = SHA256()
        hash.update(Array(token.utf8))
        bytes = hash.finish()
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    init?(hexadecimal text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Whether two digests are equal, in a time that does not depend on where they differ.
    func equalsInConstantTime(_ other: TokenDigest) -> Bool {
        var difference: UInt8 = 0
        for index in 0..<32 { difference |= bytes[index] ^ other.bytes[index] }
        return difference == 0
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// A new secret from the system's generator.
enum RandomToken {
    /// 32 random bytes as 64 hexadecimal digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        return String(
            (0..<4).flatMap { _ in
                let word = generator.next()
                return stride(from: 60, through: 0, by: -4).map { digits[Int(word >> UInt64($0) & 15)] }
            })
    }
}
