import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

/// A value for something that has a name, as one word says it: `ncf=2000`.
struct Named<Name: Hashable & Sendable, Value: Sendable>: Sendable {
    let name: Name
    let value: Value
}

/// A model on a server type, by names that only a scenario can judge.
struct Placement: Hashable, Sendable {
    let model: ModelID
    let serverType: ServerTypeID
}

/// Reads values by name.
enum NamedText {
    static let loads: OptionReading<Named<ModelID, QueriesPerSecond>> = {
        let named = try value("model=queries per second, for example ncf=2000", $0, NumberText.amount)
        return Named(name: ModelID(named.name), value: QueriesPerSecond(named.value))
    }

    static let hours: OptionReading<Named<ModelID, Nanoseconds>> = {
        let read = DurationText.duration(in: .hours, from: 0, to: 1_000_000)
        let named = try value("model=hours, for example ncf=6", $0, read)
        return Named(name: ModelID(named.name), value: named.value)
    }

    /// A price, or another amount for an hour, by server type.
    static let amounts: OptionReading<Named<ServerTypeID, Double>> = {
        let named = try value("TYPE=NUMBER, for example cpu-t1=0.4", $0, NumberText.amount)
        return Named(name: ServerTypeID(named.name), value: named.value)
    }

    /// A number of servers, or a rank, by model.
    static let counts: OptionReading<Named<ModelID, Int>> = {
        let named = try value("MODEL=NUMBER, for example rm1=2", $0, NumberText.whole(from: 0, to: countMax))
        return Named(name: ModelID(named.name), value: named.value)
    }

    static let servers: OptionReading<Named<Placement, Int>> = {
        let expected = "MODEL:TYPE=SERVERS, for example rm1:cpu-t1=4"
        let named = try value(expected, $0, NumberText.whole(from: 1, to: countMax))
        let names = named.name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("expected \(expected)")
        }
        let placement = Placement(model: ModelID(names[0]), serverType: ServerTypeID(names[1]))
        return Named(name: placement, value: named.value)
    }

    /// Sizes of dimensions, by the names that a graph gives them.
    static let sizes: OptionReading<Named<String, Int>> = {
        try value("NAME=SIZE, for example sequence=64", $0, NumberText.whole(from: 1, to: countMax))
    }

    /// Numbers of servers by type.
    static let serverCounts: OptionReading<Named<ServerTypeID, Int>> = {
        let read = NumberText.whole(from: 1, to: 10_000_000)
        let named = try value("TYPE=COUNT, for example cpu-t1=20", $0, read)
        return Named(name: ServerTypeID(try NameText.draft(named.name)), value: named.value)
    }

    /// Watts idle and at full load by type: `box-a=90-400`.
    static let powerRanges: OptionReading<Named<ServerTypeID, DraftScenario.PowerRange>> = {
        let expected = "TYPE=IDLE-PEAK in watts, for example box-a=90-400"
        let named = try value(expected, $0) { $0 }
        let ends = named.value.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) }
        guard ends.count == 2, let idle = ends[0], let peak = ends[1], idle >= 0, peak > 0, peak >= idle,
            peak <= 1e9
        else { throw ValidationError("expected \(expected)") }
        return Named(
            name: ServerTypeID(named.name), value: .init(idle: Watts(idle), peak: Watts(peak)))
    }

    /// `results.json`, or `box-a=results.json`. A path that holds `=` is given after a name.
    static let figures: OptionReading<DraftScenario.Figures> = { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("expected FILE or SERVER=FILE")
        }
        return parts.count == 1
            ? .init(file: text)
            : .init(file: parts[1], server: ServerTypeID(try NameText.draft(parts[0])))
    }

    private static let countMax = 1_000_000_000

    private static func value<Value>(
        _ expected: String, _ text: String, _ read: OptionReading<Value>
    ) throws -> Named<String, Value> {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2, !parts[0].isEmpty, let value = try? read(parts[1]) else {
            throw ValidationError("expected \(expected)")
        }
        return Named(name: parts[0], value: value)
    }
}

extension Sequence {
    /// Values by name.
    /// - Parameter option: as it is typed, for the message.
    /// - Throws: where a name was given twice: one of the values would have no effect.
    func byName<Name, Value>(_ option: String) throws -> [Name: Value] where Element == Named<Name, Value> {
        var values: [Name: Value] = [:]
        for named in self {
            guard values.updateValue(named.value, forKey: named.name) == nil else {
                throw ValidationError("\(option): found '\(named.name)' twice, expected each name once")
            }
        }
        return values
    }
}

extension Placement: CustomStringConvertible {
    var description: String { "\(model):\(serverType)" }
}
