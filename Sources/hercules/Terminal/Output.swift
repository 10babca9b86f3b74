import Files
import Foundation

/// The standard output and the standard error.
///
/// Both may be closed, full, or a pipe that nobody reads: a write that fails is noted, and ends nothing
/// half way.
enum StandardStreams {
    private static let lock = NSLock()
    // Unchecked: guarded by the lock.
    nonisolated(unsafe) private static var failure: SystemFailure?

    /// Sees to it that none of the three standard streams is closed: the next file to be opened would take
    /// its number, and what is meant for people would go into that file.
    static func occupy() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) == -1 {
            // Opened for reading only, so that writing to it still fails. The lowest free number is taken.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes to the standard output, unless that has failed before.
    static func put(_ text: String) {
        lock.withLock {
            guard failure == nil else { return }
            failure = write(text, to: STDOUT_FILENO)
        }
    }

    /// Writes to the standard error. Where that fails there is nobody left to tell.
    static func complain(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// Why the standard output did not take everything; nil where it did.
    static var outputFailure: String? {
        lock.withLock { failure }.map { failure in
            let found = failure.code == EPIPE ? "a pipe that nobody reads any more" : "\(failure)"
            return "standard output: found \(found), expected to write to it"
        }
    }

    private static func write(_ text: String, to descriptor: CInt) -> SystemFailure? {
        // A reader that is gone comes as an error of the write and not as a signal, which would end the
        // process before it has said why, and which programs that it starts would inherit.
        var (pipe, before) = (sigset_t(), sigset_t())
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer {
            if sigismember(&before, SIGPIPE) == 0 {
                var pending = sigset_t()
                sigpending(&pending)
                var signal: CInt = 0
                if sigismember(&pending, SIGPIPE) == 1 { sigwait(&pipe, &signal) }
                pthread_sigmask(SIG_SETMASK, &before, nil)
            }
        }
        var text = text
        return text.withUTF8 { bytes in
            do throws(SystemFailure) {
                try OutputFile.write(UnsafeRawBufferPointer(bytes), to: descriptor)
                return nil
            } catch {
                return error
            }
        }
    }
}

/// Writes a verb's result to the standard output.
func emit(_ text: String) { StandardStreams.put(text) }
