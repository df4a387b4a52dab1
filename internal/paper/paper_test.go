package paper_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
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
		if lacks := strings.Contains(want, "?"); paper.Sets(text) == lacks {
			t.Errorf("whether %q can be set: %v", text, !lacks)
		}
	}
}

var (
	streams = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	places  = regexp.MustCompile(`BT ([0-9.]+) ([0-9.]+) Td`)
)

// The prices stood higher than what they were for, and the rule went through the
// last of them.
func TestAPriceStandsOnTheLineOfWhatItIsFor(t *testing.T) {
	p := sheet("Ana Lind")
	p.Lines = append(p.Lines, paper.Fact{Name: strings.Repeat("Common Ground, sessions ", 12), Value: "£1.00"})
	raw, err := paper.PDF(p)
	if err != nil {
		t.Fatal(err)
	}
	left, prices := map[string]bool{}, []string{}
	for _, found := range streams.FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(found[1]))
		if err != nil {
			continue // a font
		}
		content, err := io.ReadAll(z)
		if err != nil {
			continue
		}
		for _, at := range places.FindAllSubmatch(content, -1) {
			if x, _ := strconv.ParseFloat(string(at[1]), 64); x < 300 {
				left[string(at[2])] = true
			} else {
				prices = append(prices, string(at[2]))
			}
		}
	}
	if len(prices) != 3 {
		t.Fatalf("%d prices", len(prices))
	}
	for _, y := range prices {
		if !left[y] {
			t.Errorf("a price stands at %s, beside nothing", y)
		}
	}
}
