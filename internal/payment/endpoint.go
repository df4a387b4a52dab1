package payment

import (
	"context"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v76"
)

// webhookPath is where Stripe's events are taken.
const webhookPath = "/webhooks/stripe"

// MakeEndpoint makes the webhook endpoint at Stripe, with the version of its API
// that this program speaks and the events that it hears, and gives the signing
// secret. Stripe tells it this once. Where an endpoint for this address is there
// already it makes none.
func (s *Service) MakeEndpoint(ctx context.Context) (secret string, err error) {
	if s.Stripe.SecretKey == "" {
		return "", ErrNotReady
	}
	there, err := s.endpoints(ctx)
	if err != nil {
		return "", err
	}
	if len(there) > 0 {
		return "", fmt.Errorf("there is an endpoint for %s already (%s): its secret is shown at Stripe, under Developers, Webhooks; delete it there to make another one here", s.Site+webhookPath, there[0].ID)
	}
	made, err := s.stripe().WebhookEndpoints.New(&stripe.WebhookEndpointParams{
		Params: params(ctx), URL: stripe.String(s.Site + webhookPath), EnabledEvents: stripe.StringSlice(watched()),
		APIVersion: stripe.String(stripe.APIVersion), Description: stripe.String("Kintsugi"),
	})
	if err != nil {
		return "", wordless("make endpoint", err)
	}
	return made.Secret, nil
}

// endpoints lists the endpoints at Stripe that lead here.
func (s *Service) endpoints(ctx context.Context) (ours []*stripe.WebhookEndpoint, err error) {
	list := s.stripe().WebhookEndpoints.List(&stripe.WebhookEndpointListParams{ListParams: listed(ctx)})
	for list.Next() {
		if e := list.WebhookEndpoint(); strings.TrimSuffix(e.URL, "/") == s.Site+webhookPath {
			ours = append(ours, e)
		}
	}
	return ours, wordless("list endpoints", list.Err())
}
