package stripefake

import "time"

// Account is the account itself, as far as setting things up asks for it.
type Account struct {
	ID                  string
	Country             string
	Currency            string
	Email               string
	Name                string // shown to buyers
	StatementDescriptor string // on a card statement
	ChargesEnabled      bool
	PayoutsEnabled      bool
	DetailsSubmitted    bool

	termsURL string
	created  int64
}

func newAccount(now time.Time) Account {
	return Account{ID: newID("acct_1", 15), Country: "GB", Currency: "gbp", Email: "account@example.com", Name: "Practice", StatementDescriptor: "PRACTICE",
		ChargesEnabled: true, PayoutsEnabled: true, DetailsSubmitted: true, termsURL: "https://example.com/terms", created: now.Unix()}
}

// ChangeAccount changes the account.
func (s *Stripe) ChangeAccount(change func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.account)
}

// WithoutTerms takes the address of the terms out of the account's settings:
// then no session can ask the buyer to agree to them.
func (a *Account) WithoutTerms() { a.termsURL = "" }

func (s *Stripe) readAccount(*call) (any, *refusal) {
	a := s.account
	nothing := map[string]any{"alternatives": []any{}, "current_deadline": nil, "currently_due": []any{}, "disabled_reason": nil, "errors": []any{},
		"eventually_due": []any{}, "past_due": []any{}, "pending_verification": []any{}}
	return map[string]any{
		"id": a.ID, "object": "account", "business_type": "company", "capabilities": map[string]any{"card_payments": "active", "transfers": "active"},
		"business_profile": map[string]any{"annual_revenue": nil, "estimated_worker_count": nil, "mcc": nil, "name": ref(a.Name), "product_description": nil,
			"support_address": nil, "support_email": nil, "support_phone": nil, "support_url": nil, "url": nil},
		"charges_enabled": a.ChargesEnabled, "controller": map[string]any{"type": "account"}, "country": a.Country, "created": a.created, "default_currency": a.Currency,
		"details_submitted": a.DetailsSubmitted, "email": a.Email, "metadata": map[string]any{}, "payouts_enabled": a.PayoutsEnabled, "type": "standard",
		"external_accounts":   map[string]any{"data": []any{}, "has_more": false, "object": "list", "url": "/v1/accounts/" + a.ID + "/external_accounts"},
		"future_requirements": nothing, "requirements": nothing,
		"settings": map[string]any{
			"bacs_debit_payments": map[string]any{"display_name": nil, "service_user_number": nil},
			"branding":            map[string]any{"icon": nil, "logo": nil, "primary_color": nil, "secondary_color": nil},
			"card_issuing":        map[string]any{"tos_acceptance": map[string]any{"date": nil, "ip": nil}},
			"card_payments": map[string]any{"decline_on": map[string]any{"avs_failure": false, "cvc_failure": false},
				"statement_descriptor_prefix": ref(a.StatementDescriptor), "statement_descriptor_prefix_kana": nil, "statement_descriptor_prefix_kanji": nil},
			"dashboard": map[string]any{"display_name": ref(a.Name), "timezone": "Etc/UTC"},
			"invoices":  map[string]any{"default_account_tax_ids": nil},
			"payments": map[string]any{"statement_descriptor": ref(a.StatementDescriptor), "statement_descriptor_kana": nil,
				"statement_descriptor_kanji": nil},
			"payouts": map[string]any{"debit_negative_balances": true, "schedule": map[string]any{"delay_days": 2, "interval": "daily"},
				"statement_descriptor": nil},
			"sepa_debit_payments": map[string]any{},
		},
		"tos_acceptance": map[string]any{"date": nil, "ip": nil, "user_agent": nil},
	}, nil
}
