package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	coupons "dongxiao/domain/coupon"
	topups "dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/coupon"
	"dongxiao/ent/couponrule"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/level"
	"dongxiao/ent/member"
	"dongxiao/ent/merchantaccount"
	"dongxiao/ent/org"
	"dongxiao/ent/payment"
	"dongxiao/ent/person"
	"dongxiao/ent/redemption"
	"dongxiao/ent/staff"
	"dongxiao/ent/tag"
	"dongxiao/ent/topup"
	"dongxiao/ent/topuptier"
	"dongxiao/ent/walletpayment"
	"dongxiao/ent/walletrefund"
	"dongxiao/internal/money"
)

// loaders fetch the objects behind references, all of one list with one statement. They read within the brand, because whoever sees a row may know
// what it refers to; the resolvers of those objects mask what the viewer must not read.
type loaders struct {
	app            *loader[*ent.App]
	coupon         *loader[*ent.Coupon]
	couponRule     *loader[*document.CouponRule]
	couponTemplate *loader[*ent.CouponTemplate]
	level          *loader[*ent.Level]
	member         *loader[*ent.Member]
	memberTags     *loader[[]*ent.Tag]
	merchant       *loader[*ent.MerchantAccount]
	org            *loader[*ent.Org]
	payment        *loader[*ent.Payment]
	paymentRefunds *loader[[]*ent.PaymentRefund]
	person         *loader[*ent.Person]
	productName    *loader[*catalog.Named]
	redemption     *loader[*ent.Redemption]
	skuName        *loader[*catalog.Named]
	staff          *loader[*ent.Staff]
	walletBalance  *loader[money.Fen]
	walletPayment  *loader[*ent.WalletPayment]
	walletRefund   *loader[*ent.WalletRefund]
	walletRefunds  *loader[[]*ent.WalletRefund]
	tag            *loader[*ent.Tag]
	tillExpected   *loader[topups.Count]
	tillTaken      *loader[money.Fen]
	topUp          *loader[*ent.TopUp]
	topUpRefunds   *loader[[]*ent.TopUpRefund]
	topUpTier      *loader[*ent.TopUpTier]

	groups groups
}

type loadersKey struct{}

