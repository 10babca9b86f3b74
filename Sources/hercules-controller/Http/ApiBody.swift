import Controlling
import Foundation
import Quantities
import Vocabulary

/// A JSON value of any shape.
enum ApiValue: Decodable, Hashable, Sendable {
    case null
    case truth(Bool)
    case number(Double)
    case text(String)
    case list([ApiValue])
    case object([String: ApiValue])

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: ApiKey.self) {
            var members: [String: ApiValue] = [:]
            for key in container.allKeys {
                members[key.stringValue] = try container.decode(ApiValue.self, forKey: key)
            }
            self = .object(members)
        } else if var container = try? decoder.unkeyedContainer() {
            var values: [ApiValue] = []
            while !container.isAtEnd { values.append(try container.decode(ApiValue.self)) }
            self = .list(values)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let truth = try? container.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    /// A number without a fraction that a count can hold.
    var wholeNumber: Int? {
        guard case .number(let number) = self else { return nil }
        return Int(exactly: number)
    }
}

/// A key of any name.
struct ApiKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue _: Int) { nil }
}

/// The fields of a body, once every one of them is known and of its kind.
struct ApiBody: Sendable {
    /// A text may not be longer than this.
    static let textBytesMax = 512
    /// Pairs that may be listed.
    static let pairsMax = 4_096

    private let values: [String: ApiValue]

    /// Reads a body against the fields of its route.
    /// - Throws: a problem that names the first field that is unknown, missing or of another kind.
    init(_ bytes: [UInt8], fields: [ApiRoute.Field]) throws(ApiProblem) {
        guard let value = try? JSONDecoder().decode(ApiValue.self, from: Data(bytes)),
            case .object(let values) = value
        else { throw ApiProblem(.badRequest, "the body is no JSON object") }
        let known = fields.map(\.name)
        for name in values.keys.sorted() where !known.contains(name) {
            let expected = known.isEmpty ? "no field" : known.joined(separator: ", ")
            throw ApiProblem(.unknownField, "found \(name.prefix(64)), expected \(expected)")
        }
        for field in fields {
            guard let value = values[field.name] else {
                guard !field.isRequired else {
                    throw ApiProblem(.invalidField, "\(field.name) is missing")
                }
                continue
            }
            try Self.check(value, field)
        }
        self.values = values
    }

    private static func check(_ value: ApiValue, _ field: ApiRoute.Field) throws(ApiProblem) {
        switch (field.kind, value) {
        case (.text, .text(let text)) where !text.isEmpty && text.utf8.count <= textBytesMax: return
        case (.wholeNumber, .number) where value.wholeNumber.map { $0 >= 0 && $0 <= 1 << 53 } == true: return
        case (.time, .text(let text)) where CalendarTime.unixNanoseconds(of: text) != nil: return
        case (.allocations, .list(let list)) where list.count <= pairsMax: return
        default: break
        }
        let expected =
            switch field.kind {
            case .text: "a text of 1 to \(textBytesMax) bytes"
            case .wholeNumber: "a whole number from 0"
            case .time: "a time like 2026-11-28T22:31:00Z"
            case .allocations: "a list of at most \(pairsMax) pairs"
            }
        throw ApiProblem(.invalidField, "\(field.name): expected \(expected)")
    }

    func text(_ name: String) -> String? {
        guard case .text(let text)? = values[name] else { return nil }
        return text
    }

    func wholeNumber(_ name: String) -> Int? { values[name]?.wholeNumber }

    func time(_ name: String) -> WallTime? {
        text(name).flatMap { CalendarTime.unixNanoseconds(of: $0) }
            .map { WallTime(unixMilliseconds: $0 / 1_000_000) }
    }

    /// Pairs with their servers; a pair may be listed once.
    func allocations(_ name: String) throws(ApiProblem) -> Allocation {
        guard case .list(let list)? = values[name] else {
            throw ApiProblem(.invalidField, "\(name) is missing")
        }
        var allocation = Allocation()
        for (index, value) in list.enumerated() {
            guard case .object(let pair) = value, pair.count == 3,
                case .text(let model)? = pair["model"], case .text(let type)? = pair["serverType"],
                let servers = pair["servers"]?.wholeNumber, (0...1_000_000).contains(servers)
            else {
                throw ApiProblem(
                    .invalidField, "\(name)[\(index)]: expected model, serverType and servers, nothing else")
            }
            guard allocation[ModelID(model), ServerTypeID(type)] == 0 else {
                throw ApiProblem(.invalidField, "\(name)[\(index)]: the pair is listed twice")
            }
            allocation[ModelID(model), ServerTypeID(type)] = servers
        }
        return allocation
    }
}

extension ApiRequest {
    /// The value of a query parameter that may be given once.
    func parameter(_ name: String) throws(ApiProblem) -> String? {
        let values = query.filter { $0.name == name }
        guard values.count <= 1 else { throw ApiProblem(.invalidField, "\(name) is given twice") }
        return values.first?.value
    }

    /// A query parameter that is a count.
    func wholeNumber(_ name: String, upTo bound: Int64 = .max) throws(ApiProblem) -> Int64? {
        guard let text = try parameter(name) else { return nil }
        guard let number = Int64(text), number >= 0, number <= bound else {
            throw ApiProblem(
                .invalidField,
                "\(name): expected a whole number from 0" + (bound == .max ? "" : " to \(bound)"))
        }
        return number
    }

    /// Refuses parameters that the route does not know.
    func requireKnownParameters(_ route: ApiRoute) throws(ApiProblem) {
        for (name, _) in query where !route.query.contains(where: { $0.name == name }) {
            throw ApiProblem(.unknownField, "the query parameter \(name.prefix(64)) is not known")
        }
    }
}
