package app_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechatpay"
)

// counter is a brand whose first store sells stored value for WeChat money: 1,000 yuan and 100 on top.
type counter struct {
	*appkit.Kit
	merchant wechatpay.Merchant
	// clerks stand at the tills of the stores, the manager above both.
	clerks  map[int64]*appkit.Client
	manager *appkit.Client
	tier    string

	mu sync.Mutex
	// faults counts the codes of the errors with which operations were not answered.
	faults map[string]int
}

func newCounter(t *testing.T, k *appkit.Kit) *counter {
	t.Helper()
	c := &counter{Kit: k, clerks: map[int64]*appkit.Client{}, faults: map[string]int{}}
	c.merchant = paykit.Merchant(t, k.Installation.WeChat, []string{k.Apps[auth.Storefront].WechatAppID}, nil)
	admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
	created := admin.Do(t, "MerchantAccountCreate", appkit.Variables{"input": appkit.Variables{
		"orgId": appkit.ID(ids.Org, k.Store1.ID), "merchantId": c.merchant.ID, "name": "一店", "idempotencyKey": appkit.Key(),
		"keys": appkit.Variables{"certificateSerial": c.merchant.CertificateSerial, "privateKey": c.merchant.PrivateKey, "apiKey": c.merchant.APIv3Key,
			"publicKeyId": c.merchant.PublicKeyID, "publicKey": c.merchant.PublicKey},
	}})
	require.NotNil(t, created.Look("merchantAccountCreate.merchantAccount.id"), created)
	made := admin.Do(t, "TopUpTierCreate", appkit.Variables{"input": appkit.Variables{
		"orgId": appkit.ID(ids.Org, k.Store1.ID), "name": "充1000送100", "pay": 100_000, "bonus": 10_000, "bonusDays": 30, "scopeOrgId": appkit.ID(ids.Org, k.Root.ID),
		"startsAt": time.Now().Add(-time.Hour), "endsAt": time.Now().Add(24 * time.Hour), "idempotencyKey": appkit.Key(),
	}})
	c.tier = made.String(t, "topUpTierCreate.tier.id")
	active := admin.Do(t, "TopUpTierStateSet", appkit.Variables{"input": appkit.Variables{"id": c.tier, "version": made.Number(t, "topUpTierCreate.tier.version"), "state": "ACTIVE"}})
	require.NotNil(t, active.Look("topUpTierStateSet.tier.id"), active)
	for _, store := range []*ent.Org{k.Store1, k.Store2} {
		c.clerks[store.ID] = k.NewStaff(t, auth.Staff, store, auth.Clerk)
	}
	c.manager = k.NewStaff(t, auth.Staff, k.Region, auth.Manager)
	return c
}

