package tracker

import "testing"

func TestReadsAnUpdateAndWhenItWasDue(t *testing.T) {
	text := `{"type":"update","jobId":"j","sequence":3,"previousSequence":2,"level":"detail",` +
		`"kind":"SUCCEEDED","detail":"due=1234.500;xxx"}`
	update, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if update.Sequence != 3 || update.PreviousSequence != 2 || !update.IsFinal() {
		t.Errorf("read as %+v", update)
	}
	if due, isKnown := update.DueMs(); !isKnown || due != 1234.5 {
		t.Errorf("due at %v, %v", due, isKnown)
	}
}

func TestRefusesWhatIsNoMessage(t *testing.T) {
	for _, text := range []string{"", "null and more", `{"sequence":"three"}`} {
		if update, err := Decode([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, update)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"update","detail":"due=1;"}`))
	f.Add([]byte(`{"detail":"due=;"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		update, err := Decode(text)
		if err == nil {
			update.DueMs()
		}
	})
}
