package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Finding is what a look at the sender's domain showed, in a sentence for the
// person who runs the server.
type Finding struct {
	Name  string // SPF, DMARC or DKIM
	State State
	Say   string
}

// State is how a Finding turned out.
type State int

// The states of a finding.
const (
	Good    State = iota // published and sound
	Missing              // looked for and not there, or not sound
	Unknown              // could not look
)

// lookTimeout bounds each question to the name server.
const lookTimeout = 4 * time.Second

// dkimSelectors are the names under which large providers publish keys. Others
// exist, so not finding one proves nothing.
var dkimSelectors = []string{"default", "mail", "dkim", "s1", "s2", "selector1", "selector2", "google", "k1", "fm1", "protonmail", "mxvault"}

// CheckDomain looks up what mail programs look up about the sender's domain.
// lookup is the LookupTXT of a resolver. Without a network it says that it
// could not look.
func CheckDomain(ctx context.Context, lookup func(ctx context.Context, name string) ([]string, error), from string) []Finding {
	box, err := mailbox(Address{Email: from})
	if err != nil {
		return []Finding{{Name: "SPF", State: Unknown, Say: "The sender's address is not a plain mail address, so its domain was not looked up."}}
	}
	domain := domainOf(box.Address)
	look := func(name, prefix string) ([]string, error) {
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		defer cancel()
		texts, err := lookup(ctx, name)
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		var found []string
		for _, t := range texts {
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(t)), prefix) {
				found = append(found, t)
			}
		}
		return found, nil
	}
	findings := make([]Finding, 3)
	var looking sync.WaitGroup
	looking.Go(func() { findings[0] = spf(domain, look) })
	looking.Go(func() { findings[1] = dmarc(domain, look) })
	looking.Go(func() { findings[2] = dkim(domain, look) })
	looking.Wait()
	return findings
}

func spf(domain string, look func(name, prefix string) ([]string, error)) Finding {
	found, err := look(domain, "v=spf1")
	switch {
	case err != nil:
		return Finding{"SPF", Unknown, "Could not look: the name server does not answer for " + domain + "."}
	case len(found) == 0:
		return Finding{"SPF", Missing, fmt.Sprintf("%s publishes no SPF record, so letters may land in spam. Add a TXT record such as \"v=spf1 include:your-provider.example ~all\".", domain)}
	case len(found) > 1:
		return Finding{"SPF", Missing, domain + " publishes more than one SPF record, which counts as none. Keep one."}
	case strings.Contains(strings.ToLower(found[0]), "+all"):
		return Finding{"SPF", Missing, "The SPF record of " + domain + " lets everyone send (+all). End it with ~all or -all."}
	}
	return Finding{"SPF", Good, domain + " says who may send for it."}
}

func dmarc(domain string, look func(name, prefix string) ([]string, error)) Finding {
	// A subdomain without a record of its own falls under the one above it.
	for name := domain; strings.Contains(name, "."); name = name[strings.IndexByte(name, '.')+1:] {
		found, err := look("_dmarc."+name, "v=dmarc1")
		if err != nil {
			return Finding{"DMARC", Unknown, "Could not look: the name server does not answer for _dmarc." + name + "."}
		}
		if len(found) > 0 {
			return Finding{"DMARC", Good, "_dmarc." + name + " says what to do with forged letters."}
		}
	}
	return Finding{"DMARC", Missing, fmt.Sprintf("%s publishes no DMARC record; large providers want one. Add a TXT record at _dmarc.%s such as \"v=DMARC1; p=none; rua=mailto:you@%s\".", domain, domain, domain)}
}

func dkim(domain string, look func(name, prefix string) ([]string, error)) Finding {
	names := make([]string, len(dkimSelectors))
	var failed bool
	var mu sync.Mutex
	var looking sync.WaitGroup
	for i, selector := range dkimSelectors {
		looking.Go(func() {
			found, err := look(selector+"._domainkey."+domain, "")
			mu.Lock()
			defer mu.Unlock()
			failed = failed || err != nil
			for _, t := range found {
				if strings.Contains(t, "p=") {
					names[i] = selector
				}
			}
		})
	}
	looking.Wait()
	for _, name := range names {
		if name != "" {
			return Finding{"DKIM", Good, fmt.Sprintf("%s publishes a key under %q. Send yourself a letter and look for dkim=pass in its headers.", domain, name)}
		}
	}
	if failed {
		return Finding{"DKIM", Unknown, "Could not look: the name server does not answer for " + domain + "."}
	}
	return Finding{"DKIM", Unknown, "No DKIM key under the usual names of " + domain + "; your provider may use another name. Send yourself a letter and look for dkim=pass in its headers."}
}
