// Package jobs has the use cases: load, decide, commit, publish. Any number of instances may run.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sagaproof.example/job-management/internal/job"
	"sagaproof.example/job-management/internal/store"
)

const (
	// attemptsMax bounds the rounds of a commit against others; in each round one of them wins.
	attemptsMax = 25
	// sweepConcurrency is how many jobs a sweep looks after side by side.
	sweepConcurrency = 16
	stripes          = 256
)

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("there is no such job, or it has expired")
	ErrBusy     = errors.New("too many writers of one job at once")
)

// Publisher brings updates to job.updates; it returns when all of them are there, in order.
type Publisher interface {
	Publish(ctx context.Context, pending []store.Pending) error
}

// History reads what was published about jobs and is still kept, in order per job.
type History interface {
	Replay(ctx context.Context, take func(job.Update)) error
}

// Parts are what the use cases stand on.
type Parts struct {
	Store     *store.Store
	Publisher Publisher
	History   History
	// IssuedTTL is how long a job that is issued lives unless its saga starts.
	IssuedTTL time.Duration
	// TTL is how long a job lives after its latest event.
	TTL time.Duration
}

// Service is the use cases of jobs.
type Service struct {
	Parts
	seed     maphash.Seed
	locks    [stripes]sync.Mutex
	recovery sync.Mutex
}

// New makes the use cases.
func New(parts Parts) *Service { return &Service{Parts: parts, seed: maphash.MakeSeed()} }

// lock keeps events of one job, which come on several partitions, from racing each other in here;
// what another instance does is settled in Redis.
func (s *Service) lock(jobID string) func() {
	stripe := &s.locks[maphash.String(s.seed, jobID)%stripes]
	stripe.Lock()
	return stripe.Unlock
}

// Issue issues a job, or gives back the one that the key has.
func (s *Service) Issue(ctx context.Context, command job.Issue) (found store.Listed, replayed bool, err error) {
	jobID := job.IDOf(command.UserID, command.IdempotencyKey)
	err = contend(func() (bool, error) {
		loaded, err := s.loadSettled(ctx, jobID, "")
		if err != nil {
			return false, err
		}
		now := time.Now()
		command.NowMs = now.UnixMilli()
		decision := job.DecideIssue(loaded.Stored, command)
		if decision.Refusal != "" {
			return false, decision.Refusal
		}
		record := decision.Record
		expiresAt := now.Add(s.lifetime(record))
		if !loaded.ExpiresAt.IsZero() && record.State != job.Issued {
			expiresAt = loaded.ExpiresAt
		}
		found, replayed = store.Listed{Record: record, ExpiresAt: expiresAt}, decision.Replayed
		return s.Store.Commit(ctx, loaded, store.Change{Record: record, TTL: atLeast1ms(expiresAt.Sub(now))})
	})
	return found, replayed, err
}

// Get gives a job of a user; another user's is not there.
func (s *Service) Get(ctx context.Context, jobID, userID string) (store.Listed, error) {
	loaded, err := s.load(ctx, jobID, "")
	if err != nil {
		return store.Listed{}, err
	}
	if loaded.Stored == nil || !loaded.Stored.Live || loaded.Stored.Record.UserID != userID {
		return store.Listed{}, ErrNotFound
	}
	return store.Listed{Record: loaded.Stored.Record, ExpiresAt: loaded.ExpiresAt}, nil
}

// List gives a page of a user's jobs, newest first, and where the next one begins: nil on the last.
func (s *Service) List(ctx context.Context, userID string, size int, after *store.Position) ([]store.Listed, *store.Position, error) {
	found, err := s.Store.List(ctx, userID, size+1, after)
	if err != nil || len(found) <= size {
		return found, nil, err
	}
	last := found[size-1].Record
	return found[:size], &store.Position{IssuedAtMs: last.IssuedAtMs, JobID: last.JobID}, nil
}

// Cancel takes back a job whose command was not accepted. False when there was nothing to take back.
func (s *Service) Cancel(ctx context.Context, jobID, userID string) (cancelled bool, err error) {
	err = contend(func() (bool, error) {
		loaded, err := s.load(ctx, jobID, "")
		if err != nil {
			return false, err
		}
		decision, record := job.DecideCancel(loaded.Stored, userID)
		switch decision {
		case job.CancelRemoves:
			cancelled, err = s.Store.Remove(ctx, loaded)
			return cancelled, err
		case job.CancelReleases:
			ttl := atLeast1ms(time.Until(loaded.ExpiresAt))
			return s.Store.Commit(ctx, loaded, store.Change{Record: record, TTL: ttl})
		default:
			return true, nil
		}
	})
	return cancelled, err
}

