import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Server types that extend chassis, and devices whose figures stand under their documents.
@Suite struct ServerInheritanceTests {
    private static let device = """
        id: card
        title: A card
        figures:
          - source: "Data sheet of the card"
            memory_gib: 16
            bandwidth_gb_per_s: 100
            peak_fp32_tflops: 2
            thermal_design_watts: 75
          - source: "Page of the card"
            launch_year: 2020

        """
    private static let processor = """
        id: chip
        title: A chip
        figures:
          - source: "Data sheet of the chip"
            cores: 8
            peak_gflops_per_core: 50
            last_level_cache_mib: 16

        """
    private static let base = """
        id: base
        processor: {device: chip, sockets: 2}
        memory: {capacity_gib: 64, bandwidth_gb_per_s: 80}
        accelerator: {host_link_gb_per_s: 12, launch_overhead_us: 10}
        power: {idle_watts: 50, peak_watts: 200, half_load_factor: 0.7}
        sources: ["Base"]

        """
    private static let middle = """
        id: middle
        extends: base
        memory: {capacity_gib: 128}
        power: {peak_watts: 300}
        sources: ["Middle"]

        """
    private static let server = """
        id: s
        title: A server
        extends: middle
        accelerator: {device: card, count: 2, idle_watts: 10}
        power: {idle_watts: 60}
        sources: ["Server"]

        """

    private func copy(
        replacing old: String = "", with new: String = "", in file: String = ""
    ) throws -> WorkingCopy {
        let copy = try WorkingCopy()
        try copy.write(Self.device, to: "servers/devices/accelerators/card.yaml")
        try copy.write(Self.processor, to: "servers/devices/processors/chip.yaml")
        try copy.write(Self.base, to: "servers/chassis/base.yaml")
        try copy.write(Self.middle, to: "servers/chassis/middle.yaml")
        try copy.write(Self.server, to: "servers/s.yaml")
        if !file.isEmpty { try copy.replace(old, with: new, in: file) }
        return copy
    }

