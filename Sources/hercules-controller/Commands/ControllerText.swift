import Controlling
import Foundation
import Pipeline
import Vocabulary

/// What a controller says, in lines for people.
enum ControllerText {
    static func status(_ snapshot: ControllerSnapshot) -> [String] {
        var lines = [
            "mode        \(snapshot.mode.rawValue)\(snapshot.isPaused ? ", paused" : "")",
            "leader      \(snapshot.isLeader ? "this one" : snapshot.leader ?? "nobody"), "
                + "generation \(snapshot.generation)",
            "last tick   "
                + (snapshot.secondsSinceTick.map { "\(number($0)) s ago" } ?? "none yet")
                + ", every \(number(snapshot.intervalSeconds)) s",
        ]
        if let decision = snapshot.decision {
            lines.append(
                "plan        \(number(decision.objectiveWatts)) W, at least "
                    + "\(number(decision.boundWatts)) W, decision \(decision.id)"
                    + (snapshot.hasTrustedPlan ? "" : ", not trusted"))
        }
        if let hold = snapshot.fleetHold { lines.append("held        \(hold)") }
        if !snapshot.canWrite { lines.append("held        the database cannot be written") }
        lines.append("")
        for model in snapshot.models {
            lines.append(
                "\(model.model.name)  \(number(model.load))/s, needs \(number(model.needed))/s, "
                    + "holds \(number(model.capacity))/s, \(trust(model.trust))")
        }
        lines.append("")
        for pair in snapshot.pairs where pair.target > 0 || pair.serving > 0 || pair.starting > 0 {
            lines.append(
                "\(pair.model) on \(pair.serverType)  \(pair.target) wanted, \(pair.serving) serving, "
                    + "\(pair.starting) starting, \(pair.draining) finishing"
                    + (pair.lag > 0 ? ", \(pair.lag) overdue" : "") + (pair.cannot.map { "; \($0)" } ?? ""))
        }
        return lines
    }

    static func explanation(_ decision: ControllerDecision) -> [String] {
        var lines = [
            "\(decision.id)  \(decision.at)  \(decision.sentence)",
            "reason \(decision.reason.rawValue), route \(decision.route.rawValue), "
                + "status \(decision.status.rawValue), mode \(decision.mode.rawValue), "
                + "generation \(decision.generation)",
            "\(number(decision.objectiveWatts)) W, at least \(number(decision.boundWatts)) W, "
                + "gap \(decision.gap.map { number($0 * 100) + " %" } ?? "unknown"), "
                + "planned in \(number(decision.seconds * 1000)) ms",
        ]
        for model in decision.needed.keys.sorted() {
            lines.append(
                "  \(model)  load \(number(decision.load[model]))/s, expected "
                    + "\(number(decision.forecast[model]))/s, planned for \(number(decision.needed[model]))/s"
                    + (decision.trust[model].map { ", \(trust($0))" } ?? ""))
        }
        for order in decision.orders {
            lines.append("  \(order.model) on \(order.serverType): \(order.from) to \(order.to) servers")
        }
        for cut in decision.cut {
            lines.append("  \(cut.rule) allows \(cut.allowed) of \(cut.asked)")
        }
        for words in decision.binding { lines.append("  binding: \(words)") }
        for (policy, other) in decision.instead.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "  \(policy) would take \(number(other.watts)) W on \(other.servers) servers"
                    + (other.short.isEmpty
                        ? "" : ", short of \(other.short.map(\.name).joined(separator: ", "))"))
        }
        return lines
    }

    static func savings(_ savings: ControllerSnapshot.Savings) -> [String] {
        var lines = [
            "\(number(savings.hours)) hours of trusted ticks",
            "ours: \(number(savings.estimatedKilowattHours)) kWh estimated, "
                + (savings.meteredKilowattHours.map { "\(number($0)) kWh metered" } ?? "nothing metered")
                + "; short \(number(savings.shortMinutes)) minutes, \(savings.starts) starts",
        ]
        for other in savings.against {
            lines.append(
                "against \(other.policy): \(number(other.savedKilowattHours)) kWh saved"
                    + (other.savedMoney.map { ", \(number($0)) \(savings.currency ?? "")" } ?? "")
                    + (other.savedCarbonGrams.map { ", \(number($0 / 1000)) kg CO2" } ?? "")
                    + "; it would be short \(number(other.shortMinutes)) minutes, \(other.starts) starts")
        }
        return lines
    }

    static func rehearsal(_ rehearsal: Rehearsal) -> [String] {
        var lines = [
            "\(rehearsal.decisions) decisions: \(rehearsal.identical) the same to the last bit, "
                + "\(rehearsal.changed) with other servers",
            "mean power \(number(rehearsal.wattsBefore)) W before, \(number(rehearsal.wattsNow)) W now",
            "ticks short of a load: \(rehearsal.shortBefore) before, \(rehearsal.shortNow) now",
        ]
        for difference in rehearsal.differences {
            lines.append("  \(difference.at)  \(difference.pairs.joined(separator: "; "))")
        }
        return lines
    }

    private static func trust(_ trust: InputTrust) -> String {
        guard trust.state == .held else { return trust.state.rawValue }
        return "held: \(trust.cause?.rawValue ?? "unknown")" + (trust.detail.map { " (\($0))" } ?? "")
    }

    /// Four significant digits; unknown where there is no number.
    private static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "unknown" }
        return (1_000..<1e15).contains(abs(value))
            ? String(Int(value.rounded())) : String(format: "%.4g", value)
    }
}
