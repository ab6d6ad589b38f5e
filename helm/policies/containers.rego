package main

deny contains sprintf("limits: %s has no %s of %s", [name(workload), kind, resource]) if {
	some workload in workloads
	some container in pod(workload).containers
	some kind in {"requests", "limits"}
	some resource in {"cpu", "memory"}
	not container.resources[kind][resource]
}

deny contains sprintf("pinned-image: %s runs %s", [name(workload), container.image]) if {
	some workload in workloads
	some container in pod(workload).containers
	not pinned(container.image)
}

pinned(image) if regex.match(`@sha256:[0-9a-f]{64}$`, image)

pinned(image) if {
	regex.match(`:[^/:]*[0-9][^/:]*$`, image)
	not endswith(image, ":latest")
}

deny contains sprintf("probes: %s has no %s", [name(workload), probe]) if {
	some workload in services
	some container in pod(workload).containers
	some probe in {"startupProbe", "livenessProbe", "readinessProbe"}
	not container[probe]
}

deny contains sprintf("drain: %s is not given time to drain", [name(workload)]) if {
	some workload in services
	not drains(workload)
}

# A drain takes up to 10 s, after the pause in which endpoints and proxies learn of the end.
drains(workload) if {
	spec := pod(workload)
	some container in spec.containers
	spec.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + 10
}

deny contains sprintf("hardened: %s may run as root", [name(workload)]) if {
	some workload in services
	not pod(workload).securityContext.runAsNonRoot
}

deny contains sprintf("hardened: %s can write to its image", [name(workload)]) if {
	some workload in services
	some container in pod(workload).containers
	not container.securityContext.readOnlyRootFilesystem
}

deny contains sprintf("hardened: %s keeps capabilities", [name(workload)]) if {
	some workload in services
	some container in pod(workload).containers
	not "ALL" in object.get(container, ["securityContext", "capabilities", "drop"], [])
}

deny contains sprintf("hardened: %s may gain privileges", [name(workload)]) if {
	some workload in workloads
	some container in pod(workload).containers
	object.get(container, ["securityContext", "allowPrivilegeEscalation"], true)
}

deny contains sprintf("token: %s gets a token of the API server", [name(workload)]) if {
	some workload in workloads
	object.get(pod(workload), "automountServiceAccountToken", true)
}

deny contains sprintf("plain-password: %s has a password in %s", [name(workload), variable.name]) if {
	some workload in services
	some container in pod(workload).containers
	some variable in container.env
	regex.match(`://[^/:@]+:[^/@]+@`, object.get(variable, "value", ""))
}
