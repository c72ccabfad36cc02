import KubernetesModel
import Testing

@Suite struct ExtendedResourceTests {
    @Test(arguments: [
        "nvidia.com/gpu", "amd.com/gpu", "example.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.5gb",
        "nvidia.com/mig-3g.40gb", "nvidia.com/mig-1g.5gb.shared", "nvidia.com/pgpu", "gpu.intel.com/i915",
        "gpu.intel.com/xe",
    ])
    func `knows a GPU`(name: String) { #expect(ExtendedResource.isGPU(name)) }

    @Test(arguments: [
        "", "/", "gpu", "/gpu", "cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "nvidia.com/", "nvidia.com/GPU",
        "nvidia.com/gpus", "nvidia.com/gpumem", "nvidia.com/xgpu", "nvidia.com/gpu/x", "a/nvidia.com/gpu",
        "nvidia.com/mig-", "nvidia.com/mig", "nvidia.com/mig-1g/x", "amd.com/mig-1g.5gb", "amd.com/pgpu",
        "requests.nvidia.com/gpu.shared2", "gpu.intel.com/i915_monitoring", "gpu.intel.com/xe_monitoring",
        "gpu.intel.com/", "xgpu.intel.com/xe", "rdma/ib", "google.com/tpu", "vpc.amazonaws.com/efa",
        "nvidia.com/gpu ", "nvidia.com/gpu\u{0}",
    ])
    func `knows what is none`(name: String) { #expect(!ExtendedResource.isGPU(name)) }

    @Test func `reads bytes as text`() {
        for name in ["nvidia.com/gpu", "nvidia.com/gpux", ""] {
            let isGPU = Array(name.utf8).withUnsafeBytes { ExtendedResource.isGPU(utf8: $0) }
            #expect(isGPU == ExtendedResource.isGPU(name))
        }
        #expect(![0xFF, 0x2F, 0x67].withUnsafeBytes { ExtendedResource.isGPU(utf8: $0) })
    }
}
