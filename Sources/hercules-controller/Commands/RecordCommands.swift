import ArgumentParser
import Controlling
import Files
import Foundation
import Pipeline
import Store

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Walk the chain of digests of a controller's past, and say where it breaks.")

    @Option(help: "The controller's database.") var database = "hercules.sqlite"

    func run() throws {
        guard FileManager.default.fileExists(atPath: database) else {
            throw ValidationError("--database: found no file \(database)")
        }
        if let fault = try Store(path: database).controllerFault() {
            print("broken: \(fault)")
            throw ExitCode.failure
        }
        print("whole: every row is as it was written")
    }
}

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write a day of a controller to a file, to be decided again.",
        discussion: "Example: hercules controller record 2026-11-28 --output day.jsonl")

    @Argument(help: "A day in UTC, such as 2026-11-28.") var day: String
    @Option(help: "The controller's database.") var database = "hercules.sqlite"
    @Option(help: ArgumentHelp("The file to write.", valueName: "file")) var output: String

    func run() throws {
        guard FileManager.default.fileExists(atPath: database) else {
            throw ValidationError("--database: found no file \(database)")
        }
        let file = OutputFile(
            path: output, kind: .earlier("recorded days", beginning: "{\""), database: database)
        try file.check()
        var (lines, count): ([String], Int) = ([], 0)
        count = try ControlRecord.record(day: day, of: Store(path: database)) { lines.append($0 + "\n") }
        _ = try file.write(pieces: lines)
        print("\(output): \(count) decisions")
    }
}

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Decide a recorded day again, with the same file or a changed one.",
        discussion: """
            Without --with every decision must come out the same to the last bit, or the command exits with \
            1. With a changed file it says what would have been different.

            Example: hercules controller rehearse day.jsonl --controller shop.yaml --with changed.yaml
            """)

    @Argument(help: "A file that 'record' wrote.") var file: String
    @Option(help: ArgumentHelp("The controller's file as it was.", valueName: "yaml"))
    var controller: String
    @Option(help: ArgumentHelp("A changed file of the same fleet.", valueName: "yaml")) var with: String?
    @Option(help: "The database that knows what servers achieve.") var database = "hercules.sqlite"
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        var setup = try ControlSetup.open(
            path: controller, databasePath: database, progress: SilentProgress())
        if let with { setup = try setup.replacingDocument(at: with) }
        let text = try FileContents.text(of: file, expected: "a recorded day")
        let rehearsal = try Rehearsal(
            setup, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        if json {
            print(String(decoding: try JSONText.bytes(rehearsal), as: UTF8.self))
        } else {
            for line in ControllerText.rehearsal(rehearsal) { print(line) }
        }
        if with == nil, rehearsal.identical < rehearsal.decisions { throw ExitCode.failure }
    }
}
