import Files
import Foundation
import Quantities

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Runs a program to its end, or to the end of the time it has.
///
/// The program leads a process group of its own, so that one that is given up takes along whatever it
/// started. What it writes goes to files: a pipe that a left-over grandchild holds open would never end.
struct ChildProgram {
    /// The program, looked for on the path, and its arguments.
    let arguments: [String]
    let timeout: Nanoseconds

    /// What the program wrote to its standard output.
    /// - Throws: `programFailed` where it cannot be started, ends with another status than 0, is killed, or
    ///   takes too long; with the last line of its standard error.
    func output() throws(ProfilingError) -> [UInt8] {
        let folder: ScratchFolder
        do {
            folder = try ScratchFolder()
        } catch {
            throw failed("no folder for its output: \(error)")
        }
        defer { withExtendedLifetime(folder) {} }
        let (output, errors) = (folder.file("output"), folder.file("errors"))
        let process = try start(output: output, errors: errors)
        let deadline = SystemClock.now() + timeout
        var status: CInt = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            if ended < 0 && errno != EINTR { throw failed(String(cString: strerror(errno))) }
            guard SystemClock.now() < deadline else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                throw failed("no answer within \(timeout), so it was ended\(Self.lastLine(of: errors))")
            }
            guard [output, errors].allSatisfy({ Self.size(of: $0) <= Self.outputBytesMax }) else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                throw failed(
                    "found more than \(Self.outputBytesMax) bytes of output, expected one JSON object")
            }
            usleep(2000)
        }
        // The low seven bits are the signal that ended it, the next eight its exit status.
        let signal = status & 0x7F
        guard signal == 0 else { throw failed("killed by signal \(signal)\(Self.lastLine(of: errors))") }
        let code = (status >> 8) & 0xFF
        guard code == 0 else {
            throw failed("exit status \(code), expected 0\(Self.lastLine(of: errors))")
        }
        do {
            return try FileContents.bytes(
                of: output, expected: "one JSON object", max: Self.outputBytesMax, isInput: false)
        } catch {
            throw failed("\(error)")
        }
    }

    /// A histogram of a million latencies is shorter.
    private static let outputBytesMax = 64 << 20

    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private func failed(_ reason: String) -> ProfilingError {
        .programFailed(program: arguments.first ?? "", reason: reason)
    }

    private func start(output: String, errors: String) throws(ProfilingError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let words = arguments.map { strdup($0) }
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in words + variables { free(text) } }
        guard let program = arguments.first else { throw failed("no program") }
        var process: pid_t = 0
        let status = posix_spawnp(&process, program, &actions, &attributes, words + [nil], variables + [nil])
        guard status == 0 else { throw failed(String(cString: strerror(status))) }
        return process
    }

    /// The last line that says something, after a colon; empty where there is none.
    private static func lastLine(of path: String) -> String {
        guard
            let bytes = try? FileContents.bytes(
                of: path, expected: "text", max: outputBytesMax, isInput: false)
        else { return "" }
        let lines = String(decoding: bytes.suffix(4096), as: UTF8.self).split(separator: "\n")
        return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { ": \($0)" } ?? ""
    }
}
