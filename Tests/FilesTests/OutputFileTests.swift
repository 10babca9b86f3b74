import Files
import Foundation
import TestSupport
import Testing

/// What a verb writes takes the place of nothing but an earlier file of its kind.
@Suite struct OutputFileTests {
    private let copy: WorkingCopy

    init() throws { copy = try WorkingCopy() }

    private static let kind = OutputFile.Kind.earlier("a report", beginning: "REPORT")

    private func file(_ name: String, database: String? = nil, kind: OutputFile.Kind = kind) -> OutputFile {
        OutputFile(
            path: name.hasPrefix("/") ? name : "\(copy.path)/\(name)", kind: kind,
            database: database.map { "\(copy.path)/\($0)" })
    }

    private func refusal(_ name: String, database: String? = nil, kind: OutputFile.Kind = kind)
        -> OutputRefusal?
    {
        do throws(OutputRefusal) {
            try file(name, database: database, kind: kind).write("REPORT new")
            return nil
        } catch {
            return error
        }
    }

    private var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: copy.path))?.sorted() ?? []
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(copy.path)/\(name)")[.posixPermissions] as? Int
    }

    @Test func aNewFileIsWrittenWhole() throws {
        #expect(refusal("r.html") == nil)
        #expect(try copy.read("r.html") == "REPORT new")
        #expect(names == ["r.html"], "nothing else is left")
    }

    @Test func anEarlierFileOfItsKindAndAnEmptyOneAreReplacedAndKeepTheirModes() throws {
        for (name, text) in [("old.html", "REPORT old"), ("empty.html", "")] {
            try copy.write(text, to: name)
            chmod("\(copy.path)/\(name)", 0o640)
            #expect(refusal(name) == nil)
            #expect(try copy.read(name) == "REPORT new" && mode(name) == 0o640)
        }
    }

    @Test func anyOtherFileStays() throws {
        for text in ["SQLite format 3\0 and more", "notes of mine", "REPOR"] {
            try copy.write(text, to: "mine")
            let found = try #require(refusal("mine"))
            #expect(found.isUsage && found.found == "a file that is not a report")
            #expect(try copy.read("mine") == text && names == ["mine"])
        }
    }

    @Test func theDatabaseAndItsLogsStayUnderAnyName() throws {
        for name in ["d.sqlite", "d.sqlite-wal", "d.sqlite-shm"] { try copy.write("REPORT", to: name) }
        try FileManager.default.linkItem(atPath: "\(copy.path)/d.sqlite", toPath: "\(copy.path)/hard")
        try FileManager.default.createSymbolicLink(
            atPath: "\(copy.path)/soft", withDestinationPath: "d.sqlite-wal")
        for name in ["d.sqlite", "d.sqlite-wal", "d.sqlite-shm", "hard", "soft", "./d.sqlite"] {
            let found = try #require(refusal(name, database: "d.sqlite"), "\(name)")
            #expect(found.found.hasPrefix("the database"), "\(name): \(found)")
        }
        #expect(refusal("later.sqlite-wal", database: "later.sqlite") != nil, "also before it is made")
        for name in ["d.sqlite", "d.sqlite-wal"] { #expect(try copy.read(name) == "REPORT") }
    }

    @Test func whatIsNoFileStays() throws {
        try FileManager.default.createDirectory(
            atPath: "\(copy.path)/folder", withIntermediateDirectories: false)
        #expect(mkfifo("\(copy.path)/pipe", 0o600) == 0)
        #expect(refusal("folder")?.found == "a folder")
        #expect(refusal("pipe")?.found == "a pipe")
        #expect(refusal("/dev/null")?.found == "a device")
        #expect(refusal("nowhere/r.html")?.isUsage == false)
        try FileManager.default.createSymbolicLink(
            atPath: "\(copy.path)/dangling", withDestinationPath: "nothing")
        #expect(refusal("dangling") != nil)
        #expect(names == ["dangling", "folder", "pipe"])
    }

    @Test func whatWasReadStays() throws {
        let path = try copy.write("REPORT that was read", to: "input.html")
        _ = try FileContents.text(of: path, expected: "a text")
        #expect(refusal("input.html")?.found == "a file that this command reads")
        #expect(try copy.read("input.html") == "REPORT that was read")
    }

    @Test func aLinkStaysAndTheFileItLeadsToIsReplaced() throws {
        try copy.write("REPORT old", to: "real.html")
        try FileManager.default.createSymbolicLink(
            atPath: "\(copy.path)/link.html", withDestinationPath: "real.html")
        #expect(refusal("link.html") == nil)
        #expect(try copy.read("real.html") == "REPORT new")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: "\(copy.path)/link.html")
                == "real.html")
    }

    @Test func aNewFileIsNeverReplacedAndAFailedOneLeavesNothing() throws {
        try copy.write("REPORT", to: "there")
        #expect(refusal("there", kind: .new)?.found == "something there already")
        struct Fault: Error {}
        #expect(throws: Fault.self) { try file("fresh", kind: .new).make { _ in throw Fault() } }
        #expect(names == ["there"])
        try file("fresh", kind: .new).make(mode: 0o600) { partial in
            try Data("x".utf8).write(to: URL(filePath: partial))
        }
        #expect(try mode("fresh") == 0o600)
    }

    @Test func whatAKilledProcessLeftGoesAndNothingElse() throws {
        try copy.write("REPO", to: ".r.html.12ab.hercules-partial")
        try copy.write("mine", to: ".r.html.notes.hercules-partial")
        try copy.write("mine", to: "r.html.partial")
        #expect(refusal("r.html") == nil)
        #expect(names == [".r.html.notes.hercules-partial", "r.html", "r.html.partial"])
    }
}

