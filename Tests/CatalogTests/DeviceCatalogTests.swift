import Catalog
import Foundation
import TestSupport
import Testing
import Vocabulary

/// The shipped devices: that there are enough, that each figure has its source, and that none is implausible.
@Suite struct DeviceCatalogTests {
    private static let all: [CatalogDevice] = {
        guard let catalog = try? Catalog(directory: Repository.workloads) else { return [] }
        return CatalogDevice.Kind.allCases.flatMap { kind in
            ((try? catalog.deviceNames(kind)) ?? []).compactMap { try? catalog.device(kind, $0) }
        }
    }()

    private func devices(_ kinds: CatalogDevice.Kind...) -> [CatalogDevice] {
        Self.all.filter { kinds.contains($0.kind) }
    }

    @Test func thereAreEnoughOfThemAndEveryFileLoads() throws {
        let files = Repository.yamlFiles.filter { $0.hasPrefix("servers/devices/") }
        #expect(files.count == Self.all.count)
        #expect(devices(.accelerator).count == 61)
        #expect(devices(.processor).count == 27)
        #expect(devices(.accelerator, .processor).count >= 40)
        let vendors = Set(devices(.accelerator, .processor).compactMap(\.vendor))
        #expect(vendors == ["NVIDIA", "AMD", "Intel", "Google", "AWS", "Qualcomm", "Ampere"])
    }

    @Test func namesAndTitlesAreUnique() {
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
        #expect(Set(Self.all.map(\.title)).count == Self.all.count)
    }

    /// Two devices with all figures alike are one device under two names, or a slip of the pen.
    @Test func noTwoDevicesHaveTheSameFigures() {
        for kind in [CatalogDevice.Kind.accelerator, .processor] {
            let sheets = devices(kind).map { device in device.figures.map { "\($0)=\(device[$0] ?? 0)" } }
            for (index, sheet) in sheets.enumerated() {
                #expect(!sheets.dropFirst(index + 1).contains(sheet), "\(devices(kind)[index].name)")
            }
        }
    }

    @Test func everyFigureHasASource() throws {
        for device in Self.all {
            #expect(!device.figures.isEmpty, "\(device.name)")
            for figure in device.figures {
                let document = try #require(device.document(of: figure), "\(device.name) \(figure)")
                #expect(document.citation.count >= 20, "\(device.name) \(figure): \(document.citation)")
                if let url = document.url {
                    let parts = try #require(URL(string: url), "\(device.name): \(url)")
                    #expect(parts.scheme == "https" && parts.host() != nil, "\(device.name): \(url)")
                }
            }
            // A device that is sold has its main figures.
            if device.kind == .accelerator {
                #expect(device[.memory] != nil, "\(device.name)")
                #expect(Self.rates.contains { device[$0] != nil }, "\(device.name)")
            }
            if device.kind == .processor {
                #expect(device[.cores] != nil && device[.peakPerCore] != nil, "\(device.name)")
            }
        }
    }

    /// A number that a citation states in words is the figure that stands under it.
    @Test func designPowerIsTheOneInTheCitation() {
        for device in devices(.accelerator, .processor) {
            guard let watts = device[.thermalDesign], let document = device.document(of: .thermalDesign)
            else {
                continue
            }
            let text = document.citation.replacingOccurrences(of: ",", with: "")
            #expect(text.contains("\(Int(watts)) W"), "\(device.name): \(watts) W, but: \(document.citation)")
        }
    }

    private static let rates: [DeviceFigure] = [.fp64, .fp32, .tf32, .bf16, .fp16, .fp8, .fp4, .int8, .int4]

    /// A narrower format is computed at least as fast.
    @Test(arguments: [
        [DeviceFigure.fp64, .fp32, .tf32, .bf16], [.tf32, .fp16, .fp8, .fp4], [.fp32, .fp16, .int8, .int4],
        [.bf16, .fp8], [.bf16, .int8],
    ])
    func narrowerFormatsAreNoSlower(order: [DeviceFigure]) {
        for device in devices(.accelerator) {
            let rates = order.compactMap { figure in device[figure].map { (figure, $0) } }
            for (wide, narrow) in zip(rates, rates.dropFirst()) {
                #expect(wide.1 <= narrow.1, "\(device.name): \(wide) above \(narrow)")
            }
        }
    }

