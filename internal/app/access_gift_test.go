package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// giftAsks has the arguments of the root fields of gifts.
func (m *matrix) giftAsks(t *testing.T) map[string]func() string {
	fixed := func(text string) func() string { return func() string { return text } }
	keyed := func(format string, args ...any) string {
		return fmt.Sprintf(strings.ReplaceAll(format, "KEY", appkit.Key()), args...)
	}
	ofTemplate := func(format string) func() string {
		return func() string { return keyed(format, appkit.ID(ids.CouponTemplate, m.ended(t))) }
	}
	return map[string]func() string{
		"Query.couponReports": fixed(`(state: DRAFT)`), "Query.couponFunnel": fixed(fmt.Sprintf(`(templateId: %q, by: STORE)`, m.id(ids.CouponTemplate))),
		"Query.couponUsers":              fixed(fmt.Sprintf(`(templateId: %q)`, m.id(ids.CouponTemplate))),
		"Query.exchangeCodeBatches":      fixed(fmt.Sprintf(`(templateId: %q)`, m.id(ids.CouponTemplate))),
		"Query.messageSettings":          fixed(""),
		"Mutation.exchangeCodesImport":   ofTemplate(`(input: {templateId: %q, batch: "一", codes: ["ABCDEF"], idempotencyKey: "KEY"})`),
		"Mutation.exchangeCodesGenerate": ofTemplate(`(input: {templateId: %q, batch: "一", quantity: 1, idempotencyKey: "KEY"})`),
		"Mutation.couponExchange":        func() string { return keyed(`(input: {code: "NOSUCHCODE", idempotencyKey: "KEY"})`) },
		"Mutation.messagePermissionAdd":  func() string { return keyed(`(input: {topic: COUPON_EXPIRY, idempotencyKey: "KEY"})`) },
		"Mutation.messageSettingsSet":    fixed(`(input: {noticeHours: 24, quietFrom: 22, quietUntil: 8, couponExpiry: [], version: 77})`),
		"Query.couponGift":               fixed(fmt.Sprintf(`(token: %q)`, m.gift)),
		"Mutation.couponTransferCreate":  func() string { return keyed(`(input: {couponId: %q, idempotencyKey: "KEY"})`, m.id(ids.Coupon)) },
		"Mutation.couponTransferCancel":  fixed(fmt.Sprintf(`(input: {id: %q})`, m.id(ids.CouponTransfer))),
		"Mutation.couponTransferAccept": func() string {
			token, _ := m.offer(t)
			return keyed(`(input: {token: %q, idempotencyKey: "KEY"})`, token)
		},
	}
}

// ended is a template that gives nothing any more.
func (m *matrix) ended(t *testing.T) int64 {
	template := m.NewTemplate(t, 1, 1)
	m.Store.Client(t.Context()).CouponTemplate.UpdateOneID(template.ID).SetState(enum.TemplateEnded).ExecX(m.System(t))
	return template.ID
}

// offer has the shopper offer a new coupon to a friend.
func (m *matrix) offer(t *testing.T) (token string, transfer int64) {
	shopper := m.clients["shopper"]
	template := m.NewTemplate(t, 1, 1)
	claimed := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, template.ID), "idempotencyKey": appkit.Key()}})
	m.Store.Client(t.Context()).CouponTemplate.UpdateOneID(template.ID).SetState(enum.TemplateEnded).ExecX(m.System(t)) // so that nobody else sees it
	r := shopper.Do(t, "CouponTransferCreate", vars{"input": vars{"couponId": claimed.String(t, "couponClaim.coupon.id"), "idempotencyKey": appkit.Key()}})
	_, transfer, ok := ids.Parse(r.String(t, "couponTransferCreate.transfer.id"))
	require.True(t, ok)
	return r.String(t, "couponTransferCreate.token"), transfer
}
