extension WatchMachine {
    /// What to do next. The outcome is told by the method named.
    package enum Step: Sendable, Hashable {
        /// ``pageArrived(_:at:using:)`` or ``failed(_:at:using:)``
        case list(ListRequest)
        /// ``watchOpened(at:)`` and then the stream's methods, or ``failed(_:at:using:)``
        case watch(WatchRequest)
        /// ``proceed(at:using:)``
        case wait(until: Instant)
    }

    /// What becomes of the copy, and of the objects collected to replace it.
    package enum StoreAction: Sendable, Hashable {
        case none
        /// What was collected is dropped, and collecting begins.
        case beginReplacement
        case abandonReplacement
        /// The copy becomes what was collected.
        case commitReplacement
    }

    /// Where an object of the stream belongs.
    package enum Destination: Sendable, Hashable {
        case nowhere
        case copy
        /// What is being collected to replace the copy.
        case replacement
    }

    /// What people and metrics are told.
    package enum Notice: Sendable, Hashable {
        case retrying(WatchFailure, after: Duration)
        /// The stream is opened again at once where it was.
        case reopening(WatchFailure)
        /// Everything is asked for again, at once.
        case relisting(WatchFailure)
        /// The server does not offer initial events; lists are used from now on.
        case withoutInitialEvents(WatchFailure)

        package var failure: WatchFailure {
            switch self {
            case .retrying(let failure, _), .reopening(let failure), .relisting(let failure),
                .withoutInitialEvents(let failure):
                failure
            }
        }

        /// Whether anything went wrong. A server from before 1.27, or one where they are switched off, refuses initial
        /// events once for each resource, as it should.
        package var isFailure: Bool {
            switch self {
            case .retrying, .reopening, .relisting: true
            case .withoutInitialEvents(let failure): failure.reason != .rejected
            }
        }
    }

    package struct Transition: Sendable, Hashable {
        package var store = StoreAction.none
        package var next: Step
        package var notice: Notice?
    }

    /// In a word, for health pages.
    package enum Condition: Sendable, Hashable {
        case syncing
        case watching
        /// The last attempt failed; the copy is as old as its age says.
        case failing(WatchFailure.Reason)
    }
}