// Fold folds an event in and publishes what follows from it. When it returns nil, nothing of the event
// can be lost: also for a duplicate, whose first time may have ended before its publication.
func (s *Service) Fold(ctx context.Context, event job.Event, traceparent string) (job.IgnoreReason, error) {
	defer s.lock(event.JobID)()
	var ignored job.IgnoreReason
	err := contend(func() (bool, error) {
		loaded, err := s.loadSettled(ctx, event.JobID, event.MessageID)
		if err != nil {
			return false, err
		}
		if ignored = ""; loaded.Seen {
			ignored = job.Duplicate
			return true, nil
		}
		at := job.Moment{NowMs: time.Now().UnixMilli(), Traceparent: traceparent}
		decision := job.DecideFold(loaded.Stored, event, at)
		if ignored = decision.Ignored; ignored != "" {
			return true, nil
		}
		return s.Store.Commit(ctx, loaded, store.Change{
			Record:    decision.Record,
			TTL:       s.lifetime(decision.Record),
			MessageID: event.MessageID,
			Pending:   &store.Pending{Update: decision.Update, Traceparent: traceparent},
		})
	})
	if err != nil {
		return "", err
	}
	return ignored, s.publish(ctx, event.JobID)
}

// Sweep restores what was lost, reports every end, and publishes every update that waits.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.ensureIntact(ctx); err != nil {
		return err
	}
	gone, err := s.Store.Gone(ctx)
	if err != nil {
		return err
	}
	if err := each(gone, func(jobID string) error { return s.commitExpiry(ctx, jobID) }); err != nil {
		return err
	}
	waiting, err := s.Store.Waiting(ctx)
	if err != nil {
		return err
	}
	return each(waiting, func(jobID string) error {
		defer s.lock(jobID)()
		return s.publish(ctx, jobID)
	})
}

func (s *Service) commitExpiry(ctx context.Context, jobID string) error {
	return contend(func() (bool, error) {
		loaded, err := s.load(ctx, jobID, "")
		if err != nil {
			return false, err
		}
		decision := job.DecideExpiry(loaded.Stored, time.Now().UnixMilli())
		if decision.Ignored != "" {
			return true, nil
		}
		pending := &store.Pending{Update: decision.Update, Traceparent: decision.Record.Traceparent}
		return s.Store.Commit(ctx, loaded, store.Change{Record: decision.Record, Pending: pending})
	})
}

// load reads the job as it is; what was lost is put back first.
func (s *Service) load(ctx context.Context, jobID, messageID string) (store.Loaded, error) {
	loaded, err := s.Store.Load(ctx, jobID, messageID)
	if err != nil || loaded.Intact {
		return loaded, err
	}
	if err := s.ensureIntact(ctx); err != nil {
		return loaded, err
	}
	return s.Store.Load(ctx, jobID, messageID)
}

// loadSettled reads the job after the end of an earlier life was put into the outbox.
func (s *Service) loadSettled(ctx context.Context, jobID, messageID string) (store.Loaded, error) {
	loaded, err := s.load(ctx, jobID, messageID)
	if err != nil || loaded.Stored == nil || loaded.Stored.Live || loaded.Stored.Record.Expired {
		return loaded, err
	}
	if err := s.commitExpiry(ctx, jobID); err != nil {
		return loaded, err
	}
	return s.load(ctx, jobID, messageID)
}

func (s *Service) lifetime(record job.Record) time.Duration {
	if record.State == job.Issued {
		return s.IssuedTTL
	}
	return s.TTL
}

func atLeast1ms(left time.Duration) time.Duration { return max(left, time.Millisecond) }

// contend repeats an attempt until it does not lose against another writer.
func contend(attempt func() (done bool, err error)) error {
	for range attemptsMax {
		if done, err := attempt(); done || err != nil {
			return err
		}
	}
	return ErrBusy
}

func each(jobIDs []string, work func(jobID string) error) error {
	var group errgroup.Group
	group.SetLimit(sweepConcurrency)
	for _, jobID := range jobIDs {
		group.Go(func() error {
			if err := work(jobID); err != nil {
				return fmt.Errorf("job %s: %w", jobID, err)
			}
			return nil
		})
	}
	return group.Wait()
}
