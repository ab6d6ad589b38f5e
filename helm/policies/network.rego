package main

policies := [object | some object in objects; object.kind == "NetworkPolicy"]

deny contains "default-deny: no policy denies what no other one allows" if {
	count(services) > 0
	not denied_by_default
}

denied_by_default if {
	some policy in policies
	policy.spec.podSelector == {}
	{"Ingress", "Egress"} - {kind | some kind in policy.spec.policyTypes} == set()
	not policy.spec.ingress
	not policy.spec.egress
}

deny contains sprintf("network-policy: %s has none of its own", [name(workload)]) if {
	some workload in services
	not has_policy(workload)
}

has_policy(workload) if {
	some policy in policies
	policy.spec.podSelector.matchLabels["app.kubernetes.io/name"] == workload.metadata.name
}

deny contains sprintf("open-ingress: %s lets anyone in", [name(policy)]) if {
	some policy in policies
	some rule in policy.spec.ingress
	open_sources(rule)
}

open_sources(rule) if not rule.from

open_sources(rule) if rule.from == []

open_sources(rule) if {
	some peer in rule.from
	peer.ipBlock.cidr in {"0.0.0.0/0", "::/0"}
}

open_sources(rule) if {
	some peer in rule.from
	peer == {"namespaceSelector": {}}
}

deny contains sprintf("open-egress: %s lets everything out", [name(policy)]) if {
	some policy in policies
	some rule in policy.spec.egress
	not rule.ports
}

meshed if {
	some object in objects
	startswith(object.apiVersion, "security.istio.io/")
}

deny contains "strict-mtls: the mesh takes plain text" if {
	meshed
	not strict
}

strict if {
	some object in objects
	object.kind == "PeerAuthentication"
	not object.spec.selector
	object.spec.mtls.mode == "STRICT"
}

deny contains sprintf("named-callers: %s allows callers that it does not name", [name(policy)]) if {
	some policy in objects
	policy.kind == "AuthorizationPolicy"
	some rule in policy.spec.rules
	not named(rule)
}

named(rule) if {
	count(rule.from) > 0
	every source in rule.from {
		count(object.get(source.source, "principals", [])) + count(object.get(source.source, "namespaces", [])) > 0
	}
}

deny contains sprintf("mesh-retries: %s repeats calls that services repeat themselves", [name(route)]) if {
	some route in objects
	route.kind == "VirtualService"
	some http in route.spec.http
	not http.fault
	object.get(http, ["retries", "attempts"], 2) != 0
}
