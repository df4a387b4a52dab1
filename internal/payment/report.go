package payment

import (
	"fmt"
	"io"
)

// Report is what a comparison with Stripe found.
type Report struct {
	Events, Sessions, Charges, Refunds, Disputes int      // what was compared
	Mended                                       []string // what was different, a line each, ids and amounts only
	Needs                                        []Review // what a person has to decide
}

// Print writes the report for whoever runs the program.
func (r Report) Print(w io.Writer) {
	fmt.Fprintf(w, "compared: %d events, %d pages to pay on, %d charges, %d refunds, %d disputes\n", r.Events, r.Sessions, r.Charges, r.Refunds, r.Disputes)
	fmt.Fprintf(w, "mended: %d\n", len(r.Mended))
	for _, line := range r.Mended {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "needs a person: %d\n", len(r.Needs))
	for _, need := range r.Needs {
		fmt.Fprintf(w, "  %s %s", need.Kind, need.About)
		if need.Order != "" {
			fmt.Fprintf(w, " (order %s)", need.Order)
		}
		fmt.Fprintf(w, ": %s\n", need.Say())
	}
}
