import Quantities

extension SharedBoxPlan {
    /// What carries keys and values from engines that read prompts to engines that generate, of all models
    /// together.
    public struct Link: Hashable, Sendable {
        /// Of which plans use at most a share: transfers wait for one another the longer, the less is left.
        public let capacity: BytesPerSecond
        /// What a request of a model puts on it where its work is divided.
        public let bytesPerRequest: [ModelID: Double]

        /// The share that plans use at most. Where transfers share a link, each takes 1 / (1 - use) times as
        /// long as alone (M/G/1 with processor sharing; Kleinrock, Queueing Systems 2, 1976).
        public static let useMax = 0.8

        public init(capacity: BytesPerSecond, bytesPerRequest: [ModelID: Double]) {
            self.capacity = capacity
            self.bytesPerRequest = bytesPerRequest
        }

        /// What a model's replicas put on it.
        public func load(of model: ModelID, in plan: SharedBoxPlan) -> BytesPerSecond {
            let reading = plan.shares.filter {
                $0.model == model && $0.schedule.engineRules?.role == .prefill
            }
            return BytesPerSecond(
                reading.reduce(0) { $0 + $1.load.value } * (bytesPerRequest[model] ?? 0))
        }

        /// What all models' replicas put on it.
        public func load(in plan: SharedBoxPlan) -> BytesPerSecond {
            BytesPerSecond(bytesPerRequest.keys.sorted().reduce(0) { $0 + load(of: $1, in: plan).value })
        }

        /// The part of the capacity that is a model's, by what each puts on it; nil where it puts nothing.
        public func part(of model: ModelID, in plan: SharedBoxPlan) -> BytesPerSecond? {
            let own = load(of: model, in: plan)
            guard own > .zero else { return nil }
            return BytesPerSecond(capacity.value * own.value / load(in: plan).value)
        }
    }
}
