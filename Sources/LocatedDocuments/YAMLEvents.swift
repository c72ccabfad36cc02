import CLibYAML

/// An event of libyaml's parser, copied out of its memory.
///
/// Places are counts of Unicode scalars from the start of the input, as libyaml keeps them.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(text: String, tag: String?, anchor: String?, style: LocatedScalar.Style)
        case sequenceStart(anchor: String?, isFlow: Bool)
        case sequenceEnd
        case mappingStart(anchor: String?, isFlow: Bool)
        case mappingEnd
    }

    var kind: Kind
    var startScalar: Int
    var endScalar: Int
}

/// What libyaml found wrong.
struct YAMLSyntaxError: Error {
    enum Place {
        case scalar(Int)
        case byte(Int)
    }

    var problem: String
    /// What libyaml was doing, for example "while scanning a quoted scalar"; empty when it does not say.
    var context: String
    var place: Place
    var contextPlace: Place?
}

/// libyaml's event parser over bytes that must outlive it.
///
/// The parser's memory is freed when this value ends its life, on every path out of the reader; an event's memory
/// before `next` returns.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Returns: nil when libyaml cannot get memory.
    init?(_ input: UnsafeBufferPointer<UInt8>) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        self.parser = parser
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. After `streamEnd` or an error there is none to ask for.
    mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(
            kind: try Self.kind(of: event), startScalar: event.start_mark.index, endScalar: event.end_mark.index)
    }

    private static func kind(of event: yaml_event_t) throws(YAMLSyntaxError) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            // By length: the content may hold NUL characters.
            let content = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return .scalar(
                text: content, tag: text(scalar.tag), anchor: text(scalar.anchor), style: style(scalar.style))
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            return .sequenceStart(
                anchor: text(sequence.anchor), isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            return .mappingStart(anchor: text(mapping.anchor), isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default:
            // Reached only by asking for more after the end of the stream.
            throw YAMLSyntaxError(
                problem: "the input ended", context: "", place: .scalar(event.start_mark.index), contextPlace: nil)
        }
    }

    private static func style(_ style: yaml_scalar_style_t) -> LocatedScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    /// A NUL-terminated string of libyaml: an anchor or a tag, which hold no NUL.
    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(decodingCString: $0, as: UTF8.self) }
    }

    private func failure() -> YAMLSyntaxError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
        let context = state.context.map { String(cString: $0) } ?? ""
        switch state.error {
        case YAML_READER_ERROR:
            return YAMLSyntaxError(
                problem: problem, context: context, place: .byte(state.problem_offset), contextPlace: nil)
        default:
            return YAMLSyntaxError(
                problem: problem, context: context, place: .scalar(state.problem_mark.index),
                contextPlace: context.isEmpty ? nil : .scalar(state.context_mark.index))
        }
    }
}
