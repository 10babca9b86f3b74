import Quantities
import Vocabulary

extension ServerModel {
    /// For a pair that no schedule can serve: which constraint keeps out how many schedules, and by how much.
    ///
    /// One line for each constraint that keeps any schedule out, in the order in which they are checked.
    /// O(schedules).
    public func infeasibilities(within limits: ServiceLimits) -> [Infeasibility] {
        let constraints = constraints(within: limits)
        var counts: [String: Int] = [:]
        var least: [String: BrokenConstraint] = [:]
        let candidates = constraints.candidates
        for schedule in candidates {
            for broken in constraints.broken(by: schedule) {
                counts[broken.title, default: 0] += 1
                if broken.needed < least[broken.title]?.needed ?? .infinity { least[broken.title] = broken }
            }
        }
        return constraints.titles.compactMap { title in
            guard let count = counts[title], let least = least[title] else { return nil }
            return Infeasibility(
                model: model.id, serverType: serverType.id, target: limits.target, constraint: title,
                excluded: count, considered: candidates.count, detail: least.detail())
        }
    }
}
