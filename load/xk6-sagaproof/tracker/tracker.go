// Package tracker judges the frames of one socket as they arrive. Its rules are those of
// load/model/frame-tracker.ts, and both play load/model/fixtures/frames.json.
package tracker

// Anomaly is what is wrong with a frame.
type Anomaly string

// What can be wrong with a frame.
const (
	None      Anomaly = ""
	Gap       Anomaly = "gap"
	Duplicate Anomaly = "duplicate"
	Reorder   Anomaly = "reorder"
	Leak      Anomaly = "leak"
)

// Owner says whether a job is of the socket's customer.
type Owner int

// What is known of a job's owner.
const (
	Unknown Owner = iota
	Own
	Other
)

// gapsKept is how many gaps of one job are remembered, to tell a late update from a repeated one.
const gapsKept = 16

var levels = map[string]int{"outcome": 0, "progress": 1, "detail": 2}

// Frame has the fields of an update that its place is judged by.
type Frame struct {
	JobID            string `json:"jobId"`
	Sequence         int64  `json:"sequence"`
	PreviousSequence int64  `json:"previousSequence"`
	Level            string `json:"level"`
}

type span struct{ after, before int64 }

// Tracker judges the frames of one socket. It is not safe for concurrent use.
type Tracker struct {
	level   int
	ownerOf func(jobID string) Owner
	last    map[string]int64
	gaps    map[string][]span
}

// New makes a tracker for a socket that asked for a level.
func New(level string, ownerOf func(jobID string) Owner) *Tracker {
	return &Tracker{
		level:   levels[level],
		ownerOf: ownerOf,
		last:    map[string]int64{},
		gaps:    map[string][]span{},
	}
}

// Begin says that the client follows a job after this update.
func (t *Tracker) Begin(jobID string, after int64) {
	if last, known := t.last[jobID]; !known || last < after {
		t.last[jobID] = after
	}
}

// End forgets a job that is over.
func (t *Tracker) End(jobID string) {
	delete(t.last, jobID)
	delete(t.gaps, jobID)
}

// Positions has the jobs under way, each with the last update that came.
func (t *Tracker) Positions() map[string]int64 {
	positions := make(map[string]int64, len(t.last))
	for job, sequence := range t.last {
		positions[job] = sequence
	}
	return positions
}

// Frame judges the next frame.
func (t *Tracker) Frame(frame Frame) Anomaly {
	level, known := levels[frame.Level]
	if !known || level > t.level || t.ownerOf(frame.JobID) == Other {
		return Leak
	}
	last, isFollowed := t.last[frame.JobID]
	if isFollowed && frame.Sequence <= last {
		return t.late(frame)
	}
	t.last[frame.JobID] = frame.Sequence
	// A job that began before its subscription has updates that were not asked for.
	if !isFollowed || frame.PreviousSequence <= last {
		return None
	}
	gaps := append(t.gaps[frame.JobID], span{after: last, before: frame.Sequence})
	if len(gaps) > gapsKept {
		gaps = gaps[1:]
	}
	t.gaps[frame.JobID] = gaps
	return Gap
}

func (t *Tracker) late(frame Frame) Anomaly {
	gaps := t.gaps[frame.JobID]
	for at, gap := range gaps {
		if frame.Sequence <= gap.after || frame.Sequence >= gap.before {
			continue
		}
		rest := append(gaps[:at:at], gaps[at+1:]...)
		for _, part := range []span{{gap.after, frame.Sequence}, {frame.Sequence, gap.before}} {
			if part.before-part.after > 1 && len(rest) < gapsKept {
				rest = append(rest, part)
			}
		}
		t.gaps[frame.JobID] = rest
		return Reorder
	}
	return Duplicate
}
