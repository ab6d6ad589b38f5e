package main

deny contains sprintf("budget: %s has several instances and no disruption budget", [name(workload)]) if {
	some workload in services
	several(workload)
	not budgeted(workload)
}

several(workload) if workload.spec.replicas > 1

# An autoscaler owns the number.
several(workload) if not workload.spec.replicas

budgeted(workload) if {
	some object in objects
	object.kind == "PodDisruptionBudget"
	selects(object.spec.selector, workload)
}

deny contains sprintf("spread: %s may have all instances on one node", [name(workload)]) if {
	some workload in services
	keys := {constraint.topologyKey | some constraint in pod(workload).topologySpreadConstraints}
	not {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} - keys == set()
}

deny contains sprintf("stable-identity: %s consumes and has no stable name", [name(workload)]) if {
	some scaled in objects
	scaled.kind == "ScaledObject"
	some workload in services
	scaled.spec.scaleTargetRef.name == workload.metadata.name
	workload.kind != "StatefulSet"
}
