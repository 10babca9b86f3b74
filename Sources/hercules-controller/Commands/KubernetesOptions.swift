import ArgumentParser
import Controlling
import Foundation
import Pipeline
import Reporting
import Vocabulary

/// Where a Kubernetes API server is, whose Deployments are the fleet.
struct KubernetesOptions: ParsableArguments {
    /// Where a pod finds what it needs to speak to its cluster.
    private static let account = "/var/run/secrets/kubernetes.io/serviceaccount/"

    @Option(
        help: ArgumentHelp("The API server, or 'cluster' for the one that this pod is in.", valueName: "url"))
    var kubernetes: String?
    @Option(help: "The namespace of the Deployments.") var kubernetesNamespace = "default"
    @Option(help: "The node label that names a server type.") var kubernetesNodeLabel = "hercules/server-type"
    @Option(
        help: ArgumentHelp("The Lease of those who may act, in the same namespace.", valueName: "name"))
    var kubernetesLease = "hercules-controller"
    @Option(help: ArgumentHelp("A file with a token for it.", valueName: "file"))
    var kubernetesTokenFile: String?
    @Option(help: ArgumentHelp("PEM file of who signed its certificate.", valueName: "file"))
    var kubernetesCaFile: String?

    /// Who looks, and in modes that act, who acts and what decides whose turn it is.
    struct Cluster {
        let reader: any FleetReader
        var actuator: (any FleetActuator)?
        var leases: (any SharedLease)?
    }

    /// nil where no cluster is named.
    func fleet(_ setup: ControlSetup, acts: Bool) throws -> Cluster? {
        guard let kubernetes else { return nil }
        try Self.requireNames(
            setup.table.entries.map { ModelOnServer(model: $0.model, serverType: $0.serverType) })
        let exchange = try BoundedExchange(
            try settings(kubernetes), bytesMax: HTTPKubernetesReader.bytesMax)
        let place = KubernetesFleet.Place(
            namespace: kubernetesNamespace, nodeLabel: kubernetesNodeLabel,
            seconds: min(max(setup.intervalSeconds / 4, 0.5), 10))
        let models = setup.scenario.models.map(\.id).sorted()
        let types = setup.scenario.fleet.serverTypes.sorted()
        guard acts else {
            let reader = HTTPKubernetesReader(exchange: exchange)
            return Cluster(
                reader: KubernetesFleet(server: reader, place: place, models: models, serverTypes: types))
        }
        guard kubernetesLease.wholeMatch(of: /[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?/) != nil else {
            throw ValidationError(
                "--kubernetes-lease: found '\(kubernetesLease)', expected small letters, digits, - and .")
        }
        let writer = HTTPKubernetesWriter(exchange: exchange)
        let lease = KubernetesLease(
            writer, .init(namespace: kubernetesNamespace, name: kubernetesLease))
        let scaler = KubernetesScaler(writer, place, lease: lease, models: models, serverTypes: types)
        return Cluster(reader: scaler, actuator: scaler, leases: lease)
    }

    /// A pair of whose name there can be no Deployment could be planned for and never be started.
    static func requireNames(_ pairs: some Sequence<ModelOnServer>) throws {
        for pair in pairs {
            do {
                _ = try KubernetesName.deployment(pair.model, pair.serverType)
            } catch {
                throw ValidationError("--kubernetes: \(error)")
            }
        }
    }

    private func settings(_ kubernetes: String) throws -> ExchangeSettings {
        guard kubernetes == "cluster" else {
            guard kubernetes.hasPrefix("https://") || kubernetes.hasPrefix("http://127.0.0.1") else {
                throw ValidationError("--kubernetes: found '\(kubernetes)', expected an address with https")
            }
            var settings = ExchangeSettings(url: kubernetes)
            (settings.bearerFile, settings.caFile) = (kubernetesTokenFile, kubernetesCaFile)
            return settings
        }
        let environment = ProcessInfo.processInfo.environment
        guard let host = environment["KUBERNETES_SERVICE_HOST"],
            let port = environment["KUBERNETES_SERVICE_PORT"]
        else { throw ValidationError("--kubernetes: found no cluster around this process") }
        var settings = ExchangeSettings(url: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        settings.bearerFile = kubernetesTokenFile ?? Self.account + "token"
        settings.caFile = kubernetesCaFile ?? Self.account + "ca.crt"
        return settings
    }
}
