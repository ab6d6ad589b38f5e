// Package histogram counts times in buckets of equal relative width, so that a percentile is exact
// to one percent from a microsecond to an hour, in constant memory.
package histogram

import (
	"math"
	"time"
)

const (
	// width is the ratio of a bucket's bounds.
	width     = 1.01
	highestUs = float64(time.Hour / time.Microsecond)
)

var buckets = bucketOf(highestUs) + 1

// Histogram is not safe for concurrent use.
type Histogram struct {
	counts []uint64
	count  uint64
	max    float64
}

// New makes an empty histogram.
func New() *Histogram { return &Histogram{counts: make([]uint64, buckets)} }

func bucketOf(us float64) int { return int(math.Log(us) / math.Log(width)) }

// Record counts a time in milliseconds. What is less than a microsecond or more than an hour counts
// as that.
func (h *Histogram) Record(ms float64) {
	us := min(highestUs, max(1, ms*1000))
	if math.IsNaN(us) {
		return
	}
	h.counts[bucketOf(us)]++
	h.count++
	h.max = max(h.max, us/1000)
}

// Add counts what another histogram has counted.
func (h *Histogram) Add(other *Histogram) {
	for at, count := range other.counts {
		h.counts[at] += count
	}
	h.count += other.count
	h.max = max(h.max, other.max)
}

// Count is how many times were recorded.
func (h *Histogram) Count() uint64 { return h.count }

// Max is the longest time, in milliseconds.
func (h *Histogram) Max() float64 { return h.max }

// Percentile is a time in milliseconds that so many percent are not above; 0 when it is empty.
func (h *Histogram) Percentile(percent float64) float64 {
	rank := uint64(math.Ceil(float64(h.count) * percent / 100))
	var seen uint64
	for at, count := range h.counts {
		seen += count
		if count > 0 && seen >= rank {
			return min(h.max, math.Pow(width, float64(at+1))/1000)
		}
	}
	return 0
}
