import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct CatalogDocumentTests {
    private static let accelerator = CatalogDevice(
        kind: .accelerator, name: "gpu-80", title: "An accelerator", vendor: "Maker",
        documents: [
            CatalogDevice.Document(citation: "Data sheet", url: "https://example.org/gpu"),
            CatalogDevice.Document(citation: "Assumption: like the model before", url: nil),
        ],
        values: [
            .launchYear: .init(number: 2022, document: 0), .fp32: .init(number: 66.9, document: 0),
            .bf16: .init(number: 989.5, document: 0), .fp8: .init(number: 1979, document: 0),
            .int8: .init(number: 1980, document: 0), .memory: .init(number: 80, document: 0),
            .bandwidth: .init(number: 3350, document: 0), .thermalDesign: .init(number: 700, document: 0),
            .idle: .init(number: 60, document: 1),
        ])
    private static let processor = CatalogDevice(
        kind: .processor, name: "cpu-64", title: "A processor", vendor: nil,
        documents: [CatalogDevice.Document(citation: "Data sheet", url: nil)],
        values: [
            .cores: .init(number: 64, document: 0), .peakPerCore: .init(number: 102.4, document: 0),
            .price: .init(number: 7890, document: 0),
        ])

    private static let serverType = ServerType(
        id: "box", title: "A server",
        processor: Processor(
            cores: 64, peakPerCore: FlopsPerSecond(1e11), lastLevelCache: Bytes(256 * 1_048_576)),
        memory: MemorySystem(capacity: Bytes(512 * 1_073_741_824), bandwidth: BytesPerSecond(3e11)),
        nearMemory: nil, accelerator: nil,
        power: PowerCurve(
            hostIdle: Watts(120.5), hostPeak: Watts(480), acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: 1),
        isThisHost: false, sources: [], pricePerHour: 1.25)

    private static let model = Model(
        id: "rank", title: "A ranking model", source: "A paper",
        graph: RecommendationGraph(
            denseInputWidth: 0, denseLayers: [],
            embeddingTables: [
                EmbeddingTable(count: 3, rows: 1000, dimension: 32, lookups: 1),
                EmbeddingTable(count: 2, rows: 500, dimension: 32, lookups: 1),
            ], sequence: nil, predictLayers: [1], taskLayers: []),
        latencyTarget: LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(milliseconds: 12.5)),
        querySizes: .fixed(8))

    private func figures(_ sheet: CatalogSheet) -> String { CSVRenderer().render(sheet.mainTable) }

    @Test func devicesAreListedWithTheirMainFigures() {
        let table = CatalogTables.devices([Self.accelerator, Self.processor])
        #expect(table.caption == "2 devices; rates are dense peaks, bandwidth is that of the memory")
        #expect(
            table.columns.map(\.title) == [
                "name", "kind", "year", "FP32 TFLOPS", "16 bit TFLOPS", "8 bit TOPS", "GiB", "GB/s", "W",
                "USD",
            ])
        // 64 cores of 102.4 GFLOPS each.
        #expect(
            CSVRenderer().render(table) == """
                name,kind,launchYear,peakFp32Tflops,peak16BitTflops,peak8BitTops,memoryGib,bandwidthGbPerS,\
                thermalDesignWatts,priceUsd
                gpu-80,accelerator,2022,66.9,989.5,1980,80,3350,700,
                cpu-64,processor,,6.554,,,,,,7890

                """)
    }

    @Test func serverTypesModelsAndEntriesAreListed() {
        let servers = CatalogTables.serverTypes([Self.serverType])
        #expect(servers.caption == "1 server type; power is that of the whole server")
        #expect(
            servers.columns.map(\.title) == [
                "name", "title", "cores", "GiB", "accelerators", "idle", "peak", "price an hour",
            ])
        #expect(
            CSVRenderer().render(servers) == """
                name,title,cores,memoryGib,accelerators,idleWatts,peakWatts,pricePerHour
                box,A server,64,512,,120.5,480,1.25

                """)
        let models = CatalogTables.models([Self.model])
        #expect(models.columns.map(\.title) == ["name", "kind", "quantile", "latency limit", "title"])
        #expect(
            CSVRenderer().render(models) == """
                name,kind,quantile,latencyLimitMs,title
                rank,a generated recommendation model,p99,12.5,A ranking model

                """)
        let entries = CatalogTables.entries(
            [
                CatalogEntry(kind: .device, name: "gpu-80", title: "An accelerator"),
                CatalogEntry(kind: .server, name: "box", title: "A server"),
            ], of: "Workloads")
        #expect(
            TextRenderer().render(entries) == """
                2 entries of Workloads
                name    kind    title
                ------  ------  --------------
                gpu-80  device  An accelerator
                box     server  A server

                """)
    }

    @Test func scenariosAreListedAndShown() {
        let scenario = Fixtures.scenario(models: [Self.model])
        let table = CatalogTables.scenarios([scenario])
        #expect(table.columns.map(\.title) == ["name", "models", "fleet", "servers", "title"])
        #expect(
            CSVRenderer().render(table)
                == "name,models,fleet,servers,title\nsmall,1,two,24,A small scenario\n")
        let sheet = CatalogSheet(scenario)
        #expect(sheet.title == "A small scenario")
        #expect(sheet.summary == [.paragraph("Scenario small, 4 intervals of 3600 s.")])
        #expect(
            figures(sheet) == """
                figure,value,unit,source,url
                peak load of rank,0,queries/s,The scenario and the files that it names,
                servers of type cpu,20,,The scenario and the files that it names,
                servers of type gpu,4,,The scenario and the files that it names,

                """)
    }

    @Test func aDeviceIsShownWithTheDocumentOfEachFigure() {
        let sheet = CatalogSheet(Self.accelerator)
        #expect(sheet.summary == [.paragraph("gpu-80, a device of kind accelerator by Maker.")])
        #expect(
            figures(sheet) == """
                figure,value,unit,source,url
                launch year,2022,,Data sheet,https://example.org/gpu
                peak FP32,66.9,TFLOPS,Data sheet,https://example.org/gpu
                peak BF16,989.5,TFLOPS,Data sheet,https://example.org/gpu
                peak FP8,1979,TFLOPS,Data sheet,https://example.org/gpu
                peak INT8,1980,TOPS,Data sheet,https://example.org/gpu
                memory,80,GiB,Data sheet,https://example.org/gpu
                memory bandwidth,3350,GB/s,Data sheet,https://example.org/gpu
                idle power,60,W,Assumption: like the model before,
                thermal design power,700,W,Data sheet,https://example.org/gpu

                """)
        let text = TextRenderer().render(sheet.report(seed: nil))
        #expect(text.contains("idle power               60  W       [2]"))
        #expect(text.contains("[1] Data sheet <https://example.org/gpu>\n\n[2] Assumption: like the model"))
    }

    @Test func aServerIsShownWithItsOwnFiguresAndThoseOfItsParts() {
        let sheet = CatalogSheet(
            ServerComposition(
                serverType: Self.serverType,
                parts: [ServerComposition.Part(device: Self.processor, count: 1)],
                figures: [ServerComposition.OwnFigure(key: "power.idle_watts", text: "120.5", file: 1)],
                files: [
                    ServerComposition.File(name: "box", sources: ["A leaflet"]),
                    ServerComposition.File(name: "chassis", sources: ["A meter", "A manual"]),
                ]))
        #expect(sheet.title == "A server")
        #expect(
            sheet.summary == [.paragraph("Server type box."), .paragraph("It extends chassis.")])
        #expect(
            figures(sheet) == """
                figure,value,unit,source,url
                cores,64,,Composed of the figures below,
                memory,512,GiB,Composed of the figures below,
                idle power,120.5,W,Composed of the figures below,
                peak power,480,W,Composed of the figures below,
                power.idle_watts,120.5,,A meter,
                power.idle_watts,120.5,,A manual,
                cpu-64: cores,64,,Data sheet,
                cpu-64: peak FP32 of a core,102.4,GFLOPS,Data sheet,
                cpu-64: price,7890,USD,Data sheet,

                """)
    }

    @Test func aModelIsShownWithItsTargetAndSize() {
        let sheet = CatalogSheet(Self.model)
        #expect(sheet.summary == [.paragraph("Model rank, a generated recommendation model.")])
        #expect(
            figures(sheet) == """
                figure,value,unit,source,url
                latency quantile,p99,,A paper,
                latency limit,12.5,ms,A paper,
                query sizes,fixed-8,,A paper,
                embedding rows,4000,,A paper,
                embedding tables,5,,A paper,

                """)
    }
}

