package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"kintsugi/internal/fault"
)

func TestAnErrorThatNobodyClassifiedIsOurOwnMistakeAndSaysNothingOfItsCause(t *testing.T) {
	err := fmt.Errorf("read: %w", errors.New("pq: password of sam@example.com is wrong"))
	if fault.KindOf(err) != fault.Internal {
		t.Error("it passes for something harmless")
	}
	if strings.Contains(fault.SayOf(err), "sam@example.com") {
		t.Error("the cause is shown to people")
	}
}

func TestAFaultIsFoundThroughEveryWrapping(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("cancel: %w", &fault.Error{Kind: fault.Conflict, Slug: "booking-closed", Say: "It is over.", Err: cause})
	if fault.KindOf(err) != fault.Conflict || fault.SayOf(err) != "It is over." || !fault.Is(err, "booking-closed") || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

func TestAFieldIsNamedWithItsSentence(t *testing.T) {
	f := fault.As(fault.InvalidField("email", "Write one address."))
	if f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "email" || f.Fields[0].Say != "Write one address." {
		t.Errorf("%+v", f)
	}
}
