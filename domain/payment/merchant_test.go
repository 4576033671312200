package payment_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechatsim"
)

func TestMerchantAccount(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		client := w.Store.Client(t.Context())
		admin := testkit.As(t, x.admin)
		other := paykit.Merchant(t, x.simulator, []string{w.Apps[auth.Storefront].WechatAppID}, nil)
		create := func(v auth.Viewer, change func(*payment.NewMerchantAccount)) error {
			in := payment.NewMerchantAccount{OrgID: w.Store2.ID, MerchantID: other.ID, Name: "二店", Keys: keysOf(other), IdempotencyKey: rand.Text()}
			if change != nil {
				change(&in)
			}
			_, err := x.payments.CreateMerchantAccount(testkit.As(t, v), in)
			return err
		}
		text := func(s string) *string { return &s }
		for name, c := range map[string]struct {
			change func(*payment.NewMerchantAccount)
			code   apperr.Code
		}{
			"another brand's org": {func(in *payment.NewMerchantAccount) { in.OrgID = 5 }, apperr.NotFound},
			"no name":             {func(in *payment.NewMerchantAccount) { in.Name = " " }, apperr.InvalidInput},
			"number of letters":   {func(in *payment.NewMerchantAccount) { in.MerchantID = "abcdefgh" }, apperr.InvalidInput},
			"no keys":             {func(in *payment.NewMerchantAccount) { in.Keys = payment.MerchantKeys{} }, apperr.InvalidInput},
			"serial":              {func(in *payment.NewMerchantAccount) { in.Keys.CertificateSerial = text("xyz") }, apperr.InvalidInput},
			"private key":         {func(in *payment.NewMerchantAccount) { in.Keys.PrivateKey = text("-----BEGIN PRIVATE KEY-----") }, apperr.InvalidInput},
			"huge key":            {func(in *payment.NewMerchantAccount) { in.Keys.PrivateKey = text(strings.Repeat("x", 10_000)) }, apperr.InvalidInput},
			"short APIv3 key":     {func(in *payment.NewMerchantAccount) { in.Keys.APIKey = text("short") }, apperr.InvalidInput},
			"public key":          {func(in *payment.NewMerchantAccount) { in.Keys.PublicKey = text("x") }, apperr.InvalidInput},
			"no way to verify":    {func(in *payment.NewMerchantAccount) { in.Keys.PublicKeyID, in.Keys.PublicKey = nil, nil }, apperr.InvalidInput},
			"number is taken":     {func(in *payment.NewMerchantAccount) { in.MerchantID = x.merchant.ID }, apperr.MerchantAccountExists},
			"org has one":         {func(in *payment.NewMerchantAccount) { in.OrgID = w.Store1.ID }, apperr.MerchantAccountExists},
			"key":                 {func(in *payment.NewMerchantAccount) { in.IdempotencyKey = "x" }, apperr.IdempotencyKeyInvalid},
		} {
			err := create(x.admin, c.change)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
			for _, secret := range []string{other.APIv3Key, "PRIVATE KEY", "xyz"} {
				require.NotContains(t, err.Error(), secret)
			}
		}
		_, owner := w.NewStaff(t, auth.Console, w.Store2, auth.Owner)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(create(owner, nil)))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(create(x.finance, nil)))
		require.Equal(t, 1, client.MerchantAccount.Query().CountX(x.system(t)))

		row := client.MerchantAccount.GetX(x.system(t), x.account.ID)
		for _, sealed := range [][]byte{row.PrivateKeySealed, row.APIKeySealed} {
			require.NotContains(t, string(sealed), "PRIVATE KEY")
			require.NotContains(t, string(sealed), x.merchant.APIv3Key)
		}
		for _, entry := range client.AuditEntry.Query().Where(auditentry.Subject(row.NodeID().String())).AllX(x.system(t)) {
			for _, value := range entry.After {
				require.NotContains(t, string(value), x.merchant.APIv3Key)
				require.NotContains(t, string(value), "PRIVATE KEY")
			}
		}

		// New keys hold at once, for calls and for notices.
		renewed := (rand.Text() + rand.Text())[:32]
		_, err := x.payments.UpdateMerchantAccount(admin, payment.MerchantAccountChange{ID: row.ID, Keys: payment.MerchantKeys{APIKey: &renewed}})
		require.NoError(t, err)
		held := x.prepared(t, 100)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeHold}))
		x.pay(t, held)
		notices, err := x.simulator.Notices(t.Context(), x.merchant.ID)
		require.NoError(t, err)
		sent, err := x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[0].ID})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, sent.Status, "it is sealed under the old key")
		_, err = x.payments.UpdateMerchantAccount(admin, payment.MerchantAccountChange{ID: row.ID, Keys: payment.MerchantKeys{APIKey: &x.merchant.APIv3Key}})
		require.NoError(t, err)
		sent, err = x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[0].ID})
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, sent.Status)
		x.await(t, held.Payment.ID, enum.PaymentPaid)

		// A suspended account takes nothing new; what was paid goes back all the same.
		open := x.create(t, 100)
		set := func(to enum.MerchantAccountState, reason string) error {
			_, err := x.payments.SetMerchantAccountState(admin, row.ID, to, reason)
			return err
		}
		require.Equal(t, apperr.ReasonRequired, apperr.CodeOf(set(enum.MerchantSuspended, "")))
		require.NoError(t, set(enum.MerchantSuspended, "换号"))
		_, err = x.payments.Prepare(testkit.As(t, x.payer), open.ID)
		require.Equal(t, apperr.MerchantAccountMissing, apperr.CodeOf(err))
		_, err = x.payments.Create(x.system(t), payment.NewPayment{Purpose: enum.PayOrder, OrgID: w.Store1.ID, Description: "x", Amount: 1})
		require.Equal(t, apperr.MerchantAccountMissing, apperr.CodeOf(err))
		_, err = x.refund(t, held.Payment.ID, 100)
		require.NoError(t, err)
		x.refundsSucceed(t, held.Payment.ID)
		require.NoError(t, create(x.admin, func(in *payment.NewMerchantAccount) { in.OrgID = w.Store1.ID }))
		require.Equal(t, apperr.MerchantAccountExists, apperr.CodeOf(set(enum.MerchantActive, "换回")))
		x.holds(t, 100, 100)

		list, err := x.payments.MerchantAccounts(testkit.As(t, x.finance), nil, nil, nil)
		require.NoError(t, err)
		require.Len(t, list.Nodes, 2)
		_, far := w.NewStaff(t, auth.Console, w.Store2, auth.Finance)
		list, err = x.payments.MerchantAccounts(testkit.As(t, far), nil, nil, nil)
		require.NoError(t, err)
		require.Empty(t, list.Nodes)
	})
}
