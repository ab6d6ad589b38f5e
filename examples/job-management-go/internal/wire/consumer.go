package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"sagaproof.example/job-management/internal/job"
)

// Group is the consumer group.
const Group = "job-management"

const (
	// sessionTimeout is short, so that a member that died is noticed soon; the broker must allow it.
	sessionTimeout    = 2 * time.Second
	heartbeatInterval = 500 * time.Millisecond
	rebalanceTimeout  = 4 * time.Second
	commitInterval    = 200 * time.Millisecond
	fetchWait         = time.Second
	fetchBytesMax     = 5 << 20
	pollRecordsMax    = 500
	// batchesMax bounds the polls that wait for one partition before nothing more is read.
	batchesMax    = 4
	handleTimeout = 15 * time.Second
	retryMin      = 100 * time.Millisecond
	retryMax      = time.Second
	// stuckMax is how long a partition may fail until the service is not ready.
	stuckMax = 30 * time.Second
)

// Fold folds an event into its job; nil when nothing of the event can be lost any more.
type Fold func(ctx context.Context, event job.Event, traceparent string) (job.IgnoreReason, error)

// Consumer is a static member of the group: one event at a time per partition, partitions side by side.
type Consumer struct {
	client   *kgo.Client
	codec    *Codec
	producer *Producer
	fold     Fold
	folded   *prometheus.CounterVec

	mu    sync.Mutex
	lanes map[lane]*worker
}

type lane struct {
	topic     string
	partition int32
}

// NewConsumer makes a consumer; Run starts it.
func NewConsumer(brokers []string, instance string, codec *Codec, producer *Producer, fold Fold, metrics prometheus.Registerer) (*Consumer, error) {
	c := &Consumer{codec: codec, producer: producer, fold: fold, lanes: map[lane]*worker{}}
	c.folded = promauto.With(metrics).NewCounterVec(prometheus.CounterOpts{
		Name: "job_events_folded_total",
		Help: "Events by outcome: updated, or why they changed nothing.",
	}, []string{"outcome"})
	client, err := kgo.NewClient(common(brokers, instance,
		kgo.ConsumerGroup(Group),
		kgo.InstanceID(instance),
		kgo.ConsumeTopics(EventTopics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(sessionTimeout),
		kgo.HeartbeatInterval(heartbeatInterval),
		kgo.RebalanceTimeout(rebalanceTimeout),
		kgo.FetchMaxWait(fetchWait),
		kgo.FetchMaxBytes(fetchBytesMax),
		// Offsets are committed of what was marked, and an event is marked after its effect.
		kgo.AutoCommitMarks(),
		kgo.AutoCommitInterval(commitInterval),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, all map[string][]int32) { c.assigned(all) }),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, all map[string][]int32) {
			c.lost(all)
			if err := client.CommitMarkedOffsets(ctx); err != nil {
				slog.Warn("offsets were not committed: their events will come again", "err", err)
			}
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, all map[string][]int32) { c.lost(all) }),
	)...)
	c.client = client
	return c, err
}

// Run consumes until the context ends, lets the events under way finish, and commits.
func (c *Consumer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := c.client.PollRecords(ctx, pollRecordsMax)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				slog.Warn("Kafka does not give records", "topic", topic, "partition", partition, "err", err)
			}
		})
		fetches.EachPartition(func(found kgo.FetchTopicPartition) {
			c.mu.Lock()
			worker := c.lanes[lane{found.Topic, found.Partition}]
			c.mu.Unlock()
			if worker != nil && len(found.Records) > 0 {
				worker.push(ctx, found.Records)
			}
		})
		c.client.AllowRebalance()
	}
	c.mu.Lock()
	all := map[string][]int32{}
	for lane := range c.lanes {
		all[lane.topic] = append(all[lane.topic], lane.partition)
	}
	c.mu.Unlock()
	c.lost(all)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestOverhead)
	defer cancel()
	if err := c.client.CommitMarkedOffsets(ctx); err != nil {
		slog.Warn("the last offsets were not committed: their events will come again", "err", err)
	}
	c.client.CloseAllowingRebalance()
}

