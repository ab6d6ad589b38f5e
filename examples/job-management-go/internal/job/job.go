// Package job says what a job is and how it changes. It is pure: no clock, no network, no randomness.
package job

import "github.com/google/uuid"

// State is where a job is. It only ever moves up, and never between the two that are last.
type State string

// The states, in their order; Succeeded and Failed are equally far.
const (
	Issued       State = "ISSUED"
	Running      State = "RUNNING"
	Compensating State = "COMPENSATING"
	Succeeded    State = "SUCCEEDED"
	Failed       State = "FAILED"
)

func (s State) rank() int {
	switch s {
	case Issued:
		return 0
	case Running:
		return 1
	case Compensating:
		return 2
	default:
		return 3
	}
}

func (s State) isTerminal() bool { return s.rank() == Failed.rank() }

// Kind is the saga that a job runs.
type Kind string

// The sagas.
const (
	PlaceOrder  Kind = "PLACE_ORDER"
	CancelOrder Kind = "CANCEL_ORDER"
)

// Level is the lowest subscribe level that sees an update; each level sees what the one before it sees.
type Level string

// The levels.
const (
	Outcome  Level = "OUTCOME"
	Progress Level = "PROGRESS"
	Detail   Level = "DETAIL"
)

// Sequences has, by level, the number of the latest update that a subscriber of it saw.
type Sequences struct {
	Outcome  int64 `avro:"outcome" json:"outcome"`
	Progress int64 `avro:"progress" json:"progress"`
	Detail   int64 `avro:"detail" json:"detail"`
}

func (s Sequences) after(level Level, number int64) Sequences {
	s.Detail = number
	if level != Detail {
		s.Progress = number
	}
	if level == Outcome {
		s.Outcome = number
	}
	return s
}

// Update is one change of a job as its user may see it: a value of the topic job.updates.
type Update struct {
	MessageID         string    `avro:"messageId" json:"messageId"`
	JobID             string    `avro:"jobId" json:"jobId"`
	UserID            string    `avro:"userId" json:"userId"`
	OrderID           string    `avro:"orderId" json:"orderId"`
	Sequence          int64     `avro:"sequence" json:"sequence"`
	PreviousSequences Sequences `avro:"previousSequences" json:"previousSequences"`
	Level             Level     `avro:"level" json:"level"`
	Kind              string    `avro:"kind" json:"kind"`
	State             State     `avro:"state" json:"state"`
	Step              *string   `avro:"step" json:"step"`
	Detail            *string   `avro:"detail" json:"detail"`
	Reason            *string   `avro:"reason" json:"reason"`
	CausationID       string    `avro:"causationId" json:"causationId"`
	OccurredAtMs      int64     `avro:"occurredAt" json:"occurredAt"`
}

// Record is everything that is known of a job. It outlives the job, so that nothing restarts at 1.
type Record struct {
	JobID    string    `json:"jobId"`
	UserID   string    `json:"userId"`
	Kind     Kind      `json:"kind"`
	State    State     `json:"state"`
	OrderID  string    `json:"orderId"`
	Sequence int64     `json:"sequence"`
	Last     Sequences `json:"last"`
	// RequestHash tells the same command from another; empty when the job was made from an event.
	RequestHash string `json:"requestHash"`
	// Claims counts how often it was issued and not taken back: the last to take it back removes it.
	Claims      int    `json:"claims"`
	Reason      string `json:"reason"`
	Step        string `json:"step"`
	IssuedAtMs  int64  `json:"issuedAt"`
	UpdatedAtMs int64  `json:"updatedAt"`
	LastEventID string `json:"lastEventId"`
	// Traceparent is of the latest command or event; empty when it had none.
	Traceparent string `json:"traceparent"`
	// Expired says that the end of its life is in the outbox or published.
	Expired bool `json:"expired"`
}

// Stored is a record, and whether the job is there for its user: neither expired nor taken back.
type Stored struct {
	Record Record
	Live   bool
}

// Moment is when something came, and the trace that it is part of (empty when none).
type Moment struct {
	NowMs       int64
	Traceparent string
}

// namespace holds the ids of jobs, and of the updates about them, as names.
var namespace = uuid.MustParse("5f0f7f6e-7a43-5c7e-9d0b-3f6f1f2a9c11")

// IDOf is the job of a user's idempotency key. Always the same one: the key lives with the job.
func IDOf(userID, idempotencyKey string) string { return nameOf(userID + "\n" + idempotencyKey) }

func nameOf(text string) string { return uuid.NewSHA1(namespace, []byte(text)).String() }
