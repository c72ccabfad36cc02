/// The members of an object that are read, by name: one look-up for a member instead of a comparison with each.
struct FieldTable<Field: CaseIterable & RawRepresentable & Sendable>: Sendable where Field.RawValue == String {
    private let table: JSONKeyTable
    private let fields: [Field]

    init() {
        fields = Array(Field.allCases)
        table = JSONKeyTable(fields.map(\.rawValue))
    }

    /// Which of the fields a member is; nil when it is none.
    func callAsFunction(_ member: JSONStringToken) -> Field? { table.position(of: member).map { fields[$0] } }
}
