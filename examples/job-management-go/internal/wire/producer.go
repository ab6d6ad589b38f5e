package wire

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"sagaproof.example/job-management/internal/store"
)

const (
	// publishTimeout is how long a publication may take; shorter than the right to publish lasts.
	publishTimeout = 5 * time.Second
	dialTimeout    = time.Second
	// requestOverhead is how much longer than asked for an answer may take: a dead connection is noticed.
	requestOverhead = 2 * time.Second
	metadataAge     = 30 * time.Second
)

var (
	tracer     = otel.Tracer("sagaproof.example/job-management")
	propagator = propagation.TraceContext{}
)

// common is what producers and consumers do alike.
func common(brokers []string, instance string, more ...kgo.Opt) []kgo.Opt {
	return append([]kgo.Opt{
		kgo.SeedBrokers(brokers...),
		kgo.ClientID(instance),
		kgo.DialTimeout(dialTimeout),
		kgo.RequestTimeoutOverhead(requestOverhead),
		kgo.MetadataMaxAge(metadataAge),
		kgo.MetadataMinAge(100 * time.Millisecond),
	}, more...)
}

// Producer is idempotent: acknowledged by all replicas, order kept per key.
type Producer struct {
	client  *kgo.Client
	options []kgo.Opt
	codec   *Codec
}

// NewProducer makes a producer; it connects when it is first used.
func NewProducer(brokers []string, instance string, codec *Codec) (*Producer, error) {
	options := common(brokers, instance,
		kgo.RecordDeliveryTimeout(publishTimeout),
		// An update may come twice, in the same bytes; waiting for ever for its fate would stop its partition.
		kgo.AllowIdempotentProduceCancellation(),
	)
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &Producer{client: client, options: options, codec: codec}, nil
}

// Close ends the connections.
func (p *Producer) Close() { p.client.Close() }

// Publish brings updates to their topic, each as a part of the trace that led to it, and returns when
// all brokers have them.
func (p *Producer) Publish(ctx context.Context, pending []store.Pending) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	records := make([]*kgo.Record, len(pending))
	spans := make([]trace.Span, len(pending))
	for i, next := range pending {
		value, err := p.codec.EncodeUpdate(next.Update)
		if err != nil {
			return err
		}
		parent := propagator.Extract(ctx, propagation.MapCarrier{"traceparent": next.Traceparent})
		spanCtx, span := tracer.Start(parent, "publish "+updates, trace.WithSpanKind(trace.SpanKindProducer))
		defer span.End()
		carrier := propagation.MapCarrier{}
		propagator.Inject(spanCtx, carrier)
		spans[i] = span
		records[i] = &kgo.Record{
			Topic: updates,
			Key:   []byte(next.Update.JobID),
			Value: value,
			Headers: []kgo.RecordHeader{
				{Key: "id", Value: []byte(next.Update.MessageID)},
				{Key: "eventType", Value: []byte(next.Update.Kind)},
				{Key: "traceparent", Value: []byte(carrier["traceparent"])},
			},
		}
	}
	err := p.client.ProduceSync(ctx, records...).FirstErr()
	if err != nil {
		for _, span := range spans {
			span.SetStatus(codes.Error, "unavailable")
		}
		return fmt.Errorf("publish %d updates: %w", len(records), err)
	}
	return nil
}

// Bury puts a record aside as it came, with why and from where.
func (p *Producer) Bury(ctx context.Context, record *kgo.Record, poison *Poison) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	headers := append([]kgo.RecordHeader{}, record.Headers...)
	for _, added := range [][2]string{
		{"dlq-cause", poison.Reason},
		{"dlq-detail", fmt.Sprintf("%.500s", poison.Cause)},
		{"dlq-topic", record.Topic},
		{"dlq-partition", fmt.Sprint(record.Partition)},
		{"dlq-offset", fmt.Sprint(record.Offset)},
		{"dlq-group", Group},
	} {
		headers = append(headers, kgo.RecordHeader{Key: added[0], Value: []byte(added[1])})
	}
	dead := &kgo.Record{Topic: record.Topic + ".dlq", Key: record.Key, Value: record.Value, Headers: headers}
	return p.client.ProduceSync(ctx, dead).FirstErr()
}
