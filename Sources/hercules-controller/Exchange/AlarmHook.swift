import Catalog
import Controlling
import Foundation
import Logging
import ServiceLifecycle

/// Tells somebody else's address of every alarm. It waits for no tick and no tick waits for it; what cannot
/// be delivered is tried three times and stays in the events.
struct AlarmHook: Service {
    private static let secondsToAnswer = 5.0
    private static let pauses: [Duration] = [.seconds(1), .seconds(4), .zero]
    private static let pollSeconds = 15.0
    private static let batch = 200
    private static let answerBytesMax = 64 << 10

    private let controller: any LiveController
    private let exchange: BoundedExchange
    private let logger: Logger
    private let after: Int64

    /// - Parameter after: the last event that is not told of.
    /// - Throws: what is wrong with the certificates.
    init(
        _ alarms: ControllerDocument.Alarms, controller: any LiveController, after: Int64, logger: Logger
    ) throws {
        var settings = ExchangeSettings(url: alarms.webhook)
        settings.bearerFile = alarms.bearerFile
        settings.caFile = alarms.caFile
        exchange = try BoundedExchange(settings, bytesMax: Self.answerBytesMax)
        self.controller = controller
        self.after = after
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await tell() }
        await exchange.shutdown()
    }

    private func tell() async {
        var last = after
        while !Task.isCancelled {
            guard let events = try? await controller.events(after: last, limit: Self.batch) else { return }
            for event in events where event.kind == .alarm { await deliver(event) }
            if let newest = events.last?.id {
                last = newest
            } else {
                await controller.waitForEvent(after: last, seconds: Self.pollSeconds)
            }
        }
    }

    private func deliver(_ event: ControllerEvent) async {
        guard let body = try? JSONText.bytes(event) else { return }
        var reason = ""
        for pause in Self.pauses {
            do {
                let reply = try await exchange.send("POST", "", body: body, within: Self.secondsToAnswer)
                if (200..<300).contains(reply.status) { return }
                reason = "answered \(reply.status)"
                // Whoever refuses it will refuse it again.
                if (400..<500).contains(reply.status), reply.status != 429 { break }
            } catch {
                reason = "\(error)"
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
        logger.warning("alarm \(event.id) was not delivered: \(reason)")
    }
}
