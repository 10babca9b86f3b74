/// The long arrays of all plots, each kept once.
///
/// The load of a model, for example, is drawn beside every policy's capacity. A figure holds `{"$array":
/// index}` in the place of such an array.
struct ArrayPool {
    /// Shorter arrays stay where they are.
    private static let countMin = 12

    private(set) var arrays: [JSONValue] = []
    private var indices: [JSONValue: Int] = [:]

    /// The value with every long array of plain values moved into the pool. O(size).
    mutating func pooled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let values):
            guard values.count >= Self.countMin, values.allSatisfy(Self.isPlain) else {
                return .array(values.map { pooled($0) })
            }
            let index = indices[value] ?? arrays.count
            if index == arrays.count {
                arrays.append(value)
                indices[value] = index
            }
            return ["$array": .integer(index)]
        case .object(let members):
            // In key order, because the order of visits numbers the arrays.
            var result: [String: JSONValue] = [:]
            for (key, member) in members.sorted(by: { $0.key < $1.key }) { result[key] = pooled(member) }
            return .object(result)
        default: return value
        }
    }

    private static func isPlain(_ value: JSONValue) -> Bool {
        switch value {
        case .array, .object: false
        default: true
        }
    }
}
