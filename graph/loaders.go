package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vikstrous/dataloadgen"

	"dongxiao/auth"
	coupons "dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/coupon"
	"dongxiao/ent/couponrule"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/level"
	"dongxiao/ent/member"
	"dongxiao/ent/org"
	"dongxiao/ent/person"
	"dongxiao/ent/redemption"
	"dongxiao/ent/staff"
)

// loaders fetch the objects behind references, all of one kind with one statement a response. They read within the brand, because whoever
// sees a row may know what it refers to; the resolvers of those objects mask what the viewer must not read.
type loaders struct {
	app            *dataloadgen.Loader[int64, *ent.App]
	coupon         *dataloadgen.Loader[int64, *ent.Coupon]
	couponRule     keeping[ent.CouponRule]
	couponTemplate *dataloadgen.Loader[int64, *ent.CouponTemplate]
	level          keeping[ent.Level]
	member         *dataloadgen.Loader[int64, *ent.Member]
	memberTags     *dataloadgen.Loader[int64, []*ent.Tag]
	org            *dataloadgen.Loader[int64, *ent.Org]
	person         *dataloadgen.Loader[int64, *ent.Person]
	redemption     *dataloadgen.Loader[int64, *ent.Redemption]
	staff          *dataloadgen.Loader[int64, *ent.Staff]
}

// loaderWait is how long a loader collects ids after the first: long enough that the goroutines of one list have all asked on a busy machine,
// short beside a request.
const loaderWait = 2 * time.Millisecond

type loadersKey struct{}

// WithLoaders gives every response its own loaders: in a subscription each event has fresh ones.
func (r *Resolver) WithLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	client, known := r.Database.Client, r.kept.open()
	l := &loaders{
		app: loader(func(ctx context.Context, ids []int64) ([]*ent.App, error) {
			return client(ctx).App.Query().Where(app.IDIn(ids...)).All(ctx)
		}, func(row *ent.App) int64 { return row.ID }),
		coupon: loader(func(ctx context.Context, ids []int64) ([]*ent.Coupon, error) {
			return client(ctx).Coupon.Query().Where(coupon.IDIn(ids...)).All(ctx)
		}, func(row *ent.Coupon) int64 { return row.ID }),
		couponRule: keeping[ent.CouponRule]{known.couponRule, loader(func(ctx context.Context, ids []int64) ([]*ent.CouponRule, error) {
			return client(ctx).CouponRule.Query().Where(couponrule.IDIn(ids...)).All(ctx)
		}, func(row *ent.CouponRule) int64 { return row.ID })},
		couponTemplate: loader(func(ctx context.Context, ids []int64) ([]*ent.CouponTemplate, error) {
			return client(ctx).CouponTemplate.Query().Where(coupontemplate.IDIn(ids...)).All(ctx)
		}, func(row *ent.CouponTemplate) int64 { return row.ID }),
		level: keeping[ent.Level]{known.level, loader(func(ctx context.Context, ids []int64) ([]*ent.Level, error) {
			return client(ctx).Level.Query().Where(level.IDIn(ids...)).All(ctx)
		}, func(row *ent.Level) int64 { return row.ID })},
		member: loader(func(ctx context.Context, ids []int64) ([]*ent.Member, error) {
			return client(ctx).Member.Query().Where(member.IDIn(ids...)).All(ctx)
		}, func(row *ent.Member) int64 { return row.ID }),
		memberTags: dataloadgen.NewMappedLoader(r.Members.TagsOf, dataloadgen.WithWait(loaderWait), dataloadgen.WithBatchCapacity(200)),
		org: loader(func(ctx context.Context, ids []int64) ([]*ent.Org, error) {
			return client(ctx).Org.Query().Where(org.IDIn(ids...)).All(ctx)
		}, func(row *ent.Org) int64 { return row.ID }),
		person: loader(func(ctx context.Context, ids []int64) ([]*ent.Person, error) {
			return client(ctx).Person.Query().Where(person.IDIn(ids...)).All(ctx)
		}, func(row *ent.Person) int64 { return row.ID }),
		redemption: loader(func(ctx context.Context, ids []int64) ([]*ent.Redemption, error) {
			return client(ctx).Redemption.Query().Where(redemption.IDIn(ids...)).All(ctx)
		}, func(row *ent.Redemption) int64 { return row.ID }),
		staff: loader(func(ctx context.Context, ids []int64) ([]*ent.Staff, error) {
			return client(ctx).Staff.Query().Where(staff.IDIn(ids...)).All(ctx)
		}, func(row *ent.Staff) int64 { return row.ID }),
	}
	return next(coupons.ShareOffers(context.WithValue(ctx, loadersKey{}, l)))
}

func loader[T any](read func(context.Context, []int64) ([]T, error), idOf func(T) int64) *dataloadgen.Loader[int64, T] {
	return dataloadgen.NewMappedLoader(func(ctx context.Context, ids []int64) (map[int64]T, error) {
		rows, err := read(auth.WithinBrand(ctx), ids)
		if err != nil {
			return nil, err
		}
		found := make(map[int64]T, len(rows))
		for _, row := range rows {
			found[idOf(row)] = row
		}
		return found, nil
	}, dataloadgen.WithWait(loaderWait), dataloadgen.WithBatchCapacity(200))
}

func load(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

// optional loads a reference that may be missing.
func optional[T any](ctx context.Context, l interface {
	Load(context.Context, int64) (*T, error)
}, id *int64) (*T, error) {
	if id == nil {
		return nil, nil
	}
	return l.Load(ctx, *id)
}
