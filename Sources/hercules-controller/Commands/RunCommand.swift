import ArgumentParser
import Catalog
import Controlling
import Foundation
import Logging
import Pipeline
import Quantities
import ServiceLifecycle

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch a fleet, decide at every interval, and show it all.",
        discussion: """
            Advises unless both the file and --mode say more. Answers on a loopback address unless told \
            otherwise; an address that others reach needs a certificate and a file of tokens.

            Example: hercules controller run Workloads/controller/example.yaml
            """)

    enum ClockKind: String, ExpressibleByArgument, CaseIterable { case system, simulated }

    @Argument(help: "A file as in Workloads/controller.") var file: String
    @Option(help: "The database of what is known and decided.") var database = "hercules.sqlite"
    @Option(help: "observe, advisory, approve or active; the last two only where the file says so too.")
    var mode: String?
    @Option(help: ArgumentHelp("Where to answer instead of what the file says.", valueName: "host:port"))
    var listen: String?
    @Option(help: ArgumentHelp("The file of tokens instead of the file's.", valueName: "file"))
    var tokens: String?
    @Option(help: ArgumentHelp("PEM file of the server's certificate.", valueName: "file"))
    var certificate: String?
    @Option(help: ArgumentHelp("PEM file of its key.", valueName: "file")) var key: String?
    @Option(help: "system, or simulated: the next interval begins as soon as one is decided.")
    var clock = ClockKind.system
    @Option(help: ArgumentHelp("When a simulated clock begins, in Unix seconds.", valueName: "seconds"))
    var from: Double?
    @Option(help: "Decisions to make before ending.") var ticks: Int?
    @Option(help: ArgumentHelp("A program that carries out orders; see the guide.", valueName: "path"))
    var scaleCommand: String?
    @OptionGroup var cluster: KubernetesOptions

    func validate() throws {
        guard ticks.map({ $0 > 0 }) ?? true else { throw ValidationError("--ticks: expected at least 1") }
        if clock == .simulated {
            guard ticks != nil else { throw ValidationError("--clock simulated: expected --ticks beside it") }
            guard scaleCommand == nil, cluster.kubernetes == nil else {
                throw ValidationError("--clock simulated: found a fleet beside it, expected none")
            }
        } else if from != nil {
            throw ValidationError("--from: expected --clock simulated beside it")
        }
        if let from, WallTime(unixSeconds: from) == nil { throw ValidationError("--from: expected a time") }
    }

    func run() async throws {
        var logger = Logger(label: "hercules-controller") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        let setup = try ControlSetup.open(
            path: file, databasePath: database, progress: SilentProgress())
        let address = try listenAddress(setup.document.interface)
        try address.check()
        let vault = try address.tokens.map { path throws(TokenFileError) in try TokenVault(path: path) }
        let clock = self.clock(from)
        let inputs = try LoadInputs(setup, clock: clock, comparesClocks: self.clock == .system)
        let current = CurrentInputs(inputs)
        var surroundings = try surroundings(setup, inputs.source, clock)
        surroundings.reopen = reopening(current, clock)
        let control = try ControllerRun(setup, surroundings)
        let api = ControllerApi(
            controller: control, gate: ApiGate(address: address, vault: vault), clock: clock,
            requests: inputs.counts, pushed: inputs.pushed, logger: logger)
        let server = try ControllerServer(api: api, logger: logger).service { port in
            var shown = address
            shown.port = port
            FileHandle.standardError.write(Data("listening on \(shown.url)\n".utf8))
        }
        let service = TickService(control: control, ticks: ticks)
        var others: [any Service] = [server, ReloadService(control: control, logger: logger)]
        if let alarms = setup.document.alarms {
            let after = try await api.latestEvent()
            others.append(try AlarmHook(alarms, controller: control, after: after, logger: logger))
        }
        try await Self.group(others, service, logger: logger).run()
        await current.now.shutdown()
    }

    /// How the file is read again.
    private func reopening(
        _ current: CurrentInputs, _ clock: any ControllerClock
    ) -> @Sendable () throws -> ControllerRun.Reopened {
        let (file, database, compares) = (file, database, self.clock == .system)
        return {
            let setup = try ControlSetup.open(
                path: file, databasePath: database, progress: SilentProgress())
            let inputs = try LoadInputs(setup, clock: clock, comparesClocks: compares, after: current.now)
            return .init(setup: setup, source: inputs.source) { isAdopted in
                await current.settle(inputs, isAdopted: isAdopted)
            }
        }
    }

    private static func group(
        _ others: [any Service], _ ticks: TickService, logger: Logger
    ) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: others.map { .init(service: $0) } + [
                .init(service: ticks, successTerminationBehavior: .gracefullyShutdownGroup)
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Listeners of events would hold the end up.
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        return ServiceGroup(configuration: configuration)
    }

    private func clock(_ from: Double?) -> any ControllerClock {
        guard clock == .simulated else { return SystemClock() }
        let wall = from.flatMap { WallTime(unixSeconds: $0) }
        return SimulatedClock(wall: wall ?? SystemClock().now().wall)
    }

    private func listenAddress(_ interface: ControllerDocument.Interface) throws -> ListenAddress {
        guard var address = ListenAddress(text: listen ?? interface.listen) else {
            throw ValidationError(
                "listen: found '\(listen ?? interface.listen)', expected a host and port, 127.0.0.1:8640")
        }
        address.names = interface.names
        address.certificate = certificate ?? interface.certificate
        address.key = key ?? interface.key
        address.tokens = tokens ?? interface.tokens
        return address
    }

    /// What the run is given; in modes that only advise there is nothing that could act.
    private func surroundings(
        _ setup: ControlSetup, _ source: any LoadSource, _ clock: any ControllerClock
    ) throws -> ControllerRun.Surroundings {
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.mode = try chosenMode(setup.mode)
        if self.clock == .system { surroundings.holder = Self.holder }
        let acts = surroundings.mode?.acts == true
        if let found = try cluster.fleet(setup, acts: acts) {
            guard scaleCommand == nil else {
                throw ValidationError("--scale-command: found --kubernetes beside it, expected one of them")
            }
            (surroundings.fleet, surroundings.actuator) = (found.reader, found.actuator)
            surroundings.leases = found.leases
        } else if let scaleCommand {
            let command = try ScaleCommand(path: scaleCommand, intervalSeconds: setup.intervalSeconds)
            surroundings.fleet = ScaleCommandReader(command: command)
            if acts { surroundings.actuator = command }
        } else if acts {
            surroundings.actuator = PulledFleet()
        }
        return surroundings
    }

    /// Acting takes two: the file and whoever starts it.
    private func chosenMode(_ said: ControllerMode) throws -> ControllerMode {
        guard let mode else { return said.acts ? .advisory : said }
        guard let chosen = ControllerMode(rawValue: mode) else {
            let known = ControllerMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--mode: found '\(mode)', expected one of \(known)")
        }
        guard !chosen.acts || chosen == said || said == .active else {
            throw ValidationError(
                "--mode: found '\(mode)' and a file that says \(said.rawValue), expected \(mode) in both")
        }
        return chosen
    }

    private static var holder: String {
        "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
    }
}

/// Runs the ticks until the process is told to end.
struct TickService: Service {
    let control: ControllerRun
    let ticks: Int?

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await control.run(ticks: ticks ?? .max)
            } catch is CancellationError {}
        }
    }
}
