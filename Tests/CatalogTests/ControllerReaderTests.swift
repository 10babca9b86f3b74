import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Files that describe a live controller.
@Suite struct ControllerReaderTests {
    private func read(_ text: String) throws -> ControllerDocument {
        let copy = try WorkingCopy(ofWorkloads: true)
        let path = try copy.write(text, to: "controller/mine.yaml")
        return try copy.catalog.controller(at: path) { (path, options) throws(FileError) in
            try TraceImporter(options: options).read(path: path)
        }.document
    }

    @Test func theShippedExampleIsRead() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let (document, resolved) = try catalog.controller(
            at: "\(Repository.workloads)/controller/example.yaml"
        ) { (path, options) throws(FileError) in try TraceImporter(options: options).read(path: path) }
        #expect(document.mode == .advisory && document.interval == Nanoseconds(seconds: 60))
        #expect(document.input == .trace && resolved.scenario.id == "published")
        #expect(document.models.count == resolved.scenario.models.count)
        var usual = ControllerDocument.Limits()
        usual.stopWindow = Nanoseconds(seconds: 300)
        #expect(document.limits == usual, "the example writes the defaults out")
    }

    @Test func everyKeyIsRead() throws {
        let document = try read(
            """
            id: mine
            title: Mine
            scenario: published
            mode: active
            interval_seconds: 30
            fail_safe: peak
            database: mine.sqlite
            retention_days: 7
            baseline: greedy
            input:
              prometheus:
                url: https://monitor:9090
                bearer_file: token
                ca_file: ca.pem
                certificate: client.pem
                key: client.key
                headers: {X-Scope-OrgID: us}
                deadline_seconds: 5
            models:
              bert-99: {counter: 'a_total{x="1"}', window_seconds: 90, scrape_seconds: 10, series_max: 3}
              bert-99.9: {expression: 'rule:b', companion: b_total, trust: anyway}
              resnet50: {counter: c_total, stale_scrapes: 2, complete_fraction: 0.8, skew_seconds: 2}
              retinanet: {counter: d_total, delay_seconds: 30}
            limits:
              starts_fraction: 0.2
              starts_least: 1
              watts_max: 50_000
              servers: {min: 2, max: 100}
              models: {resnet50: {max: 9}}
              pairs: {resnet50: {dgx-h100: {min: 1}}}
            interface:
              {listen: '0.0.0.0:9000', names: [c.example.org], certificate: s.pem, key: s.key, tokens: t}
            alarms: {webhook: 'https://pager/hook', bearer_file: pager, ca_file: ca.pem}

            """)
        #expect(document.alarms?.webhook == "https://pager/hook")
        #expect(document.alarms?.bearerFile?.hasSuffix("/controller/pager") == true)
        #expect(document.mode == .active && document.failSafe == .peak && document.retentionDays == 7)
        #expect(
            document.models["bert-99"]?.seriesMax == 3 && document.models["bert-99.9"]?.trustsAnyway == true)
        #expect(document.models["retinanet"]?.delaySeconds == 30)
        guard case .prometheus(let server) = document.input else {
            Issue.record("found \(document.input)")
            return
        }
        #expect(server.headers == ["X-Scope-OrgID": "us"] && server.deadlineSeconds == 5)
        #expect(server.bearerFile?.hasSuffix("/controller/token") == true)
        let pair = ModelOnServer(model: "resnet50", serverType: "dgx-h100")
        #expect(document.limits.pairs[pair]?.min == 1 && document.limits.watts == 50_000)
        #expect(document.interface.tokens?.hasSuffix("/controller/t") == true)
    }

    @Test func allThatIsWrongIsSaidInOneRun() throws {
        let text = """
            id: mine
            scenario: published
            mode: bold
            interval_seconds: 0
            input: {prometheus: {url: 'ftp://x', certificate: a.pem}}
            models:
              bert-99: {counter: a, expression: b}
              nobody: {counter: c}
            limits:
              servers: {min: 5, max: 2}
              pairs: {resnet50: {no-such-type: {min: 1}}}

            """
        do {
            _ = try read(text)
            Issue.record("it was read")
        } catch let error as FileError {
            let said = "\(error)"
            for part in [
                "mine.yaml:3: mode", "mine.yaml:4: interval_seconds", "input.prometheus.url",
                "certificate and key", "models.bert-99", "models.nobody", "models.resnet50",
                "limits.servers.min", "no-such-type",
            ] {
                #expect(said.contains(part), "\(part) in \(said)")
            }
        }
    }

    @Test func aTraceNeedsNoQueriesAndAScenarioWithOne() throws {
        let head = "id: mine\nscenario: published\ninput: {trace: true}\n"
        #expect(try read(head).models.count == 4)
        #expect(throws: FileError.self) { try read(head + "models: {resnet50: {counter: c}}\n") }
        #expect(throws: FileError.self) { try read("id: mine\nscenario: published\ninput: {trace: false}\n") }
        #expect(throws: FileError.self) {
            try read("id: mine\nscenario: published\ninput: {trace: true, push: true}\n")
        }
    }
}
