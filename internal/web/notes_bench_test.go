package web_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/core/registry"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
)

// noCipher is a kind of key that this test makes known to the library which seals:
// what is sealed with it is the text itself. The program knows no such key.
type noCipher struct{ registry.KeyManager }

const noCipherType = "kintsugi.test/no-cipher"

func (noCipher) TypeURL() string                              { return noCipherType }
func (noCipher) DoesSupport(typeURL string) bool              { return typeURL == noCipherType }
func (noCipher) Primitive([]byte) (any, error)                { return noCipher{}, nil }
func (noCipher) Encrypt(plain, _ []byte) ([]byte, error)      { return plain, nil }
func (noCipher) Decrypt(ciphertext, _ []byte) ([]byte, error) { return ciphertext, nil }

// openKeyset is a keyset with such a key, and how the same key lies in the
// database when that keyset has wrapped it.
func openKeyset(t testing.TB) (keys *seal.Keyset, wrapped []byte) {
	t.Helper()
	if _, err := registry.GetKeyManager(noCipherType); err != nil {
		if err := registry.RegisterKeyManager(noCipher{}); err != nil {
			t.Fatal(err)
		}
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(`{"primaryKeyId": 1, "key": [{"keyId": 1, "status": "ENABLED",
		"outputPrefixType": "RAW", "keyData": {"typeUrl": "` + noCipherType + `", "value": "AA==", "keyMaterialType": "SYMMETRIC"}}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	var text, within bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&text)); err != nil {
		t.Fatal(err)
	}
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&within), noCipher{}, nil); err != nil {
		t.Fatal(err)
	}
	if keys, err = seal.ParseKeyset(base64.StdEncoding.EncodeToString(text.Bytes())); err != nil {
		t.Fatal(err)
	}
	return keys, within.Bytes()
}

// written shares notes of Noor's for both, each about as long as what a coach
// writes after an hour, under the key that the lane has.
func (h *writers) written(n int, keys *seal.Keyset) {
	h.t.Helper()
	body := strings.Repeat("They spoke of the winter when nobody said anything, and what each had thought the other knew. ", 25)
	in := h.lane(h.noor, engagement.JointLane, "")
	work := *h.first.engagement
	work.Keys = keys
	h.must(h.db.InTxAs(h.ctx, string(h.noor), func(tx *pg.Tx) error {
		lane, _, err := work.Write(h.ctx, tx, h.noor, in.ID)
		if err != nil {
			return err
		}
		for i := range n {
			plain, err := json.Marshal(note.Words{Title: fmt.Sprintf("Note %03d.", i), Body: body})
			if err != nil {
				return err
			}
			id, row, at := uuid.NewString(), uuid.NewString(), h.now().Add(time.Duration(i-n)*time.Second)
			sealed, err := lane.Seal(plain, "note_version", "words", row)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `
				insert into note (id, lane_id, author_id, version, shared, shared_at, made_at, changed_at)
				values ($1, $2, $3, 1, 1, $4, $4, $4)`, id, string(in.ID), string(h.noor), at); err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `
				insert into note_version (id, note_id, lane_id, version, words, saved_at, shared_at)
				values ($1, $2, $3, 1, $4, $5, $5)`, row, id, string(in.ID), sealed, at); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BenchmarkSealedPages asks for the pages of a couple with five hundred sealed
// notes, and for the same pages of a like couple on the same database whose notes
// lie there as plain text: the portal's home, the client's list of notes, and the
// coach's, each with the latest hundred as it shows them. Both take turns in one
// run, so that a busy machine slows both.
//
// The plain ones are served by a second process of the program, which is the same
// but for the keyset it was given: a kind of key that this test alone makes known,
// with which nothing is enciphered. So both do the same work, statement by
// statement, and what differs is the ciphers, of the lane's key as of the words,
// and the few bytes by which a sealed text is longer.
func BenchmarkSealedPages(b *testing.B) {
	sealed := newWriters(b)
	plain := writersIn(sealed.staffed, "Eva", "Tom")
	keys, wrapped := openKeyset(b)
	h := *sealed.staffed
	h.keys = keys
	open := h.another(h.db)
	h.must(pgtest.Owner(b).InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update lane_key set wrapped = $2 where lane_id in (select id from lane where engagement_id = $1)`, plain.id, wrapped)
		return err
	}))
	sealed.written(500, sealed.keys)
	plain.written(500, keys)
	var lies []bool // the words of both, as text
	h.must(pgtest.Owner(b).InTx(h.ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(h.ctx, `analyze`); err != nil {
			return err
		}
		return tx.Select(h.ctx, &lies, `
			select position(convert_to('Note 499.', 'UTF8') in v.words) > 0
			from note_version v
			join lane l on l.id = v.lane_id
			where l.engagement_id in ($1, $2)
			group by 1
			order by 1`, sealed.id, plain.id)
	}))
	if fmt.Sprint(lies) != "[false true]" {
		b.Fatal("the words of one couple do not lie there sealed, or those of the other do: ", lies)
	}
	pages := []struct {
		name, says string
		path       func(*writers) string
		who        func(*writers) people.ID
	}{
		{"home", "Noor Haddad", func(*writers) string { return "/portal" }, func(w *writers) people.ID { return w.ana }},
		{"client", "Note 499.", func(*writers) string { return "/portal/notes" }, func(w *writers) people.ID { return w.ana }},
		{"coach", "Note 499.", func(w *writers) string { return "/desk/engagements/" + string(w.id) + "/notes" }, func(w *writers) people.ID { return w.noor }},
	}
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) {
			var long [2]int
			ask := func(i int, p *process, w *writers, held browser) func() {
				return func() {
					got := held.ask(p, "GET", page.path(w), nil)
					if got.status != 200 || !strings.Contains(got.body, page.says) || page.name != "home" && strings.Count(got.body, "Note ") < 100 {
						b.Fatalf("%d: %.2000s", got.status, got.body)
					}
					long[i] = len(got.body)
				}
			}
			acts := []func(){ask(0, sealed.first, sealed, sealed.browserFor(page.who(sealed))), ask(1, open, plain, sealed.browserFor(page.who(plain)))}
			for range 8 { // until statements are planned for all values
				for _, act := range acts {
					act()
				}
			}
			if long[0] != long[1] {
				b.Fatalf("the pages are not alike: %d and %d bytes", long[0], long[1])
			}
			var took [2]time.Duration
			for n := 0; b.Loop(); n++ {
				for i := range acts { // each goes first in turn
					i = (i + n) % 2
					began := time.Now()
					acts[i]()
					took[i] += time.Since(began)
				}
			}
			b.ReportMetric(float64(took[0])/float64(took[1]), "sealed/unsealed")
			b.ReportMetric(float64(took[0].Microseconds())/1000/float64(b.N), "ms/sealed")
			b.ReportMetric(float64(took[1].Microseconds())/1000/float64(b.N), "ms/unsealed")
		})
	}
}
