package vault_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
	"kintsugi/internal/vault"
)

func newKeys(t *testing.T) *seal.Keyset {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestReplicasThatStartTogetherEndWithOneLinkKey(t *testing.T) {
	ctx, db, keys := context.Background(), pgtest.New(t), newKeys(t)
	found := make([]token.Key, 6)
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() {
			key, err := vault.LinkKey(ctx, db, keys, time.Now())
			if err != nil {
				t.Error(err)
			}
			found[i] = key
		})
	}
	wg.Wait()
	for _, key := range found {
		if len(key) < 32 || !bytes.Equal(key, found[0]) {
			t.Error("two replicas make different links")
		}
	}
}

// A server that starts with the wrong keyset would send links that open
// nothing and show garbage where words should be.
func TestAnotherKeysetIsRefusedAndTheRightOneNamed(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	if _, err := vault.LinkKey(ctx, db, newKeys(t), time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err := vault.LinkKey(ctx, db, newKeys(t), time.Now())
	if err == nil || !strings.Contains(fault.SayOf(err), "KINTSUGI_KEYSET") {
		t.Errorf("%v", err)
	}
}

func TestAfterRewrappingTheOldKeyCanGo(t *testing.T) {
	ctx, db, old := context.Background(), pgtest.New(t), newKeys(t)
	before, err := vault.LinkKey(ctx, db, old, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	both, err := old.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(ctx, func(tx *pg.Tx) error {
		n, err := vault.Rewrap(ctx, tx, both)
		if n != 1 {
			t.Errorf("%d keys", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LinkKey(ctx, db, old, time.Now()); err == nil {
		t.Error("the old keyset still opens it")
	}
	if after, err := vault.LinkKey(ctx, db, both, time.Now()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the links have changed: %v", err)
	}
}
