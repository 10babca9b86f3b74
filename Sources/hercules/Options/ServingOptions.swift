import ArgumentParser
import Foundation
import Pipeline
import Vocabulary

/// The cluster that a verb on language models works on, and how its outcome is shown.
struct ServingOptions: ParsableArguments {
    @OptionGroup var form: FormatOption

    @Option(help: "The seed of every random stream; the cluster's own unless given.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("Also write the report as HTML, with plots.", valueName: "file"),
        transform: NameText.file)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "The database that keeps the outcome and holds calibrations; nothing is kept unless given.",
            valueName: "file"), transform: NameText.file)
    var database: String?
}

/// Constants that are taken from a calibration.
struct ServingConstantsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the constants of this calibration of the database; db export lists step_calibration.",
            valueName: "number"), transform: NumberText.whole(from: 1, to: .max))
    var constantsFrom: Int?
}

/// A measured run and the cluster that it is compared with.
struct MeasuredRunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file of the cluster that the run was measured on.", valueName: "file"),
        transform: NameText.file)
    var cluster: String

    @OptionGroup var options: ServingOptions
}

/// A measured run and what is fitted to it: a cluster's engines, or one engine that the options say.
struct FittedRunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file of the cluster that the run was measured on.", valueName: "file"),
        transform: NameText.file)
    var cluster: String?

    @Option(
        help: "Without a cluster: the model, of the catalogue or the path of a config.json.",
        transform: NameText.filled("the name of a model"))
    var model: String?

    @Option(
        help: "Without a cluster: the accelerator, of the catalogue.",
        transform: NameText.filled("the name of an accelerator"))
    var device: String?

    @Option(
        name: .customLong("tp"),
        help: "Without a cluster: accelerators that share each layer; 1 unless given.",
        transform: NumberText.whole(from: 1, to: 64))
    var tensorParallel: Int?

    @Option(
        help: "Without a cluster: requests of a batch at most (max-num-seqs); 256 unless given.",
        transform: NumberText.whole(from: 1, to: 1_000_000))
    var sequencesMax: Int?

    @Option(
        help: "Without a cluster: tokens of a step at most (max-num-batched-tokens); 2048 unless given.",
        transform: NumberText.whole(from: 1, to: 100_000_000))
    var tokenBudget: Int?

    @Option(
        help: "Without a cluster: blocks of the cache (num_gpu_blocks); computed from memory unless given.",
        transform: NumberText.whole(from: 1, to: 1_000_000_000))
    var blocks: Int?

    @Option(
        help: ArgumentHelp(
            "Without a cluster: the folder with llm/models and servers/devices; the shipped catalogue "
                + "unless given.", valueName: "folder"),
        transform: NameText.folder)
    var workloads: String?

    @OptionGroup var options: ServingOptions

    func validate() throws {
        if cluster == nil {
            guard model != nil, device != nil else {
                throw ValidationError(
                    "found neither a cluster nor a model and a device, expected one of both")
            }
            guard tokenBudget ?? max(2048, sequencesMax ?? 256) >= sequencesMax ?? 256 else {
                throw ValidationError(
                    "found a budget of fewer tokens than a batch has requests, expected one each at least")
            }
        } else if [model, device, workloads].contains(where: { $0 != nil })
            || [tensorParallel, sequencesMax, tokenBudget, blocks].contains(where: { $0 != nil })
        {
            throw ValidationError(
                "found a cluster beside a model, a device or a folder, expected one of both: the cluster's "
                    + "file says them")
        }
    }

    func stage() throws -> ServingStage {
        if let cluster {
            return try ServingStage(clusterAt: cluster, seed: options.seed, database: options.database)
        }
        guard let model, let device else { preconditionFailure("options were validated") }
        return try ServingStage(
            engine: SingleEngine(
                model: model, device: device, tensorParallel: tensorParallel ?? 1,
                sequencesMax: sequencesMax ?? 256, tokenBudget: tokenBudget, blocks: blocks,
                catalogue: workloads),
            seed: options.seed, database: options.database)
    }
}

