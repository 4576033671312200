// Package cursor writes and reads the opaque cursors of lists.
//
// A cursor carries the sort values of one row, in the list's order, and a MAC. The MAC covers the brand and the list (its name, filter and order) as well, so
// that a cursor of another brand, of another filter or made up by a client is refused before it reaches the database. What it is bound to need not
// be in it: the reader knows the brand and the list, and a cursor stays short.
package cursor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"dongxiao/internal/apperr"
)

// MaxLength is the length of the longest cursor that is written or read, in letters.
const MaxLength = 512

const (
	version = 1
	macSize = 16
)

// The tags in front of the values.
const (
	tagInt byte = 1 + iota
	tagString
	tagTime
)

// Codec writes and reads cursors. It is safe for concurrent use.
type Codec struct {
	secrets [][]byte
}

// New makes a Codec from the secrets of keys.Ring.Secrets(keys.Cursor, 0): the first one writes, all are read.
func New(secrets [][]byte) *Codec { return &Codec{secrets: secrets} }

// Encode writes the cursor of a row by its sort values, each an int64, a string or a time.Time (kept to the microsecond, as columns are). The list names
// what is listed with its filter and order, in any text that is the same for the same list, of any length. The same row of the same list has the
// same cursor each time. An error is a fault of the caller: another type, or values too long for MaxLength.
func (c *Codec) Encode(brandID int64, list string, values ...any) (string, error) {
	data := []byte{version}
	for _, value := range values {
		switch v := value.(type) {
		case int64:
			data = binary.AppendVarint(append(data, tagInt), v)
		case string:
			data = append(binary.AppendUvarint(append(data, tagString), uint64(len(v))), v...)
		case time.Time:
			data = binary.AppendVarint(append(data, tagTime), v.UnixMicro())
		default:
			return "", fmt.Errorf("cursor: a value of type %T cannot be kept", value)
		}
	}
	data = append(data, mac(c.secrets[0], brandID, list, data)...)
	if base64.RawURLEncoding.EncodedLen(len(data)) > MaxLength {
		return "", fmt.Errorf("cursor: the values of list %q take more than %d letters", list, MaxLength)
	}
	return base64.RawURLEncoding.EncodeToString(data), nil
}

// Decode reads the sort values into destinations of type *int64, *string or *time.Time (UTC), as many and in the order in which they were
// written. The error is CURSOR_INVALID when the cursor is not one that Encode wrote for this brand and list, and then no destination was changed.
func (c *Codec) Decode(cursor string, brandID int64, list string, destinations ...any) error {
	if len(cursor) > MaxLength {
		return apperr.New(apperr.CursorInvalid)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	// The decoder skips line breaks, and a cursor has one spelling only.
	if err != nil || len(data) < 1+macSize || data[0] != version || base64.RawURLEncoding.EncodedLen(len(data)) != len(cursor) {
		return apperr.New(apperr.CursorInvalid)
	}
	data, tag := data[:len(data)-macSize], data[len(data)-macSize:]
	if !c.authentic(brandID, list, data, tag) {
		return apperr.New(apperr.CursorInvalid)
	}
	values, ok := parse(data[1:])
	if !ok || !fits(values, destinations) {
		return apperr.New(apperr.CursorInvalid)
	}
	for i, destination := range destinations {
		switch to := destination.(type) {
		case *int64:
			*to = values[i].(int64)
		case *string:
			*to = values[i].(string)
		case *time.Time:
			*to = values[i].(time.Time)
		}
	}
	return nil
}

func (c *Codec) authentic(brandID int64, list string, data, tag []byte) bool {
	for _, secret := range c.secrets {
		if hmac.Equal(tag, mac(secret, brandID, list, data)) {
			return true
		}
	}
	return false
}

// mac frames its parts with their lengths, so that no two inputs are the same bytes.
func mac(secret []byte, brandID int64, list string, data []byte) []byte {
	h := hmac.New(sha256.New, secret)
	var frame [16]byte
	binary.BigEndian.PutUint64(frame[:8], uint64(brandID))
	binary.BigEndian.PutUint64(frame[8:], uint64(len(list)))
	h.Write(frame[:])
	h.Write([]byte(list))
	h.Write(data)
	return h.Sum(nil)[:macSize]
}

func parse(data []byte) (values []any, ok bool) {
	for len(data) > 0 {
		tag := data[0]
		data = data[1:]
		switch tag {
		case tagInt, tagTime:
			n, size := binary.Varint(data)
			if size <= 0 {
				return nil, false
			}
			data = data[size:]
			if tag == tagInt {
				values = append(values, n)
			} else {
				values = append(values, time.UnixMicro(n).UTC())
			}
		case tagString:
			n, size := binary.Uvarint(data)
			if size <= 0 || n > uint64(len(data)-size) {
				return nil, false
			}
			data = data[size:]
			values = append(values, string(data[:n]))
			data = data[n:]
		default:
			return nil, false
		}
	}
	return values, true
}

// fits compares the values with the destinations before any is changed. They differ where a release changed the order of a list without renaming it.
func fits(values, destinations []any) bool {
	if len(values) != len(destinations) {
		return false
	}
	for i, destination := range destinations {
		ok := false
		switch destination.(type) {
		case *int64:
			_, ok = values[i].(int64)
		case *string:
			_, ok = values[i].(string)
		case *time.Time:
			_, ok = values[i].(time.Time)
		}
		if !ok {
			return false
		}
	}
	return true
}
