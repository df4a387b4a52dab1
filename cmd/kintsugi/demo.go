package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"kintsugi/internal/config"
	"kintsugi/internal/demo"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/guard"
)

// demonstrate shows the whole product on a database of its own, with a practice
// that does not exist. It reads nothing from the environment that leads to a
// real database, mail server or account.
func demonstrate(ctx context.Context, p process) (err error) {
	flags := noFlags("demo")
	listen := flags.String("listen", "", "address to serve on")
	data := flags.String("data", "", "folder to keep; without it everything is removed at the end")
	yes := flags.Bool("yes", false, "install PostgreSQL without asking where there is none")
	if _, err := parse(flags, p.args); err != nil {
		return err
	}
	if err := needPostgres(ctx, p, *yes); err != nil {
		return err
	}
	folder, clear, err := demoFolder(*data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clear()) }()
	return runDemo(ctx, p, folder, *data != "", *listen)
}

// needPostgres offers to install PostgreSQL where there is none.
func needPostgres(ctx context.Context, p process, yes bool) error {
	_, err := pg.FindBinaries()
	if errors.Is(err, pg.ErrNotInstalled) {
		return pg.Install(ctx, yes, p.in, p.out)
	}
	return err
}

// demoFolder is the folder for the data and the way to clear up after it: one
// that was given is kept.
func demoFolder(given string) (folder string, clear func() error, err error) {
	if given != "" {
		folder, err = filepath.Abs(given)
		return folder, func() error { return nil }, err
	}
	folder, err = os.MkdirTemp("", "kintsugi-demo-")
	return folder, func() error { return os.RemoveAll(folder) }, err
}

// runDemo catches letters, and serves.
func runDemo(ctx context.Context, p process, folder string, kept bool, listen string) error {
	environ := demoEnviron(p.environ, folder, listen)
	cfg, err := config.Read(environ)
	if err != nil {
		return err
	}
	log := newLog(p, cfg)
	catcher, err := demo.Catch(log)
	if err != nil {
		return err
	}
	defer func() { _ = catcher.Close() }() // what it holds goes with it
	shop, err := demo.OpenShop()
	if err != nil {
		return err
	}
	paying, stopPaying := context.WithCancel(ctx)
	defer func() { stopPaying(); _ = shop.Close() }() // what it knows goes with it
	if cfg, err = config.Read(append(append(environ, "SMTP_URL="+catcher.URL()), shop.Environ()...)); err != nil {
		return err
	}
	front := &demo.Front{Box: catcher.Box, Pay: shop.Checkout()}
	if kept {
		front.Kept = folder
	}
	s := &server{process: p, cfg: cfg, log: log}
	s.dress = func(ctx context.Context, h *house) (http.Handler, error) {
		front.Origin, front.Site, front.FeedURL, front.SignIn = h.cfg.PublicURL, h.front, h.booking.CoachFeedURL, h.signInAs
		shop.Begin(paying, h.cfg.PublicURL.String(), h.clock.Now)
		var err error
		front.Cast, err = demo.Prepare(ctx, demo.House{Booking: h.booking, Engagement: h.engagement})
		return front.Handler(), err
	}
	s.greet = func(h *house) error { return greet(p.out, h, front.Coaches, front.Kept) }
	return s.run(ctx)
}

// signInAs opens the desk or the portal to a visitor of the demonstration, without any proof.
func (h *house) signInAs(ctx context.Context, who people.ID, device string) (cookie *http.Cookie, err error) {
	err = h.db.InTx(ctx, func(tx *pg.Tx) error {
		token, err := login.SignInAs(ctx, tx, who, login.Device(device), h.clock.Now())
		cookie = guard.SessionCookie(h.cfg.PublicURL, token)
		return err
	})
	return cookie, err
}

// passedOn are the settings that hold for a demonstration too.
func passedOn() []string {
	return []string{"ADMIN_LISTEN", "PUBLIC_URL", "LIMITS", "KINTSUGI_CLOCK", "LOG_LEVEL", "LOG_FORMAT", "TRUSTED_PROXIES"}
}

// demoEnviron are the settings of a demonstration. What happens is said only
// when something is wrong, unless more is asked for.
func demoEnviron(environ []string, folder, listen string) []string {
	own := []string{"KINTSUGI_DATA=" + folder, "LISTEN=" + listen, "LOG_LEVEL=warn"}
	for _, name := range passedOn() {
		for _, line := range environ {
			if strings.HasPrefix(line, name+"=") && line != name+"=" {
				own = append(own, line)
			}
		}
	}
	return own
}

// greet says where to go.
func greet(w io.Writer, h *house, coaches []people.Coach, kept string) error {
	at := h.cfg.PublicURL.String()
	lines := []string{
		"",
		"  This is a demonstration: nothing leaves this machine, and the people in it do not exist.",
		"  Packages can be bought: the page on which you pay stands in for Stripe, and no money moves.",
		"",
		"  The site             " + at,
		"  Letter box           " + at + "/demo/mail",
		"  What is where        " + at + "/demo",
	}
	for _, c := range coaches {
		if c.Bookable() {
			lines = append(lines, fmt.Sprintf("  Calendar of %-8s %s", c.Slug, h.booking.CoachFeedURL(c)))
		}
	}
	lines = append(lines, "", "  To book: open the site as a stranger would. To be a coach, the assistant, or one of a couple: one button each under "+at+"/demo.")
	if kept == "" {
		lines = append(lines, "  To stop: Ctrl-C. Everything is removed then; --data DIR keeps it.")
	} else {
		lines = append(lines, "  To stop: Ctrl-C. The data stays in "+kept+".")
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
