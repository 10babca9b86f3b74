/// Constants fitted to a measured run, as they are kept: what they hold for, and what was left of the run's
/// errors.
public struct StoredCalibration: Hashable, Codable, Sendable {
    /// What a calibration holds for.
    public struct Subject: Hashable, Codable, Sendable {
        public var model: String
        public var device: String
        /// Accelerators that share each layer.
        public var tensorParallel: Int
        public var batching: BatchingRule

        public init(model: String, device: String, tensorParallel: Int, batching: BatchingRule) {
            self.model = model
            self.device = device
            self.tensorParallel = tensorParallel
            self.batching = batching
        }

        /// In words.
        public var text: String {
            let count = tensorParallel == 1 ? "" : "\(tensorParallel) x "
            return "\(model) on \(count)\(device) under \(batching.rawValue)"
        }
    }

    public var subject: Subject
    public var cluster: String
    /// The measured run.
    public var source: String
    public var anchor: ArrivalAnchor
    public var requests: Int
    public var constants: StepConstants
    /// Seconds fitted to lie before the queue; nil where nothing was.
    public var clientBeforeSeconds: Double?
    /// Of means, simulated over measured less 1.
    public var firstTokenError: Double
    public var outputTokenError: Double?
    public var endToEndError: Double
    /// Mean over requests of the absolute error, end to end.
    public var requestError: Double

    public init(
        subject: Subject, cluster: String, source: String, anchor: ArrivalAnchor, requests: Int,
        constants: StepConstants, clientBeforeSeconds: Double?, firstTokenError: Double,
        outputTokenError: Double?, endToEndError: Double, requestError: Double
    ) {
        self.subject = subject
        self.cluster = cluster
        self.source = source
        self.anchor = anchor
        self.requests = requests
        self.constants = constants
        self.clientBeforeSeconds = clientBeforeSeconds
        self.firstTokenError = firstTokenError
        self.outputTokenError = outputTokenError
        self.endToEndError = endToEndError
        self.requestError = requestError
    }
}
