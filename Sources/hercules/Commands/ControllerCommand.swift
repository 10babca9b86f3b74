import ArgumentParser
import Foundation

/// Starts the live controller, which is an executable of its own: whoever needs no server builds none.
struct ControllerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller",
        abstract: "Drive a fleet from live loads, with the executable 'hercules-controller'.",
        discussion: """
            Scripts/controller builds that executable. All words that follow are its own: \
            'hercules controller help' lists its verbs.

            Example: hercules controller run Workloads/controller/example.yaml
            """)

    /// What the executable is called that lies beside this one.
    static let executable = "hercules-controller"

    @Argument(parsing: .captureForPassthrough, help: "A verb of the controller and its words.")
    var words: [String] = []

    func run() throws {
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let path = own?.deletingLastPathComponent().appendingPathComponent(Self.executable).path
        guard let path, FileManager.default.isExecutableFile(atPath: path) else {
            // Whoever asks what this is learns it without building it.
            if ["--help", "-h", "help"].contains(words.first) { throw CleanExit.helpRequest(self) }
            throw MissingController(
                description: "\(path ?? Self.executable): not found; Scripts/controller builds it")
        }
        try Self.become(path, words)
    }

    /// Replaces this process: signals, streams and the exit status are the other's own.
    private static func become(_ path: String, _ words: [String]) throws -> Never {
        var arguments = ([path] + words).map { strdup($0) }
        arguments.append(nil)
        execv(path, arguments)
        throw MissingController(description: "\(path): \(String(cString: strerror(errno)))")
    }
}

/// Why the other executable could not be started.
struct MissingController: Error, CustomStringConvertible {
    let description: String
}
