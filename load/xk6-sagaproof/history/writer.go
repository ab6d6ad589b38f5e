// Package history writes what sockets did in the binary form of harness/history/load-records.ts, so
// that Sagaproof merges it with what its witnesses recorded.
package history

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"sync"
)

const (
	magic       = "SGLOAD1\n"
	bodiesKept  = 4096
	bufferBytes = 1 << 20
)

const (
	recordSocket byte = 1
	recordBody   byte = 2
	recordEvent  byte = 3
)

// Step is what a socket did.
type Step byte

// The steps of a socket's life, by their number in a record.
const (
	Open Step = iota
	Sent
	Received
	Closed
	Refused
)

// Name says which socket it is.
type Name struct {
	Socket   string `json:"socket"`
	Scenario string `json:"scenario"`
	UserID   string `json:"userId"`
	Node     string `json:"node"`
}

// Writer collects records and writes them in large pieces. It is safe for concurrent use.
type Writer struct {
	mutex   sync.Mutex
	out     *bufio.Writer
	sockets uint32
	places  map[string]uint32
	ring    [bodiesKept]string
	next    uint32
	isFull  bool
	scratch []byte
}

// NewWriter begins a shard.
func NewWriter(out io.Writer) *Writer {
	buffered := bufio.NewWriterSize(out, bufferBytes)
	// The error of a buffered write shows at the next flush.
	_, _ = buffered.WriteString(magic)
	return &Writer{out: buffered, places: map[string]uint32{}}
}

// Socket introduces a socket; its events carry the number that is returned.
func (w *Writer) Socket(name Name) (uint32, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	text, err := json.Marshal(name)
	if err != nil {
		return 0, err
	}
	number := w.sockets
	w.sockets++
	record := append(w.scratch[:0], recordSocket)
	record = binary.LittleEndian.AppendUint32(record, number)
	record = binary.LittleEndian.AppendUint32(record, uint32(len(text)))
	return number, w.write(append(record, text...))
}

// Message records a text that a socket sent or received: JSON on one line.
func (w *Writer) Message(atMs float64, socket uint32, step Step, text string) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	place, err := w.placeOf(text)
	if err != nil {
		return err
	}
	return w.event(atMs, socket, step, place)
}

// Event records another step; the code is that of a close or the status of a refusal.
func (w *Writer) Event(atMs float64, socket uint32, step Step, code uint32) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.event(atMs, socket, step, code)
}

// Flush writes what was collected.
func (w *Writer) Flush() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.out.Flush()
}

func (w *Writer) event(atMs float64, socket uint32, step Step, argument uint32) error {
	record := append(w.scratch[:0], recordEvent)
	record = binary.LittleEndian.AppendUint64(record, math.Float64bits(atMs))
	record = binary.LittleEndian.AppendUint32(record, socket)
	record = append(record, byte(step))
	return w.write(binary.LittleEndian.AppendUint32(record, argument))
}

func (w *Writer) placeOf(text string) (uint32, error) {
	if place, isKept := w.places[text]; isKept {
		return place, nil
	}
	record := append(w.scratch[:0], recordBody)
	record = binary.LittleEndian.AppendUint32(record, uint32(len(text)))
	if err := w.write(append(record, text...)); err != nil {
		return 0, err
	}
	place := w.next
	if w.isFull {
		delete(w.places, w.ring[place])
	}
	w.ring[place] = text
	w.places[text] = place
	w.next = (place + 1) % bodiesKept
	w.isFull = w.isFull || w.next == 0
	return place, nil
}

func (w *Writer) write(record []byte) error {
	w.scratch = record
	_, err := w.out.Write(record)
	return err
}