@Suite struct ScenarioReadinessTests {
    private static let pairs: [ScenarioReadiness.Pair] = [
        .init(model: "ncf", serverType: "cpu", state: .known(.modelled)),
        .init(model: "ncf", serverType: "gpu", state: .canBeModelled),
        .init(model: "ncf", serverType: "this-host", state: .canBeMeasured),
        .init(model: "rm1", serverType: "cpu", state: .cannotServe(.imported)),
        .init(model: "rm1", serverType: "gpu", state: .missing),
    ]

    private func report(_ pairs: [ScenarioReadiness.Pair], ending: String = "")
        -> ScenarioReadinessReport
    {
        ScenarioReadinessReport(
            ScenarioReadiness(scenario: "week", models: ["rm1", "ncf"], pairs: pairs),
            scenarioPath: "week.yaml", commandEnding: ending)
    }

    @Test func aModelThatNothingCanServeIsNamedFirst() {
        let expected = """
            Is week complete?
            =================

            WARNING: No available server is known to serve rm1, and nothing here can find out.

            1 of 5 pairs of model and server type have an efficiency entry.

            Pairs
            -----

            Models on the server types of the fleet
                   server
            model  type       state            provenance  filled in by
            -----  ---------  ---------------  ----------  --------------------------
            ncf    cpu        known            modelled    -
            ncf    gpu        can be modelled  -           hercules search week.yaml
            ncf    this-host  can be measured  -           hercules profile week.yaml
            rm1    cpu        cannot serve     imported    -
            rm1    gpu        missing          -           hercules import csv FILE

            What fills in the rest:

            hercules import csv FILE

            hercules profile week.yaml

            hercules search week.yaml

            """
        #expect(report(Self.pairs).text(as: .text) == expected)
    }

