package pg

import (
	"context"
	"fmt"
)

// Server is what the doctor wants to know of the PostgreSQL behind a pool.
type Server struct {
	Version   string `db:"version"`    // such as 15.8
	Major     int    `db:"major"`      // 15
	BtreeGist bool   `db:"btree_gist"` // the extension is in this database
}

// Describe asks the server who it is.
func Describe(ctx context.Context, q Conn) (Server, error) {
	var s Server
	err := q.Get(ctx, &s, `
		select split_part(current_setting('server_version'), ' ', 1) as version,
			current_setting('server_version_num')::int / 10000 as major,
			exists (select from pg_extension where extname = 'btree_gist') as btree_gist`)
	if err != nil {
		return Server{}, fmt.Errorf("describe the server: %w", err)
	}
	return s, nil
}

// OldestMajor is the oldest PostgreSQL that our SQL runs on.
const OldestMajor = minMajor
