package seal

import (
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// DataKey seals the private words of one owner, such as one lane. While it is
// being turned it holds an older key too, which only opens.
type DataKey struct {
	cipher tink.AEAD
	alarm  func(Place)
}

// Place is where a sealed value is stored. A value opens only in its own place.
type Place struct{ Table, Column, Row, Lane string }

func (p Place) bytes() []byte {
	return []byte(strings.Join([]string{version, p.Table, p.Column, p.Row, p.Lane}, "\x00"))
}

// NewDataKey makes a key for an owner and returns it with its wrapped form, the
// only one that may be stored.
func (k *Keyset) NewDataKey(owner string) (key *DataKey, wrapped []byte, err error) {
	handle, err := keyset.NewHandle(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("make data key: %w", err)
	}
	if wrapped, err = k.wrap(handle, owner); err != nil {
		return nil, nil, err
	}
	key, err = k.dataKey(handle)
	return key, wrapped, err
}

// DataKey unwraps the key of an owner.
func (k *Keyset) DataKey(wrapped []byte, owner string) (*DataKey, error) {
	handle, err := k.unwrap(wrapped, owner)
	if err != nil {
		return nil, err
	}
	return k.dataKey(handle)
}

func dataKeyOf(owner string) []byte { return []byte(version + "\x00data key\x00" + owner) }

func (k *Keyset) dataKey(handle *keyset.Handle) (*DataKey, error) {
	cipher, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use data key: %w", err)
	}
	return &DataKey{cipher: cipher, alarm: k.alarm}, nil
}

// Seal makes plain unreadable for everyone without this key.
func (d *DataKey) Seal(plain []byte, at Place) ([]byte, error) {
	sealed, err := d.cipher.Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open gives back what was sealed at this place.
func (d *DataKey) Open(sealed []byte, at Place) ([]byte, error) {
	plain, err := d.cipher.Decrypt(sealed, at.bytes())
	if err != nil {
		d.alarm(at)
		return nil, ErrUnopened
	}
	return plain, nil
}
