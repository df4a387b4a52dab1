package stripefake

// TaxRate is a tax with a fixed rate.
type TaxRate struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	Active            bool              `json:"active"`
	Country           ref               `json:"country"`
	Created           int64             `json:"created"`
	Description       ref               `json:"description"`
	DisplayName       string            `json:"display_name"`
	Effective         *float64          `json:"effective_percentage"`
	Inclusive         bool              `json:"inclusive"`
	Jurisdiction      ref               `json:"jurisdiction"`
	JurisdictionLevel ref               `json:"jurisdiction_level"`
	Livemode          bool              `json:"livemode"`
	Metadata          map[string]string `json:"metadata"`
	Percentage        float64           `json:"percentage"`
	State             ref               `json:"state"`
	TaxType           ref               `json:"tax_type"`
}

func (r *TaxRate) id() string  { return r.ID }
func (r *TaxRate) made() int64 { return r.Created }

var taxRateShape = fields{"active": yesno, "country": text, "description": text, "display_name": most(50), "inclusive": yesno, "jurisdiction": most(50),
	"metadata": pairs, "percentage": decimal, "state": text, "tax_type": text, "expand": expanded}

func (s *Stripe) createTaxRate(c *call) (any, *refusal) {
	p := c.params
	for _, name := range []string{"display_name", "inclusive", "percentage"} {
		if !p.has(name) {
			return nil, missing(name)
		}
	}
	if percent := p.decimal("percentage"); percent < 0 || percent > 100 {
		return nil, invalid("percentage", "", "Invalid decimal: must be between 0 and 100")
	}
	rate := &TaxRate{ID: newID("txr_1", 23), Object: "tax_rate", Active: !p.has("active") || p.yes("active"), Country: ref(p.text("country")), Created: s.now().Unix(),
		Description: ref(p.text("description")), DisplayName: p.text("display_name"), Inclusive: p.yes("inclusive"), Jurisdiction: ref(p.text("jurisdiction")),
		Metadata: p.pairs("metadata", nil), Percentage: p.decimal("percentage"), State: ref(p.text("state")), TaxType: ref(p.text("tax_type"))}
	s.taxRates.add(rate)
	s.happened(c, "tax_rate.created", rate, nil)
	return rate, nil
}

func (s *Stripe) listTaxRates(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.taxRates, c.path, p, func(r *TaxRate) bool {
		return (!p.has("active") || p.yes("active") == r.Active) && (!p.has("inclusive") || p.yes("inclusive") == r.Inclusive)
	})
}

func (s *Stripe) readTaxRate(c *call) (any, *refusal) {
	if rate := s.taxRates.find(c.id); rate != nil {
		return rate, nil
	}
	return nil, noSuch("tax rate", c.id)
}
