package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"sagaproof.example/job-management/internal/job"
	"sagaproof.example/job-management/internal/store"
)

const (
	// heldTimeout is how long an event waits for another instance to publish updates of the same job.
	heldTimeout = 8 * time.Second
	heldPoll    = 20 * time.Millisecond
)

var errHeld = errors.New("another instance has held the updates of a job for too long")

// publish brings everything that the job has in the outbox to the topic; one publisher per job at a
// time, here and elsewhere.
func (s *Service) publish(ctx context.Context, jobID string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, heldTimeout, errHeld)
	defer cancel()
	for {
		token := uuid.NewString()
		state, pending, err := s.Store.Claim(ctx, jobID, token)
		switch {
		case err != nil:
			return err
		case state == store.Empty:
			return nil
		case state == store.Claimed:
			if done, err := s.publishClaimed(ctx, jobID, token, pending); done || err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(heldPoll):
		}
	}
}

// publishClaimed is not done when the right was lost, and another instance may have published the same.
func (s *Service) publishClaimed(ctx context.Context, jobID, token string, pending []store.Pending) (bool, error) {
	state := store.Claimed
	for state == store.Claimed && len(pending) > 0 {
		err := s.Publisher.Publish(ctx, pending)
		if err == nil {
			state, pending, err = s.Store.Settle(ctx, jobID, token, len(pending))
		}
		if err != nil {
			// The right ends by itself when it cannot be given back.
			_ = s.Store.Release(context.WithoutCancel(ctx), jobID, token)
			return false, err
		}
	}
	return state == store.Claimed, nil
}

// ensureIntact makes the store again from what was published, when Redis has lost what it held:
// without that a job under way would count from 1 again, and an event that comes twice would count twice.
func (s *Service) ensureIntact(ctx context.Context) error {
	s.recovery.Lock()
	defer s.recovery.Unlock()
	if isIntact, err := s.Store.IsIntact(ctx); isIntact || err != nil {
		return err
	}
	type recovered struct {
		record job.Record
		seen   []string
	}
	jobs := map[string]*recovered{}
	err := s.History.Replay(ctx, func(update job.Update) {
		known := jobs[update.JobID]
		if known == nil {
			known = &recovered{record: job.RecordBefore(update)}
			jobs[update.JobID] = known
		}
		if update.Sequence <= known.record.Sequence {
			return
		}
		known.record = job.Evolve(known.record, update, job.Moment{NowMs: update.OccurredAtMs})
		known.seen = append(known.seen, update.CausationID)
	})
	if err != nil {
		return err
	}
	for _, found := range jobs {
		var left time.Duration
		if !found.record.Expired {
			left = atLeast1ms(time.Until(time.UnixMilli(found.record.UpdatedAtMs).Add(s.TTL)))
		}
		if err := s.Store.Restore(ctx, found.record, left, found.seen); err != nil {
			return err
		}
	}
	return s.Store.MarkIntact(ctx)
}
