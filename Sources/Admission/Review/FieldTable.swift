/// Names that are told apart, such as those of the members of an object that are read: one look-up for a name instead of
/// a comparison with each.
struct FieldTable<Field: CaseIterable & RawRepresentable & Sendable>: Sendable where Field.RawValue == String {
    private let table: JSONKeyTable
    private let fields: [Field]

    init() {
        fields = Array(Field.allCases)
        table = JSONKeyTable(fields.map(\.rawValue))
    }

    /// Which of the fields a text is; nil when it is none.
    func callAsFunction(_ text: JSONStringToken) -> Field? { table.position(of: text).map { fields[$0] } }

    /// The next of the fields in the object the cursor is in, with the cursor before its value; nil when there are no
    /// more. Members that are none are passed.
    func next(_ cursor: inout JSONCursor) throws(JSONError) -> Field? {
        try cursor.nextMember(in: table).map { fields[$0] }
    }
}
