import Testing

import Platform

@Suite struct MachineTests {
    private func group(_ membership: String, _ files: [String: String]) -> ControlGroup {
        ControlGroup(membership: membership, root: "/cg") { files[$0] }
    }

    @Test("A quota of control groups, version 2, limits the processors")
    func versionTwo() {
        let found = group("0::/app/job\n", ["/cg/app/job/cpu.max": "150000 100000\n", "/cg/app/memory.max": "4096\n"])
        #expect(found.processors == 1.5)
        #expect(found.memoryLimit == 4096)
    }

    @Test("The tightest limit on the way to the root counts, and max is none")
    func tightestCounts() {
        let files = [
            "/cg/a/b/cpu.max": "max 100000\n", "/cg/a/cpu.max": "300000 100000\n", "/cg/cpu.max": "200000 100000\n",
            "/cg/a/b/memory.max": "max\n",
        ]
        let found = group("0::/a/b\n", files)
        #expect(found.processors == 2)
        #expect(found.memoryLimit == nil)
    }

    @Test("A quota of control groups, version 1, limits the processors; -1 is none")
    func versionOne() {
        let files = [
            "/cg/cpu/d/cpu.cfs_quota_us": "50000\n", "/cg/cpu/d/cpu.cfs_period_us": "100000\n",
            "/cg/cpu/cpu.cfs_quota_us": "-1\n", "/cg/cpu/cpu.cfs_period_us": "100000\n",
            "/cg/memory/d/memory.limit_in_bytes": "1048576\n",
        ]
        let found = group("4:cpu,cpuacct:/d\n3:memory:/d\n", files)
        #expect(found.processors == 0.5)
        #expect(found.memoryLimit == 1 << 20)
    }

    @Test("Nonsense in the system's files limits nothing", arguments: ["", "x", "1:2", "0::/a", "::::", "0::\n\n"])
    func nonsense(membership: String) {
        #expect(group(membership, ["/cg/a/cpu.max": "ten of 0", "/cg/cpu.max": "1"]) == group("", [:]))
    }

    @Test("A process bound to one processor counts one")
    func affinity() throws {
        #expect(Machine.processorCount >= 1)
        #expect(Machine.processorCount <= sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        #expect(Machine.pageSize >= 4096)
        #expect(Machine.memory > 1 << 20)
    }
}
