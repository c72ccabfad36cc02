import Testing

@testable import OpenSSLTransport

@Suite struct StageTests {
    struct Closing: Sendable {
        var isInputOver: Bool
        var hasSession: Bool
        var action: TLSChannelStage.CloseAction
        var stage: TLSChannelStage.Stage
    }

    @Test(arguments: [
        Closing(isInputOver: false, hasSession: true, action: .farewell, stage: .lingering),
        Closing(isInputOver: true, hasSession: true, action: .closeNow, stage: .closed),
        Closing(isInputOver: false, hasSession: false, action: .closeNow, stage: .closed),
        Closing(isInputOver: true, hasSession: false, action: .closeNow, stage: .closed),
    ])
    func closingLingersOnlyWhereSomebodyListens(_ closing: Closing) {
        for closesOutputFirst in [false, true] {
            var stage = TLSChannelStage()
            if closesOutputFirst {
                stage.closeOutput()
                #expect(!stage.takesWrites && stage.processesInput)
            }
            if closing.isInputOver {
                #expect(end(&stage) == false)
            }
            let action = stage.close(hasSession: closing.hasSession)
            #expect(action == closing.action)
            #expect(stage.stage == closing.stage)
            #expect(!stage.takesWrites && !stage.processesInput)
        }
    }

    @Test func lingeringEndsWithTheInput() {
        var stage = TLSChannelStage()
        let first = stage.fail()
        let second = stage.fail()
        #expect(first && !second)
        let action = stage.close(hasSession: false)
        #expect(action == .await)
        let closes = end(&stage)
        #expect(closes)
        #expect(stage.stage == .closed)
    }

    @Test func nothingLeavesTheEnd() {
        var stage = TLSChannelStage()
        stage.closed()
        stage.closeOutput()
        let failed = stage.fail()
        let closes = end(&stage)
        #expect(!failed && !closes)
        let action = stage.close(hasSession: true)
        #expect(action == .closeNow)
        #expect(stage.stage == .closed)
    }

    private func end(_ stage: inout TLSChannelStage) -> Bool { stage.inputEnded() }
}
