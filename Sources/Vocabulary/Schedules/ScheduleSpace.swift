/// The schedules a search may choose from: for each family the points of a lattice that its constraints
/// admit.
public struct ScheduleSpace: Sendable {
    /// One axis of a lattice.
    public struct Axis: Hashable, Sendable {
        public let kind: ScheduleAxis
        /// Ascending strictly.
        public let values: [Double]

        /// - Precondition: there are values and they ascend strictly.
        public init(_ kind: ScheduleAxis, _ values: [Double]) {
            precondition(!values.isEmpty, "an axis has at least one value")
            precondition(zip(values, values.dropFirst()).allSatisfy(<), "an axis ascends")
            self.kind = kind
            self.values = values
        }

        public init(_ kind: ScheduleAxis, _ values: [Int]) { self.init(kind, values.map(Double.init)) }
    }

    /// The schedules of one family.
    public struct Lattice: Sendable {
        /// Of threads, the partition's raw value; see `Schedule.family`.
        public let family: String
        public let axes: [Axis]
        /// The number of schedules.
        public let count: Int
        /// The index, in the whole space, of its first schedule.
        public let first: Int
        /// For each cell of the full product, the position of its schedule within the lattice, or -1 where
        /// the constraints leave it out.
        fileprivate let positions: [Int32]
        /// For each schedule, its cell.
        @usableFromInline let cells: [Int32]
        @usableFromInline let strides: [Int]
        /// How many values each axis has.
        @usableFromInline let lengths: [Int]

        /// The place of an axis among `axes`; nil where the lattice has none of that kind.
        public func axis(_ kind: ScheduleAxis) -> Int? { axes.firstIndex { $0.kind == kind } }

        /// The indices, in the whole space, of its schedules.
        public var indices: Range<Int> { first..<(first + count) }

        /// The index on each axis of a schedule of the space.
        public func point(_ index: Int) -> [Int] {
            let cell = Int(cells[index - first])
            return lengths.indices.map { cell / strides[$0] % lengths[$0] }
        }

        /// Calls the body for each schedule with its index in the space and a way to read its index on an
        /// axis.
        @inlinable
        public func forEachPoint(_ body: (Int, (Int) -> Int) -> Void) {
            for (position, cell) in cells.enumerated() {
                body(first + position) { Int(cell) / strides[$0] % lengths[$0] }
            }
        }

        /// The schedule's index in the space at a point; nil off the lattice or where the constraints leave
        /// it out.
        public func index(at point: [Int]) -> Int? {
            var cell = 0
            for axis in lengths.indices {
                guard point[axis] >= 0, point[axis] < lengths[axis] else { return nil }
                cell += point[axis] * strides[axis]
            }
            let position = positions[cell]
            return position < 0 ? nil : first + Int(position)
        }
    }

    /// In the order in which they are searched.
    public let lattices: [Lattice]
    /// Every schedule, lattice by lattice.
    public let schedules: [Schedule]
    private let indexBySchedule: [Schedule: Int]

    /// A space under construction: add lattices, then take `space`.
    public struct Builder {
        private var lattices: [Lattice] = []
        private var schedules: [Schedule] = []

        public init() {}

        /// Adds the schedules of the product of axes that are admitted; nothing where none is.
        /// O(product of the axes' lengths).
        /// - Precondition: some kind of schedule has the family.
        public mutating func add(
            _ family: String, _ axes: [Axis], admits: (Schedule) -> Bool = { _ in true }
        ) {
            guard let assembly = Schedule.Assembly(family: family, axes: axes.map(\.kind)) else {
                preconditionFailure("a lattice has a family of schedules")
            }
            let lengths = axes.map(\.values.count)
            var strides: [Int] = []
            var cellCount = 1
            for length in lengths {
                strides.append(cellCount)
                cellCount *= length
            }
            var positions = [Int32](repeating: -1, count: cellCount)
            var cells: [Int32] = []
            let first = schedules.count
            var values = axes.map { $0.values[0] }
            for cell in 0..<cellCount {
                for place in axes.indices {
                    values[place] = axes[place].values[cell / strides[place] % lengths[place]]
                }
                guard let schedule = assembly.schedule(values), admits(schedule) else { continue }
                positions[cell] = Int32(cells.count)
                cells.append(Int32(cell))
                schedules.append(schedule)
            }
            guard !cells.isEmpty else { return }
            lattices.append(
                Lattice(
                    family: family, axes: axes, count: cells.count, first: first, positions: positions,
                    cells: cells, strides: strides, lengths: lengths))
        }

        public var space: ScheduleSpace { ScheduleSpace(lattices: lattices, schedules: schedules) }
    }

    private init(lattices: [Lattice], schedules: [Schedule]) {
        self.lattices = lattices
        self.schedules = schedules
        indexBySchedule = Dictionary(
            schedules.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of schedules.
    public var count: Int { schedules.count }

    /// Where a schedule stands in `schedules`; nil where it does not belong to the space.
    public func index(of schedule: Schedule) -> Int? { indexBySchedule[schedule] }

    /// Where the schedule with these values stands in `schedules`; nil where it does not belong to the space.
    public func index(family: String, values: [ScheduleAxis: Double]) -> Int? {
        let axes = Array(values.keys)
        return Schedule.Assembly(family: family, axes: axes)?.schedule(axes.map { values[$0] ?? 0 })
            .flatMap(index(of:))
    }

    /// The position in `lattices` of the lattice that a schedule belongs to.
    public func latticeIndex(of index: Int) -> Int {
        lattices.firstIndex { $0.indices.contains(index) } ?? lattices.count - 1
    }

    /// The schedule reached from another by moving along axes of its lattice; nil where there is none.
    public func moved(_ index: Int, _ steps: [(axis: Int, by: Int)]) -> Int? {
        let lattice = lattices[latticeIndex(of: index)]
        var point = lattice.point(index)
        for step in steps { point[step.axis] += step.by }
        return lattice.index(at: point)
    }

    /// The space spanned by schedules that have been measured; a grid may have holes.
    public static func measured(_ schedules: some Sequence<Schedule>) -> ScheduleSpace {
        let known = Set(schedules)
        let families = Dictionary(grouping: known.sorted(), by: \.family)
        var builder = Builder()
        for (family, own) in families.sorted(by: { $0.value[0] < $1.value[0] }) {
            let axes = own[0].axes.compactMap { kind -> Axis? in
                let values = Set(own.compactMap { $0.value(on: kind) }).sorted()
                return values == [0] ? nil : Axis(kind, values)
            }
            builder.add(family, axes) { known.contains($0) }
        }
        return builder.space
    }
}
