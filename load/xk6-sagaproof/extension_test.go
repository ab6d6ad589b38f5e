package sagaproof

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sagaproof.load/xk6-sagaproof/history"
)

const runTag = "0badcafe"

func update(user, sequence, previous int64, kind string) string {
	return fmt.Sprintf(
		`{"type":"update","jobId":"%s-0000-4000-8000-%012x","sequence":%d,"previousSequence":%d,`+
			`"level":"detail","kind":%q,"detail":"due=%d.0;"}`,
		runTag, user, sequence, previous, kind, time.Now().UnixMilli()-5,
	)
}

func TestRecordsAndJudgesASocket(t *testing.T) {
	folder := t.TempDir()
	recorder, err := NewRecorder(folder)
	if err != nil {
		t.Fatal(err)
	}
	name := history.Name{Socket: "s1", Scenario: "load-k6", UserID: "u3", Node: "websocket-1"}
	socket, err := recorder.Socket(name, "detail", runTag, 3)
	if err != nil {
		t.Fatal(err)
	}
	frames := []struct{ text, finds string }{
		{update(3, 1, 0, "STARTED"), ""},
		{update(3, 3, 2, "DOMAIN_EVENT"), "gap"},
		{update(3, 3, 2, "DOMAIN_EVENT"), "duplicate"},
		{update(4, 1, 0, "STARTED"), "leak"},
		{update(3, 4, 3, "SUCCEEDED"), ""},
		{`{"type":"pong"}`, ""},
	}
	for _, frame := range frames {
		found, err := socket.Received(frame.text)
		if err != nil || found != frame.finds {
			t.Errorf("%s: found %q, %v; expected %q", frame.text, found, err, frame.finds)
		}
	}
	if positions := socket.Positions(); len(positions) != 0 {
		t.Errorf("a job that is over is followed: %v", positions)
	}
	summary := recorder.Summary()
	if summary.Frames != 5 || summary.Gaps != 1 || summary.Duplicates != 1 || summary.Leaks != 1 {
		t.Errorf("summary %+v", summary)
	}
	if summary.P50 < 4 || summary.Max > 60_000 {
		t.Errorf("times %+v", summary)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	shards, _ := filepath.Glob(filepath.Join(folder, "shards", "*.load"))
	if len(shards) != 1 {
		t.Fatalf("shards: %v", shards)
	}
	if info, err := os.Stat(shards[0]); err != nil || info.Size() < 500 {
		t.Errorf("the shard: %v, %v", info, err)
	}
}
