import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct ImportDocumentTests {
    private static let fresh: ImportSummary = {
        var summary = ImportSummary(
            file: "a.csv", kind: "csv", source: "A paper", licence: "MIT", fileDigest: "00ff")
        summary.rowsRead = 5
        summary.rowsKept = 3
        summary.refuse("no model", line: 4)
        summary.refuse("no model", line: 6)
        summary.mark(["watts exceed the maximum"], line: 3)
        summary.note([("powerWatts", 110)])
        summary.note([("powerWatts", 250.123_456_7)])
        return summary
    }()
    private static let known: ImportSummary = {
        var summary = ImportSummary(
            file: "b.csv", kind: "csv", source: "b.csv", licence: nil, fileDigest: "11")
        summary.isKnown = true
        return summary
    }()

    @Test func peopleReadAFewLinesForEachFile() {
        let expected = """
            a.csv: 5 rows read, 3 kept, 1 of them marked, 2 refused
              source: A paper, MIT
              SHA-256: 00ff
              refused 2 rows, first in line 4: no model
              marked 1 row, first in line 3: watts exceed the maximum
              powerWatts: 110 to 250.123 in 2 rows
            b.csv: imported before, nothing to do

            """
        #expect(ImportDocument([Self.fresh, Self.known]).text(as: .text) == expected)
    }

    @Test func programsReadAnObjectOrARowForEachFile() {
        let document = ImportDocument([Self.fresh, Self.known])
        #expect(
            document.table.columns.map(\.title) == [
                "file", "kind", "source", "read", "kept", "marked", "refused", "known", "SHA-256",
            ])
        #expect(
            document.text(as: .csv) == """
                file,kind,source,rowsRead,rowsKept,rowsMarked,rowsRefused,isKnown,fileDigest
                a.csv,csv,A paper,5,3,1,2,false,00ff
                b.csv,csv,b.csv,0,0,0,0,true,11

                """)
        let json = ImportDocument([Self.fresh]).text(as: .json)
        #expect(
            json == #"[{"file":"a.csv","fileDigest":"00ff","isKnown":false,"kind":"csv","licence":"MIT","#
                + #""marked":[{"firstLine":3,"reason":"watts exceed the maximum","rows":1}],"#
                + #""ranges":[{"maximum":250.1234567,"minimum":110,"name":"powerWatts","rows":2}],"#
                + #""refused":[{"firstLine":4,"reason":"no model","rows":2}],"rowsKept":3,"rowsMarked":1,"#
                + #""rowsRead":5,"rowsRefused":2,"source":"A paper"}]"# + "\n")
    }
}

@Suite struct FittedCurveDocumentTests {
    private static let figures: CurveFigures = {
        var figure = ImportedFigure(line: 2, model: "llm", server: "box")
        figure.devices = 4
        figure.parallelism = "tp4"
        figure.inputTokens = 128
        figure.outputTokens = 64.5
        return CurveFigures(first: figure, count: 5, errorMedian: Fraction(0.031))
    }()
    private static let bare = CurveFigures(
        first: ImportedFigure(line: 3, model: "llm", server: "crate"), count: 2, errorMedian: nil)

    @Test func curvesAreNamedAsTheyAreAskedFor() {
        #expect(
            FittedCurve.allCases.map(\.name) == [
                "throughput-over-concurrency", "throughput-over-batch", "latency-over-throughput",
                "watts-over-utilisation", "watts-over-throughput",
            ])
    }

    @Test func errorsAreShownBySourceAndCurve() {
        let document = CurveErrorsDocument([
            CurveErrors(
                source: "A paper", curve: .wattsOverThroughput, curves: 2, points: 11, leftOut: 7,
                errorMedian: Fraction(0.0125), errorP90: Fraction(0.25), residualMedian: .zero),
            CurveErrors(
                source: "A paper", curve: .latencyOverLoad, curves: 1, points: 4, leftOut: 0,
                errorMedian: nil, errorP90: nil, residualMedian: Fraction(0.5)),
        ])
        #expect(
            document.table.columns.map(\.title) == [
                "source", "curve", "curves", "points", "left out", "median error", "p90 error",
                "median residual",
            ])
        #expect(
            document.text(as: .csv) == """
                source,curve,curves,points,leftOut,errorMedianFraction,errorP90Fraction,residualMedianFraction
                A paper,watts over throughput,2,11,7,0.0125,0.25,0
                A paper,latency over throughput,1,4,0,,,0.5

                """)
        #expect(
            document.text(as: .text).hasPrefix(
                "Monotone curves through imported figures, each inner point left out in turn\n"))
    }

    @Test func readingsSayWhetherTheyLieBetweenPoints() {
        let document = CurveReadingsDocument(
            [
                CurveReading(figures: Self.figures, lower: 1, upper: 16, value: 853.219, isInside: true),
                CurveReading(figures: Self.bare, lower: 1, upper: 8, value: 0.5, isInside: false),
            ], of: .throughputOverConcurrency, at: 12, curvesLeftOut: 3)
        #expect(
            document.table.caption
                == "throughput over concurrency, at 12.0; 3 curves do not reach there and are left out")
        #expect(
            document.table.columns.map(\.title) == [
                "model", "server", "devices", "parallelism", "precision", "framework", "in", "out", "points",
                "from", "to", "value", "unit", "basis", "curve's error",
            ])
        #expect(
            document.text(as: .csv) == """
                model,server,devices,parallelism,precision,framework,inputTokens,outputTokens,points,\
                from,to,value,unit,basis,errorMedianFraction
                llm,box,4,tp4,,,128,64.5,5,1,16,853.2,per second,between points,0.031
                llm,crate,,,,,,,2,1,8,0.5,per second,held at the end,

                """)
        let none = CurveReadingsDocument([], of: .latencyOverLoad, at: 0.5, curvesLeftOut: 0)
        #expect(none.text(as: .text) == "latency over throughput, at 0.5\n(none)\n")
    }

    @Test func tokenRatesSayWhatLimitsThem() {
        func rate(_ tokens: Double, _ concurrency: Double, _ limit: TokenRate.Limit) -> TokenRate {
            TokenRate(figures: Self.bare, tokensPerSecond: tokens, concurrency: concurrency, limit: limit)
        }
        let document = TokenRatesDocument(
            [
                rate(853.219, 11.123_456, .target(.outputToken)), rate(900, 16, .mostMeasured),
                rate(0, 1.000_01, .missedAtTheLeastLoad(.firstToken)),
            ], firstToken: Nanoseconds(seconds: 1), outputToken: Nanoseconds(milliseconds: 25))
        #expect(
            document.table.columns.map(\.title).suffix(4) == [
                "tokens/s", "in flight", "limited by", "curve's error",
            ])
        #expect(
            document.text(as: .csv) == """
                model,server,devices,parallelism,precision,framework,inputTokens,outputTokens,points,\
                tokensPerSecond,concurrentQueries,limit,errorMedianFraction
                llm,crate,,,,,,,2,853.2,11.12,output token,
                llm,crate,,,,,,,2,900,16,the most measured,
                llm,crate,,,,,,,2,0,1.00001,first token at the least load,

                """)
        #expect(document.table.caption == "Output tokens/s with 1 s to the first token and 25 ms for each")
    }
}
