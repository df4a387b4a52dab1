package mail_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"kintsugi/internal/mail"
)

// zone answers like a name server that knows these texts and no others.
func zone(texts map[string][]string) func(context.Context, string) ([]string, error) {
	return func(_ context.Context, name string) ([]string, error) {
		if t, ok := texts[name]; ok {
			return t, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
}

func TestTheSendersDomainIsLookedAt(t *testing.T) {
	const sound = "v=spf1 include:x.example ~all"
	for _, c := range []struct {
		name   string
		lookup func(context.Context, string) ([]string, error)
		from   string
		want   [3]mail.State // SPF, DMARC, DKIM
	}{
		{"all there", zone(map[string][]string{"example.org": {"other=1", sound}, "_dmarc.example.org": {"v=DMARC1; p=none"}, "s1._domainkey.example.org": {"v=DKIM1; p=abc"}}), "a@example.org", [3]mail.State{}},
		{"nothing there", zone(nil), "a@example.org", [3]mail.State{mail.Missing, mail.Missing, mail.Unknown}},
		{"two SPF records", zone(map[string][]string{"example.org": {sound, sound}}), "a@example.org", [3]mail.State{mail.Missing, mail.Missing, mail.Unknown}},
		{"everyone may send", zone(map[string][]string{"example.org": {"v=spf1 +all"}}), "a@example.org", [3]mail.State{mail.Missing, mail.Missing, mail.Unknown}},
		{"DMARC of the domain above", zone(map[string][]string{"post.example.org": {sound}, "_dmarc.example.org": {"v=DMARC1; p=reject"}}), "a@post.example.org", [3]mail.State{mail.Good, mail.Good, mail.Unknown}},
		{"offline", func(context.Context, string) ([]string, error) { return nil, errors.New("network is unreachable") }, "a@example.org", [3]mail.State{mail.Unknown, mail.Unknown, mail.Unknown}},
	} {
		found := mail.CheckDomain(t.Context(), c.lookup, c.from)
		if len(found) != 3 {
			t.Fatalf("%s: %v", c.name, found)
		}
		for i, f := range found {
			if f.State != c.want[i] || f.Say == "" {
				t.Errorf("%s: %+v, want state %d", c.name, f, c.want[i])
			}
		}
	}
}

func TestAnUnusableSenderIsSaid(t *testing.T) {
	if found := mail.CheckDomain(t.Context(), zone(nil), "nobody"); len(found) != 1 || found[0].State != mail.Unknown {
		t.Errorf("%v", found)
	}
}
