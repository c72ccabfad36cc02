extension RecordReader {
    /// Reads one entry of a `map<string, Quantity>` into `quantities`; of a name that stands twice the last counts.
    mutating func quantity(_ entry: QuantityEntry) {
        let name = pool.strings.intern(utf8: entry.name)
        let nanos = nanos(entry, name)
        for index in quantities.indices where quantities[index].name == name {
            quantities[index].nanos = nanos
            return
        }
        quantities.append(NamedQuantity(name: name, nanos: nanos))
    }

    /// The amount; 0 for what is none, which becomes a problem of the object.
    private mutating func nanos(_ entry: QuantityEntry, _ name: StringID) -> Int128 {
        // A Quantity without text is zero.
        guard !entry.quantity.isEmpty else { return 0 }
        do throws(QuantityError) {
            let nanos = try Quantity(utf8: entry.quantity).nanos
            guard nanos >= 0 else {
                causes.append(.negative(resource: pool.strings[name]))
                return 0
            }
            return nanos
        } catch {
            causes.append(.quantity(resource: pool.strings[name], error))
            return 0
        }
    }

    /// The amounts in `quantities` as a list of their own.
    mutating func resourceList() -> ResourceListID {
        scratch.removeAll(keepingCapacity: true)
        for quantity in quantities where quantity.nanos != 0 {
            let unit: ResourceUnit = quantity.name == RecordPool.WellKnown.cpu ? .millicores : .whole
            if let amount = unit.amount(nanos: quantity.nanos) {
                scratch.append(ResourceAmount(name: quantity.name, amount: amount))
            } else {
                causes.append(.overflow(resource: pool.strings[quantity.name]))
            }
        }
        return pool.resourceLists.intern(&scratch)
    }

    /// The amount of `storage` in the entries of one field of a message, in bytes; 0 if there is none.
    mutating func storage(_ message: WireReader, in field: WireTag) throws(WireError) -> Int64 {
        quantities.removeAll(keepingCapacity: true)
        var reader = message
        while try reader.next() {
            guard reader.tag == field else {
                try reader.skip()
                continue
            }
            let entry = try QuantityEntry(reader.message())
            if entry.name.elementsEqual("storage".utf8) { quantity(entry) }
        }
        guard let nanos = quantities.first?.nanos else { return 0 }
        guard let bytes = ResourceUnit.whole.amount(nanos: nanos) else {
            causes.append(.overflow(resource: "storage"))
            return 0
        }
        return bytes
    }
}
