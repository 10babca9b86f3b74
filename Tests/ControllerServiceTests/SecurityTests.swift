import Controlling
import Foundation
import Quantities
import Testing

@testable import hercules_controller

@Suite struct SecurityTests {
    private static let now = WallTime(unixMilliseconds: 1_795_900_000_000)

    @Test func `an operator covers all, scalers and approvers do not cover each other`() {
        #expect(Role.allCases.allSatisfy { Role.operating.covers($0) })
        #expect(Role.allCases.allSatisfy { $0.covers(.viewer) })
        #expect(!Role.scaler.covers(.approver) && !Role.approver.covers(.scaler))
        #expect(!Role.viewer.covers(.scaler) && !Role.approver.covers(.operating))
    }

    @Test func `a digest is that of sha256sum, and compares whole`() {
        let digest = TokenDigest(of: "abc")
        #expect(
            digest.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(TokenDigest(hexadecimal: digest.hexadecimal.uppercased()) == digest)
        #expect(TokenDigest(hexadecimal: "abcd") == nil)
        #expect(!digest.equalsInConstantTime(TokenDigest(of: "abd")))
        #expect(RandomToken.make() != RandomToken.make() && RandomToken.make().count == 64)
    }

    @Test(arguments: [
        ("a viewer", "2 words"), ("a b c d e", "5 words"), ("a god sha256:00", "role god"),
        ("a viewer sha256:00", "no digest"), ("a/b viewer sha256:00", "other characters"),
        ("a viewer sha256:\(String(repeating: "0", count: 64)) soon", "expires soon"),
    ])
    func `a line that is none is refused with its place`(line: String, words: String) {
        let error = #expect(throws: TokenFileError.self) { try TokenFile(text: "# x\n\(line)\n", path: "t") }
        #expect(error.map { "\($0)" }?.contains("t:2") == true)
        #expect(error.map { "\($0)" }?.contains(words) == true)
    }

    @Test func `a token written by mistake is not repeated in the error`() {
        let secret = RandomToken.make()
        let error = #expect(throws: TokenFileError.self) {
            try TokenFile(text: "a viewer \(secret)", path: "t")
        }
        #expect(error.map { "\($0)" }?.contains(secret) == false)
    }

    @Test func `a token is known until it expires`() throws {
        let token = RandomToken.make()
        let line = "ci scaler sha256:\(TokenDigest(of: token).hexadecimal)"
        let file = try TokenFile(text: line + " 2026-12-01", path: "t")
        #expect(file.entry(of: token, at: Self.now)?.name == "ci")
        #expect(file.entry(of: token, at: WallTime(unixMilliseconds: 1_798_000_000_000)) == nil)
        #expect(file.entry(of: "other", at: Self.now) == nil)
        #expect(try TokenFile(text: file.entries[0].line, path: "t").entries == file.entries)
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660])
    func `a file that others can read is refused`(mode: Int) throws {
        let folder = try TokenFolder(mode: mode)
        let path = folder.path
        #expect(throws: TokenFileError.mode(path, found: "0" + String(mode, radix: 8))) {
            try TokenVault(path: path)
        }
    }

    @Test func `a changed file is read again, and a loosened one lets nobody in`() throws {
        let folder = try TokenFolder()
        let vault = try TokenVault(path: folder.path)
        let token = try #require(folder.tokens[.scaler])
        #expect(vault.principal(of: token, at: Self.now)?.role == .scaler)
        try folder.write(without: [.scaler])
        #expect(vault.principal(of: token, at: Self.now) == nil)
        try folder.write()
        #expect(vault.principal(of: token, at: Self.now) != nil)
        try folder.write(mode: 0o644)
        #expect(vault.principal(of: token, at: Self.now) == nil)
        #expect(vault.failure != nil)
        try folder.write()
        #expect(vault.principal(of: token, at: Self.now) != nil)
    }

    @Test func `a session ends after its time, and the oldest gives way`() {
        let sessions = LoginSessions()
        let token = TokenDigest(of: "t")
        let first = sessions.begin(name: "a", token: token, at: .zero)
        let end = Nanoseconds(seconds: Double(LoginSessions.seconds))
        #expect(sessions.holder(of: first, at: .zero)?.name == "a")
        #expect(sessions.holder(of: first, at: end) == nil)
        #expect(sessions.holder(of: RandomToken.make(), at: .zero) == nil)
        for _ in 0..<LoginSessions.sessionsMax { _ = sessions.begin(name: "b", token: token, at: .zero) }
        #expect(sessions.holder(of: first, at: .zero) == nil)
    }

    @Test func `the sixth failure within a minute waits, and others do not`() {
        let limit = FailureLimit()
        for index in 0..<FailureLimit.failuresMax {
            let now = Nanoseconds(seconds: Double(index))
            #expect(limit.allows("a", at: now))
            limit.note("a", at: now)
        }
        #expect(!limit.allows("a", at: Nanoseconds(seconds: 5)))
        #expect(limit.allows("b", at: Nanoseconds(seconds: 5)))
        #expect(limit.allows("a", at: Nanoseconds(seconds: 61)))
        for index in 0..<2 * FailureLimit.addressesMax {
            limit.note("n\(index)", at: Nanoseconds(seconds: 5))
        }
    }

    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "::", "controller.example.org", "127.example.org", "127.0.0.1.x",
    ])
    func `another address needs a certificate and tokens`(host: String) {
        #expect(throws: ListenRefusal.needsTLS(host)) { try ListenAddress(host: host).check() }
        #expect(throws: ListenRefusal.needsTokens(host)) {
            try ListenAddress(host: host, certificate: "c", key: "k").check()
        }
        #expect(throws: Never.self) {
            try ListenAddress(host: host, certificate: "c", key: "k", tokens: "t").check()
        }
    }

    @Test func `addresses are read as people write them`() {
        #expect(ListenAddress(text: "127.0.0.1:80") == ListenAddress(host: "127.0.0.1", port: 80))
        #expect(ListenAddress(text: "[::1]:80") == ListenAddress(host: "::1", port: 80))
        #expect(ListenAddress(text: ":0") == ListenAddress(port: 0))
        #expect(ListenAddress(text: "localhost")?.isLoopback == true)
        for bad in ["::1", "a:b", "127.0.0.1:70000", "http://a", "a:-1"] {
            #expect(ListenAddress(text: bad) == nil, "\(bad)")
        }
        #expect(throws: ListenRefusal.halfCertificate) { try ListenAddress(certificate: "c").check() }
    }
}
