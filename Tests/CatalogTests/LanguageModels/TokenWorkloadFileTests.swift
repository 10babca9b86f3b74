import Catalog
import Files
import Foundation
import TestSupport
import Testing
import Vocabulary

private func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing was refused"
    } catch { return "\(error)" }
}

/// What is asked of clusters, as files say it.
@Suite struct TokenWorkloadFileTests {
    private let folder: LogFolder
    private let catalog: Catalog

    init() throws {
        folder = try LogFolder()
        catalog = try Catalog(directory: Repository.workloads)
    }

    private func workload(_ text: String) throws -> TokenWorkload {
        let path = try folder.write(
            "id: x\nmodel: llama-3.1-8b\nengines: [{device: l4}]\nworkload: {\(text)}\n", "x.yaml")
        return try #require(try catalog.servingCluster(at: path).workload)
    }

    private static let classes = "classes: [{name: a, prompt: {fixed: 5}, output: {fixed: 3}}]"

    @Test func lengthsAreReadFromHistograms() throws {
        _ = try folder.write("length,count\n10,30\n20,0\n40,10\n", "lengths.csv")
        let read = try workload(
            "rate_per_s: 1, requests: 2, classes: [{name: a, prompt: {histogram: lengths.csv}, "
                + "output: {fixed: 3}}]")
        guard case .drawn(let classes, _, _) = read.content else { return #expect(Bool(false)) }
        #expect(classes[0].prompt == .histogram(TokenHistogram(weights: [10: 30, 40: 10])))
        #expect(TokenHistogram(weights: [10: 30, 40: 10]).cumulativeShares == [0.75, 1])
    }

    @Test(arguments: [
        ("length,count\n10,1\n10,2\n", "once"), ("length,count\n0,1\n", "length"),
        ("length,count\n10,-1\n", "count"), ("length,count\n10,0\n", "no length"),
        ("size,count\n10,1\n", "length"), ("length,count\n1.5,1\n", "whole number"),
    ])
    func aWrongHistogramIsRefused(text: String, word: String) throws {
        _ = try folder.write(text, "lengths.csv")
        let found = refusal {
            _ = try workload(
                "rate_per_s: 1, requests: 2, classes: [{name: a, prompt: {histogram: lengths.csv}, "
                    + "output: {fixed: 3}}]")
        }
        #expect(found.contains("lengths.csv") && found.contains(word), "\(found)")
    }

    @Test func arrivalsAreClosedDrawnOrAFiles() throws {
        _ = try folder.write(
            "arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,100,20\n2,30,4\n", "trace.csv")
        #expect(try workload("concurrency: 4, requests: 9, \(Self.classes)").arrivals == .closed(clients: 4))
        let timed = try workload("arrivals: trace.csv, requests: 2, \(Self.classes)")
        guard case .listed(let times, _) = timed.arrivals else { return #expect(Bool(false)) }
        #expect(times == [0, 0.5])
        let redrawn = try workload("file: trace.csv, rate_per_s: 3, burstiness: 2")
        #expect(redrawn.arrivals == .drawn(ratePerSecond: 3, burstiness: 2) && redrawn.count == 2)
        #expect(try workload("file: trace.csv, concurrency: 1").arrivals == .closed(clients: 1))
        #expect(try workload("file: trace.csv").arrivals == .own)
    }

    @Test(arguments: [
        ("requests: 9, CLASSES", "rate_per_s"), ("rate_per_s: 1, CLASSES", "requests"),
        ("rate_per_s: 1, concurrency: 2, requests: 9, CLASSES", "concurrency beside rate_per_s"),
        ("concurrency: 2, burstiness: 2, requests: 9, CLASSES", "burstiness"),
        ("arrivals: trace.csv, requests: 9, CLASSES", "9 requests beside 1 arrivals"),
        ("file: trace.csv, CLASSES", "classes and file"), ("requests: 4", "one of classes, file, clients"),
        ("concurrency: 0, requests: 9, CLASSES", "concurrency"),
        ("file: bare.jsonl", "times of arrival"), ("file: long.csv", "131072"),
        (
            "rate_per_s: 1, requests: 1, classes: [{name: a, prompt: {fixed: 1}, output: {fixed: 131072}}]",
            "class a"
        ),
        ("clients: {folder: chunks, to_s: 600}, burstiness: 2", "burstiness"),
        ("clients: {folder: nowhere, to_s: 600}", "nowhere"),
    ])
    func aWrongWorkloadIsRefused(text: String, word: String) throws {
        _ = try folder.write("arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,100,20\n", "trace.csv")
        _ = try folder.write("arrived_at,num_prefill_tokens,num_decode_tokens\n1,10,200000\n", "long.csv")
        _ = try folder.write(
            #"{"input_lens": [1], "output_lens": [1], "ttfts": [1], "itls": [[]], "errors": [""]}"#,
            "bare.jsonl")
        let found = refusal { _ = try workload(text.replacing("CLASSES", with: Self.classes)) }
        #expect(found.contains(word), "\(found)")
    }

    /// Two clients as ServeGen writes them; the second is silent in its first stretch.
    private func writeClients(dataset: String? = nil) throws {
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("chunks"), withIntermediateDirectories: true)
        _ = try folder.write(
            "0,1.5,1.2,Gamma,0.7,1.0\n600,3,5.9,Weibull,0.34,0.007\n", "chunks/chunk-2-trace.csv")
        _ = try folder.write("0,0.0,0.0,,0,0\n600,2,1,Gamma,1,1\n", "chunks/chunk-10-trace.csv")
        let lengths = dataset ?? #"{"input_tokens": "{100: 0.5, 200: 0.5,}", "output_tokens": "{50: 1.0}"}"#
        _ = try folder.write(
            "{\"0\": \(lengths), \"600\": {\"input_tokens\": \"{}\"}}", "chunks/chunk-2-dataset.json")
        _ = try folder.write("{\"300\": \(lengths)}", "chunks/chunk-10-dataset.json")
    }

    @Test func clientsOfServeGenAreRead() throws {
        try writeClients()
        let read = try workload("clients: {folder: chunks, from_s: 300, to_s: 900}")
        guard case .clients(let clients, _) = read.content else { return #expect(Bool(false)) }
        #expect(clients.map(\.name) == ["chunk-2", "chunk-10"])
        #expect(clients[0].windows.map(\.start) == [0, 300] && clients[0].windows.map(\.end) == [300, 600])
        #expect(clients[0].windows.map(\.gaps) == [.gamma(shape: 0.7), .weibull(shape: 0.34)])
        #expect(clients[0].windows[1].prompt == TokenHistogram(weights: [100: 0.5, 200: 0.5]))
        #expect(clients[1].windows.count == 1 && clients[1].windows[0].start == 300)
        #expect(clients.map(\.meanRequests) == [1350, 600])
        // 1,950 requests in 600 s are 3.25 a second.
        let scaled = try workload("clients: {folder: chunks, from_s: 300, to_s: 900}, rate_per_s: 6.5")
        guard case .clients(let faster, _) = scaled.content else { return #expect(Bool(false)) }
        #expect(faster.map { $0.meanRequests.rounded() } == [2700, 1200])
    }

    @Test(arguments: [
        ("{\"input_tokens\": \"{100: x}\", \"output_tokens\": \"{50: 1.0}\"}", "0.input_tokens"),
        ("{\"input_tokens\": \"[100]\", \"output_tokens\": \"{50: 1.0}\"}", "0.input_tokens"),
        ("{\"input_tokens\": \"{100: 1}\", \"output_tokens\": \"{50: 0}\"}", "0.output_tokens"),
        ("{\"output_tokens\": \"{50: 1.0}\"}", "0.input_tokens"),
    ])
    func wrongLengthsOfClientsAreNamed(dataset: String, word: String) throws {
        try writeClients(dataset: dataset)
        let found = refusal { _ = try workload("clients: {folder: chunks, to_s: 600}") }
        #expect(found.contains("chunk-2-dataset.json") && found.contains(word), "\(found)")
    }

    @Test func wrongRowsOfClientsAreNamed() throws {
        for (row, word) in [
            ("0,1,1,Poisson,1,1", "Weibull"), ("0,-1,1,Gamma,1,1", "rate"), ("0,1,1,Gamma,0,1", "shape"),
            ("0,1,1,Gamma,1,1\n0,1,1,Gamma,1,1", "after"),
        ] {
            try writeClients()
            _ = try folder.write(row + "\n", "chunks/chunk-2-trace.csv")
            let found = refusal { _ = try workload("clients: {folder: chunks, to_s: 600}") }
            #expect(found.contains("chunk-2-trace.csv") && found.contains(word), "\(found)")
        }
    }

    @Test func theOverheadOfClientsIsRead() throws {
        let path = try folder.write(
            """
            id: x
            model: llama-3.1-8b
            engines: [{device: l4}]
            client: {before_ms: 15.5, after_ms: 0.75, per_token_ms: 0.05, source: a paper}
            """, "x.yaml")
        let client = try #require(try catalog.servingCluster(at: path).client)
        #expect(client.beforeSeconds == 0.0155 && client.afterSeconds == 0.00075)
        #expect(abs(client.toEnd(tokens: 100) - 0.02125) < 1e-12 && client.origin == .stated("a paper"))
        for (text, word) in [
            ("{before_ms: 1}", "source"), ("{source: x}", "before_ms"),
            ("{before_ms: -1, source: x}", "before_ms"),
        ] {
            let wrong = try folder.write(
                "id: x\nmodel: llama-3.1-8b\nengines: [{device: l4}]\nclient: \(text)\n", "x.yaml")
            #expect(refusal { _ = try catalog.servingCluster(at: wrong) }.contains(word))
        }
    }
}
