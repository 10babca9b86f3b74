import Quantities
import Vocabulary
import Yams

/// A schedule of allocations as Kubernetes manifests: a Deployment for every (model, server type), one
/// replica a server, or one for each engine that a server is filled with.
///
/// The first set holds every Deployment that is ever needed, those of later sets only what changes, so
/// applying the sets in order, each at its time, carries out the schedule. Replicas go to nodes by a label
/// that names the server type. A replica that has its server to itself keeps apart from others; engines that
/// share one are placed by the accelerators that they ask for.
public struct KubernetesManifests: Sendable {
    /// Why a schedule has no manifests.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A name, or a label made of names, that Kubernetes does not take.
        case badName(String, expected: String)
        /// A pair without an efficiency entry, or a server type that is not described.
        case unknownPair(model: ModelID, serverType: ServerTypeID)

        public var description: String {
            switch self {
            case .badName(let name, let expected):
                "'\(name)' cannot name a Kubernetes object: expected \(expected)"
            case .unknownPair(let model, let serverType):
                "nothing is known of model '\(model)' on server type '\(serverType)'"
            }
        }
    }

    /// What the manifests need to know beyond the schedule.
    public struct Options: Hashable, Sendable {
        /// The namespace of every object.
        public var namespace: String
        /// The node label whose value is the server type.
        public var nodeLabel: String
        /// The container image; `{model}` stands for the model's name.
        public var image: String
        /// What containers of language models start.
        public var launch: EngineLaunch

        public init(
            namespace: String, nodeLabel: String, image: String, launch: EngineLaunch = .vllm
        ) {
            self.launch = launch
            self.namespace = namespace
            self.nodeLabel = nodeLabel
            self.image = image
        }
    }

    /// The manifests of one span.
    public struct ManifestSet: Hashable, Sendable {
        /// For example `00012.yaml`, by the first interval of the span.
        public let fileName: String
        public let yaml: String
    }

    private let schedule: AllocationSchedule
    private let options: Options
    private let serverTypes: [ServerTypeID: ServerType]
    /// The embedding tables of each model whose graph is known; nearly all of its memory.
    private let modelSizes: [ModelID: Bytes]

    /// Manifests of a schedule.
    /// - Throws: `badName` for a namespace or node label that Kubernetes does not take.
    public init(
        _ schedule: AllocationSchedule, serverTypes: [ServerType], modelSizes: [ModelID: Bytes],
        options: Options
    ) throws(Failure) {
        self.schedule = schedule
        self.options = options
        self.serverTypes = Dictionary(serverTypes.map { ($0.id, $0) }) { first, _ in first }
        self.modelSizes = modelSizes
        try KubernetesName.require(label: options.namespace)
        try KubernetesName.require(labelKey: options.nodeLabel)
    }

    /// One set for each span that changes any Deployment; O(spans * pairs).
    public func sets() throws -> [ManifestSet] {
        var running: [String: Int] = [:]
        return try schedule.spans.compactMap { span in
            var documents: [JSONValue] = []
            for (model, serverType) in schedule.pairs {
                let name = try KubernetesName.deployment(model, serverType)
                let count = span.allocation[model, serverType]
                if running[name] == count { continue }
                running[name] = count
                documents.append(try deployment(name, model, serverType, replicas: count, span))
            }
            guard !documents.isEmpty else { return nil }
            return ManifestSet(fileName: fileName(span), yaml: try YAMLText.documents(documents))
        }
    }

    /// Which set is to be applied when, as JSON that ends with a line break.
    public func index() throws -> String {
        var entries: [JSONValue] = []
        let byName = Dictionary(uniqueKeysWithValues: try sets().map { ($0.fileName, $0) })
        for span in schedule.spans where byName[fileName(span)] != nil {
            entries.append([
                "file": .string(fileName(span)), "firstInterval": .integer(span.firstInterval),
                "startSeconds": .number(schedule.elapsedSeconds(span.firstInterval)),
                "startUtc": schedule.startText(span.firstInterval).map(JSONValue.string) ?? .null,
                "servers": .integer(span.allocation.serverCount),
            ])
        }
        return StableJSON.document(
            of: [
                "policy": .string(schedule.policy), "trace": .string(schedule.traceName),
                "namespace": .string(options.namespace), "nodeLabel": .string(options.nodeLabel),
                "sets": .array(entries),
            ])
    }

    private func fileName(_ span: AllocationSchedule.Span) -> String {
        let digits = String(span.firstInterval)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".yaml"
    }

    // MARK: One Deployment

    private func deployment(
        _ name: String, _ model: ModelID, _ serverType: ServerTypeID, replicas: Int,
        _ span: AllocationSchedule.Span
    ) throws(Failure) -> JSONValue {
        guard let entry = schedule.table[model, serverType], let type = serverTypes[serverType] else {
            throw .unknownPair(model: model, serverType: serverType)
        }
        let managed = JSONValue.string("hercules")
        let selector: [String: JSONValue] = [
            "app.kubernetes.io/name": .string(model.name),
            "app.kubernetes.io/component": .string(serverType.name), "app.kubernetes.io/managed-by": managed,
        ]
        let engines = Self.engines(of: entry.schedule, on: type)
        let share = 1 / Double(engines)
        let apart: JSONValue = [
            "labelSelector": ["matchLabels": ["app.kubernetes.io/managed-by": managed]],
            "topologyKey": "kubernetes.io/hostname",
        ]
        let antiAffinity: JSONValue = ["requiredDuringSchedulingIgnoredDuringExecution": .array([apart])]
        var pod: [String: JSONValue] = [
            "containers": .array([container(model, entry, type)]),
            "nodeSelector": .object([options.nodeLabel: .string(serverType.name)]),
        ]
        if engines == 1 { pod["affinity"] = ["podAntiAffinity": antiAffinity] }
        var annotations: [String: JSONValue] = [
            "hercules/policy": .string(schedule.policy), "hercules/trace": .string(schedule.traceName),
            "hercules/first-interval": .string("\(span.firstInterval)"),
            "hercules/queries-per-second-per-replica": .string("\(entry.throughput.value * share)"),
            "hercules/watts-per-replica": .string("\(entry.power.value * share)"),
            "hercules/provenance": .string(entry.provenance.rawValue),
            "hercules/watts-provenance": .string(entry.powerProvenance.rawValue),
        ]
        if let load = entry.schedule.reportedLoad {
            annotations["hercules/reported-load"] = .string(load.description)
        }
        if let start = schedule.startText(span.firstInterval) {
            annotations["hercules/start"] = .string(start)
        }
        return [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name), "namespace": .string(options.namespace), "labels": .object(selector),
                "annotations": .object(annotations),
            ],
            "spec": [
                "replicas": .integer(replicas * engines), "selector": ["matchLabels": .object(selector)],
                "template": ["metadata": ["labels": .object(selector)], "spec": .object(pod)],
            ],
        ]
    }

    private func container(
        _ model: ModelID, _ entry: EfficiencyEntry, _ type: ServerType
    ) -> JSONValue {
        var limits: [String: JSONValue] = [:]
        var requests: [String: JSONValue] = [:]
        if let cores = Self.cores(of: entry.schedule, on: type) { requests["cpu"] = .string("\(cores)") }
        if let size = modelSizes[model] {
            // Rounded up to whole mebibytes.
            requests["memory"] = .string("\(Int((size.value / 1_048_576).rounded(.up)))Mi")
        }
        let devices = Self.devices(of: entry.schedule, on: type)
        if devices > 0 {
            // Kubernetes wants requests and limits of devices to be equal.
            limits["nvidia.com/gpu"] = .string("\(devices)")
            requests["nvidia.com/gpu"] = .string("\(devices)")
        }
        var resources: [String: JSONValue] = [:]
        if !requests.isEmpty { resources["requests"] = .object(requests) }
        if !limits.isEmpty { resources["limits"] = .object(limits) }
        let settings = [("HERCULES_MODEL", model.name)] + Self.settings(of: entry.schedule)
        var container: [String: JSONValue] = [
            "name": "inference",
            "image": .string(
                options.image.split(separator: "{model}", omittingEmptySubsequences: false)
                    .joined(separator: model.name)),
            "env": .array(settings.map { ["name": .string($0.0), "value": .string($0.1)] }),
            "resources": .object(resources),
        ]
        if let rules = entry.schedule.engineRules {
            if let command = options.launch.command {
                container["command"] = .array(command.map { .string($0) })
            }
            container["args"] = .array(options.launch.arguments(rules).map { .string($0) })
        }
        return .object(container)
    }

    /// How many equal engines a server is filled with; 1 of what has its server to itself.
    private static func engines(of schedule: Schedule, on type: ServerType) -> Int {
        guard let rules = schedule.engineRules, let all = type.accelerator?.count else { return 1 }
        return max(1, all / rules.devices)
    }

    /// What a container is told of its schedule.
    private static func settings(of schedule: Schedule) -> [(String, String)] {
        switch schedule {
        case .threads(let threads):
            [
                ("HERCULES_PARTITION", threads.partition.rawValue),
                ("HERCULES_THREADS", "\(threads.threads)"),
                ("HERCULES_WORKERS", "\(threads.workers)"), ("HERCULES_BATCH", "\(threads.batch)"),
                ("HERCULES_PRECISION", threads.precision.rawValue),
            ]
                + (threads.joinWait.map { [("HERCULES_JOIN_WAIT_US", "\($0.count / 1000)")] } ?? [])
        case .engine(let rules):
            [
                ("HERCULES_TENSOR_PARALLEL", "\(rules.tensorParallel)"),
                ("HERCULES_PIPELINE_PARALLEL", "\(rules.pipelineParallel)"),
                ("HERCULES_EXPERT_PARALLEL", "\(rules.expertParallel)"),
                ("HERCULES_SEQUENCES_MAX", "\(rules.sequencesMax)"),
                ("HERCULES_TOKEN_BUDGET", "\(rules.tokenBudget)"),
            ] + (rules.chunkTokens.map { [("HERCULES_CHUNK_TOKENS", "\($0)")] } ?? []) + [
                ("HERCULES_ROLE", rules.role.rawValue), ("HERCULES_PRECISION", rules.precision.rawValue),
            ]
        // Nobody said how the figure was made, so a container is told nothing.
        case .reported: []
        }
    }

    /// The accelerators that a schedule takes of a server: all of them, or those that an engine runs on.
    private static func devices(of schedule: Schedule, on type: ServerType) -> Int {
        let all = type.accelerator?.count ?? 0
        return switch schedule {
        case .threads(let threads): [.accelerator, .hostSparse].contains(threads.partition) ? all : 0
        case .engine(let rules): min(all, rules.devices)
        // A figure is of the whole server.
        case .reported: all
        }
    }

    /// The host cores that a schedule keeps busy: M x O of its threads, all cores where a pipeline takes the
    /// rest, a core for each copy or engine on an accelerator; nil where nobody says how many there are.
    private static func cores(of schedule: Schedule, on type: ServerType) -> Int? {
        if case .reported = schedule { return nil }
        guard let all = type.processor?.cores else { return nil }
        guard let threads = schedule.threadSchedule else {
            return min(all / engines(of: schedule, on: type), max(1, devices(of: schedule, on: type)))
        }
        return switch threads.partition {
        case .whole: min(all, threads.threads * threads.workers)
        case .sparseDense, .hostSparse: all
        case .accelerator: min(all, threads.threads * (type.accelerator?.count ?? 1))
        }
    }
}

