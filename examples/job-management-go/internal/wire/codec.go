// Package wire is Kafka and its Schema Registry: what comes, what goes, and how it is read.
package wire

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"

	"sagaproof.example/job-management/internal/job"
)

// The topics.
const (
	orderEvents = "order.events"
	updates     = "job.updates"
)

// EventTopics are what job-management reads.
var EventTopics = []string{orderEvents, "inventory.events", "payment.events", "shipping.events"}

// schemas has the schema that updates are written with, and of every other topic the part that is read
// here: Avro resolves what a writer wrote to it.
//
//go:embed schemas/*.avsc
var schemas embed.FS

// Poison is a record that no retry can help: it goes to the dead-letter topic.
type Poison struct {
	Reason string
	Cause  error
}

func (p *Poison) Error() string { return fmt.Sprintf("%s: %v", p.Reason, p.Cause) }

// Codec reads and writes the Confluent wire format: 0x00, the schema's id, the Avro value.
type Codec struct {
	registry *sr.Client
	readers  map[string]avro.Schema
	updateID int
	mu       sync.Mutex
	resolved map[string]avro.Schema
}

// NewCodec asks the registry for the id of the schema that updates are written with, and registers it
// when it is not there.
func NewCodec(ctx context.Context, registry *sr.Client) (*Codec, error) {
	codec := newCodec(registry)
	text, err := schemas.ReadFile("schemas/" + updates + ".avsc")
	if err != nil {
		return nil, err
	}
	schema := sr.Schema{Schema: string(text)}
	found, err := registry.LookupSchema(ctx, updates+"-value", schema)
	if isMissing(err) {
		found, err = registry.CreateSchema(ctx, updates+"-value", schema)
	}
	if err != nil {
		return nil, fmt.Errorf("the schema of %s: %w", updates, err)
	}
	codec.updateID = found.ID
	return codec, nil
}

func newCodec(registry *sr.Client) *Codec {
	codec := &Codec{registry: registry, readers: map[string]avro.Schema{}, resolved: map[string]avro.Schema{}}
	for _, topic := range append([]string{updates}, EventTopics...) {
		text, err := schemas.ReadFile("schemas/" + topic + ".avsc")
		if err != nil {
			panic(err)
		}
		codec.readers[topic] = mustParse(string(text))
	}
	return codec
}

