/// Why a blob cannot be decoded.
package struct BlobFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let found: String
    package let expected: String
    package var description: String { "found \(found), expected \(expected)" }
}

/// Appends whole numbers as variable-length bytes: seven bits each, low bits first, the top bit set on all
/// but the last (LEB128).
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Signed numbers alternate (0, -1, 1, -2 ...), so that small ones of either sign stay short.
    mutating func append(signed number: Int64) {
        append(UInt64(bitPattern: number << 1 ^ number >> 63))
    }
}

/// Reads what a `ByteWriter` wrote, and refuses everything that it would not have written.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// How many bytes have not been read.
    var remaining: Int { bytes.endIndex - position }

    mutating func number() throws(BlobFault) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            // The tenth byte holds the one bit that is left of 64.
            guard shift < 63 || byte <= 1 else {
                throw BlobFault(found: "a number of more than 64 bits", expected: "at most 64 bits")
            }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else {
                    throw BlobFault(found: "a number with leading zero bytes", expected: "its shortest form")
                }
                return result
            }
            shift += 7
        }
        throw BlobFault(found: "the end of the bytes", expected: "the rest of a number")
    }

    mutating func signedNumber() throws(BlobFault) -> Int64 {
        let folded = try number()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// Reads how many elements follow; never more than the bytes that are left can hold, so that a corrupted
    /// count reserves no memory.
    mutating func count(bytesPerElementMin: Int) throws(BlobFault) -> Int {
        let count = try number()
        guard count <= UInt64(remaining / bytesPerElementMin) else {
            throw BlobFault(
                found: "a count of \(count)", expected: "at most \(remaining / bytesPerElementMin)")
        }
        return Int(count)
    }

    func expectEnd() throws(BlobFault) {
        guard remaining == 0 else {
            throw BlobFault(found: "\(remaining) bytes after the last element", expected: "none")
        }
    }
}

/// The frame around every blob: a byte for kind and version, the payload, and a checksum over both.
package enum BlobFrame {
    /// The first byte of a blob.
    package enum Kind: UInt8, Sendable, CaseIterable {
        case latencyHistogramV1 = 0x11
        case serviceSamplesV1 = 0x21
        case prefixedNumbersV1 = 0x31
        case prefixedIntegersV1 = 0x32
        case numberTableV1 = 0x41
        case integerTableV1 = 0x42
    }

    /// Frames a payload.
    package static func seal(_ payload: [UInt8], as kind: Kind) -> [UInt8] {
        let framed = [kind.rawValue] + payload
        let checksum = CRC32.checksum(framed[...])
        return framed + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
    }

    /// The payload of a blob of the given kind.
    package static func open(_ blob: [UInt8], as kind: Kind) throws(BlobFault) -> ArraySlice<UInt8> {
        guard blob.count >= 5 else {
            throw BlobFault(found: "\(blob.count) bytes", expected: "at least 5")
        }
        guard blob[0] == kind.rawValue else {
            throw BlobFault(found: "a first byte of \(blob[0])", expected: "\(kind.rawValue) (\(kind))")
        }
        let body = blob.dropLast(4)
        let stored = blob.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let checksum = CRC32.checksum(body)
        guard stored == checksum else {
            throw BlobFault(found: "a checksum of \(stored)", expected: "\(checksum), as the bytes have")
        }
        return body.dropFirst()
    }
}

/// The cyclic redundancy check of Ethernet, gzip and PNG (polynomial 0x04C11DB7, reflected): it detects every
/// burst of up to 32 wrong bits.
package enum CRC32 {
    /// O(bytes).
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
}
