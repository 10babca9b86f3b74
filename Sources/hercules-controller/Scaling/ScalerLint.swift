import Yams

/// Says what in the way from a plan to its servers will not carry it out: tolerances, waiting times, bounds,
/// second masters.
struct ScalerLint: Sendable {
    /// One thing that was found.
    struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// How bad it is.
        enum Weight: String, Sendable {
            /// The plan is not carried out as it is.
            case swallows
            /// The plan is carried out late, or depends on something else.
            case delays
        }

        let weight: Weight
        /// For example `HorizontalPodAutoscaler rm1--cpu`.
        let object: String
        let text: String

        var description: String { "\(weight.rawValue): \(object): \(text)" }
    }

    private(set) var findings: [Finding] = []
    /// Objects that scale each target, by the target's name.
    private var masters: [String: [String]] = [:]
    private var deploymentsWithReplicas: Set<String> = []
    /// Objects that were looked at.
    private(set) var objectCount = 0

    static let documentsMax = 10_000

    /// Looks at every document of a file.
    /// - Throws: what is no YAML.
    mutating func add(yaml: String) throws {
        var count = 0
        var documents = try Yams.compose_all(yaml: yaml)
        while count < Self.documentsMax, let node = documents.next() {
            count += 1
            add(node)
        }
        // A sequence of documents ends where one cannot be read, and says so only when it is asked.
        if let error = documents.error { throw error }
    }

    private mutating func add(_ node: Node) {
        let kind = node["kind"]?.string ?? ""
        let name = node["metadata"]?["name"]?.string ?? "without a name"
        let object = "\(kind) \(name)"
        switch kind {
        case "List": for item in node["items"]?.array() ?? [] { add(item) }
        case "HorizontalPodAutoscaler":
            objectCount += 1
            autoscaler(node["spec"], object)
        case "ScaledObject":
            objectCount += 1
            scaledObject(node, object)
        case "Deployment", "StatefulSet":
            objectCount += 1
            if node["spec"]?["replicas"] != nil { deploymentsWithReplicas.insert(name) }
        default: break
        }
    }

    /// What only all files together show.
    mutating func finish() {
        for (target, objects) in masters.sorted(by: { $0.key < $1.key }) {
            if objects.count > 1 {
                note(.swallows, target, "two masters: \(objects.joined(separator: " and ")) both scale it")
            }
            if deploymentsWithReplicas.contains(target) {
                note(
                    .swallows, target,
                    "its manifest sets spec.replicas: whoever applies the manifest again undoes the plan")
            }
        }
    }

    private mutating func note(_ weight: Finding.Weight, _ object: String, _ text: String) {
        findings.append(Finding(weight: weight, object: object, text: text))
    }

    private mutating func autoscaler(_ spec: Node?, _ object: String) {
        masters[spec?["scaleTargetRef"]?["name"]?.string ?? "without a target", default: []].append(object)
        behavior(spec?["behavior"], object, max: spec?["maxReplicas"]?.int)
        let metrics = spec?["metrics"]?.array() ?? []
        if metrics.isEmpty { note(.swallows, object, "without metrics it scales by processor load") }
        for metric in metrics {
            let type = metric["type"]?.string ?? "none"
            guard type == "External" || type == "Object" else {
                note(.swallows, object, "the metric of type \(type) is a second master: the highest wins")
                continue
            }
            let target = (type == "External" ? metric["external"] : metric["object"])?["target"]
            if target?["type"]?.string == "Value" {
                note(.swallows, object, "a target of type Value is multiplied by the servers that run")
            } else if let value = target?["averageValue"]?.string, value != "1" {
                note(.swallows, object, "averageValue \(value) divides the plan by \(value), expected 1")
            }
        }
    }

    private mutating func scaledObject(_ node: Node, _ object: String) {
        let spec = node["spec"]
        masters[spec?["scaleTargetRef"]?["name"]?.string ?? "without a target", default: []].append(object)
        for (key, value) in node["metadata"]?["annotations"]?.mapping ?? [:]
        where key.string?.hasPrefix("autoscaling.keda.sh/paused") == true && value.string != "false" {
            note(.swallows, object, "\(key.string ?? "") pauses it")
        }
        let config = spec?["advanced"]?["horizontalPodAutoscalerConfig"]
        behavior(config?["behavior"], object, max: spec?["maxReplicaCount"]?.int ?? 100)
        if spec?["maxReplicaCount"] == nil {
            note(.swallows, object, "maxReplicaCount is 100 unless it is set")
        }
        if spec?["minReplicaCount"]?.int ?? 0 == 0 {
            note(.swallows, object, "minReplicaCount 0 lets KEDA stop the last server by itself")
        }
        if let seconds = spec?["pollingInterval"]?.int, seconds > 60 {
            note(.delays, object, "polls every \(seconds) s only")
        }
        if let fallback = spec?["fallback"] {
            let behavior = fallback["behavior"]?.string ?? "static"
            if behavior != "currentReplicas", behavior != "currentReplicasIfHigher" {
                note(
                    .swallows, object,
                    "fallback \(behavior) stops servers while the controller is not heard; "
                        + "expected currentReplicasIfHigher")
            }
        }
        triggers(spec?["triggers"]?.array() ?? [], object)
    }

    private mutating func triggers(_ triggers: [Node], _ object: String) {
        if triggers.isEmpty { note(.swallows, object, "has no triggers") }
        for trigger in triggers {
            let type = trigger["type"]?.string ?? "none"
            let metadata = trigger["metadata"]
            guard type == "metrics-api", metadata?["url"]?.string?.contains("/v1/allocations/") == true else {
                note(.swallows, object, "the trigger \(type) is a second master: the highest wins")
                continue
            }
            if let type = trigger["metricType"]?.string, type != "AverageValue" {
                note(.swallows, object, "metricType \(type) is multiplied by the servers that run")
            }
            if let value = metadata?["targetValue"]?.string, value != "1" {
                note(.swallows, object, "targetValue \(value) divides the plan by \(value), expected 1")
            }
            if metadata?["valueLocation"]?.string != "servers" {
                note(.swallows, object, "valueLocation is not servers, where the number stands")
            }
            if metadata?["unsafeSsl"]?.string == "true" {
                note(.delays, object, "unsafeSsl takes anybody's word for the plan")
            }
        }
    }

    private mutating func behavior(_ behavior: Node?, _ object: String, max: Int?) {
        for direction in ["scaleUp", "scaleDown"] {
            let rules = behavior?[direction]
            if rules?["selectPolicy"]?.string == "Disabled" {
                note(.swallows, object, "\(direction) is disabled")
                continue
            }
            // Without one of its own, an autoscaler leaves a change of up to a tenth undone.
            let tolerance = rules?["tolerance"]?.string.flatMap(Self.quantity) ?? 0.1
            if tolerance > 0 {
                let lost = Int((tolerance * Double(Swift.max(max ?? 0, 10))).rounded(.down))
                note(
                    .swallows, object,
                    "\(direction).tolerance \(tolerance) leaves changes of up to \(Swift.max(lost, 1)) "
                        + "servers undone at \(Swift.max(max ?? 0, 10)) servers, expected 0")
            }
            let window = rules?["stabilizationWindowSeconds"]?.int ?? (direction == "scaleDown" ? 300 : 0)
            if window > 0 {
                note(
                    .delays, object,
                    "\(direction) waits \(window) s on top of the controller's own rules, expected 0")
            }
            policies(rules?["policies"]?.array() ?? [], direction, object)
        }
    }

    private mutating func policies(_ policies: [Node], _ direction: String, _ object: String) {
        for policy in policies {
            let (value, seconds) = (policy["value"]?.int ?? 0, policy["periodSeconds"]?.int ?? 15)
            let isSlow = policy["type"]?.string == "Percent" ? value < 100 : true
            if isSlow || seconds > 60 {
                note(
                    .delays, object,
                    "\(direction) takes at most \(value) \(policy["type"]?.string ?? "") in \(seconds) s")
            }
        }
    }

    /// A quantity as Kubernetes writes it, for example `0.05` or `50m`.
    private static func quantity(_ text: String) -> Double? {
        text.hasSuffix("m") ? Double(text.dropLast()).map { $0 / 1000 } : Double(text)
    }
}
