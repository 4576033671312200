package wechatpay_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

func (w *world) downloads() int {
	w.t.Helper()
	entries, err := w.PayJournal(w.t.Context(), merchantID, wechatsim.PayCertificates)
	require.NoError(w.t, err)
	return len(entries)
}

func TestCertificatesAreDownloadedOnceAndWhenTheyRotate(t *testing.T) {
	w := start(t, wechatsim.PayKeysCertificate)
	require.Zero(t, w.downloads(), "nothing is asked for before it is needed")
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			_, err := w.client.QueryOrder(t.Context(), "T-00001")
			kind(t, wechatpay.KindNotFound, err)
		})
	}
	wait.Wait()
	require.Equal(t, 1, w.downloads())
	w.pay("T-00001", 7)
	w.notices.next()

	// The new certificate signs notices at once, and the client, which has just downloaded the list, must not ask again within a minute:
	// it refuses them, and WeChat Pay sends them again.
	_, err := w.RotateCertificate(t.Context())
	require.NoError(t, err)
	_, err = w.client.QueryOrder(t.Context(), "T-00001")
	require.NoError(t, err, "answers are signed by the certificate that the request names")
	body := paid()
	for range 20 {
		_, err = w.client.ParseNotice(t.Context(), signed(keys().stranger, "ABCDEF", time.Now(), body), body)
		require.ErrorIs(t, err, wechatpay.ErrNotVerified)
	}
	require.Equal(t, 1, w.downloads(), "forged serial numbers cause no flood of downloads")

	fresh := w.another(func(m *wechatpay.Merchant) { m.PublicKeyID, m.PublicKey, m.UseCertificates = "", "", true })
	_, err = fresh.QueryOrder(t.Context(), "T-00001")
	require.NoError(t, err)
	require.Equal(t, 2, w.downloads())
}

func TestUnknownCertificateOfANoticeIsDownloaded(t *testing.T) {
	w := start(t, wechatsim.PayKeysCertificate)
	older, err := w.PayKeys(t.Context())
	require.NoError(t, err)
	_, err = w.RotateCertificate(t.Context())
	require.NoError(t, err)
	w.client = w.another(func(m *wechatpay.Merchant) {
		m.PublicKeyID, m.PublicKey, m.UseCertificates, m.Certificates = "", "", true, older.Certificate
	})
	w.notices = newInbox(t, w.client)
	w.pay("T-00001", 7)
	require.Equal(t, "T-00001", w.notices.next().Transaction.OutTradeNo)
	require.Empty(t, w.notices.wrong())
	require.Equal(t, 1, w.downloads())
}

func TestCertificatesThatCannotBeHad(t *testing.T) {
	for name, prepare := range map[string]func(*world, *wechatpay.Merchant){
		"another APIv3 key": func(_ *world, m *wechatpay.Merchant) { m.APIv3Key = strings.ToUpper(apiV3Key) },
		"a public-key account": func(w *world, _ *wechatpay.Merchant) {
			w.register(func(m *wechatsim.PayMerchant) { m.Keys = wechatsim.PayKeysPublic })
		},
		"system error": func(w *world, _ *wechatpay.Merchant) {
			require.NoError(w.t, w.FailPay(w.t.Context(), wechatsim.PayFault{Operation: wechatsim.PayCertificates, Mode: wechatsim.PayFaultSystem}))
		},
		"nothing in the list": func(w *world, _ *wechatpay.Merchant) {
			require.NoError(w.t, w.FailPay(w.t.Context(), wechatsim.PayFault{Operation: wechatsim.PayCertificates, Mode: wechatsim.PayFaultEmpty}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, wechatsim.PayKeysCertificate)
			client := w.another(func(m *wechatpay.Merchant) {
				m.PublicKeyID, m.PublicKey, m.UseCertificates = "", "", true
				prepare(w, m)
			})
			order := w.order("T-00001", 7)
			_, err := client.Prepay(t.Context(), order)
			require.Error(t, err)
			require.NotEqual(t, wechatpay.KindPaid, wechatpay.KindOf(err))
			body := paid()
			_, err = client.ParseNotice(t.Context(), signed(keys().certified, "5157F09EFDC096D", time.Now(), body), body)
			require.ErrorIs(t, err, wechatpay.ErrNotVerified)
			for _, secret := range []string{apiV3Key, strings.ToUpper(apiV3Key), w.openID, "BEGIN", "Authorization"} {
				require.NotContains(t, w.log.String(), secret)
			}
		})
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*wechatpay.Merchant, *wechatpay.Options){
		"no merchant number":    func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.ID = "" },
		"words as a number":     func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.ID = `19"00` },
		"no serial number":      func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.CertificateSerial = "" },
		"quote in the serial":   func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.CertificateSerial = `A"` },
		"no private key":        func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PrivateKey = "" },
		"public as private key": func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PrivateKey = m.PublicKey },
		"short APIv3 key":       func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.APIv3Key = apiV3Key[:16] },
		"nothing to verify":     func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PublicKeyID, m.PublicKey = "", "" },
		"key without id":        func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PublicKeyID = "" },
		"id without key":        func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PublicKey = "" },
		"private as public key": func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.PublicKey = m.PrivateKey },
		"unused certificates":   func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.Certificates = "x" },
		"certificates of words": func(m *wechatpay.Merchant, _ *wechatpay.Options) { m.UseCertificates, m.Certificates = true, "x" },
		"key as certificate": func(m *wechatpay.Merchant, _ *wechatpay.Options) {
			m.UseCertificates, m.Certificates = true, m.PublicKey
		},
		"base with a path":     func(_ *wechatpay.Merchant, o *wechatpay.Options) { o.BaseURL = "https://proxy.example.cn/pay" },
		"base of another kind": func(_ *wechatpay.Merchant, o *wechatpay.Options) { o.BaseURL = "ftp://proxy.example.cn" },
		"base with a password": func(_ *wechatpay.Merchant, o *wechatpay.Options) { o.BaseURL = "https://u:p@proxy.example.cn" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, o := merchant(), wechatpay.Options{}
			change(&m, &o)
			client, err := wechatpay.New(m, o)
			require.Error(t, err)
			require.Nil(t, client)
			for _, secret := range []string{"BEGIN", "0123456789", "u:p"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var hosts []string
	client := newClient(t, merchant(), wechatpay.Options{HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Host)
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"https://thief.example.cn/"}}, Body: http.NoBody, Request: r}, nil
	})}})
	_, err := client.QueryOrder(t.Context(), "T-00001")
	kind(t, wechatpay.KindUnknown, err)
	require.Equal(t, []string{"api.mch.weixin.qq.com"}, hosts)
}
