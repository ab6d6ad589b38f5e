package job

import "strings"

const (
	kindExpired     = "EXPIRED"
	kindDomainEvent = "DOMAIN_EVENT"
)

// Event is an event of the saga or of a participant, as far as a job is concerned.
type Event struct {
	MessageID    string
	JobID        string
	OrderID      string
	OccurredAtMs int64
	// Owner is set for the order's events only: no other says whose the job is and what it runs.
	Owner *Owner
	Meaning
	Step, Detail, Reason *string
}

// Owner is whose a job is and what it runs.
type Owner struct {
	UserID string
	Kind   Kind
}

// Meaning is the kind of update that an event leads to, the lowest level that sees it, and the least
// state that the job has after it.
type Meaning struct {
	Kind  string
	Level Level
	State State
}

var meaningOfOrderEvent = map[string]Meaning{
	"OrderPlaced":                {"STARTED", Progress, Running},
	"OrderCancellationRequested": {"STARTED", Progress, Running},
	"SagaStepCompleted":          {"STEP_COMPLETED", Progress, Running},
	"SagaStepFailed":             {"STEP_FAILED", Progress, Running},
	"SagaStepRetried":            {"STEP_RETRIED", Detail, Running},
	"SagaCompensationStarted":    {"COMPENSATING", Detail, Compensating},
	"SagaStepCompensated":        {"STEP_COMPENSATED", Detail, Compensating},
	"OrderApproved":              {"SUCCEEDED", Outcome, Succeeded},
	"OrderCancelled":             {"SUCCEEDED", Outcome, Succeeded},
	"OrderRejected":              {"FAILED", Outcome, Failed},
	"OrderCancellationRefused":   {"FAILED", Outcome, Failed},
}

// OrderEventMeaning says what an event of the order means; false when this code does not know it.
func OrderEventMeaning(eventType string) (Meaning, bool) {
	meaning, known := meaningOfOrderEvent[eventType]
	return meaning, known
}

// ParticipantEventMeaning is the same for every event of inventory, payment and shipping.
func ParticipantEventMeaning() Meaning { return Meaning{kindDomainEvent, Detail, Running} }

// KindOfOrderEvent is what a job runs whose event does not name its saga.
func KindOfOrderEvent(eventType string) Kind {
	if strings.HasPrefix(eventType, "OrderCancel") {
		return CancelOrder
	}
	return PlaceOrder
}
