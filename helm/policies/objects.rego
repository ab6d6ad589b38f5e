# What every policy works on: all objects of one installation at once, since some are about what is missing.
package main

objects := [object |
	some file in input
	some object in as_array(file.contents)
	object.kind
]

as_array(value) := value if is_array(value)

as_array(value) := [value] if is_object(value)

workloads := [object | some object in objects; object.kind in {"Deployment", "StatefulSet"}]

# Ours, not the servers that Kind runs in the cluster.
services := [object |
	some object in workloads
	object.metadata.labels["app.kubernetes.io/part-of"] == "sagaproof"
]

name(object) := sprintf("%s/%s", [object.kind, object.metadata.name])

pod(workload) := workload.spec.template.spec

selects(selector, workload) if {
	labels := object.get(selector, "matchLabels", {})
	every key, value in labels {
		workload.spec.template.metadata.labels[key] == value
	}
}