    @Test func commandsNameAnotherDatabaseThanTheUsualOne() {
        let expected = """
            model,server,state,provenance,command
            ncf,cpu,known,modelled,
            ncf,gpu,can be modelled,,hercules search week.yaml --database other.sqlite
            ncf,this-host,can be measured,,hercules profile week.yaml --database other.sqlite
            rm1,cpu,cannot serve,imported,
            rm1,gpu,missing,,hercules import csv FILE --database other.sqlite

            """
        #expect(report(Self.pairs, ending: " --database other.sqlite").text(as: .csv) == expected)
        let json = report(Self.pairs).text(as: .json)
        #expect(json.hasPrefix("[\n  {\n    \"command\" : null,\n    \"model\" : \"ncf\","), "\(json)")
    }

    @Test func aScenarioIsCompleteWhereEveryModelHasAServer() {
        let served = Self.pairs.dropLast() + [.init(model: "rm1", serverType: "gpu", state: .canBeModelled)]
        #expect(
            report(Array(served)).summary == [
                .paragraph(
                    "Every model has, or can get here, an efficiency entry on an available server. 1 of 5 "
                        + "pairs of model and server type have an efficiency entry.")
            ])
        let readiness = ScenarioReadiness(scenario: "week", models: ["rm1", "ncf"], pairs: Self.pairs)
        #expect(readiness.incomplete == ["rm1"] && !readiness.isComplete)
    }
}
