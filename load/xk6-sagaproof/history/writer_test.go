package history

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The test of the repository decodes this file with the harness's own reader.
const sampleVariable = "SAGAPROOF_SAMPLE_SHARD"

func sample(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	socket, err := w.Socket(Name{"s1", "load-k6", "u1", "websocket-1"})
	check(t, err)
	check(t, w.Event(10.25, socket, Open, 0))
	check(t, w.Message(11, socket, Sent, `{"type":"subscribe"}`))
	check(t, w.Message(12, socket, Received, `{"type":"update","detail":"日本"}`))
	check(t, w.Message(13, socket, Received, `{"type":"update","detail":"日本"}`))
	check(t, w.Event(14, socket, Closed, 1000))
	check(t, w.Flush())
	return out.Bytes()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWritesAShard(t *testing.T) {
	bytes := sample(t)
	if !strings.HasPrefix(string(bytes), magic) {
		t.Errorf("it begins with %q", bytes[:8])
	}
	if path := os.Getenv(sampleVariable); path != "" {
		check(t, os.WriteFile(path, bytes, 0o600))
	}
}

func TestKeepsATextThatManySocketsReceivedOnce(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	text := `{"detail":"` + strings.Repeat("x", 10_000) + `"}`
	for range 50 {
		check(t, w.Message(1, 0, Received, text))
	}
	check(t, w.Flush())
	if out.Len() > 12_000 {
		t.Errorf("%d bytes for one text", out.Len())
	}
}

func TestForgetsTextsThatLeftTheRing(t *testing.T) {
	w := NewWriter(&bytes.Buffer{})
	for n := range 3 * bodiesKept {
		check(t, w.Message(1, 0, Received, fmt.Sprintf(`{"n":%d}`, n)))
	}
	if len(w.places) != bodiesKept {
		t.Errorf("%d texts are kept", len(w.places))
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestSaysWhenNothingCanBeWritten(t *testing.T) {
	w := NewWriter(full{})
	if err := w.Flush(); err == nil {
		t.Error("a full disk was not noticed")
	}
}
