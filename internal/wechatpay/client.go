// Package wechatpay calls WeChat Pay API v3 (微信支付) for one merchant, through the official SDK, and reads what WeChat Pay notifies.
//
// The simulator and a real merchant differ by the base URL only: the SDK knows one host, and a transport sends its requests to the
// configured one, which is right because the signature covers the path and not the host.
//
// The rules it keeps, because the protocol makes them easy to break. Answers of success are verified before they are read; error
// answers are not signed, so an error alone proves nothing and KindUnknown, which most of them are, means: ask again before acting.
// The SDK can panic on answers that lack a field and its errors quote whole requests; neither leaves this package. Sizes and times
// are bounded. Keys, bodies, openids and download addresses are never logged. Signature times are real time: the SDK knows no clock.
package wechatpay

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// DefaultBaseURL is where WeChat Pay serves the API.
const DefaultBaseURL = "https://api.mch.weixin.qq.com"

// Beijing is the time zone in which WeChat Pay dates bills (UTC+8, no summer time).
var Beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

const (
	defaultTimeout = 10 * time.Second
	downloadTime   = 10 * time.Minute
	maxAnswer      = 1 << 20
	maxBill        = 4 << 30
	leastKeyBits   = 2048
)

var tracer = otel.Tracer("dongxiao/internal/wechatpay")

// Merchant is an account of WeChat Pay (商户号) with its keys. At least one of the two ways to verify WeChat Pay's signatures must be
// set; with both, which a merchant needs while it changes from one to the other, a signature by either is good.
type Merchant struct {
	// ID is the merchant number (mchid), digits.
	ID string
	// CertificateSerial is the serial number of the merchant's own API certificate, in hexadecimal.
	CertificateSerial string
	// PrivateKey is the key of that certificate, PEM (PKCS #8).
	PrivateKey string
	// APIv3Key encrypts notices and certificates; 32 characters.
	APIv3Key string
	// PublicKeyID and PublicKey are WeChat Pay's public key (微信支付公钥) and its id, PUB_KEY_ID_…; PEM.
	PublicKeyID, PublicKey string
	// UseCertificates verifies with WeChat Pay's platform certificates (平台证书), which are downloaded when they are first needed, when a
	// signature names an unknown one, and every twelve hours.
	UseCertificates bool
	// Certificates are platform certificates that are known already, PEM, one after the other; they spare the first download.
	Certificates string
}

// String shows the merchant number only, so that a printed Merchant gives no key away.
func (m Merchant) String() string { return m.ID }

// GoString is String for %#v.
func (m Merchant) GoString() string { return "wechatpay.Merchant(" + m.ID + ")" }

// LogValue shows the merchant number only.
func (m Merchant) LogValue() slog.Value { return slog.StringValue(m.ID) }

// Options are the settings that merchants share; the zero value calls the real WeChat Pay.
type Options struct {
	// BaseURL replaces DefaultBaseURL, for the simulator: http or https and a host, without path or query.
	BaseURL string
	// HTTPClient carries the calls; nil means one of our own. Redirects are never followed. Give all merchants the same one, so
	// that they share its connections.
	HTTPClient *http.Client
	// Logger gets one warning for each failed call; nil means slog.Default().
	Logger *slog.Logger
	// Timeout bounds a call, except the download of a bill; zero means 10 s.
	Timeout time.Duration
}

// Client calls WeChat Pay as one merchant. It is safe for concurrent use.
type Client struct {
	merchantID string
	logger     *slog.Logger
	timeout    time.Duration
	sealed     cipher.AEAD
	notices    *validators.WechatPayNotifyValidator
	// api verifies answers. raw does not: certificates are sealed under the APIv3 key instead, and bills are not signed at all.
	api, raw *core.Client
}

var (
	merchantPattern = regexp.MustCompile(`^[0-9]{6,32}$`)
	serialPattern   = regexp.MustCompile(`^[0-9A-Fa-f]{1,64}$`)
	keyIDPattern    = regexp.MustCompile(`^PUB_KEY_ID_[0-9A-Za-z]{1,64}$`)
)

