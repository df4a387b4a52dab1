package desk

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/setup"
	"kintsugi/internal/web/page"
)

// saveLogo takes a logo, says where the one there is may stand, or takes it
// away: POST /desk/settings/look/logo.
func (d *Desk) saveLogo(c *gin.Context) error {
	raw, err := logoFile(c)
	if err != nil {
		return d.refuseLogo(c, err)
	}
	discreet := c.PostForm("discreet") == "yes"
	change := func(_ *pg.Tx, was practice.LogoMark) (practice.LogoMark, error) {
		if was.Hash == "" {
			return was, fault.InvalidField("logo", "Choose a picture first.")
		}
		was.Discreet = discreet
		return was, nil
	}
	act := "logo changed"
	switch {
	case c.PostForm("act") == "remove":
		act = "logo taken away"
		change = func(*pg.Tx, practice.LogoMark) (practice.LogoMark, error) { return practice.LogoMark{}, nil }
	case len(raw) > 0:
		logo, err := practice.ReadLogo(raw)
		if err != nil {
			return d.refuseLogo(c, err)
		}
		logo.Discreet = discreet
		change = func(tx *pg.Tx, _ practice.LogoMark) (practice.LogoMark, error) {
			return logo.LogoMark, practice.SaveLogo(c.Request.Context(), tx, logo, d.Now())
		}
	}
	key := d.opKey(c, "logo")
	if key.Text != "" {
		sum := sha256.Sum256(append(raw, key.Fingerprint...))
		key.Text, key.Fingerprint = fmt.Sprintf("%s %x", key.Text, sum[:16]), sum[:]
	}
	if err := d.markLogo(c, key, act, change); err != nil {
		return d.refuseLogo(c, err)
	}
	done := "kept"
	if act != "logo changed" {
		done = "removed"
	}
	return doneAt(c, "/desk/settings/look", done)
}

// markLogo does a change of the logo in one transaction, with its line in the
// audit. Where nothing changes nothing is recorded.
func (d *Desk) markLogo(c *gin.Context, key once.Key, act string, change func(tx *pg.Tx, was practice.LogoMark) (practice.LogoMark, error)) error {
	ctx, now := c.Request.Context(), d.Now()
	var done bool
	if settled, err := once.Find(ctx, d.DB, key, &done); settled || err != nil {
		return err
	}
	err := d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := setup.Lock(ctx, tx); err != nil {
			return err
		}
		basics, err := practice.LoadBasics(ctx, tx)
		if err != nil {
			return err
		}
		is, err := change(tx, basics.Logo)
		if err != nil {
			return err
		}
		if is != basics.Logo {
			if err := practice.MarkLogo(ctx, tx, is); err != nil {
				return err
			}
			detail := map[string][]setup.Change{"changes": {{Item: "practice", Key: "logo", Was: sayLogo(basics.Logo), Is: sayLogo(is)}}}
			if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: act, Detail: detail}); err != nil {
				return err
			}
		}
		return once.Settle(ctx, tx, key, true, now)
	})
	if once.IsRepeat(err) {
		return nil
	}
	return err
}

// sayLogo is a logo as the audit keeps it.
func sayLogo(m practice.LogoMark) string {
	switch {
	case m.Hash == "":
		return "none"
	case m.Discreet:
		return fmt.Sprintf("%s, %d × %d, also on discreet pages", m.Hash, m.Width, m.Height)
	}
	return fmt.Sprintf("%s, %d × %d", m.Hash, m.Width, m.Height)
}

// logoFile is the file that came with the form; none is no mistake.
func logoFile(c *gin.Context) ([]byte, error) {
	header, err := c.FormFile("logo")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case err != nil:
		return nil, fault.InvalidField("logo", "The picture did not arrive whole, so nothing was changed. Choose it again.")
	}
	file, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("open logo: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, practice.LargestLogo+1))
	if err != nil {
		return nil, fmt.Errorf("read logo: %w", err)
	}
	return raw, nil
}

// refuseLogo shows the page again with what is wrong with a picture.
func (d *Desk) refuseLogo(c *gin.Context, err error) error {
	problems := page.ProblemsOf(err)
	if fault.KindOf(err) != fault.Invalid || len(problems) == 0 {
		return err
	}
	basics, err := practice.LoadBasics(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	return d.drawLook(c, statusMend, basics.Colour, basics.ColourDark, problems)
}
