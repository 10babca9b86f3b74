import Quantities
import Store
import Testing
import Vocabulary

@Suite struct StudyStoreTests {
    private let folder: TemporaryFolder
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private static let lease = Nanoseconds(seconds: 10)

    private func worker(_ number: Int) -> JobWorkerIdentity {
        JobWorkerIdentity(host: "node", machine: "kernel 1", processID: number, processStart: 7)
    }

    private func claim(
        _ expansion: StudyExpansion, part: StudyPart = .whole, in store: Store? = nil, alive: Bool = true
    ) throws -> CellClaim {
        try (store ?? self.store).claimCell(
            of: expansion.pool(part), for: worker(1), lease: Self.lease, now: .zero
        ) { _, _ in alive }
    }

    private func lease(_ claim: CellClaim) throws -> CellLease {
        guard case .leased(let lease) = claim else {
            throw ChildProcess.StartFailure(description: "found \(claim), expected a lease")
        }
        return lease
    }

    private func complete(
        _ lease: CellLease, _ expansion: StudyExpansion, in store: Store? = nil, at seconds: Int64 = 9
    ) throws -> Bool {
        let cell = try #require(expansion.cells.first { $0.digest.hexadecimal == lease.cellDigest })
        return try (store ?? self.store).complete(
            lease, with: StudySamples.outcome(Double(cell.position)), inputs: cell.inputs,
            took: Nanoseconds(seconds: 1), toolVersion: "1", atUnixSeconds: seconds)
    }

    @Test func cellsAreTakenOneByOneAndComeBackAsTheyWere() throws {
        let expansion = try StudySamples.expansion(in: store)
        #expect(try store.add(expansion) == 0)
        #expect(try store.study(for: StudySamples.study)?.study == StudySamples.study)
        for position in 0..<4 {
            let lease = try lease(claim(expansion))
            #expect(lease.cellDigest == expansion.cells[position].digest.hexadecimal)
            #expect(try complete(lease, expansion))
            #expect(try !complete(lease, expansion), "a cell is completed once")
        }
        #expect(try claim(expansion) == .finished)
        let cells = try store.cells(of: expansion)
        #expect(cells.map(\.position) == [0, 1, 2, 3] && cells.allSatisfy { $0.state == .done })
        #expect(cells.map(\.outcome) == (0..<4).map { StudySamples.outcome(Double($0)) })
        #expect(try store.integrityProblems() == [])
    }

    @Test func aDeadProcessGivesItsCellBackAtOnceAndAFailedOneIsTriedOnRequest() throws {
        let expansion = try StudySamples.expansion(in: store)
        _ = try store.add(expansion)
        let first = try lease(claim(expansion))
        let again = try lease(claim(expansion, alive: false))
        #expect(first.cellDigest == again.cellDigest)
        #expect(try !complete(first, expansion), "the lease was lost")
        #expect(try store.fail(again, error: "it rained", attemptsMax: 1))
        #expect(try store.cells(of: expansion)[0].error == "it rained")
        #expect(try store.retryFailedCells(of: expansion.pool(.whole)) == 1)
        #expect(try store.openCells(of: expansion.pool(.whole)) == (4, 0))
    }

    @Test func partsAreTakenApart() throws {
        let expansion = try StudySamples.expansion(in: store)
        _ = try store.add(expansion)
        let part = StudyPart(number: 2, count: 2)
        for position in [1, 3] {
            let lease = try lease(claim(expansion, part: part))
            #expect(lease.cellDigest == expansion.cells[position].digest.hexadecimal)
            #expect(try complete(lease, expansion))
        }
        #expect(try claim(expansion, part: part) == .finished)
        #expect(try store.openCells(of: expansion.pool(.whole)) == (2, 0))
    }

    @Test func anOutcomeStandsInWhereTheInputsAreTheSame() throws {
        let first = try StudySamples.expansion(in: store)
        _ = try store.add(first)
        #expect(try complete(lease(claim(first)), first))
        var other = StudySamples.study
        other.id = "other"
        let second = try StudySamples.expansion(in: store, of: other)
        #expect(try store.add(second) == 1)
        #expect(try store.cells(of: second)[0].outcome == StudySamples.outcome(0))
    }