// New makes a Client, or says which setting is wrong without quoting it. It makes no call.
func New(merchant Merchant, options Options) (*Client, error) {
	base, err := baseURL(options.BaseURL)
	if err != nil {
		return nil, err
	}
	if !merchantPattern.MatchString(merchant.ID) {
		return nil, errors.New("wechatpay: the merchant number is 6 to 32 digits")
	}
	if !serialPattern.MatchString(merchant.CertificateSerial) {
		return nil, errors.New("wechatpay: the serial number of the merchant's certificate is hexadecimal")
	}
	private, err := utils.LoadPrivateKey(merchant.PrivateKey)
	if err != nil || private.N.BitLen() < leastKeyBits {
		return nil, errors.New("wechatpay: the merchant's private key must be a PEM file with an RSA key of at least 2048 bits")
	}
	if len(merchant.APIv3Key) != 32 {
		return nil, errors.New("wechatpay: the APIv3 key has 32 characters")
	}
	block, err := aes.NewCipher([]byte(merchant.APIv3Key))
	if err != nil {
		return nil, err
	}
	c := &Client{merchantID: merchant.ID, logger: options.Logger, timeout: options.Timeout}
	if c.sealed, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	verifier, err := c.verifier(merchant)
	if err != nil {
		return nil, err
	}
	c.notices = validators.NewWechatPayNotifyValidator(verifier)
	credential := option.WithMerchantCredential(merchant.ID, merchant.CertificateSerial, private)
	carrying := carrier(options.HTTPClient)
	if c.api, err = core.NewClient(context.Background(), credential, option.WithVerifier(verifier),
		option.WithHTTPClient(carrying.to(base, maxAnswer))); err != nil {
		return nil, err
	}
	c.raw, err = core.NewClient(context.Background(), credential, option.WithoutValidator(), option.WithHTTPClient(carrying.to(base, maxBill)))
	return c, err
}

// verifier makes the check of WeChat Pay's signatures that the merchant's settings ask for. Keys are parsed here, once.
func (c *Client) verifier(merchant Merchant) (auth.Verifier, error) {
	var public *rsa.PublicKey
	if merchant.PublicKeyID != "" || merchant.PublicKey != "" {
		key, err := utils.LoadPublicKey(merchant.PublicKey)
		if err != nil || key.N.BitLen() < leastKeyBits || !keyIDPattern.MatchString(merchant.PublicKeyID) {
			return nil, errors.New("wechatpay: WeChat Pay's public key must be a PEM file with an RSA key of at least 2048 bits, and its id PUB_KEY_ID_…")
		}
		public = key
	}
	switch {
	case !merchant.UseCertificates && merchant.Certificates != "":
		return nil, errors.New("wechatpay: certificates are given, but not to be used")
	case !merchant.UseCertificates && public == nil:
		return nil, errors.New("wechatpay: WeChat Pay's signatures need its public key or its certificates")
	case !merchant.UseCertificates:
		return verifiers.NewSHA256WithRSAPubkeyVerifier(merchant.PublicKeyID, *public), nil
	}
	known, err := parseCertificates(merchant.Certificates)
	if err != nil {
		return nil, err
	}
	held := &certificates{download: c.downloadCertificates, held: known}
	if public == nil {
		return verifiers.NewSHA256WithRSAVerifier(held), nil
	}
	return verifiers.NewSHA256WithRSACombinedVerifier(held, merchant.PublicKeyID, *public), nil
}

func parseCertificates(text string) (map[string]*x509.Certificate, error) {
	known := map[string]*x509.Certificate{}
	for rest := []byte(strings.TrimSpace(text)); len(rest) > 0; {
		block, more := pem.Decode(rest)
		if block == nil {
			return nil, errors.New("wechatpay: the platform certificates must be PEM")
		}
		certificate, err := platformCertificate(string(pem.EncodeToMemory(block)))
		if err != nil {
			return nil, err
		}
		known[utils.GetCertificateSerialNumber(*certificate)] = certificate
		rest = []byte(strings.TrimSpace(string(more)))
	}
	return known, nil
}

// platformCertificate reads one certificate. The SDK takes any key for an RSA key, so another kind is refused here.
func platformCertificate(text string) (*x509.Certificate, error) {
	certificate, err := utils.LoadCertificate(text)
	if err == nil {
		if key, ok := certificate.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() >= leastKeyBits {
			return certificate, nil
		}
	}
	return nil, errors.New("wechatpay: a platform certificate must be PEM with an RSA key of at least 2048 bits")
}

// MerchantID is the account that the client calls for. What a notice or a query names as mchid must be equal to it.
func (c *Client) MerchantID() string { return c.merchantID }

// observed runs one call within limit, traced, logged where it fails. The SDK's panics become errors, and all errors become those of
// this package.
func (c *Client) observed(ctx context.Context, operation string, limit time.Duration, run func(context.Context) (*core.APIResult, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx, span := tracer.Start(ctx, "wechatpay "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("wechatpay.mchid", c.merchantID)))
	defer span.End()
	start := time.Now()
	err := guarded(func() error {
		result, err := run(ctx)
		return translated(operation, result, err)
	})
	if err == nil {
		return nil
	}
	span.SetStatus(codes.Error, err.Error())
	c.logger.WarnContext(ctx, "WeChat Pay call failed", "operation", operation, "merchant", c.merchantID, "duration", time.Since(start), "error", err)
	return err
}

// guarded runs a part of the SDK, which dereferences fields that an answer may lack.
func guarded(run func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: the answer lacks what it must have", ErrUnavailable)
		}
	}()
	return run()
}

func baseURL(address string) (*url.URL, error) {
	if address == "" {
		address = DefaultBaseURL
	}
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("wechatpay: the base URL must be http(s)://host without user, path, query or fragment")
	}
	return base, nil
}
