import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Whether a template asks for GPUs, by every place and spelling.
@Suite struct AcceleratorScanTests {
    private static func pod(_ spec: String) throws -> Bool {
        let object = try Scan.object(#"{"metadata":{"name":"p"},"spec":{\#(spec)}}"#)
        return try #require(object.templates.first).requestsGPU
    }

    private static func limits(_ map: String) -> String { #""containers":[{"resources":{"limits":\#(map)}}]"# }

    @Test(arguments: [
        // Names.
        (#"{"nvidia.com/gpu":"1"}"#, true), (#"{"amd.com/gpu":"1"}"#, true), (#"{"acme.io/gpu":"1"}"#, true),
        (#"{"nvidia.com/mig-1g.5gb":"1"}"#, true), (#"{"nvidia.com/mig-1g.5gb.shared":"1"}"#, true),
        (#"{"nvidia.com/gpu.shared":"1"}"#, true), (#"{"gpu.intel.com/i915":"1"}"#, true),
        (#"{"gpu.intel.com/xe":"1"}"#, true), (#"{"nvidia.com/pgpu":"1"}"#, true),
        (#"{"nvidia.com\/g\u0070u":"1"}"#, true),
        (#"{"cpu":"1","memory":"1Gi"}"#, false), (#"{"gpu":"1"}"#, false), (#"{"/gpu":"1"}"#, false),
        (#"{"nvidia.com/gpu.memory":"1"}"#, false), (#"{"nvidia.com/GPU":"1"}"#, false),
        (#"{"aws.amazon.com/neuron":"1"}"#, false), (#"{"acme.io/mig-1g.5gb":"1"}"#, false),
        // Quantities.
        (#"{"nvidia.com/gpu":1}"#, true), (#"{"nvidia.com/gpu":0}"#, false), (#"{"nvidia.com/gpu":"0"}"#, false),
        (#"{"nvidia.com/gpu":0.0e7}"#, false), (#"{"nvidia.com/gpu":"0k"}"#, false), (#"{"nvidia.com/gpu":-0}"#, false),
        (#"{"nvidia.com/gpu":"500m"}"#, true), (#"{"nvidia.com/gpu":1e-9}"#, true),
        (#"{"nvidia.com/gpu":"1e3"}"#, true),
        (#"{"nvidia.com/gpu":"\u0030"}"#, false), (#"{"nvidia.com/gpu":"\u0031"}"#, true),
        (#"{"nvidia.com/gpu":null}"#, false), (#"{"nvidia.com/gpu":""}"#, true), (#"{"nvidia.com/gpu":"many"}"#, true),
        (#"{"nvidia.com/gpu":{}}"#, true), (#"{"nvidia.com/gpu":[1]}"#, true), (#"{"nvidia.com/gpu":true}"#, true),
        (#"{"nvidia.com/gpu":0.\#(String(repeating: "0", count: 200))1}"#, true),
        (#"{"nvidia.com/gpu":"0.\#(String(repeating: "0", count: 200))1"}"#, true),
        // Duplicates.
        (#"{"nvidia.com/gpu":"1","nvidia.com/gpu":"0"}"#, false),
        (#"{"nvidia.com/gpu":"0","nvidia.com/gpu":"1"}"#, true),
        (#"{"nvidia.com/gpu":"1","nvidia.com\/gpu":"0"}"#, false),
        (#"{"nvidia.com/gpu":"1","amd.com/gpu":"0"}"#, true), (#"{"nvidia.com/gpu":"0","amd.com/gpu":"1"}"#, true),
        (#"{"a.io/gpu":"1","b.io/gpu":"1","b.io/gpu":"0","a.io/gpu":"0"}"#, false),
        (#"{"a.io/gpu":"0","b.io/gpu":"1","a.io/gpu":"0"}"#, true),
        // No map.
        ("null", false), ("[]", false), (#""nvidia.com/gpu""#, false), ("7", false),
    ])
    func limits(map: String, requestsGPU: Bool) throws {
        #expect(try Self.pod(Self.limits(map)) == requestsGPU)
    }

    @Test(arguments: [
        (#""containers":[{"resources":{"requests":{"nvidia.com/gpu":1}}}]"#, true),
        (#""containers":[{},{"resources":{"limits":{"nvidia.com/gpu":1}}}]"#, true),
        (#""initContainers":[{"resources":{"limits":{"nvidia.com/gpu":1}}}]"#, true),
        (#""ephemeralContainers":[{"resources":{"limits":{"nvidia.com/gpu":1}}}]"#, false),
        (#""containers":[{"resources":{"claims":[{"name":"gpu"}]}}]"#, true),
        (#""containers":[{"resources":{"claims":[]}}]"#, false),
        (#""containers":[{"resources":{"claims":null}}]"#, false),
        (#""containers":[{"resources":{"claims":{}}}]"#, false),
        (#""resourceClaims":[{"name":"gpu","resourceClaimName":"x"}]"#, true), (#""resourceClaims":[]"#, false),
        (#""resourceClaims":null"#, false), (#""resourceClaims":{"a":1}"#, false),
        (#""resources":{"limits":{"nvidia.com/gpu":1}}"#, true), (#""resources":{"limits":{"cpu":1}}"#, false),
        (#""containers":{"resources":{"limits":{"nvidia.com/gpu":1}}}"#, false),
        (#""containers":[[{"resources":{"limits":{"nvidia.com/gpu":1}}}]]"#, false),
        (#""containers":["nvidia.com/gpu",null,7]"#, false),
        (#""c\u006fntainers":[{"resou\u0072ces":{"l\u0069mits":{"nvidia.com/gpu":1}}}]"#, true),
        // A later duplicate takes back what the earlier one asked for, and nothing else.
        (#""containers":[{"resources":{"limits":{"nvidia.com/gpu":1}}}],"containers":[{}]"#, false),
        (#""containers":[{"resources":{"limits":{"nvidia.com/gpu":1},"limits":{}}}]"#, false),
        (#""containers":[{"resources":{"limits":{"nvidia.com/gpu":1},"requests":{},"claims":[]}}]"#, true),
        (#""containers":[{"resources":{"limits":{"nvidia.com/gpu":1}},"resources":{}}]"#, false),
        (
            #""containers":[{"resources":{"limits":{"nvidia.com/gpu":1}}},{"resources":{},"resources":{}}]"#, true
        ),
        (
            #""containers":[{"resources":{"limits":{"nvidia.com/gpu":1}}},"#
                + #"{"resources":{"limits":{"nvidia.com/gpu":1}},"resources":{}}]"#, true
        ),
        (#""initContainers":[{"resources":{"limits":{"nvidia.com/gpu":1}}}],"containers":[],"containers":[]"#, true),
    ])
    func places(spec: String, requestsGPU: Bool) throws {
        #expect(try Self.pod(spec) == requestsGPU)
    }

    @Test func duplicateSpec() throws {
        let object = try Scan.object(
            #"{"spec":{\#(Self.limits(#"{"nvidia.com/gpu":1}"#))},"spec":{"containers":[]}}"#)
        #expect(object.templates.map(\.requestsGPU) == [false])
    }

    /// More names than anybody writes are counted rather than remembered.
    @Test func manyNames() throws {
        let names = (0..<5_000).map { #""v\#($0).io/gpu":"0""# }.joined(separator: ",")
        #expect(try Self.pod(Self.limits("{\(names)}")) == false)
        #expect(try Self.pod(Self.limits(#"{\#(names),"last.io/gpu":"1"}"#)) == true)
    }

    @Test(arguments: [
        (#"{"name":"nvidia.com/gpu","quantity":2}"#, true), (#"{"quantity":2,"name":"nvidia.com/gpu"}"#, true),
        (#"{"name":"nvidia.com/gpu","quantity":0}"#, false), (#"{"name":"nvidia.com/gpu"}"#, false),
        (#"{"name":"nvidia.com/gpu","quantity":null}"#, false), (#"{"name":"xilinx.com/fpga","quantity":1}"#, false),
        (#"{"quantity":1}"#, false), ("null", false), ("[]", false),
        (#"{"name":"nvidia.com/gpu","quantity":1,"name":"xilinx.com/fpga"}"#, false),
        (#"{"name":"nvidia.com/gpu","quantity":1,"name":null}"#, false),
        (#"{"name":"nvidia.com/gpu","quantity":1,"quantity":0}"#, false),
    ])
    func sparkDevices(device: String, requestsGPU: Bool) throws {
        let kind = GroupVersionKind(group: "sparkoperator.k8s.io", version: "v1beta2", kind: "SparkApplication")
        let object = try Scan.object(#"{"spec":{"executor":{"gpu":\#(device)},"driver":{}}}"#, kind)
        #expect(object.templates.map(\.requestsGPU) == [requestsGPU, false])
    }

    /// TrainJob asks for GPUs outside of its templates, before or after them.
    @Test(arguments: [
        #"{"spec":{"podTemplateOverrides":[{}],"trainer":TRAINER}}"#,
        #"{"spec":{"trainer":TRAINER,"podTemplateOverrides":[{}]}}"#,
    ])
    func requestsOutsideOfTheTemplate(text: String) throws {
        let kind = GroupVersionKind(group: "trainer.kubeflow.org", version: "v1alpha1", kind: "TrainJob")
        let gpu = #"{"resourcesPerNode":{"limits":{"nvidia.com/gpu":4}}}"#
        let none = #"{"resourcesPerNode":{"limits":{"cpu":4}}}"#
        for (trainer, expected) in [(gpu, true), (none, false), ("null", false), (gpu + #","trainer":"# + none, false)]
        {
            let object = try Scan.object(text.replacing("TRAINER", with: trainer), kind)
            #expect(object.templates.map(\.requestsGPU) == [expected], "\(trainer)")
        }
    }
}
