import Controlling
import Synchronization

extension ControllerApi {
    /// Sends events as they happen, from where a listener left off.
    ///
    /// A listener that stops reading is not waited for: the server ends a write that takes too long, and the
    /// browser comes back with the number of the last event that it has seen.
    func events(_ call: ApiCall) async throws -> ApiResponse {
        var after = try call.request.wholeNumber("after")
        if call.request.headers["last-event-id"] != nil {
            guard let text = call.request.header("last-event-id"), let id = Int64(text), id >= 0 else {
                throw ApiProblem(.invalidField, "Last-Event-ID: expected a whole number from 0")
            }
            after = id
        }
        guard let slot = listeners.take() else {
            throw ApiProblem(.busy, "too many are listening", retryAfter: 10)
        }
        let start: Int64
        if let after { start = after } else { start = try await latestEvent() }
        let stream = EventStream(controller: controller, after: start, slot: slot)
        return ApiResponse(type: "text/event-stream") { await stream.next() }
    }

    /// The number of the newest event; 0 before the first. O(log of it) questions to the store.
    func latestEvent() async throws -> Int64 {
        guard try await !controller.events(after: 0, limit: 1).isEmpty else { return 0 }
        // There is an event after `low`, and none after `high`.
        var (low, high): (Int64, Int64) = (0, 1)
        while high < 1 << 62, let next = try await controller.events(after: high, limit: 1).first {
            (low, high) = (high, min(max(next.id, high), 1 << 61) * 2)
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if try await controller.events(after: middle, limit: 1).isEmpty {
                high = middle
            } else {
                low = middle
            }
        }
        return high
    }
}

/// The events of one listener, piece by piece.
actor EventStream {
    /// Between pieces that say nothing but that the connection lives.
    private static let heartbeatSeconds = 15.0

    private let controller: any LiveController
    private var after: Int64
    private let slot: Slot
    private var hasBegun = false

    init(controller: any LiveController, after: Int64, slot: Slot) {
        self.controller = controller
        self.after = after
        self.slot = slot
    }

    /// The next piece; nil where the store can no longer be read.
    func next() async -> [UInt8]? {
        guard hasBegun else {
            hasBegun = true
            return Array("retry: 2000\n\n".utf8)
        }
        guard !Task.isCancelled else { return nil }
        do {
            var events = try await controller.events(after: after, limit: 200)
            if events.isEmpty {
                await controller.waitForEvent(after: after, seconds: Self.heartbeatSeconds)
                events = try await controller.events(after: after, limit: 200)
            }
            guard let last = events.last else { return Array(": still here\n\n".utf8) }
            after = last.id
            return try events.flatMap { try Self.text($0) }
        } catch {
            return nil
        }
    }

    /// One event as it goes over the wire. JSON has no line breaks, so that one line holds it.
    static func text(_ event: ControllerEvent) throws -> [UInt8] {
        Array("id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: ".utf8)
            + (try JSONText.bytes(event)) + Array("\n\n".utf8)
    }
}
