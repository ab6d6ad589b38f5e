package tracker

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Update is a frame of the WebSocket contract, as far as a load reads it.
type Update struct {
	Frame
	Type   string  `json:"type"`
	Kind   string  `json:"kind"`
	Detail *string `json:"detail"`
}

// Decode reads a text frame.
func Decode(text []byte) (Update, error) {
	var update Update
	if err := json.Unmarshal(text, &update); err != nil {
		return Update{}, fmt.Errorf("the frame is no message of the contract: %w", err)
	}
	return update, nil
}

// IsFinal says whether the job is over with this update.
func (u Update) IsFinal() bool { return u.Kind == "SUCCEEDED" || u.Kind == "FAILED" }

// DueMs is when a published update was due; false when it was not one of a load.
func (u Update) DueMs() (float64, bool) {
	if u.Detail == nil {
		return 0, false
	}
	rest, isStamp := strings.CutPrefix(*u.Detail, "due=")
	stamp, _, isWhole := strings.Cut(rest, ";")
	if !isStamp || !isWhole {
		return 0, false
	}
	due, err := strconv.ParseFloat(stamp, 64)
	return due, err == nil
}
