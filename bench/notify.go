package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
	"dongxiao/rest/wechatpaynotice"
)

const (
	// noticesEach is how many notices a turn sends; all of them find room in the queue of those that are to be applied.
	noticesEach = 1000
	// noticeCallers is how many of them are under way at once.
	noticeCallers = 64
	// plainAppliers is how many notices the baseline applies side by side, as many as the service.
	plainAppliers = 16
)

// notify is 64 callers who report payments: verified, stored, answered and applied.
func notify(ctx context.Context, e *environment) ([]result, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	ring, err := e.openKeyring(ctx, now)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	n, err := openNotices(ctx, e.store, e.redis, now, ring)
	if err != nil {
		return nil, err
	}
	defer n.work(ctx)()
	shipped, plain := side{done: &n.applied, statements: &e.statements}, side{done: &n.applied, statements: &n.plain.statements}
	turn := func(s *side, handler http.Handler) (float64, error) {
		requests, err := n.sign(ctx, noticesEach)
		if err != nil {
			return 0, err
		}
		return s.turn(e, func() (float64, error) { return n.rate(ctx, handler, requests) })
	}
	for _, handler := range []http.Handler{n.shipped, n.plain, n.atOnce} {
		if _, err := turn(&side{done: &n.applied, statements: &e.statements}, handler); err != nil {
			return nil, err
		}
	}
	value, baseline, err := e.alternate(func() (float64, error) { return turn(&shipped, n.shipped) }, func() (float64, error) { return turn(&plain, n.plain) })
	if err != nil {
		return nil, err
	}
	atOnce, err := turn(&side{done: &n.applied, statements: &n.atOnce.statements}, n.atOnce)
	note := fmt.Sprintf("%d notices at a time, each stored, answered and then applied; CPU of each %.0f µs against %.0f; %.0f/s where one transaction does all before the answer",
		noticesEach, shipped.microseconds(), plain.microseconds(), atOnce)
	return []result{result{Name: "notify", Value: value, Unit: "notices/s", Baseline: baseline, Goal: 0.7, Statements: shipped.each(),
		BaselineStatements: plain.each(), Note: note}.compare()}, err
}

// notices is a store that is paid through WeChat Pay.
type notices struct {
	store                           *store.Store
	clock                           clock.Clock
	ring                            *keyring.Keyring
	brandID, orgID, appID, personID int64
	wechatAppID, openID             string
	accountID                       int64
	merchant                        wechatpay.Merchant
	platform                        *rsa.PrivateKey
	sealed                          cipher.AEAD
	service                         *payment.Service
	shipped                         http.Handler
	plain                           *plainNotices
	// atOnce is plain without its promise.
	atOnce *plainNotices
	// applied counts the payments that are applied, by either form.
	applied atomic.Int64
}

// Apply applies nothing more: the payment alone is what is compared.
func (n *notices) Apply(ctx context.Context, _ *ent.Payment) (bool, error) {
	store.AfterCommit(ctx, func() { n.applied.Add(1) })
	return true, nil
}

// Close is never told: nothing expires here.
func (n *notices) Close(context.Context, *ent.Payment) error { return nil }

// RefundSettled is never told: nothing is refunded here.
func (n *notices) RefundSettled(context.Context, *ent.Payment, *ent.PaymentRefund) error { return nil }

// openNotices makes a brand whose store is paid, and both ways to take notices.
func openNotices(ctx context.Context, s *store.Store, r redis.UniversalClient, now clock.Clock, ring *keyring.Keyring) (*notices, error) {
	n := &notices{store: s, clock: now, ring: ring, brandID: ids.Next(), orgID: ids.Next(), appID: ids.Next(), personID: ids.Next(), accountID: ids.Next(),
		openID: rand.Text()}
	n.wechatAppID = "wx" + strconv.FormatInt(n.appID, 36)
	if err := n.newMerchant(); err != nil {
		return nil, err
	}
	if err := n.insertBrand(ctx); err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	cursors := func() *cursor.Codec { return cursor.New(ring.Ring().Secrets(keys.Cursor, 0)) }
	n.service = payment.New(payment.Options{Store: s, Clock: now, Keyring: ring, Redis: r, Orgs: org.New(s, now, cursors), Ledger: ledger.New(s), Cursors: cursors, Log: log,
		Payers: identity.New(identity.Options{Store: s, Clock: now, Keyring: ring, Redis: r, Log: log}),
		Pay:    wechatpay.Options{BaseURL: "http://127.0.0.1:1", Logger: log}})
	n.service.Register(enum.PayOrder, n)
	n.shipped = wechatpaynotice.Handler(n.service, log)
	n.plain = &plainNotices{db: s.DB(), clock: now, ring: ring, applied: &n.applied, slots: make(chan struct{}, plainAppliers)}
	n.atOnce = &plainNotices{db: s.DB(), clock: now, ring: ring, applied: &n.applied, atOnce: true}
	return n, nil
}

