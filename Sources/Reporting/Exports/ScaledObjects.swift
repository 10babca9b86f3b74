import Quantities
import Vocabulary

/// KEDA ScaledObjects that carry out a live controller's plan: one for each Deployment of a pair, reading the
/// pair's servers through the scaler `metrics-api`.
///
/// The controller's plan is exact, so nothing may round it on the way: an HPA leaves changes of up to a tenth
/// undone unless its tolerance is 0, and waits unless its stabilisation is 0. Both are set here, since the
/// controller holds stops back by rules of its own. Where the controller gives no number, KEDA keeps what
/// runs, and starts the fallback only where it is more.
public struct ScaledObjects: Sendable {
    /// One Deployment and its bounds.
    public struct Pair: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        /// Servers at least and at most.
        public let min: Int
        public let max: Int
        /// Servers that run where the controller is not heard for three polls, unless more run already.
        public let fallback: Int

        public init(model: ModelID, serverType: ServerTypeID, min: Int, max: Int, fallback: Int) {
            self.model = model
            self.serverType = serverType
            self.min = min
            self.max = max
            self.fallback = fallback
        }
    }

    private let namespace: String
    private let url: String
    private let secret: String

    /// - Parameters:
    ///   - url: of the controller as KEDA reaches it.
    ///   - secret: the Kubernetes Secret whose key `token` holds a token of the role `scaler`.
    /// - Throws: `badName` for a namespace or Secret that Kubernetes does not take.
    public init(namespace: String, url: String, secret: String) throws(KubernetesManifests.Failure) {
        try KubernetesName.require(label: namespace)
        try KubernetesName.require(label: secret)
        self.namespace = namespace
        self.url = url
        self.secret = secret
    }

    /// All objects as one stream of YAML documents. O(pairs).
    public func yaml(_ pairs: [Pair]) throws(KubernetesManifests.Failure) -> String {
        var text = authentication
        for pair in pairs { text += "---\n" + (try object(pair)) }
        return text
    }

    private var authentication: String {
        """
        apiVersion: keda.sh/v1alpha1
        kind: TriggerAuthentication
        metadata:
          name: hercules-controller
          namespace: \(namespace)
        spec:
          secretTargetRef:
            - parameter: token
              name: \(secret)
              key: token

        """
    }

    private func object(_ pair: Pair) throws(KubernetesManifests.Failure) -> String {
        let name = try KubernetesName.deployment(pair.model, pair.serverType)
        let address = JSONValue.string("\(url)/v1/allocations/\(pair.model)/\(pair.serverType)").compactText
        return """
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata:
              name: \(name)
              namespace: \(namespace)
            spec:
              scaleTargetRef:
                name: \(name)
              pollingInterval: 15
              minReplicaCount: \(pair.min)
              maxReplicaCount: \(Swift.max(pair.max, 1))
              fallback:
                failureThreshold: 3
                replicas: \(pair.fallback)
                behavior: currentReplicasIfHigher
              advanced:
                horizontalPodAutoscalerConfig:
                  behavior:
            \(behavior("scaleUp"))
            \(behavior("scaleDown"))
              triggers:
                - type: metrics-api
                  metricType: AverageValue
                  metadata:
                    url: \(address)
                    valueLocation: servers
                    targetValue: "1"
                    authMode: bearer
                  authenticationRef:
                    name: hercules-controller

            """
    }

    private func behavior(_ direction: String) -> String {
        """
                \(direction):
                  tolerance: "0"
                  stabilizationWindowSeconds: 0
                  policies:
                    - type: Percent
                      value: 100
                      periodSeconds: 15
        """
    }
}
