import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct JobDocumentTests {
    private static let host = Host(
        name: "node1", processor: "Example CPU", cores: 4, memory: Bytes(16e9), operatingSystem: "Debian 12")
    private static let schedule = Schedule(partition: .whole, threads: 2, workers: 1, batch: 64)

    private func outlook(
        budget: Nanoseconds? = nil, leftOut: [Schedule] = [],
        states: [CellState] = [.done, .waiting, .waiting]
    ) -> JobOutlookDocument {
        let loads: [OfferedLoad] = [
            .rate(QueriesPerSecond(500)), .saturationFraction(Fraction(0.7)), .closed,
        ]
        return JobOutlookDocument(
            JobOutlook(
                job: "rack", host: Self.host, serverType: "cpu-t1",
                cells: zip(loads, states).map { load, state in
                    JobOutlook.Cell(
                        model: "ncf", engine: "null", schedule: Self.schedule, load: load, repetition: 1,
                        expected: Nanoseconds(seconds: 47.5), state: state)
                }, timeBudget: budget, leftOut: leftOut))
    }

    private func cell(
        _ state: CellState, host: String = "a", expected: Double = 10, took: Double? = nil,
        failures: Int = 0, worker: String? = nil, error: String? = nil
    ) -> StoredCell {
        StoredCell(
            hostFingerprint: host, model: "ncf", serverType: "cpu-t1", engine: "null",
            schedule: "whole M=2 O=1 D=64", load: "closed", repetition: 1, state: state,
            expected: Nanoseconds(seconds: expected), took: took.map { Nanoseconds(seconds: $0) },
            failures: failures, interruptions: 2, worker: worker,
            leaseBeganAtUnixSeconds: state == .leased ? 1_000 : nil,
            leaseExpiresAt: state == .leased ? Nanoseconds(seconds: 1_042) : nil, error: error,
            completedRate: state == .done ? QueriesPerSecond(1234.5) : nil,
            latencyP95: state == .done ? Nanoseconds(milliseconds: 3.25) : nil,
            doubts: state == .done ? "tooShort" : nil)
    }

    @Test func aDryRunListsTheCellsAndHowLongTheRestTakes() {
        let expected = """
            Cells of rack on node1 as cpu-t1
            model  load               repetition  seconds  state
            -----  -----------------  ----------  -------  -------
            ncf    500.0 queries/s             1     47.5  done
            ncf    0.7 of saturation           1     47.5  waiting
            ncf    closed                      1     47.5  waiting
            Every row: engine null; schedule whole M=2 O=1 D=64.

            3 cells, 2 to measure, about 1 min 35 s by one process

            """
        #expect(outlook().text(as: .text) == expected)
        let csv = """
            model,engine,schedule,load,repetition,expectedSeconds,state
            ncf,null,whole M=2 O=1 D=64,500.0 queries/s,1,47.5,done
            ncf,null,whole M=2 O=1 D=64,0.7 of saturation,1,47.5,waiting
            ncf,null,whole M=2 O=1 D=64,closed,1,47.5,waiting

            """
        #expect(outlook().text(as: .csv) == csv, "no remarks in CSV")
    }

    @Test func aDryRunSaysWhereItStopsAndWhatItLeavesOut() {
        let wide = Schedule(partition: .whole, threads: 8, workers: 1, batch: 64)
        let text = outlook(budget: Nanoseconds(seconds: 90), leftOut: [wide]).remarks
        #expect(
            text
                == "\n3 cells, 2 to measure, about 1 min 35 s by one process; a process stops after 1 min 30 "
                + "s (time_budget_minutes)\nleft out (this host has 4 cores): whole M=8 O=1 D=64\n")
        let enough = outlook(budget: Nanoseconds(seconds: 95)).remarks
        #expect(enough == "\n3 cells, 2 to measure, about 1 min 35 s by one process\n")
        let done = outlook(states: [.done, .done, .done]).remarks
        #expect(done == "\n3 cells, 0 to measure, about 0 s by one process\n")
    }

    @Test func progressIsCountedByHostWithWhoIsAtWhichCellAndWhatFailed() {
        // One cell of 10 s took 20 s; two of 10 s are left to one process: 40 s.
        let mine = JobProgress(
            job: "rack", hostFingerprint: "a",
            cells: [
                cell(.done, took: 20), cell(.leased, worker: "node1 process 7"), cell(.waiting),
                cell(.failed, failures: 3, error: "no memory"),
            ])
        let other = JobProgress(job: "rack", hostFingerprint: "b", cells: [cell(.waiting, host: "b")])
        let document = JobProgressDocument([mine, other], atUnixSeconds: 1_012)
        let expected = """
            Profile jobs
                                                                                        seconds
            job   host  cells  done  running  waiting  failed  failures  interruptions     left
            ----  ----  -----  ----  -------  -------  ------  --------  -------------  -------
            rack  a         4     1        1        1       1         3              8     40.0
            rack  b         1     0        0        1       0         0              2        -

            Running
                                                                                      lease
            job   cell                                      by               seconds    (s)
            ----  ----------------------------------------  ---------------  -------  -----
            rack  ncf null whole M=2 O=1 D=64 at closed #1  node1 process 7       12     30

            Failed
            job   cell                                      failures  error
            ----  ----------------------------------------  --------  ---------
            rack  ncf null whole M=2 O=1 D=64 at closed #1         3  no memory

            """
        #expect(document.text(as: .text) == expected)
        #expect(
            document.text(as: .csv) == """
                job,host,cells,done,running,waiting,failed,failures,interruptions,secondsLeft
                rack,a,4,1,1,1,1,3,8,40
                rack,b,1,0,0,1,0,0,2,

                """)
    }

    @Test func nothingIsLeftWhereAllIsDoneAndNobodyKnowsWhereNobodyWorks() {
        func left(_ cells: [StoredCell]) -> Double? {
            JobProgress(job: "rack", hostFingerprint: "a", cells: cells).secondsLeft
        }
        #expect(left([cell(.done, took: 1), cell(.failed)]) == 0)
        #expect(left([cell(.waiting)]) == nil)
        #expect(left([cell(.leased, worker: "x"), cell(.leased, worker: "y"), cell(.waiting)]) == 15)
    }

    @Test func whatWasMeasuredIsShownByCell() {
        let document = JobCellsDocument([cell(.done), cell(.waiting)], of: "rack")
        #expect(document.table.caption == "Cells of rack")
        #expect(
            document.table.columns.map(\.title) == [
                "model", "engine", "schedule", "load", "repetition", "state", "completed", "p95", "doubts",
            ])
        #expect(
            document.text(as: .csv) == """
                model,engine,schedule,load,repetition,state,completedQueriesPerSecond,\
                latencyP95Milliseconds,doubts
                ncf,null,whole M=2 O=1 D=64,closed,1,done,1234.5,3.25,tooShort
                ncf,null,whole M=2 O=1 D=64,closed,1,waiting,,,

                """)
        #expect(
            document.text(as: .json).contains(
                "\"completedQueriesPerSecond\" : 1234.5,\n    \"doubts\" : \"tooShort\",\n    \"engine\" : "
                    + "\"null\""
            ))
    }
}
