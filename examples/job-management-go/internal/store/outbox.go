package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"sagaproof.example/job-management/internal/job"
)

const (
	// publishRight is how long one may take to publish before another tries; longer than a publish may take.
	publishRight = 6 * time.Second
	// pendingMax bounds the updates of one job that are published in one go.
	pendingMax = 100
	// waitingMax bounds the jobs whose updates one sweep publishes.
	waitingMax = 500
)

var (
	//go:embed lua/claim.lua
	claimLua string
	//go:embed lua/settle.lua
	settleLua string
	//go:embed lua/release.lua
	releaseLua string

	claim   = redis.NewScript(claimLua)
	settle  = redis.NewScript(settleLua)
	release = redis.NewScript(releaseLua)
)

func outboxKey(jobID string) string { return jobKey(jobID) + ":outbox" }
func rightKey(jobID string) string  { return jobKey(jobID) + ":publisher" }

// Pending is an update that is committed and not known to be published, with its trace.
type Pending struct {
	Update      job.Update `json:"update"`
	Traceparent string     `json:"traceparent"`
}

// ClaimState is the result of a claim to publish a job's updates.
type ClaimState string

// There is nothing to publish; another instance publishes; the claim is ours.
const (
	Empty   ClaimState = "empty"
	Held    ClaimState = "held"
	Claimed ClaimState = "claimed"
)

// Claim takes the exclusive right to publish a job's updates, for a bounded time.
func (s *Store) Claim(ctx context.Context, jobID, token string) (ClaimState, []Pending, error) {
	return outboxReply(claim.Run(ctx, s.client, outboxKeys(jobID), jobID, token, publishRight.Milliseconds(), pendingMax))
}

// Settle forgets the first updates, which were published, and gives those that came meanwhile; with
// none left, the right ends. Held when the right was lost.
func (s *Store) Settle(ctx context.Context, jobID, token string, count int) (ClaimState, []Pending, error) {
	return outboxReply(settle.Run(ctx, s.client, outboxKeys(jobID), jobID, token, publishRight.Milliseconds(), pendingMax, count))
}

// Release gives the right back.
func (s *Store) Release(ctx context.Context, jobID, token string) error {
	return release.Run(ctx, s.client, []string{rightKey(jobID)}, token).Err()
}

// Waiting gives jobs with updates that wait, longest first.
func (s *Store) Waiting(ctx context.Context) ([]string, error) {
	return s.client.ZRange(ctx, waiting, 0, waitingMax-1).Result()
}

func outboxKeys(jobID string) []string {
	return []string{outboxKey(jobID), rightKey(jobID), waiting}
}

func outboxReply(command *redis.Cmd) (ClaimState, []Pending, error) {
	reply, err := command.StringSlice()
	if err != nil {
		return Empty, nil, fmt.Errorf("outbox: %w", err)
	}
	pending := make([]Pending, len(reply)-1)
	for i, text := range reply[1:] {
		if err := json.Unmarshal([]byte(text), &pending[i]); err != nil {
			return Empty, nil, fmt.Errorf("an update in the outbox is not ours: %w", err)
		}
	}
	return ClaimState(reply[0]), pending, nil
}
