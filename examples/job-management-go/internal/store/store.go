// Package store keeps jobs in Redis. Each script is one atomic step; the READMEs describe the keys.
package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"sagaproof.example/job-management/internal/job"
)

const (
	// grace is how long a record outlives its job: as long as job.updates keeps what was said of it.
	grace = 24 * time.Hour
	// seenMax bounds the ids kept to know a duplicate; a saga with every retry has about 60 events.
	seenMax = 1_000
	// listMax bounds the jobs in a user's list, and scannedMax those that one call looks at.
	listMax    = 10_000
	scannedMax = 2_000
	// sweepWindow bounds the jobs that one sweep looks at, besides those that are due.
	sweepWindow = 1_000

	expiries = "jobs:expiries"
	waiting  = "jobs:outbox"
	// intact is there as long as Redis has what it was given.
	intact = "jobs:intact"
)

var (
	//go:embed lua/load.lua
	loadLua string
	//go:embed lua/commit.lua
	commitLua string
	//go:embed lua/remove.lua
	removeLua string
	//go:embed lua/restore.lua
	restoreLua string
	//go:embed lua/list.lua
	listLua string
	//go:embed lua/gone.lua
	goneLua string

	load    = redis.NewScript(loadLua)
	commit  = redis.NewScript(commitLua)
	remove  = redis.NewScript(removeLua)
	restore = redis.NewScript(restoreLua)
	list    = redis.NewScript(listLua)
	gone    = redis.NewScript(goneLua)
)

// Store is jobs with their time to live, and their outbox.
type Store struct {
	client *redis.Client
	offset int64
}

// New makes a store on a client.
func New(client *redis.Client) *Store { return &Store{client: client} }

// Ping asks Redis whether it is there.
func (s *Store) Ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }

// Loaded is a job, and what a later commit has to agree with.
type Loaded struct {
	Stored *job.Stored
	// ExpiresAt is the zero time unless the job is live.
	ExpiresAt time.Time
	// Seen says whether the message that was asked for has been folded in.
	Seen bool
	// Intact is false when Redis has lost what it held: what is not there may have been.
	Intact bool
	raw    string
}

// Change is what a commit writes.
type Change struct {
	Record job.Record
	// TTL is how long the job stays from now on; zero when it is not live after this.
	TTL time.Duration
	// MessageID is the event that this folds in, if one is.
	MessageID string
	// Pending goes into the outbox in the same step.
	Pending *Pending
}

func jobKey(jobID string) string    { return "job:{" + jobID + "}" }
func recordKey(jobID string) string { return jobKey(jobID) + ":record" }
func seenKey(jobID string) string   { return jobKey(jobID) + ":seen" }
func listKey(userID string) string  { return "jobs:user:{" + userID + "}" }

// Load reads a job, and whether a message was folded into it.
func (s *Store) Load(ctx context.Context, jobID, messageID string) (Loaded, error) {
	keys := []string{jobKey(jobID), recordKey(jobID), seenKey(jobID), intact}
	reply, err := load.Run(ctx, s.client, keys, messageID).Slice()
	if err != nil {
		return Loaded{}, fmt.Errorf("load job %s: %w", jobID, err)
	}
	ttlMs := reply[1].(int64)
	loaded := Loaded{raw: reply[0].(string), Seen: reply[2].(int64) == 1, Intact: reply[3].(int64) == 1}
	if loaded.raw == "" {
		return loaded, nil
	}
	record, err := parse(loaded.raw)
	if err != nil {
		return Loaded{}, err
	}
	loaded.Stored = &job.Stored{Record: record, Live: ttlMs > 0}
	if loaded.Stored.Live {
		loaded.ExpiresAt = time.Now().Add(time.Duration(ttlMs) * time.Millisecond)
	}
	return loaded, nil
}

func parse(raw string) (job.Record, error) {
	var record job.Record
	if err := json.Unmarshal([]byte(raw), &record); err != nil {
		return record, fmt.Errorf("a job's record in Redis is not ours: %w", err)
	}
	return record, nil
}

