import Controlling
import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary

@testable import hercules_controller

@Suite struct ScalerLintTests {
    private func findings(_ yaml: String) throws -> [String] {
        var lint = ScalerLint()
        try lint.add(yaml: yaml)
        lint.finish()
        return lint.findings.map(\.description)
    }

    @Test func `what is exported swallows nothing`() throws {
        let objects = try ScaledObjects(namespace: "shop", url: "https://hercules:8640", secret: "scaler")
        let yaml = try objects.yaml([
            .init(model: "rm1", serverType: "cpu-t2", min: 1, max: 40, fallback: 12),
            .init(model: "ncf", serverType: "cpu-t2", min: 2, max: 8, fallback: 2),
        ])
        #expect(try findings(yaml).isEmpty)
        #expect(yaml.contains("tolerance: \"0\"") && yaml.contains("valueLocation: servers"))
        #expect(yaml.contains("https://hercules:8640/v1/allocations/rm1/cpu-t2"))
        #expect(throws: KubernetesManifests.Failure.self) {
            try objects.yaml([.init(model: "Big Model", serverType: "a", min: 0, max: 1, fallback: 0)])
        }
    }

    @Test func `a usual autoscaler swallows steps and waits`() throws {
        let found = try findings(
            """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: rm1}
            spec:
              scaleTargetRef: {kind: Deployment, name: rm1--cpu}
              minReplicas: 1
              maxReplicas: 40
              metrics:
                - type: Resource
                  resource: {name: cpu}
                - type: External
                  external: {target: {type: Value, value: "5"}}
            ---
            kind: Deployment
            metadata: {name: rm1--cpu}
            spec: {replicas: 3}
            """)
        let expected = [
            "scaleUp.tolerance 0.1 leaves changes of up to 4 servers undone at 40 servers",
            "scaleDown waits 300 s", "type Resource is a second master", "type Value is multiplied",
            "sets spec.replicas",
        ]
        for words in expected { #expect(found.contains { $0.contains(words) }, "\(words)") }
    }

    @Test func `a ScaledObject with traps is told of each`() throws {
        let found = try findings(
            """
            kind: ScaledObject
            metadata:
              name: a
              annotations: {autoscaling.keda.sh/paused: "true"}
            spec:
              scaleTargetRef: {name: t}
              pollingInterval: 300
              fallback: {failureThreshold: 3, replicas: 1}
              triggers:
                - type: metrics-api
                  metricType: Value
                  metadata: {url: "https://h/v1/allocations/a/b", targetValue: "2", valueLocation: count}
                - type: cron
                  metadata: {}
            ---
            kind: ScaledObject
            metadata: {name: b}
            spec:
              scaleTargetRef: {name: t}
              triggers: []
            """)
        let expected = [
            "pauses it", "maxReplicaCount is 100", "minReplicaCount 0", "polls every 300 s",
            "fallback static stops servers", "metricType Value", "targetValue 2 divides", "not servers",
            "trigger cron is a second master", "two masters: ScaledObject a and ScaledObject b",
            "has no triggers",
        ]
        for words in expected { #expect(found.contains { $0.contains(words) }, "\(words)") }
    }

    @Test func `what is no YAML is an error`() {
        #expect(throws: (any Error).self) { try findings("a: [") }
    }
}

@Suite struct ScaleCommandTests {
    private static let now = ControlTime(monotonic: .zero, wall: Sample.start)

    /// Writes a program, and hands it over for a while.
    private func with(_ script: String, _ use: (ScaleCommand) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("scale-\(UUID())").path
        try ("#!/bin/sh\n" + script).write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await use(try ScaleCommand(path: path, intervalSeconds: 4))
    }

    private let order = FleetOrder(
        id: 1, decision: 2, model: "rm1", serverType: "cpu", from: 3, to: 5, generation: 1, version: nil)

    @Test func `a program says what runs`() async throws {
        let json =
            #"{"available":{"cpu":9},"pairs":[{"model":"rm1","serverType":"cpu","serving":3,"starting":1}]}"#
        try await with("[ \"$1\" = fleet ] && echo '\(json)'") { command in
            guard case .seen(let fleet, _) = await command.fleet(at: Self.now) else {
                throw CancellationError()
            }
            #expect(fleet.serving["rm1", "cpu"] == 3 && fleet.starting["rm1", "cpu"] == 1)
            #expect(fleet.available == ["cpu": 9])
        }
    }

    @Test(arguments: [
        "exit 1", "echo nonsense", "echo '{\"available\":{},\"pairs\":[{\"model\":\"a\"}]}'", "sleep 20",
        "echo '{\"available\":{},\"pairs\":[{\"model\":\"a\",\"serverType\":\"b\",\"serving\":-1}]}'",
    ])
    func `a program that does not say it is not believed`(script: String) async throws {
        try await with(script) { command in
            guard case .unknown = await command.fleet(at: Self.now) else {
                Issue.record("expected nobody to know")
                return
            }
        }
    }

    @Test(arguments: [(0, "accepted"), (3, "conflict"), (4, "fenced"), (75, "failed"), (1, "refused")])
    func `its exit status says what became of an order`(status: Int, name: String) async throws {
        try await with("grep -q '\"to\":5' || exit 9\nexit \(status)") { command in
            #expect("\(await command.order(order))".hasPrefix(name))
        }
    }

    @Test func `a program that is not there is refused at the start`() {
        #expect(throws: LoadInputRefusal.self) { try ScaleCommand(path: "/nonexistent", intervalSeconds: 60) }
    }
}
