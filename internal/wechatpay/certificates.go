package wechatpay

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
	"golang.org/x/sync/singleflight"
)

const (
	// freshness is how long downloaded certificates are used before the list is asked for again; WeChat Pay announces a new one at
	// least a day before it signs with it.
	freshness = 12 * time.Hour
	// restraint is the least time between two downloads, so that forged notices with made-up serial numbers cause no flood of them.
	restraint = time.Minute
)

// certificates keeps the platform certificates current. It implements the SDK's core.CertificateGetter.
type certificates struct {
	download func(context.Context) (map[string]*x509.Certificate, error)
	flights  singleflight.Group

	mu      sync.Mutex // guards all below
	held    map[string]*x509.Certificate
	tried   time.Time
	fetched time.Time
}

// Get gives the certificate that a signature names; for an unknown one the list is downloaded, at most once a minute.
func (c *certificates) Get(ctx context.Context, serial string) (*x509.Certificate, bool) {
	if certificate, ok := c.find(serial); ok {
		return certificate, true
	}
	c.refresh(ctx)
	return c.find(serial)
}

// GetAll gives every certificate by serial number.
func (c *certificates) GetAll(context.Context) map[string]*x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.held)
}

// GetNewestSerial names the certificate that answers are asked to be signed with: the newest one in force, empty where there is none.
func (c *certificates) GetNewestSerial(ctx context.Context) string {
	c.mu.Lock()
	stale := time.Since(c.fetched) > freshness
	c.mu.Unlock()
	if stale {
		c.refresh(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var newest *x509.Certificate
	for _, certificate := range c.held {
		if utils.IsCertificateValid(*certificate, time.Now()) && (newest == nil || certificate.NotBefore.After(newest.NotBefore)) {
			newest = certificate
		}
	}
	if newest == nil {
		return ""
	}
	return utils.GetCertificateSerialNumber(*newest)
}

func (c *certificates) find(serial string) (*x509.Certificate, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	certificate, ok := c.held[serial]
	return certificate, ok && utils.IsCertificateValid(*certificate, time.Now())
}

// refresh downloads the list unless that was tried within the last minute; where it fails, what is held stays.
func (c *certificates) refresh(ctx context.Context) {
	_, _, _ = c.flights.Do("", func() (any, error) {
		c.mu.Lock()
		recent := time.Since(c.tried) < restraint
		if !recent {
			c.tried = time.Now()
		}
		c.mu.Unlock()
		if recent {
			return nil, nil
		}
		// Others wait for this download, so the first caller going away must not end it; it is bounded in time by itself.
		downloaded, err := c.download(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held, c.fetched = downloaded, time.Now()
		return nil, nil
	})
}

// downloadCertificates asks for the platform certificates. The answer's signature cannot be checked before they are known; that they
// are sealed under the APIv3 key proves that they come from WeChat Pay.
func (c *Client) downloadCertificates(ctx context.Context) (map[string]*x509.Certificate, error) {
	found := map[string]*x509.Certificate{}
	err := c.observed(ctx, "certificates", c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		result, err := c.raw.Get(ctx, consts.WechatPayAPIServer+"/v3/certificates")
		if err != nil {
			return result, err
		}
		var list struct {
			Data []struct {
				Sealed sealedText `json:"encrypt_certificate"`
			} `json:"data"`
		}
		if err := core.UnMarshalResponse(result.Response, &list); err != nil {
			return result, err
		}
		for _, item := range list.Data {
			text, err := c.open(item.Sealed)
			if err != nil {
				return result, err
			}
			certificate, err := platformCertificate(string(text))
			if err != nil {
				return result, err
			}
			found[utils.GetCertificateSerialNumber(*certificate)] = certificate
		}
		if len(found) == 0 {
			return result, errors.New("no certificate")
		}
		return result, nil
	})
	return found, err
}

// sealedText is what WeChat Pay encrypts under the APIv3 key.
type sealedText struct {
	OriginalType   string `json:"original_type"`
	Algorithm      string `json:"algorithm"`
	Ciphertext     string `json:"ciphertext"`
	AssociatedData string `json:"associated_data"`
	Nonce          string `json:"nonce"`
}

var errSealed = errors.New("what was encrypted under the APIv3 key does not open")

// open decrypts sealed. A nonce of another length would make crypto/cipher panic.
func (c *Client) open(sealed sealedText) ([]byte, error) {
	if sealed.Algorithm != "AEAD_AES_256_GCM" || len(sealed.Nonce) != c.sealed.NonceSize() {
		return nil, errSealed
	}
	data, err := base64.StdEncoding.DecodeString(sealed.Ciphertext)
	if err != nil {
		return nil, errSealed
	}
	text, err := c.sealed.Open(data[:0], []byte(sealed.Nonce), data, []byte(sealed.AssociatedData))
	if err != nil {
		return nil, errSealed
	}
	return text, nil
}
