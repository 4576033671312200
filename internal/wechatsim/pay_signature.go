package wechatsim

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// payScheme is the only way to sign that the simulator knows.
const payScheme = "WECHATPAY2-SHA256-RSA2048"

// PayPublicKeyID is the id of the simulator's public key.
const PayPublicKeyID = "PUB_KEY_ID_0116000000000000000000000001"

// The simulator's own keys are published with it, so that a merchant's settings stay right when it restarts. They sign nothing else.
var (
	//go:embed keys/pay_certificate.pem
	certificateKeyText string
	//go:embed keys/pay_public_key.pem
	publicKeyText string
)

// platformKey signs in WeChat Pay's name.
type platformKey struct {
	serial string
	key    *rsa.PrivateKey
	// certificate, from and until are set for platform certificates.
	certificate string
	from, until time.Time
}

var platformKeys = sync.OnceValue(func() (keys struct {
	certificate, public platformKey
	publicPEM           string
}) {
	keys.certificate = newCertificate(embedded(certificateKeyText), big.NewInt(0x5157F09EFDC096D), time.Now().Add(-24*time.Hour))
	keys.public = platformKey{serial: PayPublicKeyID, key: embedded(publicKeyText)}
	der, err := x509.MarshalPKIXPublicKey(&keys.public.key.PublicKey)
	if err != nil {
		panic(err)
	}
	keys.publicPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return keys
})

func platformCertificate() platformKey { return platformKeys().certificate }

func embedded(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		panic("wechatsim: an embedded key is damaged")
	}
	return key
}

// newCertificate makes a platform certificate for key, good for five years.
func newCertificate(key *rsa.PrivateKey, serial *big.Int, from time.Time) platformKey {
	from = from.Truncate(time.Second)
	until := from.AddDate(5, 0, 0)
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Tenpay.com sign", Organization: []string{"WeChat simulator"}}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(crand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return platformKey{
		serial: fmt.Sprintf("%X", serial.Bytes()), key: key, from: from, until: until,
		certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}
}

// anotherCertificate makes a newer certificate with a key of its own.
func anotherCertificate() (platformKey, error) {
	key, err := rsa.GenerateKey(crand.Reader, 2048)
	if err != nil {
		return platformKey{}, err
	}
	random, err := crand.Int(crand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return platformKey{}, err
	}
	return newCertificate(key, random.Add(random, big.NewInt(1)), time.Now().Add(-time.Hour)), nil
}

// signingKey is the key that serial names for a merchant, or its ordinary one where none is named.
func (p *payState) signingKey(m *payMerchant, serial string) (platformKey, bool) {
	public := platformKeys().public
	newest := p.certificates[len(p.certificates)-1]
	switch {
	case serial == "" && m.Keys == PayKeysCertificate:
		return newest, true
	case serial == "":
		return public, true
	case serial == public.serial:
		return public, m.Keys != PayKeysCertificate
	case m.Keys == PayKeysPublic:
		return platformKey{}, false
	}
	for _, certificate := range p.certificates {
		if certificate.serial == serial {
			return certificate, true
		}
	}
	return platformKey{}, false
}

func signRSA(key *rsa.PrivateKey, message string) string {
	digest := sha256.Sum256([]byte(message))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err) // the keys are ours and long enough
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func verifyRSA(key *rsa.PublicKey, message, signature string) bool {
	data, err := base64.StdEncoding.DecodeString(signature)
	digest := sha256.Sum256([]byte(message))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], data) == nil
}

// seal256 encrypts under an APIv3 key.
func seal256(apiV3Key, nonce, associated string, text []byte) string {
	block, err := aes.NewCipher([]byte(apiV3Key))
	if err != nil {
		panic(err) // its length was checked
	}
	sealed, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(sealed.Seal(nil, []byte(nonce), text, []byte(associated)))
}

// platformHeader gives the headers of what key signs at a time.
func platformHeader(key platformKey, at time.Time, nonce string, body []byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return http.Header{
		"Wechatpay-Serial": {key.serial}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Timestamp": {timestamp}, "Wechatpay-Signature-Type": {payScheme},
		"Wechatpay-Signature": {signRSA(key.key, timestamp+"\n"+nonce+"\n"+string(body)+"\n")},
	}
}

var authorizationPattern = regexp.MustCompile(`^([a-z_]+)="([^"]*)"$`)

// authorization is what the header of that name says.
type authorization struct{ merchantID, nonce, timestamp, serial, signature string }

// parseAuthorization reads WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",timestamp="…",serial_no="…",signature="…".
func parseAuthorization(header string) (authorization, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != payScheme {
		return authorization{}, errors.New("the scheme is not " + payScheme)
	}
	found := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		pair := authorizationPattern.FindStringSubmatch(strings.TrimSpace(part))
		if pair == nil {
			return authorization{}, errors.New("the Authorization header is malformed")
		}
		if _, twice := found[pair[1]]; twice {
			return authorization{}, errors.New("the Authorization header names a value twice")
		}
		found[pair[1]] = pair[2]
	}
	a := authorization{found["mchid"], found["nonce_str"], found["timestamp"], found["serial_no"], found["signature"]}
	if len(found) != 5 || a.merchantID == "" || a.nonce == "" || a.timestamp == "" || a.serial == "" || a.signature == "" {
		return authorization{}, errors.New("the Authorization header has not exactly the five values")
	}
	return a, nil
}

// payTolerance is how far a request's time may be off, by the real clock.
const payTolerance = 300

// authenticate verifies a request on its raw bytes and remembers its nonce. It does not hold the lock while it calculates.
func (s *Simulator) authenticate(c *payCall) error {
	a, err := parseAuthorization(c.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	c.entry.MerchantID = a.merchantID
	s.mu.Lock()
	merchant := s.paying.merchants[a.merchantID]
	var registered PayMerchant
	var public *rsa.PublicKey
	if merchant != nil {
		registered, public = merchant.PayMerchant, merchant.public
	}
	s.mu.Unlock()
	if merchant == nil {
		return errors.New("no such merchant")
	}
	if !strings.EqualFold(a.serial, registered.CertificateSerial) {
		return errors.New("the serial number is not that of the merchant's certificate")
	}
	at, err := strconv.ParseInt(a.timestamp, 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != a.timestamp {
		return errors.New("the timestamp is no number")
	}
	if off := time.Now().Unix() - at; off > payTolerance || off < -payTolerance {
		return errors.New("the timestamp is more than five minutes off")
	}
	if len(a.nonce) > 32 {
		return errors.New("the nonce is longer than 32 characters")
	}
	message := c.Method + "\n" + c.URL.RequestURI() + "\n" + a.timestamp + "\n" + a.nonce + "\n" + string(c.body) + "\n"
	if !verifyRSA(public, message, a.signature) {
		return errors.New("the signature does not fit method, address, time, nonce and body")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paying.seen(a.merchantID + " " + a.nonce) {
		return errors.New("the nonce was used before")
	}
	c.merchant = merchant
	return nil
}

// seen remembers a nonce for as long as a request with it could still be in time, and reports whether it was known.
func (p *payState) seen(nonce string) bool {
	now := time.Now()
	if len(p.nonces) >= 100_000 {
		for old, at := range p.nonces {
			if now.Sub(at) > 3*payTolerance*time.Second {
				delete(p.nonces, old)
			}
		}
	}
	_, known := p.nonces[nonce]
	p.nonces[nonce] = now
	return known
}
