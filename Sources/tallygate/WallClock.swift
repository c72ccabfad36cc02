import Glibc
import LabelPolicy

/// The one place where the time of day is read.
enum WallClock {
    static func unixSeconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    static func now() -> Timestamp { Timestamp(secondsSinceEpoch: unixSeconds()) }
}
