import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

/// The demand that a plan serves.
struct DemandOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The load of a model in queries/s; models not named have none. Without this option, each model's "
                + "peak over the scenario's trace.", valueName: "model=qps"), transform: NamedText.loads)
    var load: [Named<ModelID, QueriesPerSecond>] = []

    @Option(helpWithDefault: "Multiply the demand.", transform: NumberText.amount)
    var loadScale = 1.0

    func validate() throws { _ = try request() }

    /// - Throws: where a model was given two loads.
    func request() throws -> DemandRequest {
        var request = DemandRequest()
        request.loads = try load.byName("--load")
        request.scale = loadScale
        return request
    }
}

/// Which servers to buy and which to retire.
struct SizingOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Choose the fleet instead: which servers to buy (--purchase) and which to retire over the whole "
                + "trace, scaled to --load and --load-scale, with --price as the cost of keeping a server "
                + "for an hour."))
    var sizing = false

    @Option(
        help: ArgumentHelp(
            "Sizing: buying one server of a type; others cannot be bought.", valueName: "type=price"),
        transform: NamedText.amounts)
    var purchase: [Named<ServerTypeID, Double>] = []

    @Option(
        help: ArgumentHelp(
            "Sizing: the share of its purchase price that a retired server brings; 0 unless given.",
            valueName: "share"),
        transform: NumberText.fraction("a share from 0 to 1") { (0...1).contains($0) })
    var resale: Fraction?

    @Option(
        help: ArgumentHelp(
            "Sizing: the years over which purchases have to pay, 4 unless given; the trace is taken to "
                + "repeat."),
        transform: NumberText.number("years above 0, up to 100") { $0 > 0 && $0 <= 100 })
    var years: Double?

    @Option(
        help: ArgumentHelp(
            "Sizing: by how much loads grow each year; 0 unless given. The fleet is bought now, and serves "
                + "the last year.", valueName: "share"),
        transform: NumberText.fraction("a share from -0.9 to 10") { (-0.9...10).contains($0) })
    var growth: Fraction?

    @Flag(
        name: .customLong("what-if"),
        help: ArgumentHelp("The former name of --sizing.", visibility: .hidden))
    var isSizingAsBefore = false

    private static let yearsOfGrowthMax = 20.0

    var isAsked: Bool { sizing || isSizingAsBefore }

    /// What can be bought, at which price.
    /// - Throws: where a type was given two prices.
    func purchases() throws -> [ServerTypeID: Double] { try purchase.byName("--purchase") }

    func validate() throws {
        _ = try purchases()
        if !isAsked, !purchase.isEmpty || resale != nil || years != nil || growth != nil {
            throw ValidationError("--purchase, --resale, --years and --growth need --sizing")
        }
        if growth != nil, years ?? 0 > Self.yearsOfGrowthMax {
            throw ValidationError(
                "--growth: expected at most \(Int(Self.yearsOfGrowthMax)) --years beside it, as loads are "
                    + "planned year by year")
        }
    }
}
