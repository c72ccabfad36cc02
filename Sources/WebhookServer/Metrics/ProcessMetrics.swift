import Glibc

/// The `process_*` families every Prometheus client exports, read from /proc when scraped. What cannot be read is
/// left out.
final class ProcessMetrics: MetricFamily {
    private let startTime: Double?

    init() {
        self.startTime = ProcessMetrics.startTimeSeconds()
    }

    func write(to writer: inout ExpositionWriter) {
        if let cpu = ProcessMetrics.cpuSeconds() {
            writer.family(
                "process_cpu_seconds_total", kind: .counter, help: "User and system CPU time spent in seconds.")
            writer.sample("process_cpu_seconds_total", cpu)
        }
        if let descriptors = ProcessMetrics.openDescriptors() {
            writer.family("process_open_fds", kind: .gauge, help: "Number of open file descriptors.")
            writer.sample("process_open_fds", UInt64(descriptors))
        }
        if let resident = ProcessMetrics.residentBytes() {
            writer.family("process_resident_memory_bytes", kind: .gauge, help: "Resident memory size in bytes.")
            writer.sample("process_resident_memory_bytes", resident)
        }
        if let startTime = self.startTime {
            writer.family(
                "process_start_time_seconds", kind: .gauge,
                help: "Start time of the process since unix epoch in seconds.")
            writer.sample("process_start_time_seconds", startTime)
        }
    }

    private static func cpuSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        // `.`, `..` and the descriptor of this very directory do not count.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return max(count, 0)
    }

    private static func residentBytes() -> UInt64? {
        guard let text = contents(of: "/proc/self/statm") else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return nil }
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: UInt64(clamping: sysconf(Int32(_SC_PAGESIZE))))
        return overflow ? nil : bytes
    }

    /// Now, less the time that has passed since this process' start.
    private static func startTimeSeconds() -> Double? {
        guard let stat = contents(of: "/proc/self/stat"),
            // The second field is the command in parentheses, and may hold blanks and parentheses itself.
            let commandEnd = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: commandEnd)...].split(separator: " ")
        let ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
        var wall = timespec()
        var sinceBoot = timespec()
        // proc(5): starttime is the 22nd field, that is the 20th after the command.
        guard fields.count > 19, let ticks = Double(fields[19]), ticksPerSecond > 0,
            clock_gettime(CLOCK_REALTIME, &wall) == 0, clock_gettime(CLOCK_BOOTTIME, &sinceBoot) == 0
        else { return nil }
        let age = Double(sinceBoot.tv_sec) + Double(sinceBoot.tv_nsec) / 1e9 - ticks / Double(ticksPerSecond)
        let start = Double(wall.tv_sec) + Double(wall.tv_nsec) / 1e9 - age
        // The kernel counts in hundredths; more digits would be noise.
        return (start * 100).rounded() / 100
    }

    /// The first 64 KiB of a file in /proc.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let capacity = 64 * 1024
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < capacity {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
