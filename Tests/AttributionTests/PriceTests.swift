import LabelPolicy
import TestSupport
import Testing

@testable import Attribution

@Suite struct ShippedPriceTests {
    @Test(arguments: [PriceTable.aws, .googleCloud, .azure].map(\.origin.cloud))
    func everyLineCanBeRead(cloud: Cloud) throws {
        let table = try #require([PriceTable.aws, .googleCloud, .azure].first { $0.origin.cloud == cloud })
        let (machines, malformed) = table.machines()
        #expect(malformed.isEmpty)
        #expect(machines.count > 100)
        #expect(Set(machines.map(\.name)).count == machines.count)
        for machine in machines {
            #expect(machine.perHour > .zero && machine.perHour < money("1000"), "\(machine.name)")
            #expect(machine.vCPUs > 0 && machine.milliGiB > 0)
            // Nobody sells a core for less than half a cent an hour, or without GPUs for more than a dollar.
            let perCore = try machine.perHour.scaled(by: 1, over: machine.vCPUs)
            #expect(perCore > money("0.002"), "\(machine.name)")
            if machine.gpus == 0 { #expect(perCore < money("1"), "\(machine.name)") }
        }
    }

    @Test func theTablesSayWhereTheyAreFrom() {
        #expect(ShippedPrices.origins.map(\.date.description) == ["2026-07-20", "2026-08-03", "2026-06-18"])
        #expect(ShippedPrices.origins.map(\.region) == ["us-east-1", "us-central1", "eastus"])
        #expect(ShippedPrices.builtIn.count > 900)
    }

    @Test(arguments: [
        ("m5.large", "0.096"), ("m5.24xlarge", "4.608"), ("m5.metal", "4.608"), ("m6g.medium", "0.0385"),
        ("c5.9xlarge", "1.53"), ("r6i.xlarge", "0.252"), ("t3.medium", "0.0416"), ("p3.16xlarge", "24.48"),
        ("p4d.24xlarge", "21.957642"), ("p5.48xlarge", "55.04"), ("g5.xlarge", "1.006"), ("g6e.48xlarge", "30.13118"),
        ("e2-standard-4", "0.13402284"), ("n1-standard-1", "0.04749975"), ("n2-highmem-8", "0.524056"),
        ("a2-highgpu-1g", "3.673385"), ("Standard_D4s_v5", "0.192"), ("Standard_NC24ads_A100_v4", "3.673"),
        ("Standard_F8s_v2", "0.338"), ("Standard_E96ads_v5", "6.288"),
    ])
    func knowsWellKnownMachines(type: String, perHour: String) {
        #expect(ShippedPrices.builtIn.machine(type)?.perHour.description == perHour)
    }

    @Test(arguments: [("p4d.24xlarge", Int64(8), "A100-40GB"), ("g2-standard-24", 2, "L4"), ("m5.large", 0, "")])
    func knowsTheirGPUs(type: String, gpus: Int64, model: String) {
        let machine = ShippedPrices.builtIn.machine(type)
        #expect(machine?.gpus == gpus)
        #expect(machine?.gpuModel == model)
    }
}

@Suite struct NodePricerTests {
    private func price(_ node: PricedNode, _ policy: PricingPolicy = PricingPolicy(), external: ExternalPrices? = nil)
        -> NodePricing
    {
        NodePricer(policy: policy, external: external).price(node)
    }

    private func node(_ type: String, region: String = "us-east-1", capacity: CapacityType = .onDemand) -> PricedNode {
        PricedNode(
            name: "a", instanceType: type, region: region, capacity: capacity, millicores: 2_000, memoryBytes: 8 * gib)
    }

