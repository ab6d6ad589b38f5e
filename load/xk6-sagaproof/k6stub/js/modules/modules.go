// Package modules declares what register.go uses of k6's module API, by its documentation
// (https://grafana.com/docs/k6/latest/extensions/create/javascript-extensions/). No code of k6 is in
// it, and it is only compiled to check that register.go fits.
package modules

// Module makes one instance for each VU.
type Module interface {
	NewModuleInstance(VU) Instance
}

// Instance is what one VU sees of a module.
type Instance interface {
	Exports() Exports
}

// Exports is what a script imports.
type Exports struct {
	Default any
	Named   map[string]any
}

// VU is what k6 tells a module of the VU; nothing of it is used.
type VU interface{}

// Register adds a module under the name that scripts import it by.
func Register(_ string, _ Module) {}
