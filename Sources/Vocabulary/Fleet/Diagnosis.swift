/// What was found on a machine of what the tool needs.
public struct Diagnosis: Hashable, Sendable {
    /// One thing that was looked for.
    public struct Finding: Hashable, Sendable {
        public let subject: String
        public let isMissing: Bool
        /// What was found, or how to get what is missing.
        public let detail: String

        public init(subject: String, isMissing: Bool, detail: String) {
            self.subject = subject
            self.isMissing = isMissing
            self.detail = detail
        }
    }

    public let findings: [Finding]

    public init(findings: [Finding]) { self.findings = findings }

    /// Whether nothing is missing.
    public var isHealthy: Bool { !findings.contains(where: \.isMissing) }
}
