import Glibc
import LabelPolicy
import Logging
import Reports

/// One line for each record on standard error: `time level message key=value …`, or one JSON object.
struct LineLogHandler: LogHandler {
    private let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = WallClock.now().rfc3339
        var line: String
        switch format {
        case .text:
            line = "\(time) \(event.level.rawValue) \(LogText.plain(event.message.description))"
            for (key, value) in all { line += " \(key)=\(LogText.value(value.description))" }
        case .json:
            line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\","
            line += "\"message\":\(LogText.json(event.message.description))"
            for (key, value) in all { line += ",\(LogText.json(key)):\(LogText.json(value.description))" }
            line += "}"
        }
        StandardError.print(line)
    }
}

/// Texts made safe for one log line.
enum LogText {
    /// Neither control nor format characters, so that nobody can forge or reorder a line.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Quoted where a space or quote would make it unclear where the value ends.
    static func value(_ text: String) -> String {
        let clean = plain(text)
        let needsQuotes = clean.isEmpty || clean.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return needsQuotes ? json(clean) : clean
    }

    static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\u{0}"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
