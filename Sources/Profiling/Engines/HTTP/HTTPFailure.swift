import Foundation
import Quantities

/// Why libcurl gave up a transfer.
struct HTTPFailure {
    /// The status codes that are told in words of our own, by the numbers of libcurl's curl.h.
    private enum Code: Int32 {
        case noSuchHost = 6
        case couldNotConnect = 7
        case partialFile = 18
        case outOfMemory = 27
        case timedOut = 28
        case tlsFailed = 35
        case gotNothing = 52
        case certificateRefused = 60
        case badCAFile = 77
        case tooLarge = 100
    }

    /// 0 where the library is content.
    let code: Int32
    /// The library's own words.
    let words: String
    /// `errno` of a connection that was refused; 0 for none.
    let systemError: Int32
    let timeout: Nanoseconds

    /// What was found and what was expected.
    func reason(for answer: HTTPAnswer) -> String {
        if let refusal = answer.refusal { return "found \(refusal.found), expected \(refusal.expected)" }
        guard code != 0 else { return Self.endedEarly }
        switch Code(rawValue: code) {
        case .noSuchHost: return "found no such host (\(words)), expected a name with an address"
        case .couldNotConnect where systemError != 0:
            return "\(String(cString: strerror(systemError))) while connecting"
        case .timedOut:
            return "no answer in time: found '\(words)', expected all of it within \(timeout.seconds) s"
        case .partialFile: return Self.endedEarly
        case .gotNothing: return "found a connection closed without a response, expected a response"
        // Older versions have no code of their own for a line that they do not collect any further.
        case .tooLarge, .outOfMemory:
            return "found a header line that libcurl gave up (\(words)), expected shorter ones"
        case .tlsFailed: return "found no TLS connection (\(words)), expected a server of https"
        case .certificateRefused:
            return "found a certificate that is not accepted (\(words)), expected one for this host by an "
                + "authority that is known here; ca_file names a file with the authority to trust"
        case .badCAFile: return "ca_file: found no certificates (\(words)), expected a file in PEM form"
        default: return "found '\(words)', expected a response"
        }
    }

    private static let endedEarly = "found a connection closed within a response, expected all of it"
}
