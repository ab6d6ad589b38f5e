package tracker

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

type frameCase struct {
	Name   string           `json:"name"`
	Level  string           `json:"level"`
	Begins map[string]int64 `json:"begins"`
	Frames []struct {
		Job      string  `json:"job"`
		Sequence int64   `json:"sequence"`
		Previous int64   `json:"previous"`
		Level    string  `json:"level"`
		Finds    *string `json:"finds"`
	} `json:"frames"`
}

func ownerOf(jobID string) Owner {
	if jobID == "other" {
		return Other
	}
	if strings.HasPrefix(jobID, "own") {
		return Own
	}
	return Unknown
}

func TestJudgesTheCasesThatAllEnginesShare(t *testing.T) {
	text, err := os.ReadFile("../../model/fixtures/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []frameCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("there is no case")
	}
	for _, one := range cases {
		t.Run(one.Name, func(t *testing.T) {
			tracker := New(one.Level, ownerOf)
			for job, after := range one.Begins {
				tracker.Begin(job, after)
			}
			for at, frame := range one.Frames {
				found := tracker.Frame(Frame{frame.Job, frame.Sequence, frame.Previous, frame.Level})
				expected := None
				if frame.Finds != nil {
					expected = Anomaly(*frame.Finds)
				}
				if found != expected {
					t.Errorf("frame %d: found %q, expected %q", at, found, expected)
				}
			}
		})
	}
}

func TestForgetsAJobThatIsOver(t *testing.T) {
	tracker := New("detail", ownerOf)
	tracker.Begin("own", 0)
	tracker.Frame(Frame{"own", 1, 0, "progress"})
	if positions := tracker.Positions(); positions["own"] != 1 {
		t.Errorf("positions: %v", positions)
	}
	tracker.End("own")
	if positions := tracker.Positions(); len(positions) != 0 {
		t.Errorf("positions after the end: %v", positions)
	}
}

// Any series of frames: no panic, bounded memory, and the last position never goes back.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{1, 0, 2, 1, 4, 3, 3, 2, 3, 2})
	f.Fuzz(func(t *testing.T, numbers []byte) {
		tracker := New("detail", ownerOf)
		last := int64(0)
		for at := 0; at+1 < len(numbers); at += 2 {
			tracker.Frame(Frame{"own", int64(numbers[at]), int64(numbers[at+1]), "detail"})
			position := tracker.Positions()["own"]
			if position < last {
				t.Fatalf("the position went back from %d to %d", last, position)
			}
			last = position
			if len(tracker.gaps["own"]) > gapsKept {
				t.Fatalf("%d gaps are kept", len(tracker.gaps["own"]))
			}
		}
	})
}
