package seal

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// DataKey seals the private words of one owner, such as one lane.
type DataKey struct{ cipher tink.AEAD }

// Place is where a sealed value is stored. A value opens only in its own place.
type Place struct{ Table, Column, Row, Lane string }

func (p Place) bytes() []byte {
	return []byte(strings.Join([]string{version, p.Table, p.Column, p.Row, p.Lane}, "\x00"))
}

// NewDataKey makes a key for an owner and returns it with its wrapped form, the
// only one that may be stored.
func (k *Keyset) NewDataKey(owner string) (key *DataKey, wrapped []byte, err error) {
	handle, err := keyset.NewHandle(aead.XAES256GCM192BitNonceNoPrefixKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("make data key: %w", err)
	}
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), k.wrapper, dataKeyOf(owner)); err != nil {
		return nil, nil, fmt.Errorf("wrap data key: %w", err)
	}
	key, err = dataKey(handle)
	return key, out.Bytes(), err
}

// DataKey unwraps the key of an owner.
func (k *Keyset) DataKey(wrapped []byte, owner string) (*DataKey, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), k.wrapper, dataKeyOf(owner))
	if err != nil {
		return nil, ErrUnopened
	}
	return dataKey(handle)
}

// Rewrap wraps a data key again under the primary key of the keyset.
func (k *Keyset) Rewrap(wrapped []byte, owner string) ([]byte, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), k.wrapper, dataKeyOf(owner))
	if err != nil {
		return nil, ErrUnopened
	}
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), k.wrapper, dataKeyOf(owner)); err != nil {
		return nil, fmt.Errorf("wrap data key: %w", err)
	}
	return out.Bytes(), nil
}

func dataKeyOf(owner string) []byte { return []byte(version + "\x00data key\x00" + owner) }

func dataKey(handle *keyset.Handle) (*DataKey, error) {
	cipher, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use data key: %w", err)
	}
	return &DataKey{cipher: cipher}, nil
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
		return nil, ErrUnopened
	}
	return plain, nil
}