/// Files are read without waiting and without an end to what they hold.
@Suite struct InputFileTests {
    private func refusal(_ path: String) -> String? {
        message { _ = try FileContents.text(of: path, expected: "a text") }
    }

    @Test func pipesDevicesAndFoldersAreRefusedAtOnce() throws {
        let copy = try WorkingCopy()
        #expect(mkfifo("\(copy.path)/pipe", 0o600) == 0)
        #expect(refusal("\(copy.path)/pipe")?.contains("found a pipe, expected a text") == true)
        #expect(refusal("/dev/zero")?.contains("found a device, expected a text") == true)
        #expect(refusal(copy.path)?.contains("found a folder, expected a text") == true)
    }

    @Test func aTextHasAnEnd() throws {
        let copy = try WorkingCopy()
        let path = try copy.write(String(repeating: "a: 1\n", count: 1_000_000), to: "long.yaml")
        #expect(refusal(path)?.contains("found more than 4194304 bytes, expected a smaller file") == true)
    }

    /// Thousands of pairs take as few looks at the text as one.
    @Test func equalKeysAreFoundHoweverManyThereAre() throws {
        let copy = try WorkingCopy()
        let keys = (0..<20_000).map { "key\($0): 1\n" }.joined()
        let path = try copy.write(keys + keys, to: "twice.yaml")
        let found = message { _ = try YAMLValue(path: path) }
        #expect(found?.contains("more than once") == true || found?.contains("a second time") == true)
    }

    @Test func scratchFoldersOfProcessesThatAreGoneGo() throws {
        let copy = try WorkingCopy()
        let left = "hercules-\(UUID().uuidString)"
        try copy.write("x", to: "\(left)/copy.sqlite")
        try copy.write("", to: "\(left).lock")
        try copy.write("x", to: "hercules-mine/kept")
        try copy.write("", to: "hercules-mine.lock")
        let first = try ScratchFolder(in: copy.path)
        let second = try ScratchFolder(in: copy.path)
        #expect(FileManager.default.fileExists(atPath: first.path), "its process lives")
        #expect(!FileManager.default.fileExists(atPath: "\(copy.path)/\(left)"))
        #expect(FileManager.default.fileExists(atPath: "\(copy.path)/hercules-mine/kept"))
        withExtendedLifetime((first, second)) {}
    }
}