// Check is nil while events are handled.
func (c *Consumer) Check() error {
	if _, generation := c.client.GroupMetadata(); generation < 0 {
		return errors.New("is not in its group")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for lane, worker := range c.lanes {
		if since := worker.failingSince.Load(); since != nil && time.Since(*since) > stuckMax {
			return fmt.Errorf("%s:%d is stuck", lane.topic, lane.partition)
		}
	}
	return nil
}

func (c *Consumer) assigned(all map[string][]int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, partitions := range all {
		for _, partition := range partitions {
			c.lanes[lane{topic, partition}] = c.startWorker()
		}
	}
}

// lost lets the events under way finish and forgets those that wait: they are another member's now.
func (c *Consumer) lost(all map[string][]int32) {
	var ending []*worker
	c.mu.Lock()
	for topic, partitions := range all {
		for _, partition := range partitions {
			if worker := c.lanes[lane{topic, partition}]; worker != nil {
				worker.stop()
				ending = append(ending, worker)
			}
			delete(c.lanes, lane{topic, partition})
		}
	}
	c.mu.Unlock()
	for _, worker := range ending {
		<-worker.done
	}
}

// worker handles the events of one partition, one at a time and in order.
type worker struct {
	batches      chan []*kgo.Record
	stopping     context.Context
	stop         context.CancelFunc
	done         chan struct{}
	failingSince atomic.Pointer[time.Time]
}

func (c *Consumer) startWorker() *worker {
	w := &worker{batches: make(chan []*kgo.Record, batchesMax), done: make(chan struct{})}
	w.stopping, w.stop = context.WithCancel(context.Background())
	go func() {
		defer close(w.done)
		for {
			select {
			case <-w.stopping.Done():
				return
			case batch := <-w.batches:
				for _, record := range batch {
					if !c.handleInTheEnd(w, record) {
						return
					}
					c.client.MarkCommitRecords(record)
				}
			}
		}
	}()
	return w
}

func (w *worker) push(ctx context.Context, batch []*kgo.Record) {
	select {
	case w.batches <- batch:
	case <-w.stopping.Done():
	case <-ctx.Done():
	}
}

// handleInTheEnd tries until it succeeds, while the partition waits and others go on. False when the
// worker was stopped before.
func (c *Consumer) handleInTheEnd(w *worker, record *kgo.Record) bool {
	if w.stopping.Err() != nil {
		return false
	}
	attempt := func() (struct{}, error) {
		// What is under way when the worker is stopped may finish.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.stopping), handleTimeout)
		defer cancel()
		return struct{}{}, c.handle(ctx, record)
	}
	onRetry := func(err error, _ time.Duration) {
		now := time.Now()
		w.failingSince.CompareAndSwap(nil, &now)
		slog.Warn("an event will be tried again", "topic", record.Topic, "partition", record.Partition, "offset", record.Offset, "err", err)
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval = retryMin, retryMax
	_, err := backoff.Retry(w.stopping, attempt,
		backoff.WithBackOff(waits), backoff.WithNotify(onRetry), backoff.WithMaxElapsedTime(0))
	w.failingSince.Store(nil)
	return err == nil
}

func (c *Consumer) handle(ctx context.Context, record *kgo.Record) error {
	carrier := propagation.MapCarrier{}
	for _, header := range record.Headers {
		carrier[header.Key] = string(header.Value)
	}
	ctx, span := tracer.Start(propagator.Extract(ctx, carrier), "process "+record.Topic, trace.WithSpanKind(trace.SpanKindConsumer))
	defer span.End()
	err := c.foldRecord(ctx, record)
	var poison *Poison
	if errors.As(err, &poison) {
		slog.Error("an event goes to the dead-letter topic", "topic", record.Topic, "partition", record.Partition, "offset", record.Offset, "err", err)
		c.folded.WithLabelValues("dead-lettered").Inc()
		err = c.producer.Bury(ctx, record, poison)
	}
	if err != nil {
		span.SetStatus(codes.Error, "unavailable")
	}
	return err
}

func (c *Consumer) foldRecord(ctx context.Context, record *kgo.Record) error {
	event, hasJob, err := c.codec.DecodeEvent(ctx, record.Topic, record.Value)
	if err != nil {
		return err
	}
	if !hasJob {
		c.folded.WithLabelValues("no-job").Inc()
		return nil
	}
	carrier := propagation.MapCarrier{}
	propagator.Inject(ctx, carrier)
	ignored, err := c.fold(ctx, event, carrier["traceparent"])
	if err != nil {
		return err
	}
	outcome := "updated"
	if ignored != "" {
		outcome = string(ignored)
	}
	c.folded.WithLabelValues(outcome).Inc()
	return nil
}
