import Quantities
import Vocabulary

/// Climbs the throughput surface by its discrete gradient over (M, D) for each O, and raises O while that helps.
///
/// After Hercules (HPCA 2022), whose premise is that throughput is convex-like in (M, D) at a fixed O. From a point
/// the neighbours that raise M, raise D, or raise both are evaluated and the steepest gain is taken. Three things
/// are added to the paper's description:
/// - the step along M doubles while it gains and halves when it does not, because M is counted in ones and a
///   server may have dozens of cores;
/// - when no upward neighbour gains, the downward ones are tried, since a long step may have passed the summit;
/// - a higher O starts from the best point so far with M x O kept, instead of from the corner.
/// A start without any throughput (no rate meets the target there) walks along the diagonal to the first point that
/// has some.
public struct GradientSearch: SearchMethod {
    public init() {}

    public var name: String { "gradient" }

    public func search(
        _ space: ScheduleSpace, evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> SearchTrail {
        var memo = EvaluationMemo()
        var path: [Schedule] = []
        var summit: Summit?
        for slice in space.slices {
            if let previous = summit, previous.slice.partition == slice.partition {
                if previous.isLast { continue }
                let start = Self.start(in: slice, from: previous)
                let found = try climb(slice, from: start, &memo, &path, evaluate)
                if found.value > previous.value {
                    summit = found
                } else {
                    summit?.isLast = true
                }
            } else {
                summit = try climb(
                    slice, from: ScheduleSpace.Point(thread: 0, batch: 0), &memo, &path, evaluate)
            }
        }
        return SearchTrail(evaluations: memo.evaluations, path: path)
    }

    private struct Summit {
        var slice: ScheduleSpace.Slice
        var point: ScheduleSpace.Point
        var value: QueriesPerSecond
        /// A higher O of the same partition did not help.
        var isLast = false
    }

    /// The point of a slice closest to a summit at a lower O, with the same D and as many busy cores.
    private static func start(in slice: ScheduleSpace.Slice, from summit: Summit) -> ScheduleSpace.Point {
        // A partition that serves nothing at one O says nothing about where to look at the next.
        guard summit.value > .zero else { return ScheduleSpace.Point(thread: 0, batch: 0) }
        let busyCores = summit.slice.threads[summit.point.thread] * summit.slice.workers
        let thread = slice.threads.lastIndex { $0 * slice.workers <= busyCores } ?? 0
        let batch = summit.slice.batches[summit.point.batch]
        return ScheduleSpace.Point(
            thread: thread, batch: slice.batches.lastIndex { $0 <= batch } ?? 0)
    }

    private func climb(
        _ slice: ScheduleSpace.Slice, from start: ScheduleSpace.Point, _ memo: inout EvaluationMemo,
        _ path: inout [Schedule], _ evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> Summit {
        var point = start
        var value = try memo.value(of: slice.schedule(point), evaluate)
        while value == .zero {
            let next = ScheduleSpace.Point(
                thread: min(point.thread + 1, slice.threads.count - 1),
                batch: min(point.batch + 1, slice.batches.count - 1))
            guard next != point else { return Summit(slice: slice, point: point, value: .zero) }
            point = next
            value = try memo.value(of: slice.schedule(point), evaluate)
        }
        path.append(slice.schedule(point))

        var stride = 1
        while true {
            let upward = [(stride, 0), (0, 1), (stride, 1)]
            if let step = try steepest(of: upward, at: point, value, slice, &memo, evaluate) {
                if step.point.thread > point.thread { stride *= 2 }
                (point, value) = (step.point, step.value)
            } else if stride > 1 {
                stride /= 2
                continue
            } else if let step = try steepest(
                of: [(-1, 0), (0, -1), (1, -1), (-1, 1)], at: point, value, slice, &memo, evaluate)
            {
                (point, value) = (step.point, step.value)
            } else {
                return Summit(slice: slice, point: point, value: value)
            }
            path.append(slice.schedule(point))
        }
    }

    private func steepest(
        of directions: [(thread: Int, batch: Int)], at point: ScheduleSpace.Point, _ value: QueriesPerSecond,
        _ slice: ScheduleSpace.Slice, _ memo: inout EvaluationMemo,
        _ evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> (point: ScheduleSpace.Point, value: QueriesPerSecond)? {
        var best: (point: ScheduleSpace.Point, value: QueriesPerSecond)?
        for direction in directions {
            var neighbour = ScheduleSpace.Point(
                thread: point.thread + direction.thread, batch: point.batch + direction.batch)
            // A long step ends at the edge instead of being dropped.
            neighbour.thread = min(neighbour.thread, slice.threads.count - 1)
            guard neighbour != point, slice.contains(neighbour) else { continue }
            let found = try memo.value(of: slice.schedule(neighbour), evaluate)
            if found > (best?.value ?? value) { best = (neighbour, found) }
        }
        return best
    }
}
