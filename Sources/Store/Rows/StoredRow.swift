import GRDB
import Quantities
import Vocabulary

/// A row on its way back into values: every column is checked for presence, type and range, so that a
/// database that was edited by hand gives an error that names the cell instead of a crash.
struct StoredRow {
    let row: Row
    let table: String
    /// What tells the row apart in messages.
    let label: String

    init(_ row: Row, table: String, label: String? = nil) {
        self.row = row
        self.table = table
        self.label = label ?? (row["id"] as DatabaseValue?).map { "\($0)" } ?? "?"
    }

    func fault(_ column: String, _ expected: String) -> StoreError {
        .unreadableValue(
            table: table, row: label, column: column, found: Self.describe(cell(column)), expected: expected)
    }

    func integer(_ column: String) throws(StoreError) -> Int64 {
        guard case .int64(let number) = cell(column).storage else { throw fault(column, "an integer") }
        return number
    }

    /// A whole number of at least `atLeast`.
    func count(_ column: String, atLeast: Int = 0) throws(StoreError) -> Int {
        let number = try integer(column)
        guard number >= Int64(atLeast) else { throw fault(column, "an integer of at least \(atLeast)") }
        return Int(number)
    }

    /// Seeds are stored in two's complement.
    func seed(_ column: String) throws(StoreError) -> UInt64 { UInt64(bitPattern: try integer(column)) }

    func optionalInteger(_ column: String) throws(StoreError) -> Int64? {
        cell(column).isNull ? nil : try integer(column)
    }

    func number(_ column: String) throws(StoreError) -> Double {
        guard case .double(let number) = cell(column).storage else { throw fault(column, "a number") }
        return number
    }

    func optionalNumber(_ column: String) throws(StoreError) -> Double? {
        cell(column).isNull ? nil : try number(column)
    }

    func quantity<Quantity: ScalarQuantity>(_ column: String) throws(StoreError) -> Quantity {
        Quantity(try number(column))
    }

    func optionalQuantity<Quantity: ScalarQuantity>(_ column: String) throws(StoreError) -> Quantity? {
        cell(column).isNull ? nil : Quantity(try number(column))
    }

    func quantile(_ column: String) throws(StoreError) -> Quantile {
        let order = try number(column)
        guard order > 0 && order < 1 else { throw fault(column, "a number between 0 and 1") }
        return Quantile(order)
    }

    func time(_ column: String) throws(StoreError) -> Nanoseconds { Nanoseconds(try integer(column)) }

    func optionalTime(_ column: String) throws(StoreError) -> Nanoseconds? {
        cell(column).isNull ? nil : try time(column)
    }

    func text(_ column: String) throws(StoreError) -> String {
        guard case .string(let text) = cell(column).storage else { throw fault(column, "a text") }
        return text
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ column: String
    ) throws(StoreError) -> Choice where Choice.RawValue == String {
        let name = try text(column)
        guard let choice = Choice(rawValue: name) else {
            throw fault(column, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func optionalText(_ column: String) throws(StoreError) -> String? {
        cell(column).isNull ? nil : try text(column)
    }

    func optionalChoice<Choice: RawRepresentable & CaseIterable>(
        _ column: String
    ) throws(StoreError) -> Choice? where Choice.RawValue == String {
        cell(column).isNull ? nil : try choice(column)
    }

    func blob<Value>(
        _ column: String, decode: ([UInt8]) throws(BlobFault) -> Value
    ) throws(StoreError) -> Value {
        guard case .blob(let data) = cell(column).storage else { throw fault(column, "a blob") }
        do throws(BlobFault) {
            return try decode([UInt8](data))
        } catch {
            throw .unreadableValue(
                table: table, row: label, column: column, found: error.found, expected: error.expected)
        }
    }

    func optionalBlob<Value>(
        _ column: String, decode: ([UInt8]) throws(BlobFault) -> Value
    ) throws(StoreError) -> Value? {
        cell(column).isNull ? nil : try blob(column, decode: decode)
    }

    /// A number between 0 and 1, both counted in.
    func optionalFraction(_ column: String) throws(StoreError) -> Fraction? {
        guard let fraction: Fraction = try optionalQuantity(column) else { return nil }
        guard (0...1).contains(fraction.value) else { throw fault(column, "a number between 0 and 1") }
        return fraction
    }

    /// JSON whose digest stands in another column; it is decoded only if the two agree, because the
    /// vocabulary's types take their own rules for granted.
    func json<Value: Decodable>(
        _ type: Value.Type, _ column: String, digest digestColumn: String
    ) throws(StoreError) -> Value {
        let text = try text(column)
        let expected = try self.text(digestColumn)
        let found = ContentDigest(ofText: text).hexadecimal
        guard found == expected else {
            throw .unreadableValue(
                table: table, row: label, column: column, found: "JSON with the digest \(found)",
                expected: "the digest \(expected) of column \(digestColumn)")
        }
        do {
            return try CanonicalJSON.decode(type, from: text)
        } catch {
            throw .unreadableValue(
                table: table, row: label, column: column, found: "\(error)", expected: "a \(type) as JSON")
        }
    }

    private func cell(_ column: String) -> DatabaseValue { row[column] as DatabaseValue? ?? .null }

    private static func describe(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "no value"
        case .int64(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): "\"\(text.prefix(60))\""
        case .blob(let data): "\(data.count) bytes"
        }
    }
}