// insist sends an operation until it is answered, as a client does on a bad network: with the same key each time.
func (c *counter) insist(ctx context.Context, client *appkit.Client, operation string, variables appkit.Variables) (*appkit.Response, error) {
	for {
		r, err := client.Try(ctx, operation, variables)
		if err == nil && r.Status == http.StatusOK && len(r.Errors) == 0 {
			return r, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w, %v", operation, ctx.Err(), r)
		}
		if err == nil {
			c.fault(r)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// fault counts the errors of an operation that was not answered.
func (c *counter) fault(r *appkit.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range r.Errors {
		c.faults[e.Extensions.Code]++
	}
	if len(r.Errors) == 0 {
		c.faults[fmt.Sprint("status ", r.Status)]++
	}
}

// buy tops the shopper up by WeChat Pay, up to the payment; what WeChat tells of it comes later. It gives the top-up, or the code of the refusal.
func (c *counter) buy(ctx context.Context, shopper *appkit.Client, key string) (topUp, refusal string, err error) {
	r, err := c.insist(ctx, shopper, "TopUpCreate", appkit.Variables{"input": appkit.Variables{"tierId": c.tier, "idempotencyKey": key}})
	if err != nil {
		return "", "", err
	}
	if codes := r.UserCodes("topUpCreate"); len(codes) > 0 {
		return "", codes[0], nil
	}
	topUp, _ = r.Look("topUpCreate.topUp.id").(string)
	r, err = c.insist(ctx, shopper, "PaymentPrepare", appkit.Variables{"input": appkit.Variables{"paymentId": r.Look("topUpCreate.topUp.payment.id")}})
	if err != nil {
		return "", "", err
	}
	text := func(name string) string {
		value, _ := r.Look("paymentPrepare.parameters." + name).(string)
		return value
	}
	if text("package") == "" {
		return topUp, "", fmt.Errorf("prepare: %s", r.Body)
	}
	identity, err := c.Installation.WeChat.Open(ctx, shopper.App, shopper.User)
	if err != nil {
		return topUp, "", err
	}
	_, err = paykit.Pay(ctx, c.Installation.WeChat, wechatpay.PaymentParameters{AppID: shopper.App, TimeStamp: text("timeStamp"), NonceStr: text("nonceStr"),
		Package: text("package"), SignType: text("signType"), PaySign: text("paySign")}, identity.OpenID)
	return topUp, "", err
}

// spend lets the shopper show a pay code and the store's clerk charge it. It gives the payment, or the code of the refusal.
func (c *counter) spend(ctx context.Context, shopper *appkit.Client, store int64, amount int64, key string) (payment, refusal string, err error) {
	shown, err := c.insist(ctx, shopper, "PayCode", nil)
	if err != nil {
		return "", "", err
	}
	if codes := shown.UserCodes("payCodeIssue"); len(codes) > 0 {
		return "", codes[0], nil
	}
	r, err := c.insist(ctx, c.clerks[store], "WalletCharge", appkit.Variables{"input": appkit.Variables{"payCode": shown.Look("payCodeIssue.code.digits"),
		"storeId": appkit.ID(ids.Org, store), "amount": amount, "idempotencyKey": key}})
	if err != nil {
		return "", "", err
	}
	if codes := r.UserCodes("walletCharge"); len(codes) > 0 {
		return "", codes[0], nil
	}
	payment, _ = r.Look("walletCharge.payment.id").(string)
	return payment, "", nil
}

// giveBack refunds part of a payment, by the manager.
func (c *counter) giveBack(ctx context.Context, payment string, amount int64, key string) (*appkit.Response, error) {
	return c.insist(ctx, c.manager, "WalletRefund", appkit.Variables{"input": appkit.Variables{"paymentId": payment, "amount": amount, "reason": "退货", "idempotencyKey": key}})
}

// balance is what the shopper's wallet says.
func (c *counter) balance(t *testing.T, shopper *appkit.Client) (principal, bonus, held int) {
	t.Helper()
	r := shopper.Do(t, "MyWallet", nil)
	return r.Number(t, "viewer.wallet.balance.principal"), r.Number(t, "viewer.wallet.balance.bonus"), r.Number(t, "viewer.wallet.balance.held")
}

// settled waits until the books have what WeChat's have: every payment that was made and every refund that ended.
func (c *counter) settled(t *testing.T) {
	t.Helper()
	ctx := c.System(t)
	require.Eventually(t, func() bool {
		theirs, err := c.Installation.WeChat.Books(t.Context(), c.merchant.ID)
		if err != nil || theirs.Refunding != 0 {
			return false
		}
		var captured, refunded int64
		for _, p := range c.Store.Client(ctx).Payment.Query().AllX(ctx) {
			if p.State == enum.PaymentPaid && p.Outcome == enum.OutcomeNone || p.RefundingFen != p.RefundedFen {
				return false
			}
			captured, refunded = captured+p.PaidFen, refunded+p.RefundedFen
		}
		return captured == theirs.Captured && refunded == theirs.Refunded
	}, 2*time.Minute, 50*time.Millisecond)
}

// TestStoredValueJourney is a shopper's: top up, pay at the store that issued and at another one, get something back.
func TestStoredValueJourney(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		c := newCounter(t, k)
		shopper := k.Shopper(t)
		_, refusal, err := c.buy(t.Context(), shopper, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		c.settled(t)
		principal, bonus, held := c.balance(t, shopper)
		require.Equal(t, []int{100_000, 10_000, 0}, []int{principal, bonus, held})

		payment, refusal, err := c.spend(t.Context(), shopper, k.Store1.ID, 5_000, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		principal, bonus, _ = c.balance(t, shopper)
		require.Equal(t, []int{100_000, 5_000}, []int{principal, bonus}, "what expires first is spent first")

		_, refusal, err = c.spend(t.Context(), shopper, k.Store2.ID, 15_000, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		principal, bonus, _ = c.balance(t, shopper)
		require.Equal(t, []int{90_000, 0}, []int{principal, bonus})
		ctx := c.System(t)
		var owed int64
		for _, line := range k.Store.Client(ctx).ClearingLine.Query().AllX(ctx) {
			require.Equal(t, k.Store1.ID, line.DebtorOrgID)
			require.Equal(t, k.Store2.ID, line.CreditorOrgID)
			owed += line.AmountFen
		}
		require.EqualValues(t, 15_000, owed, "the issuer owes the other store what was spent there")

		back, err := c.giveBack(t.Context(), payment, 2_000, appkit.Key())
		require.NoError(t, err)
		require.Equal(t, 2_000, back.Number(t, "walletRefund.refund.bonus"), back)
		_, bonus, _ = c.balance(t, shopper)
		require.Equal(t, 2_000, bonus)

		_, refusal, err = c.spend(t.Context(), shopper, k.Store1.ID, 92_001, appkit.Key())
		require.NoError(t, err)
		require.NotEmpty(t, refusal)
		k.Verify(t)
	})
}
