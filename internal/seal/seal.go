// Package seal keeps private words unreadable at rest. A keyset that lives
// outside the database wraps data keys; a data key seals text and binds it to
// the very place where it is stored, so a value moved to another row, column or
// lane does not open. It owns no table: whoever stores a wrapped key or a
// sealed text calls here.
package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrUnopened means that a sealed value did not open: the wrong key, a changed
// value, or a value that was moved from where it belongs.
var ErrUnopened = errors.New("a sealed value does not open: wrong keyset, or the value was changed or moved")

// version is the first part of what every sealed value is bound to. A new way
// of binding gets a new number.
const version = "1"

// Keyset is the set of keys that wrap data keys. The primary one wraps; all of
// them unwrap, so that a keyset can be changed while the server runs.
type Keyset struct {
	handle  *keyset.Handle
	wrapper tink.AEAD
	alarm   func(Place)
}

// OnUnopened says who hears of each place whose value does not open, beside the
// one who wanted to open it. Say so before the keyset is used; told must not
// wait.
func (k *Keyset) OnUnopened(told func(Place)) { k.alarm = told }

// NewKeyset makes a keyset with one fresh key.
func NewKeyset() (*Keyset, error) {
	handle, err := keyset.NewHandle(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make keyset: %w", err)
	}
	return fromHandle(handle)
}

// WithNewPrimary returns the same keyset with one more key, which from now on
// wraps; the older keys still unwrap.
func (k *Keyset) WithNewPrimary() (*Keyset, error) {
	manager := keyset.NewManagerFromHandle(k.handle)
	id, err := manager.Add(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	return fromHandle(handle)
}

// ParseKeyset reads what Text wrote.
func ParseKeyset(text string) (*Keyset, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("a keyset is one line of base64 as `kintsugi keys new` prints it")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errors.New("this is not a keyset; `kintsugi keys new` prints one")
	}
	return fromHandle(handle)
}

// Text writes the keyset on one line. It is the secret itself: whoever has it
// and the database can read everything.
func (k *Keyset) Text() (string, error) {
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.handle, keyset.NewBinaryWriter(&raw)); err != nil {
		return "", fmt.Errorf("write keyset: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw.Bytes()), nil
}

func fromHandle(handle *keyset.Handle) (*Keyset, error) {
	wrapper, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("this keyset cannot seal: %w", err)
	}
	return &Keyset{handle: handle, wrapper: wrapper, alarm: func(Place) {}}, nil
}

// Wrap seals a short secret, such as a key, for the named owner.
func (k *Keyset) Wrap(secret []byte, owner string) ([]byte, error) {
	return k.wrapper.Encrypt(secret, []byte(version+"\x00wrap\x00"+owner))
}

// Unwrap opens what Wrap made for the same owner.
func (k *Keyset) Unwrap(wrapped []byte, owner string) ([]byte, error) {
	secret, err := k.wrapper.Decrypt(wrapped, []byte(version+"\x00wrap\x00"+owner))
	if err != nil {
		k.alarm(wrappedFor(owner))
		return nil, ErrUnopened
	}
	return secret, nil
}