    @Test func theNearestFileCounts() throws {
        let copy = try copy()
        let composition = try copy.catalog.serverComposition("s")
        let type = composition.serverType
        #expect(type.processor?.cores == 16)
        #expect(type.memory?.capacity == Bytes(128 * 1_073_741_824))
        #expect(type.memory?.bandwidth == BytesPerSecond(80e9))
        #expect(type.power.hostIdle == Watts(60) && type.power.hostPeak == Watts(300))
        #expect(type.power.acceleratorIdle == Watts(20) && type.power.acceleratorPeak == Watts(150))
        let card = try #require(type.accelerator)
        #expect(card.count == 2 && card.peak == FlopsPerSecond(2e12) && card.hostLink == BytesPerSecond(12e9))
        #expect(
            type.sources == [
                "Server", "Middle", "Base", "Data sheet of the chip", "Data sheet of the card",
                "Page of the card",
            ])
        #expect(composition.files.map(\.name) == ["s", "middle", "base"])
        #expect(composition.parts.map(\.device.name) == ["chip", "card"])
        let figures = Dictionary(uniqueKeysWithValues: composition.figures.map { ($0.key, $0) })
        #expect(figures["power.idle_watts"]?.file == 0 && figures["power.idle_watts"]?.text == "60")
        #expect(figures["power.peak_watts"]?.file == 1)
        #expect(figures["memory.bandwidth_gb_per_s"]?.file == 2)
        #expect(figures["processor.device"] == nil)
    }

    @Test(arguments: [
        (
            "servers/s.yaml", "extends: middle", "extends: midle",
            """
            servers/s.yaml:3: extends: found 'midle', expected a chassis: one of base, middle; did you \
            mean 'middle'?
            """
        ),
        (
            "servers/chassis/base.yaml", "id: base", "id: base\nextends: middle",
            """
            servers/chassis/base.yaml:2: extends: found a chassis that extends itself (middle > base > \
            middle),
            """
                + " expected chassis that end in one that extends none"
        ),
        (
            "servers/chassis/base.yaml", "id: base", "id: bass",
            "servers/chassis/base.yaml:1: id: found bass, expected base, the file's name"
        ),
        (
            "servers/s.yaml", "title: A server\n", "",
            "servers/s.yaml:1: title: found nothing, expected this key"
        ),
        (
            "servers/chassis/base.yaml", "processor: {device: chip, sockets: 2}\n", "",
            "servers/s.yaml:1: processor: found nothing, expected this key"
        ),
        (
            "servers/s.yaml", "power: {idle_watts: 60}", "processor: {cores: 4}",
            """
            servers/s.yaml:5: processor.cores: found cores beside device, expected either a device or \
            the figures
            """
                + " themselves"
        ),
        (
            "servers/chassis/middle.yaml", "power:", "powr:",
            """
            servers/chassis/middle.yaml:4: powr: found an unknown key, expected one of id, title, \
            extends, this_host,
            """
                + " processor, memory, near_memory, accelerator, edge, power, sources,"
                + " price_per_hour; did you mean "
                + "'power'?"
        ),
        (
            "servers/chassis/middle.yaml", "sources: [\"Middle\"]\n", "",
            "servers/chassis/middle.yaml:1: sources: found nothing, expected this key"
        ),
        (
            "servers/s.yaml", "device: card, count: 2, idle_watts: 10", "device: card, count: 2",
            """
            servers/s.yaml:4: accelerator.device: found card, of which no idle_watts is published, \
            expected a device with
            """
                + " this figure, or the figure in this section under sources of its own"
        ),
        (
            "servers/s.yaml", "idle_watts: 10", "idle_watts: 76",
            """
            servers/s.yaml:4: accelerator.idle_watts: found 76, expected no less power at full load \
            (75.0 W) than idle
            """
                + " (76.0 W)"
        ),
        (
            "servers/s.yaml", "device: card", "device: crd",
            """
            servers/s.yaml:4: accelerator.device: found 'crd', expected an accelerator: card; did you \
            mean 'card'?
            """
        ),
        (
            "servers/devices/accelerators/card.yaml", "launch_year: 2020",
            "launch_year: 2020\n    memory_gib: 16",
            """
            servers/devices/accelerators/card.yaml:11: figures[1].memory_gib: found the key a second \
            time (first in line 5),
            """
                + " expected it once"
        ),
        (
            "servers/devices/accelerators/card.yaml", "source: \"Page of the card\"\n    ", "",
            "servers/devices/accelerators/card.yaml:9: figures[1].source: found nothing, expected this key"
        ),
        (
            "servers/devices/accelerators/card.yaml", "\n    launch_year: 2020", "",
            """
            servers/devices/accelerators/card.yaml:9: figures[1]: found a source alone, expected figures \
            read from it
            """
        ),
        (
            "servers/devices/accelerators/card.yaml", "launch_year: 2020", "cores: 20",
            """
            servers/devices/accelerators/card.yaml:10: figures[1].cores: found an unknown key, expected \
            one of source, url,
            """
                + " launch_year, peak_fp64_tflops, peak_fp32_tflops, peak_tf32_tflops, peak_bf16_tflops, "
                + "peak_fp16_tflops, "
                + "peak_fp8_tflops, peak_fp4_tflops, peak_int8_tops, peak_int4_tops, memory_gib, "
                + "bandwidth_gb_per_s, "
                + "host_link_gb_per_s, launch_overhead_us, idle_watts, thermal_design_watts, price_usd"
        ),
        (
            "servers/devices/accelerators/card.yaml", "launch_year: 2020", "launch_year: 20",
            """
            servers/devices/accelerators/card.yaml:10: figures[1].launch_year: found 20, expected a \
            whole number of at least 1990
            """
        ),
        (
            "servers/devices/accelerators/card.yaml", "launch_year: 2020", "idle_watts: 80",
            """
            servers/devices/accelerators/card.yaml:10: figures[1].idle_watts: found 80, expected a \
            number of at most the
            """
                + " thermal design power (75.0 W)"
        ),
        (
            "servers/devices/accelerators/card.yaml", "launch_year: 2020", "price_usd: 0",
            """
            servers/devices/accelerators/card.yaml:10: figures[1].price_usd: found 0, expected a number \
            above 0
            """
        ),
    ])
    func mistakesAreNamed(file: String, old: String, new: String, expected: String) throws {
        let copy = try copy(replacing: old, with: new, in: file)
        #expect(message(without: copy.path) { _ = try copy.catalog.serverType("s") } == expected)
    }

    /// What a user keeps that is of no use is found by the tests, not by chance.
    @Test func everyShippedChassisIsExtended() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        let used = Set(
            try catalog.serverTypeNames().flatMap {
                try catalog.serverComposition(ServerTypeID($0), host: host).files.map(\.name)
            })
        let chassis = Repository.yamlFiles.filter { $0.hasPrefix("servers/chassis/") }.map {
            URL(filePath: $0).deletingPathExtension().lastPathComponent
        }
        #expect(chassis.count == 13)
        for name in chassis { #expect(used.contains(name), "\(name)") }
    }

    /// Published machines draw no more, by the estimate, than their parts, and no less idle than half their
    /// watts at work.
    @Test func composedServersArePlausible() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        for name in try catalog.serverTypeNames() {
            let type = try catalog.serverType(ServerTypeID(name), host: host)
            #expect(!type.sources.isEmpty, "\(name)")
            // What a network draws on an edge box is of the network's mapping, and not of the box.
            guard type.edge == nil else { continue }
            #expect(type.power.idle < type.power.peak, "\(name)")
            #expect(type.power.idle.value > type.power.peak.value * 0.1, "\(name)")
            #expect(type.power.idle.value < type.power.peak.value * 0.5, "\(name)")
        }
    }
}
