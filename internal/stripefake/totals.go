package stripefake

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// lineItem is one line of a session.
type lineItem struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Price          price  `json:"price"`
	Quantity       int64  `json:"quantity"`

	rates []*TaxRate
	taxes []taxLine
}

func (i *lineItem) id() string  { return i.ID }
func (i *lineItem) made() int64 { return i.Price.Created }

// price is what a line costs.
type price struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Active        bool              `json:"active"`
	Scheme        string            `json:"billing_scheme"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Custom        *struct{}         `json:"custom_unit_amount"`
	Livemode      bool              `json:"livemode"`
	LookupKey     ref               `json:"lookup_key"`
	Metadata      map[string]string `json:"metadata"`
	Nickname      ref               `json:"nickname"`
	Product       string            `json:"product"`
	Recurring     *struct{}         `json:"recurring"`
	TaxBehavior   string            `json:"tax_behavior"`
	TiersMode     ref               `json:"tiers_mode"`
	Transform     *struct{}         `json:"transform_quantity"`
	Type          string            `json:"type"`
	UnitAmount    int64             `json:"unit_amount"`
	AmountDecimal string            `json:"unit_amount_decimal"`
}

// TotalDetails are the parts of a session's total.
type TotalDetails struct {
	Discount int64 `json:"amount_discount"`
	Shipping int64 `json:"amount_shipping"`
	Tax      int64 `json:"amount_tax"`
}

// taxLine is one tax on one line.
type taxLine struct {
	Amount  int64    `json:"amount"`
	Rate    *TaxRate `json:"rate"`
	Reason  ref      `json:"taxability_reason"`
	Taxable int64    `json:"taxable_amount"`
}

// readItems reads the lines, each with a price of its own.
func (s *Stripe) readItems(session *Session, p *node) *refusal {
	rows := p.rows("line_items")
	if len(rows) == 0 || len(rows) > 100 {
		return invalid("line_items", "", "A Checkout Session has between 1 and 100 line items")
	}
	for i, row := range rows {
		at := "line_items[" + strconv.Itoa(i) + "]"
		data := row.at("price_data")
		switch {
		case data == nil:
			return invalid(at, "parameter_missing", "You must specify either `price` or `price_data` when using prices. The stand-in knows `price_data` only.")
		case !data.has("currency"):
			return missing(at + "[price_data][currency]")
		case !data.has("unit_amount"):
			return missing(at + "[price_data][unit_amount]")
		case !data.has("product_data"):
			return missing(at + "[price_data][product_data]")
		case !data.at("product_data").has("name"):
			return missing(at + "[price_data][product_data][name]")
		case !row.has("quantity"):
			return invalid(at+"[quantity]", "parameter_missing", "Quantity is required. Add `quantity` to `%s`", at)
		case row.number("quantity") < 1:
			return invalid(at+"[quantity]", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
		case row.number("quantity") > 999999:
			return invalid(at+"[quantity]", "parameter_invalid_integer", "This value must be less than or equal to 999999.")
		case data.number("unit_amount") < 0:
			return invalid(at+"[price_data][unit_amount]", "parameter_invalid_integer", "This value must be greater than or equal to 0.")
		case data.number("unit_amount") > 99999999:
			return invalid(at+"[price_data][unit_amount]", "amount_too_large", "Amount must be no more than 99999999")
		}
		currency := strings.ToLower(data.text("currency"))
		if !slices.Contains(currencies, currency) {
			return invalid(at+"[price_data][currency]", "", "Invalid currency: %s. Stripe currently supports these currencies: %s", currency, strings.Join(currencies, ", "))
		}
		if no := lastDigits(currency, data.number("unit_amount")); no != "" {
			return invalid(at+"[price_data][unit_amount]", "parameter_invalid_integer", "%s", no)
		}
		if session.Currency != "" && session.Currency != currency || p.has("currency") && strings.ToLower(p.text("currency")) != currency {
			return invalid("line_items", "", "All prices on a Checkout Session must have the same currency.")
		}
		session.Currency = currency
		behavior := data.text("tax_behavior")
		if behavior == "" {
			behavior = "unspecified"
		}
		item := &lineItem{ID: newID("li_1", 23), Object: "item", Currency: currency, Description: data.at("product_data").text("name"), Quantity: row.number("quantity"),
			Price: price{ID: newID("price_1", 23), Object: "price", Scheme: "per_unit", Created: session.Created, Currency: currency, Metadata: map[string]string{},
				Product: newID("prod_", 14), TaxBehavior: behavior, Type: "one_time", UnitAmount: data.number("unit_amount"), AmountDecimal: data.text("unit_amount")}}
		for _, id := range row.words("tax_rates") {
			rate := s.taxRates.find(id)
			if rate == nil {
				return noSuchParam(at+"[tax_rates]", "tax rate", id)
			}
			item.rates = append(item.rates, rate)
		}
		session.items = append(session.items, item)
	}
	return nil
}

func (s *Stripe) readTax(session *Session, p *node) *refusal {
	session.AutomaticTax.Enabled = p.at("automatic_tax").yes("enabled")
	if !session.AutomaticTax.Enabled {
		return nil
	}
	session.AutomaticTax.Liability = map[string]any{"type": "self"}
	session.AutomaticTax.Status = "requires_location_inputs"
	for i, item := range session.items {
		if len(item.rates) > 0 {
			return invalid("line_items["+strconv.Itoa(i)+"][tax_rates]", "", "`tax_rates` cannot be used with automatic tax")
		}
		if item.Price.TaxBehavior == "unspecified" {
			return invalid("line_items["+strconv.Itoa(i)+"][price_data][tax_behavior]", "", "`tax_behavior` must be `inclusive` or `exclusive` when automatic tax is on")
		}
	}
	if session.Customer == "" {
		return nil
	}
	if address := session.CustomerDetails.Address; address != nil && address.Country != "" {
		session.AutomaticTax.Status = "complete"
	} else if !session.taxUpdate {
		return invalid("", "customer_tax_location_invalid", "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set `customer_update[address]` to 'auto' to save the address entered in Checkout.")
	}
	return nil
}

// count adds up a session: what the lines cost, what comes off, the tax on
// what is left.
func (s *Session) count(automatic float64) {
	s.AmountSubtotal = 0
	for _, item := range s.items {
		item.AmountSubtotal = item.Price.UnitAmount * item.Quantity
		s.AmountSubtotal += item.AmountSubtotal
	}
	details := &TotalDetails{Discount: s.off.of(s.AmountSubtotal)}
	left := details.Discount
	s.AmountTotal = 0
	for i, item := range s.items {
		item.AmountDiscount = left
		if i < len(s.items)-1 && s.AmountSubtotal > 0 {
			item.AmountDiscount = min(left, rounded(item.AmountSubtotal, float64(details.Discount), float64(s.AmountSubtotal)))
		}
		left -= item.AmountDiscount
		item.tax(s.AutomaticTax.Status == "complete", automatic)
		details.Tax += item.AmountTax
		s.AmountTotal += item.AmountTotal
	}
	s.TotalDetails = details
}

// tax adds a line's taxes to what is left of it after the discount. Included
// ones are part of it, others come on top.
func (i *lineItem) tax(located bool, automatic float64) {
	base := i.AmountSubtotal - i.AmountDiscount
	rates := i.rates
	if located {
		rates = []*TaxRate{{ID: newID("txr_1", 23), Object: "tax_rate", Active: true, Country: "GB", DisplayName: "VAT", Percentage: automatic,
			Inclusive: i.Price.TaxBehavior == "inclusive", Jurisdiction: "United Kingdom", TaxType: "vat", Metadata: map[string]string{}}}
	}
	var within float64
	for _, rate := range rates {
		if rate.Inclusive {
			within += rate.Percentage
		}
	}
	i.AmountTax, i.AmountTotal, i.taxes = 0, base, nil
	net := base - rounded(base, within, 100+within)
	for _, rate := range rates {
		tax := rounded(net, rate.Percentage, 100)
		if rate.Inclusive {
			tax = rounded(base, rate.Percentage, 100+within)
		} else {
			i.AmountTotal += tax
		}
		i.AmountTax += tax
		i.taxes = append(i.taxes, taxLine{Amount: tax, Rate: rate, Reason: "standard_rated", Taxable: net})
	}
}

// of is how much comes off an amount.
func (r reduction) of(amount int64) int64 {
	switch {
	case r.coupon == nil:
		return 0
	case r.coupon.AmountOff != nil:
		return min(*r.coupon.AmountOff, amount)
	}
	return rounded(amount, *r.coupon.PercentOff, 100)
}

// rounded is amount × by ÷ over, halves up, exact.
func rounded(amount int64, by, over float64) int64 {
	if over == 0 {
		return 0
	}
	x := new(big.Rat).SetInt64(amount)
	x.Mul(x, exact(by)).Quo(x, exact(over)).Add(x, big.NewRat(1, 2))
	return new(big.Int).Div(x.Num(), x.Denom()).Int64()
}

// exact is a decimal number as it is written: 25.5 and not what lies beside it.
func exact(number float64) *big.Rat {
	if number == math.Trunc(number) {
		return new(big.Rat).SetInt64(int64(number))
	}
	x, _ := new(big.Rat).SetString(strconv.FormatFloat(number, 'f', -1, 64)) // the text is a number
	return x
}

// breakdown is what a session's total consists of, shown when it is asked for.
func (s *Session) breakdown() any {
	discounts, taxes := []any{}, []any{}
	if s.off.coupon != nil {
		var code ref
		if s.off.code != nil {
			code = ref(s.off.code.ID)
		}
		discounts = append(discounts, map[string]any{"amount": s.TotalDetails.Discount, "discount": map[string]any{
			"id": "di_" + s.ID[8:32], "object": "discount", "checkout_session": s.ID, "coupon": s.off.coupon, "customer": s.Customer, "end": nil, "invoice": nil,
			"invoice_item": nil, "promotion_code": code, "start": s.Created, "subscription": nil}})
	}
	for _, item := range s.items {
		for _, line := range item.taxes {
			taxes = append(taxes, line)
		}
	}
	return map[string]any{"discounts": discounts, "taxes": taxes}
}

// itemList is a page of a session's lines. They are listed in their own order,
// all else newest first.
func (s *Session) itemList(p *node) (any, *refusal) {
	var lines shelf[*lineItem]
	for _, item := range slices.Backward(s.items) {
		lines.add(item)
	}
	return pageOf(&lines, "/v1/checkout/sessions/"+s.ID+"/line_items", p, nil)
}

// least is the smallest charge in a currency, in its minor units.
var least = map[string]int64{"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
	"hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000}

// bounded refuses a total that no card can be charged with.
func bounded(total int64, currency string) *refusal {
	if low := least[currency]; total > 0 && total < low {
		return invalid("", "amount_too_small", "The Checkout Session's total amount due must add up to at least %d %s", low, currency)
	}
	if total > 99999999 {
		return invalid("", "amount_too_large", "The Checkout Session's total amount due must be no more than 99999999")
	}
	return nil
}

// lastDigits says what is wrong with an amount in a currency whose last digits
// Stripe wants to be nothing.
func lastDigits(currency string, amount int64) string {
	switch {
	case strings.Contains("bhd jod kwd omr tnd", currency) && amount%10 != 0:
		return "The last digit of an amount in " + currency + " must be 0"
	case strings.Contains("isk ugx", currency) && amount%100 != 0:
		return "The last two digits of an amount in " + currency + " must be 0"
	}
	return ""
}

// currencies are those that Stripe charges in.
var currencies = strings.Fields("usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw")