// newMerchant draws WeChat Pay's key and a merchant that trusts it. The merchant's own key signs nothing here.
func (n *notices) newMerchant() (err error) {
	if n.platform, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(n.platform)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&n.platform.PublicKey)
	if err != nil {
		return err
	}
	n.merchant = wechatpay.Merchant{ID: "1900000109", CertificateSerial: "3775B6A45ACD588826D15E583A95F5DD", APIv3Key: (rand.Text() + rand.Text())[:32],
		PrivateKey: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})), PublicKeyID: "PUB_KEY_ID_0109",
		PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))}
	block, err := aes.NewCipher([]byte(n.merchant.APIv3Key))
	if err != nil {
		return err
	}
	n.sealed, err = cipher.NewGCM(block)
	return err
}

// What is sealed in the row of a merchant account, see domain/payment.
const merchantPrivateKey, merchantAPIKey = "merchant_private_key", "merchant_api_key"

func (n *notices) insertBrand(ctx context.Context) error {
	operator := auth.Operator(ctx)
	if err := n.store.Client(operator).Brand.Create().SetID(n.brandID).SetCode(fmt.Sprintf("bench-%d", n.brandID)).SetName("基准").Exec(operator); err != nil {
		return err
	}
	ctx = auth.System(ctx, n.brandID)
	client, ring := n.store.Client(ctx), n.ring.Ring()
	seal := func(what, secret string) []byte {
		return ring.Seal([]byte(secret), keys.AssociatedData(what, n.brandID))
	}
	root := ids.Next()
	path := "/" + store.PathSegment(root) + "/"
	return errors.Join(
		client.Org.Create().SetID(root).SetKind(enum.OrgBrand).SetPath(path).SetCode("root").SetName("总部").Exec(ctx),
		client.Org.Create().SetID(n.orgID).SetParentID(root).SetKind(enum.OrgStore).SetPath(path+store.PathSegment(n.orgID)+"/").SetCode("s1").SetName("一店").
			SetStoreType(enum.StoreLiquor).SetTier(enum.TierCore).Exec(ctx),
		client.App.Create().SetID(n.appID).SetOrgID(root).SetFace(auth.Storefront).SetWechatAppID(n.wechatAppID).SetName("商城").SetSecretSealed([]byte("-")).Exec(ctx),
		client.Person.Create().SetID(n.personID).SetLimitSubject(n.personID).Exec(ctx),
		client.Identity.Create().SetPersonID(n.personID).SetAppID(n.appID).SetOpenidHash(ring.Hash("openid", n.brandID, n.openID)).Exec(ctx),
		client.MerchantAccount.Create().SetID(n.accountID).SetOrgID(n.orgID).SetActiveOrgID(n.orgID).SetMerchantID(n.merchant.ID).SetName("一店").
			SetCertificateSerial(n.merchant.CertificateSerial).SetPrivateKeySealed(seal(merchantPrivateKey, n.merchant.PrivateKey)).
			SetAPIKeySealed(seal(merchantAPIKey, n.merchant.APIv3Key)).SetPublicKeyID(n.merchant.PublicKeyID).SetPublicKey([]byte(n.merchant.PublicKey)).Exec(ctx),
	)
}

// work does what a server does beside answering, until the returned function is called.
func (n *notices) work(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(auth.Operator(ctx))
	var running sync.WaitGroup
	running.Go(func() { n.service.Work(ctx) })
	running.Go(func() { _ = n.service.Sweep(ctx) })
	return func() { cancel(); running.Wait() }
}

// noticeAmount is what each payment is of, in fen.
const noticeAmount = 8800

// insertPayments writes payments that wait to be paid.
func (n *notices) insertPayments(ctx context.Context, count int) (paymentIDs []int64, err error) {
	now := n.clock.Now()
	var args []any
	for range count {
		id := ids.Next()
		paymentIDs = append(paymentIDs, id)
		args = append(args, id, now, n.brandID, n.accountID, n.orgID, n.appID, n.personID, string(enum.PayOrder), id, tradeNumber(id), "酒", noticeAmount, now.Add(time.Hour), now.Add(time.Hour))
	}
	return paymentIDs, insert(ctx, n.store.DB(), "INSERT INTO payments (id, created_at, brand_id, merchant_account_id, org_id, app_id, person_id, purpose, subject_id, out_trade_no,"+
		" description, amount_fen, expires_at, check_at) VALUES ", 14, args)
}