// Commit writes all of a change or nothing. False when the job changed since it was loaded, or when
// Redis has lost what it held.
func (s *Store) Commit(ctx context.Context, loaded Loaded, change Change) (bool, error) {
	record := change.Record
	raw, err := json.Marshal(record)
	if err != nil {
		return false, err
	}
	pending := []byte{}
	if change.Pending != nil {
		if pending, err = json.Marshal(change.Pending); err != nil {
			return false, err
		}
	}
	id := record.JobID
	keys := []string{
		jobKey(id), recordKey(id), seenKey(id), outboxKey(id), listKey(record.UserID), expiries, waiting, intact,
	}
	args := []any{
		loaded.raw, loaded.Stored != nil && loaded.Stored.Live, id, raw,
		change.TTL.Milliseconds(), grace.Milliseconds(), change.MessageID, pending,
		record.IssuedAtMs, seenMax, listMax,
	}
	done, err := commit.Run(ctx, s.client, keys, append(args, publicFields(record)...)...).Bool()
	if err != nil {
		return false, fmt.Errorf("commit job %s: %w", id, err)
	}
	return done, nil
}

// publicFields are those that the harness reads.
func publicFields(record job.Record) []any {
	return []any{
		"userId", record.UserID, "orderId", record.OrderID, "kind", string(record.Kind),
		"state", string(record.State), "sequence", record.Sequence,
		"issuedAt", record.IssuedAtMs, "updatedAt", record.UpdatedAtMs,
	}
}

// Remove forgets a live job and its record. False when it changed since it was loaded.
func (s *Store) Remove(ctx context.Context, loaded Loaded) (bool, error) {
	record := loaded.Stored.Record
	id := record.JobID
	keys := []string{jobKey(id), recordKey(id), seenKey(id), listKey(record.UserID), expiries}
	return remove.Run(ctx, s.client, keys, loaded.raw, id).Bool()
}

// Position is where a page of a list ended.
type Position struct {
	IssuedAtMs int64
	JobID      string
}

// Listed is a job in a user's list.
type Listed struct {
	Record    job.Record
	ExpiresAt time.Time
}

// List gives live jobs of a user, newest first, after a position.
func (s *Store) List(ctx context.Context, userID string, limit int, after *Position) ([]Listed, error) {
	score, jobID := "+inf", ""
	if after != nil {
		score, jobID = fmt.Sprint(after.IssuedAtMs), after.JobID
	}
	reply, err := list.Run(ctx, s.client, []string{listKey(userID)}, limit, score, jobID, scannedMax).Slice()
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	var found []Listed
	for i := 0; i+1 < len(reply); i += 2 {
		record, err := parse(reply[i].(string))
		if err != nil {
			return nil, err
		}
		ttl := time.Duration(reply[i+1].(int64)) * time.Millisecond
		found = append(found, Listed{Record: record, ExpiresAt: time.Now().Add(ttl)})
	}
	return found, nil
}

// Gone gives jobs that are not live any more and were not reported as expired: a bounded number per
// call, which goes on where the call before ended.
func (s *Store) Gone(ctx context.Context) ([]string, error) {
	reply, err := gone.Run(ctx, s.client, []string{expiries}, s.offset, sweepWindow).Slice()
	if err != nil {
		return nil, fmt.Errorf("look for expired jobs: %w", err)
	}
	s.offset = reply[0].(int64)
	jobIDs := make([]string, 0, len(reply)-1)
	for _, id := range reply[1:] {
		jobIDs = append(jobIDs, id.(string))
	}
	return jobIDs, nil
}

// IsIntact is false when Redis has lost what it held, or never held anything.
func (s *Store) IsIntact(ctx context.Context) (bool, error) {
	count, err := s.client.Exists(ctx, intact).Result()
	return count == 1, err
}

// MarkIntact says that everything that could be put back is there.
func (s *Store) MarkIntact(ctx context.Context) error {
	return s.client.Set(ctx, intact, "1", 0).Err()
}

// Restore puts a job back, unless it is there. The ids are of messages that were folded in.
func (s *Store) Restore(ctx context.Context, record job.Record, ttl time.Duration, seen []string) error {
	raw, err := json.Marshal(record)
	if err != nil {
		return err
	}
	id := record.JobID
	fields := publicFields(record)
	args := []any{id, raw, ttl.Milliseconds(), grace.Milliseconds(), record.IssuedAtMs, len(fields)}
	args = append(args, fields...)
	for _, messageID := range seen[max(0, len(seen)-seenMax):] {
		args = append(args, messageID)
	}
	keys := []string{jobKey(id), recordKey(id), seenKey(id), listKey(record.UserID), expiries}
	return restore.Run(ctx, s.client, keys, args...).Err()
}

// IsUnavailable tells an absent Redis from one that says that we made a mistake.
func IsUnavailable(err error) bool {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return err != nil
	}
	for _, prefix := range []string{"LOADING", "BUSY", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "OOM"} {
		if redis.HasErrorPrefix(reply, prefix) {
			return true
		}
	}
	return false
}
