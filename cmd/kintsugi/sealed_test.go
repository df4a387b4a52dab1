package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	kintsugi "kintsugi/cmd/kintsugi"
	"kintsugi/internal/pg/pgtest"
)

// plainBytes are the columns of bytes that hold no words of anybody: keys that
// are wrapped, hashes, a logo, and events of Stripe's, each sealed under a key of
// its own that goes with it after 30 days.
var plainBytes = []string{
	"lane_key.wrapped", "lane_key.mark", "server_key.wrapped", "proof_app.wrapped", "safe_contact.wrapped", "address_change.wrapped",
	"passkey.credential_id", "recovery_code.code_hash", "sign_in_code.address_hash", "sign_in_code.code_hash", "sign_in_count.key_hash",
	"operation.fingerprint", "limit_bucket.key_hash", "letter.address_hash",
	"participant.word_hash", "proof_restore.word_hash", "address_change.address_hash", "secrets_policy.body_hash", "policy_signature.body_hash", "logo.body",
	"stripe_event_body.wrapped", "stripe_event_body.body",
}

// Notes were sealed in a new column that nobody had told the rotation of, and
// after the old keys were gone they opened no more.
func TestEveryColumnOfBytesIsSealedWordsOrKnownToHoldNone(t *testing.T) {
	t.Parallel()
	db := pgtest.Owner(t)
	var there []string
	if err := db.Select(t.Context(), &there, `
		select c.table_name || '.' || c.column_name
		from information_schema.columns c
		join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
		where c.table_schema = 'public' and c.data_type = 'bytea' and t.table_type = 'BASE TABLE'
		order by 1`); err != nil {
		t.Fatal(err)
	}
	var sealed []string
	for _, c := range kintsugi.SealedColumns() {
		name := c.Table + "." + c.Column
		if sealed = append(sealed, name); !slices.Contains(there, name) {
			t.Errorf("%s is not in the database", name)
		}
		var rows int
		if err := db.Get(t.Context(), &rows, fmt.Sprintf(`
			select count(*) from %[1]s where (%[2]s)::text = '' and cast((%[3]s) as uuid) is null`, c.Table, c.Row, c.Lane)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range plainBytes {
		if !slices.Contains(there, name) {
			t.Errorf("%s is not in the database", name)
		}
	}
	for _, name := range there {
		if table, is := strings.CutSuffix(name, ".wrapped"); is && !slices.Contains(kintsugi.WrappedTables(), table) {
			t.Errorf("%s: say in WrappedTables that it lies under the keyset", name)
		}
		if slices.Contains(sealed, name) == slices.Contains(plainBytes, name) {
			t.Errorf("%s: say in SealedColumns that words are sealed in it, or here that none are", name)
		}
	}
}