func tradeNumber(paymentID int64) string { return "B" + strconv.FormatInt(paymentID, 36) }

// transaction is a paid order as WeChat Pay tells of it.
type transaction struct {
	MerchantID    string `json:"mchid"`
	AppID         string `json:"appid"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	State         string `json:"trade_state"`
	SuccessTime   string `json:"success_time"`
	Payer         struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
	Amount struct {
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
	} `json:"amount"`
}

// paid is what WeChat Pay says of a payment that was paid as ordered.
func (n *notices) paid(outTradeNo string) transaction {
	t := transaction{MerchantID: n.merchant.ID, AppID: n.wechatAppID, OutTradeNo: outTradeNo, TransactionID: "4200" + outTradeNo, State: "SUCCESS",
		SuccessTime: n.clock.Now().Format(time.RFC3339)}
	t.Payer.OpenID, t.Amount.Total, t.Amount.Currency = n.openID, noticeAmount, "CNY"
	return t
}

// noticeRequest is a notice as it arrives.
type noticeRequest struct {
	header http.Header
	body   []byte
}

// notice seals and signs what is told of a payment.
func (n *notices) notice(eventID string, t transaction) (noticeRequest, error) {
	content, err := json.Marshal(t)
	if err != nil {
		return noticeRequest{}, err
	}
	const kind, nonce = "transaction", "fdasflkja484"
	body, err := json.Marshal(map[string]any{
		"id": eventID, "create_time": time.Now().Format(time.RFC3339), "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
		"resource": map[string]any{"original_type": kind, "algorithm": "AEAD_AES_256_GCM", "associated_data": kind, "nonce": nonce,
			"ciphertext": base64.StdEncoding.EncodeToString(n.sealed.Seal(nil, []byte(nonce), content, []byte(kind)))},
	})
	if err != nil {
		return noticeRequest{}, err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	digest := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n", at, nonce, body))
	signature, err := rsa.SignPKCS1v15(nil, n.platform, crypto.SHA256, digest[:])
	return noticeRequest{http.Header{"Wechatpay-Serial": {n.merchant.PublicKeyID}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Timestamp": {at},
		"Wechatpay-Signature": {base64.StdEncoding.EncodeToString(signature)}, "Wechatpay-Signature-Type": {"WECHATPAY2-SHA256-RSA2048"}}, body}, err
}

// sign makes new payments and the notice of each.
func (n *notices) sign(ctx context.Context, count int) ([]noticeRequest, error) {
	paymentIDs, err := n.insertPayments(ctx, count)
	if err != nil {
		return nil, err
	}
	requests := make([]noticeRequest, count)
	for i, id := range paymentIDs {
		if requests[i], err = n.notice("EV-"+strconv.FormatInt(id, 10), n.paid(tradeNumber(id))); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

// send gives a notice to a handler and tells its answer.
func (n *notices) send(ctx context.Context, handler http.Handler, r noticeRequest) int {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, payment.NoticePath+"account", bytes.NewReader(r.body))
	request.Header = r.header
	request.SetPathValue("account", ids.Encode(ids.MerchantAccount, n.accountID))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Code
}

// rate sends the notices and waits until all are applied; it gives notices a second. Any refusal fails the benchmark.
func (n *notices) rate(ctx context.Context, handler http.Handler, requests []noticeRequest) (float64, error) {
	goal, start := n.applied.Load()+int64(len(requests)), time.Now()
	var next, refused atomic.Int64
	var all sync.WaitGroup
	for range noticeCallers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
				if status := n.send(ctx, handler, requests[i]); status != http.StatusNoContent {
					refused.Store(int64(status))
				}
			}
		})
	}
	all.Wait()
	if status := refused.Load(); status != 0 {
		return 0, fmt.Errorf("a notice was answered with %d", status)
	}
	for n.applied.Load() < goal {
		if time.Since(start) > time.Minute {
			return 0, fmt.Errorf("%d notices are still not applied", goal-n.applied.Load())
		}
		time.Sleep(time.Millisecond)
	}
	return float64(len(requests)) / time.Since(start).Seconds(), nil
}
