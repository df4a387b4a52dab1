package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/paper"
)

func sheet(name string) paper.Paper {
	return paper.Paper{Heading: "Invoice and receipt", Number: "K7QX-2026-001", On: time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC), From: []string{"Common Ground", "hello@example.org"},
		To: []string{name}, Facts: []paper.Fact{{Name: "Number", Value: "K7QX-2026-001"}}, Lines: []paper.Fact{{Name: "Common Ground, 6 sessions", Value: "£720.00"}},
		Sums: []paper.Fact{{Name: "Total", Value: "£720.00"}}, Notes: []string{"Paid."}}
}

func TestAPaperIsADocumentWhateverStandsOnIt(t *testing.T) {
	plain, err := paper.PDF(sheet("Ana Lind"))
	if err != nil || !bytes.HasPrefix(plain, []byte("%PDF-")) || !bytes.Contains(plain, []byte("%%EOF")) {
		t.Fatalf("%d bytes, %v", len(plain), err)
	}
	again, err := paper.PDF(sheet("Ana Lind"))
	if err != nil || !bytes.Equal(plain, again) {
		t.Error("the same paper gives other bytes")
	}
	for _, name := range []string{"👩‍🚀", "Ana 😀 Lind", "李小龙", "عمر", "e\u0301", "\u202eAna", strings.Repeat("long ", 2000), "", "Жанна", "A\x00B"} {
		if got, err := paper.PDF(sheet(name)); err != nil || !bytes.HasPrefix(got, []byte("%PDF-")) || len(got) < len(plain)/2 {
			t.Errorf("%.20q: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestWhatTheFontLacksIsLeftOutOrMarked(t *testing.T) {
	for text, want := range map[string]string{
		"Ana 😀 Lind": "Ana Lind", "Zoë Ğ": "Zoë Ğ", "e\u0301": "é", "Жанна Ωμέγα": "Жанна Ωμέγα", "李小龙": "???", "a\nb": "a b",
		"👩‍🚀": "", "£720.00 − €5": "£720.00 − €5", "\u202eAna": "Ana",
	} {
		if got := paper.Plain(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
