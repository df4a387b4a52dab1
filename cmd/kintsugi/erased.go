package main

import (
	"context"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
)

// erasedList is this server's list of what was erased. It lies beside the keyset,
// or where KINTSUGI_ERASED_LIST says, and not in the database, so that an older
// copy of the database does not bring back what is on it.
func erasedList(cfg config.Config) engagement.ErasedList {
	return engagement.ErasedList{Path: cfg.ErasedList}
}

// elsewhere says how a list that cannot be kept where it is can be.
const elsewhere = "set KINTSUGI_ERASED_LIST to a file that this user may write"

// keepErased sees to it, until ctx ends, that the list has everything that was
// erased. What was erased elsewhere comes onto this server's list within
// a minute.
func (h *house) keepErased(ctx context.Context) {
	for {
		if n, err := erasedList(h.cfg).Keep(ctx, h.db); err != nil && ctx.Err() == nil {
			h.log.Error("what was erased is not on the list beside the keyset yet: "+elsewhere, "error", err)
		} else if n > 0 {
			h.log.Info("the list of what was erased has grown", "lanes", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
}

// erased looks whether the list beside the keyset holds everything that was
// erased.
func (e *examination) erased(ctx context.Context, cfg config.Config, db *pg.DB) {
	if err := erasedList(cfg).Writable(); err != nil {
		e.wrong("erased", "%s: %s", sentence(err), elsewhere)
		return
	}
	missing, err := erasedList(cfg).Missing(ctx, db)
	if e.failed("erased", err) {
		return
	}
	n, err := engagement.CountErased(ctx, db)
	if e.failed("erased", err) {
		return
	}
	if len(missing) > 0 {
		e.note("erased", "%d of %d erased spaces are not on %s yet; a server that runs here puts them there within a minute", len(missing), n, erasedList(cfg).Path)
		return
	}
	e.good("erased", "all %d erased spaces are on the list beside the keyset", n)
}
