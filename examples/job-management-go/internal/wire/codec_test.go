package wire

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// contracts are the repository's; corpus has messages of a verified run, as they crossed the broker.
const (
	contracts    = "../../../.."
	corpus       = contracts + "/contracts/corpus"
	headerLength = 5
)

type message struct {
	Kind, Topic, EventType, Fingerprint string
	Value                               []byte
	Schema                              json.RawMessage
}

func messagesOf(t *testing.T, topic string) []message {
	t.Helper()
	file, err := os.Open(filepath.Join(corpus, topic+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	schemas := map[string]json.RawMessage{}
	var found []message
	for decoder := json.NewDecoder(file); ; {
		var next message
		if err := decoder.Decode(&next); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if next.Kind == "schema" {
			schemas[next.Fingerprint] = next.Schema
			continue
		}
		next.Schema = schemas[next.Fingerprint]
		found = append(found, next)
	}
	if len(found) == 0 {
		t.Fatalf("%s has no message", file.Name())
	}
	return found
}

// codecFor knows the writer's schema of a message by the id that the message names.
func codecFor(t *testing.T, of message) *Codec {
	t.Helper()
	codec := newCodec(nil)
	schema, err := resolve(codec.readers[of.Topic], string(of.Schema))
	if err != nil {
		t.Fatalf("%s cannot be read: %v", of.Topic, err)
	}
	codec.resolved[of.Topic+" "+idOf(of.Value)] = schema
	return codec
}

func idOf(value []byte) string {
	id, _ := json.Marshal(int(value[1])<<24 | int(value[2])<<16 | int(value[3])<<8 | int(value[4]))
	return string(id)
}

func TestReadsEveryEventThatCrossedTheBroker(t *testing.T) {
	for _, topic := range EventTopics {
		for _, sent := range messagesOf(t, topic) {
			event, hasJob, err := codecFor(t, sent).DecodeEvent(t.Context(), topic, sent.Value)
			if err != nil {
				t.Fatalf("%s of %s: %v", sent.EventType, topic, err)
			}
			if !hasJob {
				continue
			}
			if event.JobID == "" || event.OrderID == "" || event.MessageID == "" || event.OccurredAtMs == 0 {
				t.Errorf("%s of %s lacks something: %+v", sent.EventType, topic, event)
			}
			if topic != orderEvents && *event.Detail != sent.EventType {
				t.Errorf("%s of %s was read as %s", sent.EventType, topic, *event.Detail)
			}
			if strings.HasPrefix(sent.EventType, "SagaStep") && event.Step == nil {
				t.Errorf("%s does not say its step", sent.EventType)
			}
			if strings.HasSuffix(sent.EventType, "Rejected") && event.Reason == nil {
				t.Errorf("%s does not say its reason", sent.EventType)
			}
		}
	}
}

func TestWritesUpdatesAsTheyCrossedTheBroker(t *testing.T) {
	for _, sent := range messagesOf(t, updates) {
		codec := codecFor(t, sent)
		update, err := codec.DecodeUpdate(t.Context(), sent.Value)
		if err != nil {
			t.Fatal(err)
		}
		if update.Kind != sent.EventType {
			t.Errorf("%s was read as %s", sent.EventType, update.Kind)
		}
		written, err := codec.EncodeUpdate(update)
		if err != nil {
			t.Fatal(err)
		}
		if string(written[headerLength:]) != string(sent.Value[headerLength:]) {
			t.Errorf("%s was written otherwise than the reference service did", sent.EventType)
		}
	}
}

func TestTellsPoisonByItsReason(t *testing.T) {
	good := messagesOf(t, orderEvents)[0]
	for name, test := range map[string]struct {
		value []byte
		want  string
	}{
		"text":             {[]byte(`{"not": "avro"}`), "not-wire-format"},
		"nothing":          {nil, "not-wire-format"},
		"a part":           {good.Value[:len(good.Value)/2], "undecodable"},
		"a value and more": {append(good.Value[:len(good.Value):len(good.Value)], 0), "undecodable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := codecFor(t, good).DecodeEvent(t.Context(), orderEvents, test.value)
			var poison *Poison
			if !errors.As(err, &poison) || poison.Reason != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestUpdatesAreWrittenWithTheContractsSchema(t *testing.T) {
	ours, err := schemas.ReadFile("schemas/" + updates + ".avsc")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := os.ReadFile(filepath.Join(contracts, "avro", updates+".avsc"))
	if err != nil {
		t.Fatal(err)
	}
	if string(ours) != string(contract) {
		t.Error("schemas/job.updates.avsc is not a copy of avro/job.updates.avsc any more")
	}
}