    @Test func asksTheSourcesInTheirOrder() throws {
        var node = node("m5.large")
        let external = ExternalPrices(origin: "OpenCost", date: "2026-11-20", perHour: ["a": "0.0911"])
        let override = PriceOverride(
            match: .init(instanceTypes: ["m5.*"]), perHour: money("0.05"), origin: "contract", date: "2026-01-01")
        var policy = PricingPolicy(overrides: [override])
        node.annotation = "0.07"
        var found: [Price] = []
        try found.append(#require(price(node, policy, external: external).price))
        policy.overrides = []
        try found.append(#require(price(node, policy, external: external).price))
        node.annotation = nil
        try found.append(#require(price(node, policy, external: external).price))
        try found.append(#require(price(node, policy).price))
        policy.usesShippedList = false
        try found.append(#require(price(node, policy).price))
        #expect(found.map(\.source) == PriceSource.allCases)
        // Two cores and 8 GiB at OpenCost's rates: 0.063222 + 0.033896.
        #expect(found.map(\.perHour.description) == ["0.05", "0.07", "0.0911", "0.096", "0.097118"])
        #expect(found.map { $0.date?.description } == ["2026-01-01", nil, "2026-11-20", "2026-07-20", nil])
        #expect(found.map(\.flags.codes) == [[], [], [], [], ["from-resources"]])
        policy.rates = nil
        #expect(price(node, policy) == NodePricing(price: nil, problems: [.unpriced(instanceType: "m5.large")]))
    }

    @Test(arguments: ["-1", "NaN", "abc", "", "1e3", "99999999999999", "10001"])
    func anAbsurdAnnotationIsNamedAndPassedOver(text: String) {
        var node = node("m5.large")
        node.annotation = text
        let pricing = price(node)
        #expect(pricing.price?.source == .list)
        #expect(
            pricing.problems == [.absurd(.annotation, origin: "tallygate.io/price-per-hour", text: text)])
    }

    @Test func anAbsurdOverrideIsNamedAndPassedOver() {
        let override = PriceOverride(
            match: .init(nodes: ["a"]), perHour: money("750000"), origin: "a month in cents")
        let pricing = price(node("m5.large"), PricingPolicy(overrides: [override]))
        #expect(pricing.price?.source == .list)
        #expect(pricing.problems == [.absurd(.policy, origin: "a month in cents", text: "750000")])
    }

    @Test(arguments: ["-0.1", "NaN", "+Inf", "1e30"]) func anAbsurdMeasurementIsNamedAndPassedOver(text: String) {
        let pricing = price(node("m5.large"), external: ExternalPrices(origin: "OpenCost", perHour: ["a": text]))
        #expect(pricing.price?.source == .list)
        #expect(pricing.problems == [.absurd(.opencost, origin: "OpenCost", text: text)])
    }

    @Test func aMeasuredZeroIsNoPriceAndAStatedOneIs() {
        let measured = price(node("m5.large"), external: ExternalPrices(origin: "OpenCost", perHour: ["a": "0"]))
        #expect(measured.price?.source == .list)
        var stated = node("acme")
        stated.annotation = "0"
        #expect(price(stated).price?.perHour == .zero)
    }

    @Test func aStatedZeroOfAnUnknownMachineIsSaid() {
        var stated = node("acme")
        stated.annotation = "0"
        #expect(price(stated).problems == [.free(.annotation, instanceType: "acme")])
        var known = node("m5.large")
        known.annotation = "0"
        #expect(price(known).problems.count == 1)
        #expect(price(known).problems.first?.isOfInstanceType == false)
    }

    @Test func aMachineThatIsNotListedIsEstimatedAndItsOverrideIsNamed() {
        var unlisted = node("acme-8g")
        (unlisted.millicores, unlisted.memoryBytes) = (4_000, 16 << 30)
        let pricing = price(unlisted)
        #expect(pricing.price?.source == .rates)
        #expect(pricing.problems == [.estimated(instanceType: "acme-8g")])
        #expect(pricing.problems.first?.description.contains("instanceTypes: [acme-8g]") == true)
    }

    /// 32.8 became 0.032 overnight, in a report of an OpenCost user.
    @Test(arguments: [("0.0328", true), ("2.2", false), ("2.1", true), ("219", false), ("220", true), ("0", true)])
    func aPriceFarFromTheListIsNamed(text: String, isFar: Bool) {
        var node = node("p4d.24xlarge")
        node.annotation = text
        let pricing = price(node)
        #expect(pricing.price?.source == .annotation)
        #expect(pricing.price?.flags.contains(.farFromList) == isFar)
        #expect(pricing.problems.isEmpty == !isFar)
    }

    @Test func spotIsEstimatedByTheList() {
        let aws = price(node("m5.large", region: "us-east-1", capacity: .spot)).price
        #expect(aws?.perHour.description == "0.0384")
        #expect(aws?.flags == .spotEstimate)
        let google = price(node("n2-standard-2", region: "us-central1", capacity: .spot)).price
        #expect(google?.perHour.description == "0.04564546")
        let own = price(node("m5.large", capacity: .spot), PricingPolicy(spotDiscountPercent: 70)).price
        #expect(own?.perHour.description == "0.0288")
        #expect(price(node("m5.large", capacity: .reserved)).price?.flags == .undiscounted)
    }

    @Test func anotherRegionIsEstimated() {
        #expect(price(node("m5.large", region: "eu-west-1")).price?.flags == .referenceRegion)
        #expect(price(node("m5.large", region: "")).price?.flags == .referenceRegion)
        let london = price(node("e2-standard-2", region: "europe-west2")).price
        #expect(london?.flags == .regionFactor)
        #expect(london?.perHour.description == "0.086310709")
        #expect(price(node("c3-standard-4", region: "europe-west2")).price?.flags == .referenceRegion)
        #expect(price(node("Standard_D4s_v5", region: "westus2")).price?.perHour.description == "0.192")
    }

    @Test func attachedGPUsAreAdded() {
        var node = node("n1-standard-4")
        node.gpus = 2
        node.label = { $0 == "cloud.google.com/gke-accelerator" ? "nvidia-tesla-t4" : nil }
        #expect(price(node).price?.perHour.description == "0.889999")
        node.label = { $0 == "cloud.google.com/gke-accelerator" ? "nvidia-tesla-x9" : nil }
        #expect(price(node).price?.source == .rates)
    }

    @Test func publicPricesNeedAnExchangeRate() throws {
        let euro = try #require(Currency("EUR"))
        let converted = price(node("m5.large"), PricingPolicy(currency: euro, perUSD: money("0.9"))).price
        #expect(converted?.perHour.description == "0.0864")
        #expect(converted?.flags == .converted)
        let without = price(node("m5.large"), PricingPolicy(currency: euro))
        #expect(without.price == nil)
        #expect(without.problems == [.noExchangeRate(euro), .unpriced(instanceType: "m5.large")])
        // Rates that somebody wrote are in the report's currency already.
        let own = ResourceRates(core: money("0.03"), memoryGiB: money("0.004"), gpu: money("1"))
        #expect(price(node("acme"), PricingPolicy(currency: euro, rates: own)).price?.perHour.description == "0.092")
    }

    @Test func overridesMatchByEverythingTheyName() {
        var node = node("m5.large", region: "eu-west-1", capacity: .spot)
        node.label = { $0 == "pool" ? "batch" : nil }
        func matches(_ match: PriceOverride.Match) -> Bool {
            let policy = PricingPolicy(
                overrides: [PriceOverride(match: match, perHour: money("0.09"), origin: "test")])
            return price(node, policy).price?.source == .policy
        }
        #expect(matches(.init(nodes: ["a*"], instanceTypes: ["m5.*"], regions: ["eu-*"], capacity: .spot)))
        #expect(matches(.init(nodeSelector: LabelSelector(matchLabels: ["pool": "batch"]))))
        #expect(!matches(.init(nodeSelector: LabelSelector(matchLabels: ["pool": "web"]))))
        #expect(!matches(.init(instanceTypes: ["m5.*"], capacity: .onDemand)))
        #expect(!matches(.init(nodes: ["b"])))
        #expect(!matches(.init(regions: ["us-*"])))
    }

    @Test(arguments: [
        ("karpenter.sh/capacity-type", "spot", CapacityType.spot),
        ("karpenter.sh/capacity-type", "reserved", .reserved),
        ("karpenter.sh/capacity-type", "on-demand", .onDemand), ("eks.amazonaws.com/capacityType", "SPOT", .spot),
        ("eks.amazonaws.com/capacityType", "CAPACITY_BLOCK", .reserved),
        ("eks.amazonaws.com/capacityType", "ON_DEMAND", .onDemand), ("cloud.google.com/gke-spot", "true", .spot),
        ("cloud.google.com/gke-preemptible", "true", .spot), ("cloud.google.com/gke-provisioning", "spot", .spot),
        ("kubernetes.azure.com/scalesetpriority", "spot", .spot), ("app", "spot", .onDemand),
    ])
    func readsCapacityTypes(key: String, value: String, type: CapacityType) {
        #expect(CapacityType { $0 == key ? value : nil } == type)
    }

    @Test func absurdCapacityGivesNoAbsurdPrice() {
        var node = PricedNode(name: "a", millicores: .max, memoryBytes: .max, gpus: .max)
        #expect(price(node).price == nil)
        node.millicores = 1_000
        node.memoryBytes = 0
        node.gpus = 100_000
        let pricing = price(node)
        #expect(pricing.price == nil)
        #expect(pricing.problems.count == 2)
    }
}
