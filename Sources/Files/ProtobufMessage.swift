/// One message of the protocol-buffer wire format within a file, read field by field.
///
/// Only the headers of fields are read until a field is asked for its value, so a graph with gigabytes of
/// weights is gone through in milliseconds. The format: protobuf.dev/programming-guides/encoding.
package struct ProtobufMessage {
    /// One field: its number and where or what its value is.
    package struct Field {
        package let number: Int
        /// Of a whole number; nil where the value is of another kind.
        package let integer: UInt64?
        fileprivate let body: ProtobufMessage?

        /// The value as a message; nil where it is none.
        package var message: ProtobufMessage? { body }

        /// The value as text of at most so many bytes.
        /// - Throws: `malformed` where it is none, or longer.
        package func text(bytesMax: Int = 4096) throws(FileError) -> String {
            guard let body else { return "" }
            let count = body.end - body.position
            guard count <= bytesMax, let bytes = try body.file.bytes(at: body.position, count: count),
                let text = String(validating: bytes, as: UTF8.self)
            else {
                throw body.damage("field \(number) with \(count) bytes that are no text of a name")
            }
            return text
        }

        /// The values of a repeated whole number, of which this field holds one or, packed, several.
        /// - Throws: `malformed` where there are more than `countMax`.
        package func integers(countMax: Int) throws(FileError) -> [UInt64] {
            if let integer { return [integer] }
            guard var rest = body else { return [] }
            var values: [UInt64] = []
            while rest.position < rest.end {
                guard values.count < countMax else {
                    throw rest.damage("field \(number) with more than \(countMax) numbers")
                }
                values.append(try rest.varint())
            }
            return values
        }
    }

    private let file: FileWindow
    private var position: Int
    private let end: Int
    private let expected: String

    /// The message that a whole file is.
    /// - Parameter expected: what the file should be, for errors.
    package init(_ file: FileWindow, expected: String) {
        self.file = file
        position = 0
        end = file.size
        self.expected = expected
    }

    private init(within other: ProtobufMessage, from position: Int, to end: Int) {
        file = other.file
        self.position = position
        self.end = end
        expected = other.expected
    }

    /// The next field; nil at the end.
    /// - Throws: `malformed` where the bytes are no message.
    package mutating func next() throws(FileError) -> Field? {
        guard position < end else { return nil }
        let tag = try varint()
        guard let number = Int(exactly: tag >> 3), number >= 1 else {
            throw damage("no field number at byte \(position)")
        }
        switch tag & 7 {
        case 0: return Field(number: number, integer: try varint(), body: nil)
        case 1: return try skipped(number, bytes: 8)
        case 5: return try skipped(number, bytes: 4)
        case 2:
            let length = try varint()
            guard let count = Int(exactly: length), count <= end - position else {
                throw damage("a field of \(length) bytes at byte \(position), beyond the end")
            }
            let body = ProtobufMessage(within: self, from: position, to: position + count)
            position += count
            return Field(number: number, integer: nil, body: body)
        default: throw damage("a field of an unknown kind at byte \(position)")
        }
    }

    private mutating func skipped(_ number: Int, bytes: Int) throws(FileError) -> Field {
        guard bytes <= end - position else { throw damage("a number beyond the end") }
        position += bytes
        return Field(number: number, integer: nil, body: nil)
    }

    private mutating func varint() throws(FileError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < end, let byte = try file.byte(at: position) else {
                throw damage("an end in the middle of a number")
            }
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw damage("a number of more than ten bytes at byte \(position)")
    }

    private func damage(_ found: String) -> FileError {
        .malformed(file: file.path, line: nil, found: found, expected: expected)
    }
}
