import Files
import Testing

@Suite struct FileProblemsTests {
    private func fault(_ number: Int) -> FileError {
        .missingKey(Place(file: "f", line: number, key: "k"))
    }

    @Test func whatIsBeyondReadingIsCounted() {
        var problems = FileProblems()
        for number in 1...70 { problems.add(fault(number)) }
        problems.add(.several([fault(1), .more(count: 5)]))
        do throws(FileError) {
            try problems.throwAll()
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.all.count == 51 && error.all.last == .more(count: 26))
            #expect(error.description.hasSuffix("and 26 more, which are not listed"))
        }
    }

    @Test func oneFaultIsItselfAndNoneIsNone() throws {
        var problems = FileProblems()
        try problems.throwAll()
        problems.add(fault(1))
        problems.add(fault(1))
        #expect(throws: fault(1)) { try problems.throwAll() }
    }
}
