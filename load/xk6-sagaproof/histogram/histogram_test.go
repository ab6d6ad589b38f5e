package histogram

import (
	"math"
	"testing"
)

func TestPercentilesAreExactToOnePercent(t *testing.T) {
	h := New()
	for ms := 1; ms <= 1000; ms++ {
		h.Record(float64(ms))
	}
	for percent, expected := range map[float64]float64{50: 500, 90: 900, 99: 990, 100: 1000} {
		if found := h.Percentile(percent); math.Abs(found-expected) > expected*0.011 {
			t.Errorf("p%v is %v, expected %v", percent, found, expected)
		}
	}
	if h.Count() != 1000 || h.Max() != 1000 {
		t.Errorf("count %d, max %v", h.Count(), h.Max())
	}
}

func TestHistogramsAreAddedUp(t *testing.T) {
	one, other := New(), New()
	one.Record(1)
	other.Record(100)
	one.Add(other)
	if one.Count() != 2 || one.Max() != 100 {
		t.Errorf("count %d, max %v", one.Count(), one.Max())
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(0.0)
	f.Add(-1.0)
	f.Add(math.Inf(1))
	f.Add(math.NaN())
	f.Fuzz(func(t *testing.T, ms float64) {
		h := New()
		h.Record(ms)
		if h.Percentile(100) > h.Max() {
			t.Errorf("p100 %v is above the maximum %v", h.Percentile(100), h.Max())
		}
	})
}