    @Test func figuresArePlausible() {
        func within(_ range: ClosedRange<Double>, _ figure: DeviceFigure, _ device: CatalogDevice) {
            guard let value = device[figure] else { return }
            #expect(range.contains(value), "\(device.name): \(figure.rawValue) is \(value)")
        }
        for device in devices(.accelerator) {
            within(2016...2026, .launchYear, device)
            within(8...288, .memory, device)
            within(100...8_500, .bandwidth, device)
            within(60...1_400, .thermalDesign, device)
            within(1...200, .fp32, device)
            within(10...20_000, .fp8, device)
            if let idle = device[.idle], let most = device[.thermalDesign] { #expect(idle < most) }
            // Eight bits at a watt: from Pascal's 0.2 TOPS to 5 or so of chips made for inference.
            if let int8 = device[.int8], let watts = device[.thermalDesign] {
                #expect((0.15...6).contains(int8 / watts), "\(device.name): \(int8 / watts) TOPS/W")
            }
            // Bytes a second over memory: how often a device can read its memory in a second.
            if let bandwidth = device[.bandwidth], let memory = device[.memory] {
                #expect(
                    (4...75).contains(bandwidth / memory), "\(device.name): \(bandwidth / memory) a second")
            }
        }
        for device in devices(.processor) {
            within(2016...2026, .launchYear, device)
            within(10...192, .cores, device)
            within(1.5...3.5, .baseClock, device)
            within(60...1_000, .bandwidth, device)
            within(85...500, .thermalDesign, device)
            if let watts = device[.thermalDesign], let cores = device[.cores] {
                #expect((1.5...12).contains(watts / cores), "\(device.name): \(watts / cores) W a core")
            }
            if let peak = device[.peakPerCore], let clock = device[.baseClock] {
                let operations = peak / clock
                #expect((16...64).contains(operations.rounded()), "\(device.name): \(operations) a cycle")
            }
        }
    }

    /// Later generations of one line have more of everything.
    @Test(arguments: [
        [
            "tesla-p100-pcie-16gb", "tesla-v100-sxm2-32gb", "a100-sxm4-80gb", "h100-sxm5-80gb",
            "h200-sxm-141gb", "b200-sxm-180gb",
        ],
        ["instinct-mi50-32gb", "instinct-mi100", "instinct-mi250x", "instinct-mi300x", "instinct-mi355x"],
        ["tpu-v2", "tpu-v3", "tpu-v4", "tpu-v5p"], ["gaudi", "gaudi-2", "gaudi-3"],
    ])
    func generationsGrow(names: [String]) throws {
        let line = try names.map { name in try #require(Self.all.first { $0.name == name }, "\(name)") }
        for (old, new) in zip(line, line.dropFirst()) {
            for figure in [DeviceFigure.fp16, .bf16, .memory, .bandwidth, .launchYear] {
                guard let before = old[figure], let after = new[figure] else { continue }
                #expect(after >= before, "\(old.name) to \(new.name): \(figure.rawValue)")
            }
        }
    }

    /// A second table, made by other people, agrees on power and memory.
    @Test(
        .enabled(if: Repository.hasSharedData, Repository.sharedDataComment),
        arguments: [
            ("h100-sxm5-80gb", "H100 SXM"), ("h100-nvl-94gb", "H100 NVL"),
            ("a100-sxm4-80gb", "A100 SXM4 80 GB"),
            ("tesla-t4", "T4"), ("tesla-p100-pcie-16gb", "Tesla P100"), ("tesla-p40", "Tesla P40"),
            ("tesla-v100-sxm2-32gb", "Tesla V100-SXM2-32GB"), ("quadro-rtx-8000", "RTX 8000"),
            ("geforce-gtx-1080-ti", "GTX 1080 Ti"), ("geforce-rtx-3090", "RTX 3090"),
            ("geforce-rtx-4090", "RTX 4090"), ("rtx-a6000", "RTX A6000"), ("l4", "L4"), ("l40s", "L40S"),
        ])
    func aSecondTableAgrees(name: String, row: String) throws {
        let device = try #require(Self.all.first { $0.name == name })
        let table = try String(contentsOfFile: "\(Repository.sharedData)/gpu_specs/gpus.csv", encoding: .utf8)
        let fields = try #require(
            table.components(separatedBy: "\n").map { $0.components(separatedBy: ",") }.first { $0[0] == row }
        )
        #expect(device[.thermalDesign] == Double(fields[2]), "\(fields)")
        #expect(device[.memory] == Double(fields[7]), "\(fields)")
    }
}
