import Quantities
import Vocabulary

/// Where a set of numbers comes from, counted: a total that mixes sources must say so.
public struct ProvenanceMix: Hashable, Sendable {
    /// How many figures come from each source.
    public let figures: [Provenance: Int]
    /// How many of their power figures come from each source.
    public let powerFigures: [PowerProvenance: Int]

    /// The mix of the given pairs; figures without power have no power provenance.
    public init(_ pairs: some Sequence<(Provenance, PowerProvenance?)>) {
        var figures: [Provenance: Int] = [:]
        var powerFigures: [PowerProvenance: Int] = [:]
        for (provenance, powerProvenance) in pairs {
            figures[provenance, default: 0] += 1
            if let powerProvenance { powerFigures[powerProvenance, default: 0] += 1 }
        }
        self.figures = figures
        self.powerFigures = powerFigures
    }

    /// The mix of efficiency entries.
    public init(_ entries: some Sequence<EfficiencyEntry>) {
        self.init(entries.map { ($0.provenance, $0.powerProvenance) })
    }

    /// The mix of the entries of a table that the allocations use, each counted once. O(shares).
    init(_ table: EfficiencyTable, usedBy allocations: some Sequence<Allocation>) {
        self.init(table.entries(usedBy: allocations))
    }

    /// All figures.
    public var count: Int { figures.values.reduce(0, +) }

    /// The sources of the figures in a word or three: `measured`, `measured + modelled`; empty for none.
    public var label: String {
        Provenance.allCases.filter { figures[$0] != nil }.map(\.rawValue).joined(separator: " + ")
    }

    /// The sources of the power figures: `metered`, `estimated` or both; empty for none.
    public var powerLabel: String {
        PowerProvenance.allCases.filter { powerFigures[$0] != nil }.map(\.rawValue).joined(separator: " + ")
    }

    /// The sources of drawn power: that between idle and full rests on the idle power that a server type
    /// states, so it is never metered alone; empty for none.
    var drawnLabel: String {
        guard powerFigures[.metered] != nil else { return powerLabel }
        return [PowerProvenance.metered, .estimated].map(\.rawValue).joined(separator: " + ")
    }

    /// A sentence: `Of 48 efficiency entries 4 are measured and 44 are modelled; the watts of all are
    /// estimated.`
    public func sentence(about noun: String, plural: String) -> String {
        guard count > 0 else { return "There are no \(plural)." }
        let sources = Provenance.allCases.compactMap { source in
            figures[source].map { (source.rawValue, $0) }
        }
        var watts = PowerProvenance.allCases.compactMap { source in
            powerFigures[source].map { (source.rawValue, $0) }
        }
        let unknown = count - watts.reduce(0) { $0 + $1.1 }
        if unknown > 0 { watts.append(("not known", unknown)) }
        let wattsText =
            watts.count == 1
            ? "the watts are \(watts[0].0)"
            : "the watts are " + watts.map { "\($0.0) for \($0.1)" }.enumerated
        if sources.count == 1 {
            let subject = count == 1 ? "The \(noun) is" : "All \(count) \(plural) are"
            return "\(subject) \(sources[0].0); \(wattsText)."
        }
        let parts = sources.map { "\($0.1) \($0.1 == 1 ? "is" : "are") \($0.0)" }
        return "Of \(count) \(plural) \(parts.enumerated); \(wattsText)."
    }

    /// What the words mean, for the foot of a report.
    static let glossary =
        "Measured: by this tool on the named host. Imported: somebody else's measurement. Modelled: computed "
        + "by the analytic server model, not observed. Watts are metered (read from an instrument) or "
        + "estimated (from idle and peak figures and utilisation)."
}

extension EfficiencyTable {
    /// The entries of some pairs, ordered by model, then server type.
    func entries(of pairs: [ModelOnServer]) -> [EfficiencyEntry] {
        let wanted = Set(pairs)
        return entries.filter {
            wanted.contains(ModelOnServer(model: $0.model, serverType: $0.serverType))
        }
    }

    /// The entries that the allocations use, each once, ordered by model, then server type. O(shares).
    func entries(usedBy allocations: some Sequence<Allocation>) -> [EfficiencyEntry] {
        var used: [ModelID: Set<ServerTypeID>] = [:]
        for allocation in allocations {
            for share in allocation.shares { used[share.model, default: []].insert(share.serverType) }
        }
        return entries.filter { used[$0.model]?.contains($0.serverType) ?? false }
    }
}
