/// The times and limits of a watch. The defaults are for a Kubernetes API server as it comes.
package struct WatchSettings: Sendable, Hashable {
    /// Objects in a page, as client-go asks for: 500 objects of some KB are about a megabyte.
    package var pageSize = 500
    /// Of one page. kube-apiserver gives up a request after 60 s (`--request-timeout`) and says so; this is later.
    package var listTimeout: Duration = .seconds(75)
    /// Pages of one list. With `pageSize` it is fifty million objects, which no cluster has: a server that goes on is in
    /// a loop.
    package var maximumPages = 100_000

    /// Until the head of a watch's answer. It comes at once, unless the server waits for its cache.
    package var openTimeout: Duration = .seconds(30)
    /// `timeoutSeconds` of a watch is drawn from these, as client-go does, so that a thousand watches opened together
    /// do not end together.
    package var watchSeconds = 300...600
    /// kube-apiserver sends a bookmark about once a minute, and its own timers vary by a quarter.
    package var bookmarkInterval: Duration = .seconds(60)
    /// What a bookmark may be late, and what the end of a watch may be.
    package var lateness: Duration = .seconds(30)
    /// A stream that has lived so long was a good one: what fails afterwards is a new failure, not the old one again.
    /// It also bounds how often a stream that always ends is opened again without a pause.
    package var healthyAfter: Duration = .seconds(10)
    /// Streams that end in an ERROR or in bytes that are no event, one after the other with nothing new between, before
    /// the list is asked instead: an event that cannot be sent or read would come again and again.
    package var fruitlessStreams = 3

    package var backoff = WatchBackoff.Settings()
    /// Whether to try `sendInitialEvents` first.
    package var usesInitialEvents = true

    /// The longest event of a watch; client-go's bound. An object in etcd has at most 1.5 MiB, an object in JSON some
    /// times what it has in etcd.
    package var maximumFrameSize = 16 * 1024 * 1024

    package init() {}
}