// WithLoaders gives every response its own loaders: in a subscription each event has fresh ones.
func (r *Resolver) WithLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	client, known := r.Database.Client, r.kept.open()
	l := &loaders{
		app: byNumber(func(ctx context.Context, ids []int64) ([]*ent.App, error) {
			return client(ctx).App.Query().Where(app.IDIn(ids...)).All(ctx)
		}, func(row *ent.App) int64 { return row.ID }),
		coupon: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Coupon, error) {
			return client(ctx).Coupon.Query().Where(coupon.IDIn(ids...)).All(ctx)
		}, func(row *ent.Coupon) int64 { return row.ID }),
		couponRule: keeping(known.couponRule, &loader[*document.CouponRule]{read: r.couponRules}),
		couponTemplate: byNumber(func(ctx context.Context, ids []int64) ([]*ent.CouponTemplate, error) {
			return client(ctx).CouponTemplate.Query().Where(coupontemplate.IDIn(ids...)).All(ctx)
		}, func(row *ent.CouponTemplate) int64 { return row.ID }),
		level: keeping(known.level, byNumber(func(ctx context.Context, ids []int64) ([]*ent.Level, error) {
			return client(ctx).Level.Query().Where(level.IDIn(ids...)).All(ctx)
		}, func(row *ent.Level) int64 { return row.ID })),
		member: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Member, error) {
			query := client(ctx).Member.Query().Where(member.IDIn(ids...))
			query.Modify(withWalletBalance)
			return query.All(ctx)
		}, func(row *ent.Member) int64 { return row.ID }),
		memberTags: &loader[[]*ent.Tag]{read: r.memberTags},
		merchant: byNumber(func(ctx context.Context, ids []int64) ([]*ent.MerchantAccount, error) {
			return client(ctx).MerchantAccount.Query().Where(merchantaccount.IDIn(ids...)).All(ctx)
		}, func(row *ent.MerchantAccount) int64 { return row.ID }),
		payment: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Payment, error) {
			return client(ctx).Payment.Query().Where(payment.IDIn(ids...)).All(ctx)
		}, func(row *ent.Payment) int64 { return row.ID }),
		paymentRefunds: &loader[[]*ent.PaymentRefund]{read: r.paymentRefunds},
		org: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Org, error) {
			return client(ctx).Org.Query().Where(org.IDIn(ids...)).All(ctx)
		}, func(row *ent.Org) int64 { return row.ID }),
		person: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Person, error) {
			return client(ctx).Person.Query().Where(person.IDIn(ids...)).All(ctx)
		}, func(row *ent.Person) int64 { return row.ID }),
		redemption: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Redemption, error) {
			return client(ctx).Redemption.Query().Where(redemption.IDIn(ids...)).All(ctx)
		}, func(row *ent.Redemption) int64 { return row.ID }),
		staff: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Staff, error) {
			return client(ctx).Staff.Query().Where(staff.IDIn(ids...)).All(ctx)
		}, func(row *ent.Staff) int64 { return row.ID }),
		productName: &loader[*catalog.Named]{read: r.Catalog.ProductNames},
		skuName:     &loader[*catalog.Named]{read: r.Catalog.SKUNames},
		tag: byNumber(func(ctx context.Context, ids []int64) ([]*ent.Tag, error) {
			return client(ctx).Tag.Query().Where(tag.IDIn(ids...)).All(ctx)
		}, func(row *ent.Tag) int64 { return row.ID }),
		walletBalance: &loader[money.Fen]{read: r.Wallets.BalancesOf},
		walletPayment: byNumber(func(ctx context.Context, ids []int64) ([]*ent.WalletPayment, error) {
			return client(ctx).WalletPayment.Query().Where(walletpayment.IDIn(ids...)).All(ctx)
		}, func(row *ent.WalletPayment) int64 { return row.ID }),
		walletRefund: byNumber(func(ctx context.Context, ids []int64) ([]*ent.WalletRefund, error) {
			return client(ctx).WalletRefund.Query().Where(walletrefund.IDIn(ids...)).All(ctx)
		}, func(row *ent.WalletRefund) int64 { return row.ID }),
		walletRefunds: &loader[[]*ent.WalletRefund]{read: r.walletRefunds},
		tillExpected:  &loader[topups.Count]{read: r.tillExpected},
		tillTaken:     &loader[money.Fen]{read: r.Wallets.TakenInShifts},
		topUp: byNumber(func(ctx context.Context, ids []int64) ([]*ent.TopUp, error) {
			return client(ctx).TopUp.Query().Where(topup.IDIn(ids...)).All(ctx)
		}, func(row *ent.TopUp) int64 { return row.ID }),
		topUpRefunds: &loader[[]*ent.TopUpRefund]{read: r.topUpRefunds},
		topUpTier: byNumber(func(ctx context.Context, ids []int64) ([]*ent.TopUpTier, error) {
			return client(ctx).TopUpTier.Query().Where(topuptier.IDIn(ids...)).All(ctx)
		}, func(row *ent.TopUpTier) int64 { return row.ID }),
	}
	return next(coupons.ShareOffers(context.WithValue(ctx, loadersKey{}, l)))
}

func (r *Resolver) couponRules(ctx context.Context, ids []int64) (map[int64]*document.CouponRule, error) {
	rows, err := r.Database.Client(ctx).CouponRule.Query().Where(couponrule.IDIn(ids...)).All(auth.WithinBrand(ctx))
	rules := make(map[int64]*document.CouponRule, len(rows))
	for _, row := range rows {
		rules[row.ID] = &row.Rule
	}
	return rules, err
}

func (r *Resolver) memberTags(ctx context.Context, memberIDs []int64) (map[int64][]*ent.Tag, error) {
	tags, err := r.Members.TagsOf(ctx, memberIDs)
	together(ctx, slices.Concat(slices.Collect(maps.Values(tags))...))
	return tags, err
}

func (r *Resolver) paymentRefunds(ctx context.Context, paymentIDs []int64) (map[int64][]*ent.PaymentRefund, error) {
	refunds, err := r.Payments.RefundsOf(ctx, paymentIDs)
	together(ctx, slices.Concat(slices.Collect(maps.Values(refunds))...))
	return refunds, err
}

func (r *Resolver) walletRefunds(ctx context.Context, paymentIDs []int64) (map[int64][]*ent.WalletRefund, error) {
	refunds, err := r.Wallets.RefundsOf(ctx, paymentIDs)
	together(ctx, slices.Concat(slices.Collect(maps.Values(refunds))...))
	return refunds, err
}

func (r *Resolver) tillExpected(ctx context.Context, shiftIDs []int64) (map[int64]topups.Count, error) {
	return r.TopUps.Expected(ctx, shiftIDs...)
}

func (r *Resolver) topUpRefunds(ctx context.Context, topUpIDs []int64) (map[int64][]*ent.TopUpRefund, error) {
	refunds, err := r.TopUps.RefundsOf(ctx, topUpIDs)
	together(ctx, slices.Concat(slices.Collect(maps.Values(refunds))...))
	return refunds, err
}

func load(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }
