package job

import "fmt"

// Issue asks for the job of an idempotency key.
type Issue struct {
	UserID         string
	Kind           Kind
	IdempotencyKey string
	RequestHash    string
	OrderID        string
	Moment
}

// Refusal is why a command changes nothing: a code of the error registry.
type Refusal string

// KeyReused refuses a key that was used with another request.
const KeyReused Refusal = "idempotency-key-reused"

func (r Refusal) Error() string { return "this Idempotency-Key was used with another request" }

// IssueDecision is the record after an Issue, or why it is refused.
type IssueDecision struct {
	Record   Record
	Replayed bool
	Refusal  Refusal
}

// DecideIssue issues a job, or gives back the one that the key has. A job that expired a short while
// ago still decides: the same key must not start a second order because its events were late.
func DecideIssue(stored *Stored, command Issue) IssueDecision {
	if stored == nil {
		return IssueDecision{Record: newRecord(command)}
	}
	record := stored.Record
	if record.RequestHash != "" && record.RequestHash != command.RequestHash {
		return IssueDecision{Refusal: KeyReused}
	}
	record.RequestHash = command.RequestHash
	record.Claims++
	record.Expired = false
	if record.Traceparent == "" {
		record.Traceparent = command.Traceparent
	}
	return IssueDecision{Record: record, Replayed: true}
}

func newRecord(command Issue) Record {
	return Record{
		JobID:       IDOf(command.UserID, command.IdempotencyKey),
		UserID:      command.UserID,
		Kind:        command.Kind,
		State:       Issued,
		OrderID:     command.OrderID,
		RequestHash: command.RequestHash,
		Claims:      1,
		IssuedAtMs:  command.NowMs,
		UpdatedAtMs: command.NowMs,
		Traceparent: command.Traceparent,
	}
}

// CancelDecision is what happens to a job that is taken back.
type CancelDecision int

// Nothing to take back; the last claim goes and the job with it; one of several claims goes.
const (
	CancelNothing CancelDecision = iota
	CancelRemoves
	CancelReleases
)

// DecideCancel takes a job back, unless it started or another request with its key may have started it.
func DecideCancel(stored *Stored, userID string) (CancelDecision, Record) {
	if stored == nil || !stored.Live || stored.Record.UserID != userID || stored.Record.State != Issued {
		return CancelNothing, Record{}
	}
	record := stored.Record
	if record.Claims <= 1 {
		return CancelRemoves, record
	}
	record.Claims--
	return CancelReleases, record
}

// IgnoreReason is why an event changes nothing; empty when it does change something.
type IgnoreReason string

// The reasons.
const (
	Duplicate      IgnoreReason = "duplicate"
	UnknownJob     IgnoreReason = "unknown-job"
	ForeignOwner   IgnoreReason = "foreign-owner"
	JobTerminal    IgnoreReason = "job-terminal"
	JobLive        IgnoreReason = "live"
	ExpiredAlready IgnoreReason = "expired-already"
)

// FoldDecision is the record after an event and what is published about it, or why there is nothing.
type FoldDecision struct {
	Record  Record
	Update  Update
	Ignored IgnoreReason
}

// DecideFold folds an event into its job. A job that is not known is made from the event.
func DecideFold(stored *Stored, event Event, at Moment) FoldDecision {
	before, known := recordBefore(stored, event, at)
	switch {
	case !known:
		return FoldDecision{Ignored: UnknownJob}
	case event.Owner != nil && event.Owner.UserID != before.UserID:
		return FoldDecision{Ignored: ForeignOwner}
	case before.State.isTerminal():
		return FoldDecision{Ignored: JobTerminal}
	}
	update := nextUpdate(before, event.Meaning.Level)
	update.MessageID = nameOf(before.JobID + "\n" + event.MessageID)
	update.OrderID = event.OrderID
	update.Kind = event.Meaning.Kind
	update.State = before.State
	if event.Meaning.State.rank() > before.State.rank() {
		update.State = event.Meaning.State
	}
	update.Step, update.Detail, update.Reason = event.Step, event.Detail, event.Reason
	update.CausationID = event.MessageID
	update.OccurredAtMs = event.OccurredAtMs
	if event.Owner != nil {
		before.Kind = event.Owner.Kind
	}
	return FoldDecision{Record: Evolve(before, update, at), Update: update}
}

// A participant's event does not say whose job it is: only an event of the order makes one.
func recordBefore(stored *Stored, event Event, at Moment) (Record, bool) {
	if stored != nil {
		return stored.Record, true
	}
	if event.Owner == nil {
		return Record{}, false
	}
	record := newRecord(Issue{UserID: event.Owner.UserID, Kind: event.Owner.Kind, OrderID: event.OrderID})
	record.JobID, record.Claims = event.JobID, 0
	record.IssuedAtMs, record.UpdatedAtMs = at.NowMs, at.NowMs
	return record, true
}

// DecideExpiry says that a job was forgotten: once for each time that it is.
func DecideExpiry(stored *Stored, nowMs int64) FoldDecision {
	switch {
	case stored == nil:
		return FoldDecision{Ignored: UnknownJob}
	case stored.Live:
		return FoldDecision{Ignored: JobLive}
	case stored.Record.Expired:
		return FoldDecision{Ignored: ExpiredAlready}
	}
	record := stored.Record
	update := nextUpdate(record, Outcome)
	update.MessageID = nameOf(fmt.Sprintf("%s\nexpired\n%d", record.JobID, update.Sequence))
	update.Kind = kindExpired
	update.State = record.State
	update.CausationID = record.LastEventID
	if update.CausationID == "" {
		// A job that expires before its saga began has no event to point to: it points to itself.
		update.CausationID = record.JobID
	}
	update.OccurredAtMs = nowMs
	return FoldDecision{Record: Evolve(record, update, Moment{NowMs: nowMs}), Update: update}
}

// Evolve is the record after an update.
func Evolve(record Record, update Update, at Moment) Record {
	record.State = update.State
	record.OrderID = update.OrderID
	record.Sequence = update.Sequence
	record.Last = record.Last.after(update.Level, update.Sequence)
	record.UpdatedAtMs = at.NowMs
	record.Expired = update.Kind == kindExpired
	if update.State == Failed && update.Reason != nil {
		record.Reason = *update.Reason
	}
	if update.Step != nil {
		record.Step = *update.Step
	}
	if !record.Expired {
		record.LastEventID = update.CausationID
	}
	if at.Traceparent != "" {
		record.Traceparent = at.Traceparent
	}
	return record
}

func nextUpdate(record Record, level Level) Update {
	return Update{
		JobID:             record.JobID,
		UserID:            record.UserID,
		OrderID:           record.OrderID,
		Sequence:          record.Sequence + 1,
		PreviousSequences: record.Last,
		Level:             level,
	}
}

// RecordBefore is what was known of a job before an update, as far as the update says.
func RecordBefore(update Update) Record {
	return Record{
		JobID:       update.JobID,
		UserID:      update.UserID,
		Kind:        PlaceOrder,
		State:       Issued,
		OrderID:     update.OrderID,
		Sequence:    update.Sequence - 1,
		Last:        update.PreviousSequences,
		IssuedAtMs:  update.OccurredAtMs,
		UpdatedAtMs: update.OccurredAtMs,
	}
}
