package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// A data key is turned in three steps, each of which leaves a key that opens all
// that the one before it sealed: a spare is added, it is put to use, the others
// are dropped.

// AddSpare adds a fresh key to a data key. It opens, and seals nothing yet.
func (k *Keyset) AddSpare(wrapped []byte, owner string) ([]byte, error) {
	again, _, err := k.change(wrapped, owner, func(m *keyset.Manager, _ *keyset.Handle) error {
		_, err := m.Add(aead.XAES256GCM192BitNonceKeyTemplate())
		return err
	})
	return again, err
}

// UseSpare lets the key that was added last seal from now on, and gives the mark
// that everything begins with which it seals. The older ones still open.
func (k *Keyset) UseSpare(wrapped []byte, owner string) (again, mark []byte, err error) {
	return k.change(wrapped, owner, func(m *keyset.Manager, was *keyset.Handle) error {
		last, err := was.Entry(was.Len() - 1)
		if err != nil {
			return err
		}
		return m.SetPrimary(last.KeyID())
	})
}

// DropOlder drops all keys but the one that seals.
func (k *Keyset) DropOlder(wrapped []byte, owner string) ([]byte, error) {
	again, _, err := k.change(wrapped, owner, func(m *keyset.Manager, was *keyset.Handle) error {
		for i := range was.Len() {
			entry, err := was.Entry(i)
			if err != nil {
				return err
			}
			if entry.IsPrimary() {
				continue
			}
			if err := m.Delete(entry.KeyID()); err != nil {
				return err
			}
		}
		return nil
	})
	return again, err
}

// Rewrap wraps a data key again under the primary key of the keyset.
func (k *Keyset) Rewrap(wrapped []byte, owner string) ([]byte, error) {
	again, _, err := k.change(wrapped, owner, func(*keyset.Manager, *keyset.Handle) error { return nil })
	return again, err
}

// change opens a data key, changes it and wraps it under the primary key.
func (k *Keyset) change(wrapped []byte, owner string, how func(m *keyset.Manager, was *keyset.Handle) error) (again, mark []byte, err error) {
	was, err := k.unwrap(wrapped, owner)
	if err != nil {
		return nil, nil, err
	}
	m := keyset.NewManagerFromHandle(was)
	if err := how(m, was); err != nil {
		return nil, nil, fmt.Errorf("change data key: %w", err)
	}
	now, err := m.Handle()
	if err != nil {
		return nil, nil, fmt.Errorf("change data key: %w", err)
	}
	if again, err = k.wrap(now, owner); err != nil {
		return nil, nil, err
	}
	primary, err := now.Primary()
	if err != nil {
		return nil, nil, fmt.Errorf("change data key: %w", err)
	}
	if marked, ok := primary.Key().(interface{ OutputPrefix() []byte }); ok {
		mark = marked.OutputPrefix()
	}
	return again, mark, nil
}

// KeyID names a key of a keyset. It is no secret.
type KeyID uint32

// String is the name as people see it.
func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// HeadLength is how many bytes of a wrapped key tell under which key it lies.
const HeadLength = 8

// WrappedUnder tells under which key of a keyset something lies, by its first
// HeadLength bytes.
func WrappedUnder(head []byte) (KeyID, bool) {
	// A wrapped data key is a message whose first field holds the sealed bytes;
	// what Wrap made is the sealed bytes alone.
	if len(head) > 0 && head[0] == 2<<3|2 {
		_, n := binary.Uvarint(head[1:])
		if n <= 0 {
			return 0, false
		}
		head = head[1+n:]
	}
	const marked = 1
	if len(head) < 5 || head[0] != marked {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(head[1:5])), true
}

// Keys names the keys of the keyset; the first one is the one that wraps.
func (k *Keyset) Keys() []KeyID {
	info := k.handle.KeysetInfo()
	ids := []KeyID{KeyID(info.GetPrimaryKeyId())}
	for _, one := range info.GetKeyInfo() {
		if one.GetKeyId() != info.GetPrimaryKeyId() {
			ids = append(ids, KeyID(one.GetKeyId()))
		}
	}
	return ids
}

// Only returns the keyset with the key that wraps and those that are named, and
// no others.
func (k *Keyset) Only(needed map[KeyID]int) (*Keyset, error) {
	m := keyset.NewManagerFromHandle(k.handle)
	for _, id := range k.Keys()[1:] {
		if needed[id] > 0 {
			continue
		}
		if err := m.Delete(uint32(id)); err != nil {
			return nil, fmt.Errorf("drop key: %w", err)
		}
	}
	handle, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("drop key: %w", err)
	}
	return fromHandle(handle)
}

// wrappedFor is the place of what is wrapped for an owner: the keyset knows no
// table.
func wrappedFor(owner string) Place { return Place{Table: "of keys", Column: "wrapped", Row: owner} }

func (k *Keyset) unwrap(wrapped []byte, owner string) (*keyset.Handle, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), k.wrapper, dataKeyOf(owner))
	if err != nil {
		k.alarm(wrappedFor(owner))
		return nil, ErrUnopened
	}
	return handle, nil
}

func (k *Keyset) wrap(handle *keyset.Handle, owner string) ([]byte, error) {
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), k.wrapper, dataKeyOf(owner)); err != nil {
		return nil, fmt.Errorf("wrap data key: %w", err)
	}
	return out.Bytes(), nil
}