func isMissing(err error) bool {
	var answer *sr.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// EncodeUpdate writes an update.
func (c *Codec) EncodeUpdate(update job.Update) ([]byte, error) {
	header, err := new(sr.ConfluentHeader).AppendEncode(nil, c.updateID, nil)
	if err != nil {
		return nil, err
	}
	body, err := avro.Marshal(c.readers[updates], update)
	return append(header, body...), err
}

// DecodeUpdate reads an update.
func (c *Codec) DecodeUpdate(ctx context.Context, value []byte) (job.Update, error) {
	var update job.Update
	err := c.decode(ctx, updates, value, &update)
	return update, err
}

type orderEvent struct {
	MessageID    string         `avro:"messageId"`
	OrderID      string         `avro:"orderId"`
	UserID       string         `avro:"userId"`
	JobID        string         `avro:"jobId"`
	OccurredAtMs int64          `avro:"occurredAt"`
	Payload      map[string]any `avro:"payload"`
}

type participantEvent struct {
	MessageID    string         `avro:"messageId"`
	OrderID      *string        `avro:"orderId"`
	JobID        *string        `avro:"jobId"`
	OccurredAtMs int64          `avro:"occurredAt"`
	Payload      map[string]any `avro:"payload"`
}

// DecodeEvent reads an event of a topic; false when no job led to it.
func (c *Codec) DecodeEvent(ctx context.Context, topic string, value []byte) (job.Event, bool, error) {
	if topic != orderEvents {
		return c.decodeParticipantEvent(ctx, topic, value)
	}
	var read orderEvent
	if err := c.decode(ctx, topic, value, &read); err != nil {
		return job.Event{}, false, err
	}
	eventType, fields := branchOf(read.Payload)
	meaning, known := job.OrderEventMeaning(eventType)
	if !known {
		return job.Event{}, false, &Poison{"unexpected-message", fmt.Errorf("no order event is called %q", eventType)}
	}
	kind := job.KindOfOrderEvent(eventType)
	if saga := textOf(fields, "saga"); saga != nil {
		kind = job.Kind(*saga)
	}
	return job.Event{
		MessageID: read.MessageID, JobID: read.JobID, OrderID: read.OrderID, OccurredAtMs: read.OccurredAtMs,
		Owner:   &job.Owner{UserID: read.UserID, Kind: kind},
		Meaning: meaning, Step: textOf(fields, "step"), Reason: textOf(fields, "reason"),
	}, true, nil
}

func (c *Codec) decodeParticipantEvent(ctx context.Context, topic string, value []byte) (job.Event, bool, error) {
	var read participantEvent
	if err := c.decode(ctx, topic, value, &read); err != nil {
		return job.Event{}, false, err
	}
	if read.JobID == nil || read.OrderID == nil {
		return job.Event{}, false, nil
	}
	eventType, fields := branchOf(read.Payload)
	return job.Event{
		MessageID: read.MessageID, JobID: *read.JobID, OrderID: *read.OrderID, OccurredAtMs: read.OccurredAtMs,
		Meaning: job.ParticipantEventMeaning(), Detail: &eventType, Reason: textOf(fields, "reason"),
	}, true, nil
}

// branchOf takes a union's value, {"sagaproof.order.OrderPlaced": {…}}, apart.
func branchOf(payload map[string]any) (string, map[string]any) {
	for name, fields := range payload {
		record, _ := fields.(map[string]any)
		return name[strings.LastIndex(name, ".")+1:], record
	}
	return "", nil
}

func textOf(fields map[string]any, name string) *string {
	if text, isText := fields[name].(string); isText {
		return &text
	}
	return nil
}

func (c *Codec) decode(ctx context.Context, topic string, value []byte, into any) error {
	id, body, err := new(sr.ConfluentHeader).DecodeID(value)
	if err != nil {
		return &Poison{"not-wire-format", err}
	}
	schema, err := c.schemaOf(ctx, topic, id)
	if err != nil {
		return err
	}
	return read(schema, body, into)
}

func read(schema avro.Schema, body []byte, into any) error {
	reader := avro.NewReader(nil, 0).Reset(body)
	reader.ReadVal(schema, into)
	if reader.Error != nil {
		return &Poison{"undecodable", reader.Error}
	}
	if reader.Peek(); reader.Error == nil {
		return &Poison{"undecodable", errors.New("there is more than one value")}
	}
	return nil
}

// schemaOf says how a writer's schema reads as ours. Only what worked is kept: the registry may be
// back, or know the id, the next time.
func (c *Codec) schemaOf(ctx context.Context, topic string, id int) (avro.Schema, error) {
	key := fmt.Sprintf("%s %d", topic, id)
	c.mu.Lock()
	known := c.resolved[key]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	writer, err := c.registry.SchemaByID(ctx, id)
	if isMissing(err) {
		return nil, &Poison{"unknown-schema-id", err}
	}
	if err != nil {
		return nil, fmt.Errorf("schema %d: %w", id, err)
	}
	resolved, err := resolve(c.readers[topic], writer.Schema)
	if err != nil {
		return nil, &Poison{"undecodable", err}
	}
	c.mu.Lock()
	c.resolved[key] = resolved
	c.mu.Unlock()
	return resolved, nil
}

func resolve(reader avro.Schema, writerText string) (avro.Schema, error) {
	writer, err := parse(writerText)
	if err != nil {
		return nil, err
	}
	return avro.NewSchemaCompatibility().Resolve(reader, writer)
}

// parse gives each schema names of its own: readers and writers use the same for different things.
func parse(text string) (avro.Schema, error) {
	return avro.ParseWithCache(text, "", &avro.SchemaCache{})
}

func mustParse(text string) avro.Schema {
	schema, err := parse(text)
	if err != nil {
		panic(err)
	}
	return schema
}
