/// Names of extended resources: `nvidia.com/gpu`.
package enum ExtendedResource {
    /// Whether a unit of this resource is a GPU or a share of one.
    ///
    /// - `*/gpu`: the name every vendor's device plugin uses (nvidia.com, amd.com).
    /// - `*/gpu.shared`: the same, time-sliced, with `renameByDefault` of NVIDIA's device plugin.
    /// - `nvidia.com/mig-*`: a MIG slice, shared or not.
    /// - `nvidia.com/pgpu`: a whole GPU passed through to a virtual machine (NVIDIA's sandbox device plugin).
    /// - `gpu.intel.com/i915`, `gpu.intel.com/xe`: Intel's device plugin names GPUs by their kernel driver.
    package static func isGPU(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isGPU(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// The same over the UTF-8 bytes of the decoded name.
    package static func isGPU(utf8 name: UnsafeRawBufferPointer) -> Bool {
        var slash = 0
        while slash < name.count, name[slash] != UInt8(ascii: "/") { slash += 1 }
        guard slash > 0, slash < name.count else { return false }
        let domain = name[..<slash]
        let resource = name[(slash + 1)...]
        if equal(resource, "gpu") || equal(resource, "gpu.shared") { return true }
        if equal(domain, "nvidia.com") {
            return equal(resource, "pgpu")
                || (resource.starts(with: "mig-".utf8) && resource.count > 4 && !resource.contains(UInt8(ascii: "/")))
        }
        if equal(domain, "gpu.intel.com") { return equal(resource, "i915") || equal(resource, "xe") }
        return false
    }

    private static func equal(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && text.withUTF8Buffer { bytes.elementsEqual($0) }
    }
}
