import Files
import Quantities
import Vocabulary

/// Reads `replay.current`: which servers run which models today, so that savings are measured from there.
struct CurrentAllocationReader {
    let names: FleetNames
    let fleet: Fleet
    /// Where a record of what ran lies.
    let traces: TraceFolder

    private enum Key: String, SectionKey {
        case allocation, daily, file, columns
        case timeColumn = "time_column"
        case timeFormat = "time_format"
        case timeZone = "time_zone"
    }

    private enum StepKey: String, SectionKey {
        case from, allocation
    }

    /// One allocation, one that changes at hours of the day, or a file with a column for each model and type.
    /// - Throws: `FileError`, also where it takes more servers than the fleet has.
    func schedule(_ value: YAMLValue) throws(FileError) -> CurrentAllocation {
        let section = try value.section(Key.self)
        let way = try section.only(of: [.allocation, .daily, .file], none: "none of them").key
        let schedule: CurrentAllocation
        switch way {
        case .allocation: schedule = CurrentAllocation(try names.allocation(section.optional(.allocation)))
        case .daily: schedule = try daily(section[.daily])
        default: schedule = try recorded(section)
        }
        if way != .file,
            let stray = [Key.columns, .timeColumn, .timeFormat, .timeZone]
                .compactMap({ section.optional($0) }).first
        {
            throw stray.refusal(expected: "a file beside it")
        }
        try requireFleet(schedule, at: value)
        return schedule
    }

    /// Names every type of which there are too few.
    private func requireFleet(_ schedule: CurrentAllocation, at value: YAMLValue) throws(FileError) {
        let beyond = schedule.peakCounts.sorted { $0.key < $1.key }
            .filter { $0.value > (fleet.counts[$0.key] ?? 0) }
        guard beyond.isEmpty else {
            let found = beyond.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
            let has = beyond.map { "\(fleet.counts[$0.key] ?? 0) of \($0.key)" }.joined(separator: ", ")
            throw .invalidValue(
                value.place, found: found, expected: "at most what fleet \(fleet.id) has: \(has)")
        }
    }

    private func daily(_ value: YAMLValue) throws(FileError) -> CurrentAllocation {
        var steps: [CurrentAllocation.Step] = []
        for item in try value.filledList() {
            let section = try item.section(StepKey.self)
            let from = Nanoseconds(seconds: try section[.from].number(.hourOfDay) * 3600)
            if let last = steps.last, from <= last.from {
                throw try section[.from].refusal(expected: "a later hour than the step before")
            }
            let allocation = try section[.allocation]
            steps.append(.init(from: from, allocation: try names.allocation(allocation)))
        }
        return CurrentAllocation(steps, from: .midnight)
    }

    /// A step for each row at which a number of servers changes.
    private func recorded(_ section: YAMLSection<Key>) throws(FileError) -> CurrentAllocation {
        let file = try section[.file]
        var pairs: [(pair: ModelOnServer, column: String)] = []
        for (name, types) in try section[.columns].entries() {
            let model = try names.model(name, types)
            for (type, column) in try types.entries() {
                pairs.append(
                    (
                        ModelOnServer(model: model, serverType: try names.type(type, column)),
                        try column.text()
                    ))
            }
        }
        guard !pairs.isEmpty else { throw try section[.columns].refusal(expected: "a column at least") }
        var options = TraceImportOptions()
        options.timeColumn = try section.optional(.timeColumn)?.text()
        options.timeFormat = try section.optional(.timeFormat)?.word() ?? options.timeFormat
        options.timeZone = try section.optional(.timeZone)?.timeZone()
        options.gapFill = .hold
        options.loads = .columns(Set(pairs.map(\.column)).sorted())
        let (trace, _) = try traces.read(traces.path(of: file), options)
        let start = Nanoseconds(seconds: Double(trace.startUnixSeconds))
        var steps: [CurrentAllocation.Step] = []
        for index in 0..<trace.intervalCount {
            var allocation = Allocation()
            for (pair, column) in pairs {
                let servers = trace.loads[ModelID(column)]?[index].value ?? 0
                guard servers == servers.rounded(), servers < 1e9 else {
                    throw file.refusal(
                        expected: "whole numbers of servers; column '\(column)' has \(servers)")
                }
                allocation[pair.model, pair.serverType] += Int(servers)
            }
            guard allocation != steps.last?.allocation else { continue }
            steps.append(.init(from: start + trace.interval * index, allocation: allocation))
        }
        return CurrentAllocation(steps, from: trace.startUnixSeconds == 0 ? .trace : .epoch)
    }
}
