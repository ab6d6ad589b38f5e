package wire

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"sagaproof.example/job-management/internal/job"
)

// Replay reads job.updates from its first record to what is the last at the call, in order per job.
func (p *Producer) Replay(ctx context.Context, take func(job.Update)) error {
	admin := kadm.NewClient(p.client)
	starts, err := admin.ListStartOffsets(ctx, updates)
	if err != nil {
		return fmt.Errorf("replay %s: %w", updates, err)
	}
	ends, err := admin.ListEndOffsets(ctx, updates)
	if err = errors.Join(err, starts.Error(), ends.Error()); err != nil {
		return fmt.Errorf("replay %s: %w", updates, err)
	}
	left := map[int32]int64{}
	offsets := map[int32]kgo.Offset{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(end.Topic, end.Partition)
		if start.Offset < end.Offset {
			left[end.Partition] = end.Offset
			offsets[end.Partition] = kgo.NewOffset().At(start.Offset)
		}
	})
	if len(left) == 0 {
		return nil
	}
	reader, err := kgo.NewClient(slices.Concat(p.options, []kgo.Opt{
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{updates: offsets}),
	})...)
	if err != nil {
		return err
	}
	defer reader.Close()
	for len(left) > 0 {
		fetches := reader.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("replay %s: %w", updates, err)
		}
		for records := fetches.RecordIter(); !records.Done(); {
			record := records.Next()
			update, err := p.codec.DecodeUpdate(ctx, record.Value)
			var poison *Poison
			if err != nil && !errors.As(err, &poison) {
				return err
			}
			if err == nil {
				take(update)
			}
			if end, reading := left[record.Partition]; reading && record.Offset+1 >= end {
				delete(left, record.Partition)
			}
		}
	}
	return nil
}
