package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/merchantaccount"
	"dongxiao/ent/payment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/wechatpay"
)

// MaxAmount is the largest payment, in fen: a hundred thousand yuan.
const MaxAmount money.Fen = 10_000_000

// leastLife is how much of a payment's time must be left for it to be prepared: WeChat Pay gives every order a minute at least, and what is closed here
// must not be payable there.
const leastLife = 70 * time.Second

// NewPayment is what Create needs.
type NewPayment struct {
	Purpose enum.PaymentPurpose
	// SubjectID is the row that is paid for.
	SubjectID int64
	// OrgID is the org whose active merchant account takes the money.
	OrgID int64
	// AppID is the mini-program in which PersonID pays; MemberID is 0 where no member pays.
	AppID, PersonID, MemberID int64
	// Description is shown to the payer, 1 to 127 characters; longer ones are cut.
	Description string
	// Amount is 1 to MaxAmount.
	Amount money.Fen
	// ExpiresAt is until when it can be paid; it is closed then.
	ExpiresAt time.Time
}

// Create makes a payment to be paid, in the caller's transaction: a row, and nothing is called. Domains call it; they have checked who pays for what.
// Codes: MERCHANT_ACCOUNT_MISSING (the org has no active account).
func (s *Service) Create(ctx context.Context, n NewPayment) (*ent.Payment, error) {
	if n.Amount < 1 || n.Amount > MaxAmount || n.Description == "" {
		return nil, fmt.Errorf("payment: a payment of %d fen for %s cannot be made", n.Amount, n.Purpose)
	}
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	accountID, err := client.MerchantAccount.Query().Where(merchantaccount.ActiveOrgID(n.OrgID)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.MerchantAccountMissing)
	}
	if err != nil {
		return nil, err
	}
	id, now := ids.Next(), s.Clock.Now()
	description := []rune(n.Description)
	description = description[:min(len(description), 127)]
	// WeChat Pay keeps whole seconds.
	expires := n.ExpiresAt.Truncate(time.Second)
	create := client.Payment.Create().SetID(id).SetCreatedAt(now).SetMerchantAccountID(accountID).SetOrgID(n.OrgID).SetAppID(n.AppID).SetPersonID(n.PersonID).
		SetPurpose(n.Purpose).SetSubjectID(n.SubjectID).SetOutTradeNo(number("P", id)).SetDescription(string(description)).SetAmountFen(int64(n.Amount)).
		SetExpiresAt(expires).SetCheckAt(now.Add(firstCheck))
	if n.MemberID != 0 {
		create.SetMemberID(n.MemberID)
	}
	return create.Save(ctx)
}

// number is a new number for WeChat Pay: unique for the merchant for ever, also where another installation uses the same merchant.
func number(prefix string, id int64) string {
	return prefix + strings.ToUpper(strconv.FormatInt(id, 36)) + rand.Text()[:8]
}

// Prepared is what a mini-program needs to ask the payer for the money.
type Prepared struct {
	Payment    *ent.Payment
	Parameters wechatpay.PaymentParameters
}

// Prepare makes the order at WeChat Pay, or finds it again, and gives fresh parameters for wx.requestPayment. The payer calls it on STOREFRONT, as often as
// needed; it is never called in a transaction. Codes: NOT_FOUND (not the viewer's payment), PAYMENT_PAID, PAYMENT_CLOSED (also where less than a good
// minute is left), MERCHANT_ACCOUNT_MISSING (the account was suspended), SIGN_IN_AGAIN, WECHAT_BUSY, WECHAT_UNAVAILABLE.
func (s *Service) Prepare(ctx context.Context, id int64) (*Prepared, error) {
	p, err := s.Payment(ctx, id)
	if err != nil {
		return nil, apperr.OfInput(err, "paymentId")
	}
	if err := s.preparable(p); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	account, client, err := s.clientOf(ctx, p.MerchantAccountID)
	if err != nil {
		return nil, err
	}
	if account.State != enum.MerchantActive {
		return nil, apperr.New(apperr.MerchantAccountMissing)
	}
	openID, err := s.Payers.OpenID(ctx, p.PersonID, p.AppID)
	if err != nil {
		return nil, err
	}
	app, err := s.Store.Client(ctx).App.Get(ctx, p.AppID)
	if err != nil {
		return nil, err
	}
	// From now on it may be paid: it is asked about soon, should the notice get lost.
	soon := s.Clock.Now().Add(firstCheck)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		return s.Store.Client(ctx).Payment.Update().Where(payment.ID(id), payment.StateEQ(enum.PaymentPending), payment.CheckAtGT(soon)).SetCheckAt(soon).SetChecks(0).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	parameters, err := client.Prepay(ctx, wechatpay.PrepayRequest{AppID: app.WechatAppID, OpenID: openID, Description: p.Description, OutTradeNo: p.OutTradeNo,
		Total: money.Fen(p.AmountFen), ExpiresAt: p.ExpiresAt, NotifyURL: s.noticeURL(account)})
	switch {
	case err == nil:
		return &Prepared{p, parameters}, nil
	case wechatpay.Is(err, wechatpay.KindPaid):
		return nil, apperr.New(apperr.PaymentPaid).Because(err)
	case wechatpay.Is(err, wechatpay.KindClosed):
		return nil, apperr.New(apperr.PaymentClosed).Because(err)
	}
	return nil, wechatpay.Refusal(err)
}

func (s *Service) preparable(p *ent.Payment) error {
	switch {
	case p.State == enum.PaymentPaid:
		return apperr.New(apperr.PaymentPaid)
	case p.State == enum.PaymentClosed, s.Clock.Now().Add(leastLife).After(p.ExpiresAt):
		return apperr.New(apperr.PaymentClosed)
	}
	return nil
}

// askedEvery is the least time between two questions that a waiting payer causes.
const askedEvery = 3 * time.Second

// State is a payment of the viewer's as it stands now: while it is not paid WeChat Pay is asked, at most every three seconds, so that a payer who comes back from
// wx.requestPayment sees the result although the notice is late. NOT_FOUND.
func (s *Service) State(ctx context.Context, id int64) (*ent.Payment, error) {
	p, err := s.Payment(ctx, id)
	if err != nil || p.State != enum.PaymentPending || auth.FromContext(ctx).Face != auth.Storefront {
		return p, err
	}
	// Redis only spares WeChat Pay some questions; without it nothing is asked, and the poller finds out.
	first, err := s.Redis.SetNX(ctx, "payment:asked:"+strconv.FormatInt(id, 36), 1, askedEvery).Result()
	if err != nil || !first {
		return p, nil
	}
	if err := s.ask(system(ctx, p.BrandID), p); err != nil {
		if !errors.Is(err, context.Canceled) {
			s.Log.WarnContext(ctx, "a payment could not be asked about", "payment", id, "error", err)
		}
		return p, nil
	}
	return s.Payment(ctx, id)
}
