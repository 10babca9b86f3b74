import Catalog
import Store
import Vocabulary

/// What an earlier verb was asked for on the command line stays asked for: what it measured, searched or
/// replayed is found without the same words being typed again.
extension Session {
    /// How many different states of a scenario are looked through; each is read with its whole trace.
    private static let statesMax = 8

    /// This session, or one under the settings that this machine was measured with, where it was not measured
    /// under the scenario's own.
    public func takingUpMeasurements() throws -> Session {
        guard let type = thisHost,
            Evidence.kinds(on: type, order: scenario.evidence).contains(.measuredHere)
        else { return self }
        return try takingUp(Self.adoptProfile) { session in
            try session.scenario.models.contains { try session.evidence.of($0, on: type).cells != nil }
        }
    }

    /// This session, or one under the settings that its pairs were searched with, where they were not
    /// searched under the scenario's own.
    public func takingUpSearches() throws -> Session {
        let measured = try takingUpMeasurements()
        return try measured.takingUp(Self.adoptSearch) { session in
            do {
                _ = try session.efficiencyTable()
            } catch PipelineError.notSearched {
                return false
            } catch is PipelineError {
                // Nothing that other settings would mend.
            }
            return true
        }
    }

    /// This session, or one of what was replayed last, where the scenario as it stands was not replayed.
    func takingUpReplay() throws -> Session {
        let searched = try takingUpSearches()
        return try searched.takingUp(Self.adoptAll) { session in
            guard session.scenario.trace != nil, let table = try? session.efficiencyTable() else {
                return false
            }
            return try ReplayStage(session).stored(with: table) != nil
        }
    }

    /// - Parameters:
    ///   - adopt: takes settings over into this scenario from an earlier state of it.
    ///   - isFound: whether a session has what is looked for.
    private func takingUp(
        _ adopt: (inout Scenario, Scenario) -> Void, until isFound: (Session) throws -> Bool
    ) throws -> Session {
        if try isFound(self) { return self }
        var tried = [scenario]
        for earlier in try store.runs(ofScenario: scenario.id, limit: Self.statesMax) {
            var other = self
            adopt(&other.scenario, earlier.scenario)
            guard !tried.contains(other.scenario) else { continue }
            tried.append(other.scenario)
            guard try isFound(other) else { continue }
            let changes = scenario.differences(to: other.scenario).joined(separator: ", ")
            progress.note("as an earlier command asked: \(changes)")
            return other
        }
        return self
    }

    private static func adoptProfile(_ scenario: inout Scenario, _ earlier: Scenario) {
        scenario.profile = earlier.profile
        scenario.seed = earlier.seed
    }

    private static func adoptSearch(_ scenario: inout Scenario, _ earlier: Scenario) {
        adoptProfile(&scenario, earlier)
        scenario.search = earlier.search
    }

    private static func adoptAll(_ scenario: inout Scenario, _ earlier: Scenario) {
        adoptSearch(&scenario, earlier)
        scenario.trace = earlier.trace
        scenario.replay = earlier.replay
    }
}

extension Scenario {
    /// In what another state of the scenario differs, as the other has it, for people.
    fileprivate func differences(to other: Scenario) -> [String] {
        var texts: [String] = []
        if seed != other.seed { texts.append("seed \(other.seed)") }
        if profile.cellDuration != other.profile.cellDuration {
            texts.append("cells of \(other.profile.cellDuration)")
        }
        if profile.confirmationDuration != other.profile.confirmationDuration {
            texts.append("live checks of \(other.profile.confirmationDuration)")
        }
        if profile.engine != other.profile.engine {
            texts.append("the engine \((other.profile.engine ?? Engines.standard).name)")
        }
        if search.method != other.search.method { texts.append("the search method \(other.search.method)") }
        if let trace = other.trace, trace != self.trace {
            texts.append("the trace \(trace.name) over \(trace.intervalCount) intervals")
        }
        if replay.policies != other.replay.policies {
            texts.append("the policies \(other.replay.policies.joined(separator: ", "))")
        }
        return texts.isEmpty ? ["settings that the scenario had then"] : texts
    }
}