/// What Kubernetes takes for names: RFC 1123 labels and qualified label keys.
public enum KubernetesName {
    /// A name for a pair. Two pairs never share one: a name that holds the separator is refused.
    /// - Throws: `badName` for names that no Deployment can have.
    public static func deployment(
        _ model: ModelID, _ serverType: ServerTypeID
    ) throws(KubernetesManifests.Failure) -> String {
        for name in [model.name, serverType.name] {
            try require(label: name)
            guard !name.contains("--") else {
                throw .badName(
                    name, expected: "no two hyphens in a row, which separate a model from its server type")
            }
        }
        let name = "\(model.name)--\(serverType.name)"
        try require(label: name)
        return name
    }

    /// - Throws: `badName` for what is no RFC 1123 label, such as a namespace.
    public static func require(label: String) throws(KubernetesManifests.Failure) {
        let isAllowed = label.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
        }
        guard isAllowed, (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-")
        else {
            throw .badName(
                label,
                expected:
                    "1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends")
        }
    }

    /// - Throws: `badName` for what is no key of a label.
    public static func require(labelKey: String) throws(KubernetesManifests.Failure) {
        let parts = labelKey.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count) else {
            throw .badName(labelKey, expected: "a label key, with at most one slash")
        }
        for part in parts {
            for label in part.split(separator: ".", omittingEmptySubsequences: false) {
                try require(label: String(label))
            }
        }
    }
}

/// Values as YAML.
enum YAMLText {
    /// Documents one after the other, each with its keys in ascending order.
    static func documents(_ values: [JSONValue]) throws -> String {
        try Yams.serialize(nodes: values.map(node), explicitStart: true)
    }

    private static func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null))
        case .bool(let flag): Node(flag ? "true" : "false", Tag(.bool))
        case .integer(let number): Node("\(number)", Tag(.int))
        case .unsigned(let number): Node("\(number)", Tag(.int))
        case .number(let number): Node("\(number)", Tag(.float))
        case .string(let text): Node(text, Tag(.str), .doubleQuoted)
        case .array(let elements): Node(elements.map(node), Tag(.seq), .block)
        case .object(let members):
            Node(
                members.sorted { $0.key < $1.key }.map {
                    (Node($0.key, Tag(.str), .doubleQuoted), node($0.value))
                },
                Tag(.map), .block)
        }
    }
}
