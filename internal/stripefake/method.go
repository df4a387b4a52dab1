package stripefake

import (
	"slices"
	"strings"
)

// lateMethods are those that pay days later, each with its currencies.
var lateMethods = map[string][]string{
	"acss_debit": {"cad", "usd"}, "au_becs_debit": {"aud"}, "bacs_debit": {"gbp"}, "boleto": {"brl"}, "customer_balance": {"eur", "gbp", "usd", "jpy", "mxn"},
	"konbini": {"jpy"}, "oxxo": {"mxn"}, "sepa_debit": {"eur"}, "sofort": {"eur"}, "us_bank_account": {"usd"},
}

// promptMethods are those that pay at once.
var promptMethods = []string{"affirm", "afterpay_clearpay", "alipay", "bancontact", "card", "cashapp", "eps", "giropay", "grabpay", "ideal", "klarna", "link", "p24",
	"paynow", "paypal", "pix", "revolut_pay", "swish", "wechat_pay"}

func method(path string, n *node) *refusal {
	if _, late := lateMethods[n.word]; !late && !slices.Contains(promptMethods, n.word) {
		return invalid(path, "", "Invalid %s: must be one of %s", path, strings.Join(promptMethods, ", "))
	}
	return nil
}

func (s *Stripe) readMethods(session *Session, p *node) *refusal {
	session.MethodTypes = p.words("payment_method_types")
	for _, name := range session.MethodTypes {
		if currencies, late := lateMethods[name]; late && !slices.Contains(currencies, session.Currency) {
			return invalid("payment_method_types", "", "The currency provided (%s) is invalid for one of the payment method types: %s", session.Currency, name)
		}
	}
	if len(session.MethodTypes) > 0 {
		return nil
	}
	// What the account's settings offer: cards, and the country's bank debit.
	session.MethodTypes = []string{"card"}
	for _, name := range []string{"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"} {
		if lateMethods[name][0] == session.Currency {
			session.MethodTypes = append(session.MethodTypes, name)
		}
	}
	session.MethodConfig = map[string]any{"id": "pmc_" + s.account.ID[5:], "parent": nil}
	return nil
}
