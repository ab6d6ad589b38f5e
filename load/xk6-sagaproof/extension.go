// Package sagaproof is the part of a k6 extension that needs no k6: what a script calls.
package sagaproof

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sagaproof.load/xk6-sagaproof/histogram"
	"sagaproof.load/xk6-sagaproof/history"
	"sagaproof.load/xk6-sagaproof/tracker"
)

// Recorder is shared by all VUs: it writes one shard, and counts what was wrong and late.
type Recorder struct {
	mutex     sync.Mutex
	file      *os.File
	writer    *history.Writer
	delivery  *histogram.Histogram
	anomalies map[tracker.Anomaly]int64
}

// NewRecorder begins a shard in the folder `shards` of a run.
func NewRecorder(runFolder string) (*Recorder, error) {
	folder := filepath.Join(runFolder, "shards")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%d-k6-%d.load", os.Getpid(), time.Now().UnixNano())
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	return &Recorder{
		file:      file,
		writer:    history.NewWriter(file),
		delivery:  histogram.New(),
		anomalies: map[tracker.Anomaly]int64{},
	}, nil
}

// Close writes the rest.
func (r *Recorder) Close() error {
	if err := r.writer.Flush(); err != nil {
		return err
	}
	return r.file.Close()
}

// Summary is what a script prints at its end.
type Summary struct {
	Frames     uint64  `json:"frames"`
	P50        float64 `json:"p50"`
	P99        float64 `json:"p99"`
	Max        float64 `json:"max"`
	Gaps       int64   `json:"gaps"`
	Duplicates int64   `json:"duplicates"`
	Reorders   int64   `json:"reorders"`
	Leaks      int64   `json:"leaks"`
}

// Summary adds up all sockets.
func (r *Recorder) Summary() Summary {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return Summary{
		Frames:     r.delivery.Count(),
		P50:        r.delivery.Percentile(50),
		P99:        r.delivery.Percentile(99),
		Max:        r.delivery.Max(),
		Gaps:       r.anomalies[tracker.Gap],
		Duplicates: r.anomalies[tracker.Duplicate],
		Reorders:   r.anomalies[tracker.Reorder],
		Leaks:      r.anomalies[tracker.Leak],
	}
}

// Socket is one socket of a VU.
type Socket struct {
	recorder *Recorder
	number   uint32
	tracker  *tracker.Tracker
	runTag   string
	owner    string
}

// Socket introduces a socket. Jobs of a load name their customer in their last twelve digits.
func (r *Recorder) Socket(name history.Name, level, runTag string, user int64) (*Socket, error) {
	number, err := r.writer.Socket(name)
	if err != nil {
		return nil, err
	}
	socket := &Socket{recorder: r, number: number, runTag: runTag, owner: fmt.Sprintf("%012x", user)}
	socket.tracker = tracker.New(level, socket.ownerOf)
	return socket, nil
}

func (s *Socket) ownerOf(jobID string) tracker.Owner {
	if s.runTag == "" || !strings.HasPrefix(jobID, s.runTag+"-") {
		return tracker.Unknown
	}
	if strings.HasSuffix(jobID, "-"+s.owner) {
		return tracker.Own
	}
	return tracker.Other
}

func nowMs() float64 { return float64(time.Now().UnixMicro()) / 1000 }

// Opened records that the handshake succeeded.
func (s *Socket) Opened() error { return s.recorder.writer.Event(nowMs(), s.number, history.Open, 0) }

// Closed records how the socket ended.
func (s *Socket) Closed(code uint32) error {
	return s.recorder.writer.Event(nowMs(), s.number, history.Closed, code)
}

// Sent records a message of the client.
func (s *Socket) Sent(text string) error {
	return s.recorder.writer.Message(nowMs(), s.number, history.Sent, text)
}

// Begin says that the client follows a job after this update.
func (s *Socket) Begin(jobID string, after int64) { s.tracker.Begin(jobID, after) }

// Positions is what a client resumes with.
func (s *Socket) Positions() map[string]int64 { return s.tracker.Positions() }

// Received records and judges a frame. It returns what is wrong with it, or an empty text.
func (s *Socket) Received(text string) (string, error) {
	atMs := nowMs()
	if err := s.recorder.writer.Message(atMs, s.number, history.Received, text); err != nil {
		return "", err
	}
	update, err := tracker.Decode([]byte(text))
	if err != nil || update.Type != "update" {
		return "", err
	}
	anomaly := s.tracker.Frame(update.Frame)
	s.recorder.mutex.Lock()
	defer s.recorder.mutex.Unlock()
	if dueMs, isKnown := update.DueMs(); isKnown {
		s.recorder.delivery.Record(atMs - dueMs)
	}
	if anomaly != tracker.None {
		s.recorder.anomalies[anomaly]++
	}
	if update.IsFinal() {
		s.tracker.End(update.JobID)
	}
	return string(anomaly), nil
}
