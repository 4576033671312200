package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/outbox"
	"dongxiao/internal/wechat"
)

// ShippingTopic is the outbox's topic of telling WeChat that what was paid for is delivered (发货信息录入): a mini-program's money stays frozen until then.
const ShippingTopic = "payment_shipping"

type shippingMessage struct {
	PaymentID int64 `json:"paymentId"`
}

// UploadShipping carries out a message of ShippingTopic. What WeChat refuses for good is final: people are alerted and it is not tried again.
func (s *Service) UploadShipping(ctx context.Context, m outbox.Message) error {
	var message shippingMessage
	if err := json.Unmarshal(m.Payload, &message); err != nil {
		return err
	}
	client := s.Store.Client(ctx)
	p, err := client.Payment.Get(ctx, message.PaymentID)
	if err != nil {
		return err
	}
	if p.ShippedAt != nil || p.TransactionID == nil || p.PaidAt == nil {
		return nil
	}
	app, err := s.Payers.WeChatApp(ctx, p.AppID)
	if err != nil {
		return err
	}
	openID, err := s.Payers.OpenID(ctx, p.PersonID, p.AppID)
	if apperr.CodeOf(err) == apperr.SignInAgain {
		// The payer's openid was erased: WeChat frees the money by itself after its time.
		s.alert(ctx, alertShipping, "the payer of a payment is gone, so WeChat is not told of its delivery", "payment", p.ID)
		return nil
	}
	if err != nil {
		return err
	}
	err = s.WeChat.UploadShipping(ctx, app, wechat.Shipping{TransactionID: *p.TransactionID, OpenID: openID, Logistics: logistics(p.Purpose),
		Description: p.Description, At: *p.PaidAt})
	switch {
	case err == nil:
		return client.Payment.Update().Where(payment.ID(p.ID), payment.ShippedAtIsNil()).SetShippedAt(s.Clock.Now()).Exec(ctx)
	case finalShipping(err):
		s.alert(ctx, alertShipping, "WeChat refuses to be told of a delivery", "payment", p.ID, "error", err)
		return nil
	}
	return fmt.Errorf("tell WeChat of a delivery: %w", err)
}

// finalShipping says whether WeChat's refusal stands however often it is asked: it may not know a payment yet, and may be busy; all else is final.
func finalShipping(err error) bool {
	_, refused := errors.AsType[*wechat.Error](err)
	return refused && wechat.HasCode(err, wechat.CodeReshipped, wechat.CodeNotShippable, wechat.CodePayerDiffers)
}

// logistics is how the payer gets what was paid for.
func logistics(purpose enum.PaymentPurpose) wechat.Logistics {
	if purpose == enum.PayTopUp {
		return wechat.LogisticsVirtual
	}
	return wechat.LogisticsPickUp
}