    @Test func otherFiguresTakeThePlaceOfCellsThatNobodyDid() throws {
        let old = try StudySamples.expansion(in: store)
        _ = try store.add(old)
        #expect(try complete(lease(claim(old)), old))
        let new = try StudySamples.expansion(in: store, figures: "new")
        #expect(try store.add(new) == 0)
        #expect(try store.cells(of: old).map(\.position) == [0])
        #expect(try store.cells(of: new).allSatisfy { $0.state == .waiting })
    }

    @Test func aChangedOutcomeIsNotShown() throws {
        let expansion = try StudySamples.expansion(in: store)
        _ = try store.add(expansion)
        #expect(try complete(lease(claim(expansion)), expansion))
        let connection = try rawConnection(folder.path())
        try connection.write {
            try $0.execute(sql: "UPDATE study_outcome_policy SET mean_drawn_watts = 1.0")
        }
        #expect(throws: StoreError.altered(table: "study_outcome", id: 1)) { try store.cells(of: expansion) }
    }

    @Test(arguments: [["a", "b"], ["b", "a", "b"]])
    func partsOfSeveralMachinesBecomeOne(order: [String]) throws {
        for (number, name) in [(1, "a"), (2, "b")] {
            let store = try Store(path: folder.path("\(name).sqlite"))
            let expansion = try StudySamples.expansion(in: store)
            _ = try store.add(expansion)
            let part = StudyPart(number: number, count: 2)
            while case .leased(let lease) = try claim(expansion, part: part, in: store) {
                #expect(try complete(lease, expansion, in: store, at: Int64(number)))
            }
            try store.close()
        }
        for name in order {
            _ = try store.merge(folder.path("\(name).sqlite"), toolVersion: "1", atUnixSeconds: 1)
        }
        let expansion = try StudySamples.expansion(in: store)
        #expect(try store.add(expansion) == 0)
        #expect(
            try store.cells(of: expansion).map(\.outcome) == (0..<4).map { StudySamples.outcome(Double($0)) })
        #expect(try claim(expansion) == .finished)
        #expect(try store.integrityProblems() == [])
    }
}

enum StudySamples {
    static let study = Study(
        id: "small", title: "A small study", scenario: "quickstart",
        axes: [
            StudyAxis(name: "load", labels: ["1", "2"]), StudyAxis(name: "fleet", labels: ["few", "many"]),
        ])

    static func expansion(
        in store: Store, of study: Study = study, figures: String = "old"
    ) throws -> StudyExpansion {
        let id = try store.addStudy(study, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_000)
        return StudyExpansion(
            study: id,
            cells: (0..<study.cellCount).map {
                PlannedStudyCell(
                    position: $0, label: study.name(of: $0),
                    inputs: ContentDigest(ofText: "\(figures) \($0)"))
            })
    }

    /// - Parameter number: tells outcomes apart.
    static func outcome(_ number: Double) -> StudyOutcome {
        func policy(_ name: String, cost: Double?) -> StudyOutcome.PolicyResult {
            StudyOutcome.PolicyResult(
                name: name, drawnPower: Watts(1000 + number), provisionedPower: Watts(2000.5),
                violated: Fraction(0.01), unserved: Fraction(0.0004), changes: 12, cost: cost)
        }
        func saving(_ measure: EqualServiceSaving.Measure, low: Double?) -> EqualServiceSaving {
            let drawn = EqualServiceSaving.Estimate(
                fraction: Fraction(0.01 * number - 0.01), low: low.map { Fraction($0) },
                high: low.map { Fraction($0 + 0.05) })
            return EqualServiceSaving(
                policy: "hercules", baseline: "greedy", measure: measure, level: Fraction(0.01),
                drawnEnergy: drawn, provisionedEnergy: nil, cost: drawn, baselineRange: 0.001...0.2)
        }
        return StudyOutcome(
            subject: "hercules", policies: [policy("greedy", cost: 1.5), policy("hercules", cost: 1.25)],
            savings: [saving(.violation, low: 0), saving(.unserved, low: nil)], currency: "EUR",
            provenances: [.measured, .modelled], powerProvenances: [.estimated])
    }
}
