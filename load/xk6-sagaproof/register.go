//go:build k6

package sagaproof

import (
	"sync"

	"go.k6.io/k6/js/modules"

	"sagaproof.load/xk6-sagaproof/history"
)

func init() { modules.Register("k6/x/sagaproof", &rootModule{}) }

// rootModule is shared by all VUs, and so is its recorder.
type rootModule struct {
	once     sync.Once
	recorder *Recorder
	err      error
}

type instance struct{ root *rootModule }

// NewModuleInstance is called by k6 for each VU.
func (r *rootModule) NewModuleInstance(modules.VU) modules.Instance { return &instance{root: r} }

// Exports is what a script imports.
func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"record": i.record, "socket": i.socket, "summary": i.summary, "close": i.close,
	}}
}

// record begins the shard; every VU calls it, and the first call counts.
func (i *instance) record(runFolder string) error {
	i.root.once.Do(func() { i.root.recorder, i.root.err = NewRecorder(runFolder) })
	return i.root.err
}

func (i *instance) socket(name history.Name, level, runTag string, user int64) (*Socket, error) {
	return i.root.recorder.Socket(name, level, runTag, user)
}

func (i *instance) summary() Summary { return i.root.recorder.Summary() }

func (i *instance) close() error { return i.root.recorder.Close() }
