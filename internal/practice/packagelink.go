package practice

import (
	"context"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/token"
)

// Link is the private link of a package. It is made for nobody by name: whoever
// has it finds the package, until the link is revoked.
func (p Package) Link(key token.Key) string { return key.Make(p.link()) }

func (p Package) link() token.Link {
	return token.Link{Purpose: token.Package, Object: string(p.ID), Recipient: string(p.ID), Generation: p.LinkGeneration}
}

// FindLinkedPackage gives the package that a private link opens. A withdrawn one is
// found by no link.
func FindLinkedPackage(ctx context.Context, q pg.Conn, key token.Key, text string) (Package, error) {
	claimed, ok := token.Peek(token.Package, text)
	if !ok {
		return Package{}, errNoPackage()
	}
	p, err := onePackage(packages(ctx, q, `where v.version = p.version and p.visibility <> 'withdrawn' and p.id = $1`, claimed.Object))
	if err != nil {
		return Package{}, err
	}
	if !key.Verify(text, p.link()) {
		return Package{}, errNoPackage()
	}
	return p, nil
}

// RevokePackageLink makes every link to a package that was given away open
// nothing any more. There is a new one at once.
func RevokePackageLink(ctx context.Context, tx *pg.Tx, id PackageID) error {
	rows, err := tx.Exec(ctx, `update package set link_generation = link_generation + 1 where id = $1`, id)
	if err != nil {
		return fmt.Errorf("revoke link of package: %w", err)
	}
	if rows == 0 {
		return fault.New(fault.NotFound, "There is no package by that name here.")
	}
	return nil
}
