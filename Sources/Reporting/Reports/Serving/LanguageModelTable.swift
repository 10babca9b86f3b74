import Vocabulary

/// The language models that are known, with what follows from their sizes.
public struct LanguageModelTable: TableDocument {
    private let models: [LanguageModelShape]

    public init(_ models: [LanguageModelShape]) { self.models = models }

    public var table: Table {
        Table(
            caption: "Language models",
            columns: [
                Table.Column("model", "model", .text), Table.Column("architecture", "architecture", .text),
                Table.Column("layers", "layers", .count),
                Table.Column("weightsBillion", "weights (bn)", .plain),
                Table.Column("activeWeightsBillion", "active (bn)", .plain),
                Table.Column("weightGigabytes", "bytes (10^9)", .plain),
                Table.Column("cacheKilobytesPerToken", "cache a token (kB)", .plain),
                Table.Column("contextTokens", "context", .count),
            ],
            rows: models.map { model in
                [
                    .text(model.name), .text(model.architecture), .integer(model.layers),
                    .number((model.weights / 1e9).rounded(significantDigits: 4)),
                    .number(
                        ((model.activeWeights + model.outputWeights) / 1e9).rounded(significantDigits: 4)),
                    .number((model.bytes / 1e9).rounded(significantDigits: 4)),
                    .number(
                        (model.cacheBytesPerToken(tensorParallel: 1) / 1000).rounded(significantDigits: 4)),
                    .integer(model.contextMax),
                ]
            })
    }
}

/// The accelerators that have what a language model's step times follow from.
public struct ServingDeviceTable: TableDocument {
    private let devices: [CatalogDevice]

    public init(_ devices: [CatalogDevice]) { self.devices = devices }

    public var table: Table {
        Table(
            caption: "Accelerators that language models can be simulated on",
            columns: [
                Table.Column("device", "device", .text), Table.Column("title", "title", .text),
                Table.Column("memoryGibibytes", "memory (GiB)", .plain),
                Table.Column("bandwidthGigabytesPerSecond", "bandwidth (GB/s)", .plain),
                Table.Column("peakTeraflops", "16-bit peak (10^12/s)", .plain),
                Table.Column("peakFP8Teraflops", "8-bit peak (10^12/s)", .plain),
                Table.Column("thermalDesignWatts", "power limit", .power),
            ],
            rows: devices.map { device in
                func cell(_ number: Double?) -> Table.Cell { number.map { .number($0) } ?? .missing }
                return [
                    .text(device.name), .text(device.title), cell(device[.memory]), cell(device[.bandwidth]),
                    cell(device[.bf16] ?? device[.fp16]), cell(device[.fp8]), cell(device[.thermalDesign]),
                ]
            })
    }
}
