import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("The host")
struct HostProbeTests {
    private let root: TemporaryDirectory

    init() throws {
        root = try TemporaryDirectory()
        try root.write(
            "processor\t: 0\nvendor_id\t: GenuineTest\nmodel name\t: Test CPU @ 2.00GHz\n\nprocessor\t: 1\n",
            to: "proc/cpuinfo")
        try root.write("MemTotal:       16000000 kB\nMemFree: 1 kB\n", to: "proc/meminfo")
        try root.write("node-7\n", to: "proc/sys/kernel/hostname")
        try root.write("NAME=\"X\"\nPRETTY_NAME=\"X Linux 12\"\n", to: "etc/os-release")
    }

    private func probe(cores: Int = 8) -> HostProbe { HostProbe(root: root.path, schedulableCores: cores) }

    @Test("A host is read from the kernel's files")
    func host() throws {
        #expect(
            try probe().host()
                == Host(
                    name: "node-7", processor: "Test CPU @ 2.00GHz", cores: 8, memory: Bytes(16_384_000_000),
                    operatingSystem: "X Linux 12"))
    }

    @Test("Missing files are errors that name the path")
    func missing() throws {
        let empty = try TemporaryDirectory()
        let error = #expect(throws: ProfilingError.self) { try HostProbe(root: empty.path).host() }
        #expect(error?.description.contains(empty.path + "/proc/cpuinfo") == true)
    }

    @Test("Control groups of version 2 limit the cores, the tightest of all levels")
    func unifiedQuota() throws {
        try root.write("0::/outer/inner\n", to: "proc/self/cgroup")
        try root.write("max 100000\n", to: "sys/fs/cgroup/outer/inner/cpu.max")
        #expect(probe().usableCores == 8)
        try root.write("250000 100000\n", to: "sys/fs/cgroup/outer/cpu.max")
        #expect(probe().usableCores == 2)
        try root.write("50000 100000\n", to: "sys/fs/cgroup/outer/inner/cpu.max")
        #expect(probe().usableCores == 1)
    }

    @Test("Inside a container the group is the root of what it sees")
    func containerQuota() throws {
        try root.write("0::/\n", to: "proc/self/cgroup")
        try root.write("300000 100000\n", to: "sys/fs/cgroup/cpu.max")
        #expect(probe().usableCores == 3)
        #expect(probe(cores: 2).usableCores == 2)
    }

    @Test("Control groups of version 1 limit the cores")
    func legacyQuota() throws {
        try root.write("4:memory:/x\n3:cpu,cpuacct:/job\n", to: "proc/self/cgroup")
        try root.write("-1\n", to: "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us")
        try root.write("100000\n", to: "sys/fs/cgroup/cpu/job/cpu.cfs_period_us")
        #expect(probe().usableCores == 8)
        try root.write("400000\n", to: "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us")
        #expect(probe().usableCores == 4)
    }

    @Test("The last-level cache is the largest one")
    func cache() throws {
        #expect(probe().lastLevelCache == Bytes(Double(32 << 20)))
        try root.write("48K\n", to: "sys/devices/system/cpu/cpu0/cache/index0/size")
        try root.write("36M\n", to: "sys/devices/system/cpu/cpu0/cache/index3/size")
        #expect(probe().lastLevelCache == Bytes(Double(36 << 20)))
    }

    @Test("Noise is the difference of two snapshots")
    func noise() throws {
        try root.write("cpu  100 0 100 700 50 10 20 20 5 0\ncpu0 1 1\n", to: "proc/stat")
        try root.write(
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull total=0\n", to: "proc/pressure/cpu")
        let before = probe().noiseSnapshot(at: Nanoseconds(seconds: 10))
        // 1000 more ticks, 30 of them stolen; 0.5 s of pressure in 4 s. Guest time is part of user time.
        try root.write("cpu  600 0 200 1050 70 10 20 50 505 0\n", to: "proc/stat")
        try root.write("some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n", to: "proc/pressure/cpu")
        let noise = probe().noiseSnapshot(at: Nanoseconds(seconds: 14)).noise(since: before)
        #expect(noise.stealFraction == Fraction(0.03))
        #expect(noise.processorPressureFraction == Fraction(0.125))
    }

    @Test("Work of other processes is what this one has not done")
    func otherLoad() throws {
        // 25 clock ticks of user and 5 of system time; the name holds what it likes.
        func own(_ user: Int, _ system: Int) throws {
            let fields = Array(repeating: "1", count: 10) + ["\(user)", "\(system)", "0", "0"]
            try root.write("7 (a ) b) R " + fields.joined(separator: " ") + "\n", to: "proc/self/stat")
        }
        try root.write("cpu  100 0 100 800 0 0 0 0 0 0\n", to: "proc/stat")
        try own(20, 10)
        let before = probe().noiseSnapshot(at: Nanoseconds(seconds: 1))
        try root.write("cpu  150 10 120 900 0 10 10 0 0 0\n", to: "proc/stat")
        try own(60, 20)
        let noise = probe().noiseSnapshot(at: Nanoseconds(seconds: 2)).noise(since: before)
        // 100 of 200 ticks worked, 50 of them here.
        #expect(noise.otherLoadFraction == Fraction(0.25))
        #expect(noise.frequencyMin == nil)
    }

    @Test("Clocks are read where a driver offers them")
    func clocks() throws {
        for (core, kilohertz) in [(0, 3_000_000), (1, 1_500_000)] {
            try root.write(
                "\(kilohertz)\n", to: "sys/devices/system/cpu/cpu\(core)/cpufreq/scaling_cur_freq")
        }
        let probe = probe()
        let before = probe.noiseSnapshot(at: .zero)
        let noise = probe.noiseSnapshot(at: Nanoseconds(1)).noise(since: before)
        #expect(noise.frequencyMin == Hertz(1.5e9))
        #expect(noise.frequencyMean == Hertz(2.25e9))
    }

    @Test("What the kernel does not tell is unknown, not zero")
    func silence() {
        let before = probe().noiseSnapshot(at: .zero)
        let noise = probe().noiseSnapshot(at: Nanoseconds(1)).noise(since: before)
        #expect(noise == HostNoise(stealFraction: nil, processorPressureFraction: nil))
    }

    @Test("This machine can be read")
    func thisMachine() throws {
        let host = try HostProbe().host()
        #expect(host.cores >= 1)
        #expect(host.memory > .zero)
        #expect(!host.processor.isEmpty)
    }
}
