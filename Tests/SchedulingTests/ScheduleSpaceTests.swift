import Quantities
import Scheduling
import ServerModels
import Testing
import Vocabulary

@Suite struct ScheduleSpaceTests {
    @Test func everyScheduleFitsTheCoresAndStandsOnce() {
        let space = ScheduleSpace.hardware(
            partitions: ThreadSchedule.Partition.allCases, cores: 12, batches: [8, 64], copiesMax: 8,
            hotFractions: [0, 0.1])
        #expect(Set(space.schedules).count == space.count)
        #expect(space.schedules.allSatisfy { $0.columns.hostCores <= 12 })
        #expect(Set(space.schedules.map(\.columns.partition)) == Set(ThreadSchedule.Partition.allCases))
        for (index, schedule) in space.schedules.enumerated() { #expect(space.index(of: schedule) == index) }
        #expect(
            space.schedules.map(\.columns).filter { $0.partition == .sparseDense }
                .allSatisfy { $0.sparse != nil })
        #expect(space.schedules.contains { $0.columns.hotFraction == Fraction(0.1) })
    }

    @Test func moreCoresOnlyAddSchedules() {
        func whole(_ cores: Int) -> Set<Schedule> {
            Set(
                ScheduleSpace.hardware(partitions: [.whole], cores: cores, batches: [8, 64], copiesMax: 1)
                    .schedules)
        }
        #expect(whole(8).isStrictSubset(of: whole(16)))
    }

    @Test func whatIsNotAdmittedIsNotThere() {
        let space = ScheduleSpace.hardware(
            partitions: [.whole, .accelerator], cores: 4, batches: [8, 64], copiesMax: 2
        ) { $0.batch < 64 && $0.partition == .whole }
        #expect(space.schedules.allSatisfy { $0.columns.batch == 8 && $0.columns.partition == .whole })
        #expect(space.lattices.count == 1)
    }

    @Test func aMeasuredSpaceHoldsWhatWasMeasuredWithItsHoles() {
        let cells = [(1, 1, 16), (1, 1, 64), (2, 1, 16), (2, 1, 64), (4, 1, 16), (1, 2, 16)].map {
            Schedule(partition: .whole, threads: $0.0, workers: $0.1, batch: $0.2)
        }
        let space = ScheduleSpace.measured(cells)
        #expect(Set(space.schedules) == Set(cells))
        #expect(space.lattices.map { $0.axes.map(\.values) } == [[[1, 2, 4], [1, 2], [16, 64]]])
    }
}