/// Where language models and devices are looked for.
struct ServingCatalogueOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder with llm/models and servers/devices; the shipped catalogue unless given.",
            valueName: "folder"),
        transform: NameText.folder)
    var workloads: String?

    @OptionGroup var form: FormatOption
}

/// What is played beside a cluster's own workload.
struct ServingRateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also play these rates of conversations a second: numbers separated by commas, or 1..40 for ten "
                + "rates in equal ratios.", valueName: "rates"),
        transform: RateListText.rates)
    var rates: [Double] = []

    @Option(
        help: ArgumentHelp(
            "Also play so many clients that each send the next request when the last has ended: numbers "
                + "separated by commas, or 1..64 for ten in equal ratios.", valueName: "clients"),
        transform: RateListText.clients)
    var concurrency: [Int] = []

    @Option(
        help: "Conversations to play; the workload's own unless given.",
        transform: NumberText.whole(from: 1, to: 100_000_000))
    var requests: Int?

    @Flag(help: "Draw figures of lines with characters too, such as latency and goodput over the rate.")
    var plot = false
}

/// A real server, and what is sent to it.
struct LiveServingOptions: ParsableArguments {
    @Option(help: "The server's address.", transform: EngineOptions.address)
    var endpoint: String

    @Option(
        help: "The name that the server knows the model by.",
        transform: NameText.filled("the name of a served model"))
    var servedName: String

    @Option(
        help: ArgumentHelp("The log that gets a line for each request.", valueName: "file"),
        transform: NameText.file)
    var output: String

    @Option(
        help: "Requests to send; the workload's own number unless given.",
        transform: NumberText.whole(from: 1, to: 100_000))
    var requests: Int?

    @Option(
        help: "Requests a second to send, in place of the workload's own arrivals.",
        transform: RateListText.one)
    var rate: Double?

    @Option(help: "The seed of arrivals, lengths and prompts; the cluster's own unless given.")
    var seed: UInt64?

    var question: ServingMeasurement.Question {
        var question = ServingMeasurement.Question(
            settings: EngineSettings(name: "openai", url: endpoint), served: servedName)
        question.requests = requests
        question.rate = rate
        return question
    }
}

/// Reads a list of rates, or of numbers of clients.
enum RateListText {
    private static let most = 200
    private static let rangeCount = 10

    static let rates: OptionReading<[Double]> = { try list($0) }

    static let one: OptionReading<Double> = { try rate($0) }

    static let clients: OptionReading<[Int]> = { text in
        let range = NumberText.whole(from: 1, to: 1_000_000)
        let ends = text.components(separatedBy: "..")
        guard ends.count == 2, let lower = try? range(ends[0]), let upper = try? range(ends[1]),
            lower < upper
        else { return try NumberText.ascending(from: 1, to: 1_000_000)(text) }
        // Whole numbers: the first few of a range fall together.
        return Set(
            (0..<rangeCount).map { step in
                let share = Double(step) / Double(rangeCount - 1)
                return Int((Double(lower) * pow(Double(upper) / Double(lower), share)).rounded())
            }
        ).sorted()
    }

    private static func list(_ text: String) throws -> [Double] {
        let ends = text.components(separatedBy: "..")
        if ends.count == 2 {
            let (lower, upper) = (try rate(ends[0]), try rate(ends[1]))
            guard lower < upper else { throw refusal }
            let ratio = upper / lower
            return (0..<rangeCount).map { lower * pow(ratio, Double($0) / Double(rangeCount - 1)) }
        }
        let rates = try text.split(separator: ",", omittingEmptySubsequences: false).map {
            try rate(String($0))
        }
        guard rates.count <= most, zip(rates, rates.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw refusal
        }
        return rates
    }

    private static func rate(_ text: String) throws -> Double {
        guard let rate = Double(text), rate >= 1e-6, rate <= 1e6 else { throw refusal }
        return rate
    }

    private static let refusal = ValidationError(
        "expected ascending rates of at most 1,000,000 a second, such as 1,2,4 or 1..40")
}
