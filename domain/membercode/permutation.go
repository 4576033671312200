package membercode

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// permutation is FF1 of NIST SP 800-38G (format-preserving encryption) for decimal strings of 10 to 18 digits and even length, held as numbers: a
// keyed permutation of the numbers below 10^digits, another one for each tweak. The tests hold it to NIST's own examples.
type permutation struct {
	block       cipher.Block
	digits      int
	modulus     uint64 // 10^(digits/2), one more than the largest half
	numberBytes int    // b of the standard: the bytes that a half takes
}

const rounds = 10

// newPermutation takes an AES key of 16, 24 or 32 bytes.
func newPermutation(key []byte, digits int) (*permutation, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	p := &permutation{block: block, digits: digits, modulus: 1}
	for range digits / 2 {
		p.modulus *= 10
	}
	for largest := p.modulus - 1; largest > 0; largest >>= 8 {
		p.numberBytes++
	}
	return p, nil
}

// encrypt maps a number below 10^digits to another one.
func (p *permutation) encrypt(n uint64, tweak []byte) uint64 {
	a, b := n/p.modulus, n%p.modulus
	for i := range rounds {
		a, b = b, (a+p.round(i, b, tweak))%p.modulus
	}
	return a*p.modulus + b
}

// decrypt undoes encrypt under the same tweak.
func (p *permutation) decrypt(n uint64, tweak []byte) uint64 {
	a, b := n/p.modulus, n%p.modulus
	for i := rounds - 1; i >= 0; i-- {
		a, b = (b+p.modulus-p.round(i, a, tweak))%p.modulus, a
	}
	return a*p.modulus + b
}

// round is the standard's round function: a CBC-MAC over the parameters, the tweak, the number of the round and one half, of which the first 8
// bytes (d of the standard, for halves of 5 to 9 digits) are reduced to a half.
func (p *permutation) round(i int, half uint64, tweak []byte) uint64 {
	message := make([]byte, 0, 64)
	message = append(message, 1, 2, 1, 0, 0, 10, rounds, byte(p.digits/2))
	message = binary.BigEndian.AppendUint32(message, uint32(p.digits))
	message = binary.BigEndian.AppendUint32(message, uint32(len(tweak)))
	message = append(message, tweak...)
	for (len(message)+1+p.numberBytes)%aes.BlockSize != 0 {
		message = append(message, 0)
	}
	message = append(message, byte(i))
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], half)
	message = append(message, number[len(number)-p.numberBytes:]...)

	var mac [aes.BlockSize]byte
	for ; len(message) > 0; message = message[aes.BlockSize:] {
		for j := range mac {
			mac[j] ^= message[j]
		}
		p.block.Encrypt(mac[:], mac[:])
	}
	return binary.BigEndian.Uint64(mac[:]) % p.modulus
}
