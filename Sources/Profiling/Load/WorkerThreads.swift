import Foundation

/// Threads that stay alive between runs, because engines keep state by thread: OpenVINO ties a calling thread
/// to one of its streams, whose kernels for the shapes it has seen would be built anew for a new thread.
final class WorkerThreads: @unchecked Sendable {
    // Unchecked: all state is guarded by the condition.

    let count: Int
    private let condition = NSCondition()
    private var body: (@Sendable (Int) -> Void)?
    /// Counts the runs, so that a thread takes part in each exactly once.
    private var run = 0
    private var unfinished = 0
    private var isClosed = false

    /// Starts the threads; `close()` ends them.
    /// - Parameter cores: for each thread, the processors it is held to; empty ones leave that to the system.
    /// - Precondition: `count >= 1`.
    init(count: Int, cores: [[Int]] = []) {
        precondition(count >= 1, "a run needs a thread")
        self.count = count
        for index in 0..<count {
            let own = index < cores.count ? cores[index] : []
            let thread = Thread { [self] in
                ThreadPlacement.hold(to: own)
                serve(index)
            }
            thread.name = "inference-\(index)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Ends the threads once they are idle. They hold on to this object until then.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Calls `body` with the thread's number on every thread at once, `caller` on the calling thread
    /// meanwhile, and returns when all are done.
    func perform(_ body: @escaping @Sendable (Int) -> Void, alongside caller: () -> Void = {}) {
        condition.lock()
        precondition(unfinished == 0 && !isClosed, "one run at a time, and none after the end")
        self.body = body
        run += 1
        unfinished = count
        condition.broadcast()
        condition.unlock()
        caller()
        condition.lock()
        while unfinished > 0 { condition.wait() }
        self.body = nil
        condition.unlock()
    }

    private func serve(_ index: Int) {
        var seen = 0
        while true {
            condition.lock()
            while run == seen && !isClosed { condition.wait() }
            guard run != seen, let body else {
                condition.unlock()
                return
            }
            seen = run
            condition.unlock()
            body(index)
            condition.lock()
            unfinished -= 1
            if unfinished == 0 { condition.broadcast() }
            condition.unlock()
        }
    }
}
