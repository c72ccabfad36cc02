/// A Service of type LoadBalancer, the only type that costs money by itself.
package struct ServiceRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var controller = ControllerReference.none
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    package var namespace: StringID
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    /// Labels of the Pods behind it. Complete whatever filter is set; a Pod's kept labels may be fewer.
    package var selector = LabelSetID.empty
    package var loadBalancerClass = StringID.empty
    /// Addresses and host names it was given.
    package var addresses = NameListID.empty

    package init(namespace: StringID, name: StringID, uid: ObjectUID) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
