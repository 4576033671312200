package redemption

import (
	"context"

	"entgo.io/ent/dialect"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/member"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// reviewMetres is the distance between clerk and store from which a redemption is marked for review.
const reviewMetres = 1000

// nonceOperation is the operation of the idempotency rows that use up rotating codes; their actor is the member.
const nonceOperation = "memberCode"

// Confirmation is what Confirm needs.
type Confirmation struct {
	MemberCode string
	StoreID    int64
	CouponID   int64
	Purchase   money.Fen
	// Location is where the clerk's device is; nil where it was not told. It only marks for review.
	Location       *geo.Coordinate
	IdempotencyKey string
}

// Confirm redeems a coupon. Staff with RedeemCoupons at the store call it.
//
// One transaction uses up the code (a unique row of its nonce) and the coupon (a conditional write), writes the redemption, the member's event
// and the audit entry, and books what other orgs owe the store for it. Its key is remembered as idempotency.Do does, before the code is looked at: a repeat answers with the same redemption though the
// code is old or used by then. Where the device is does not belong to what makes a repeat the same. The unique key (clerk, key) on the redemption row
// outlives the remembered key, so that a key never makes a second redemption.
//
// Refusals: INVALID_INPUT, COORDINATE_OUT_OF_RANGE, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED,
// MEMBER_CODE_USED, MEMBER_FROZEN, MEMBER_CANCELLED, SELF_REDEMPTION, NOT_FOUND (the store is not the clerk's, the coupon not the member's),
// STORE_CLOSED, and those of the coupon, see quote.Explanation.
func (s *Service) Confirm(ctx context.Context, c Confirmation) (*Confirmed, error) {
	if err := checkPurchase(c.Purchase); err != nil {
		return nil, err
	}
	if c.Location != nil {
		if err := c.Location.Validate(); err != nil {
			return nil, at(err, "input", "location")
		}
	}
	v := auth.FromContext(ctx)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "redemptionConfirm", Key: c.IdempotencyKey, Input: struct {
		Code          string
		Store, Coupon int64
		Purchase      money.Fen
	}{c.MemberCode, c.StoreID, c.CouponID, c.Purchase}}
	var done *Confirmed
	id, repeated, err := idempotency.DoNew(auth.WithinBrand(ctx), s.Store, call, func(within context.Context, id int64) (err error) {
		done, err = s.confirm(within, v, id, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !repeated {
		return done, nil
	}
	row, err := s.Store.Client(ctx).Redemption.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Confirmed{Redemption: row}, nil
}

func (s *Service) confirm(ctx context.Context, v auth.Viewer, id int64, c Confirmation) (*Confirmed, error) {
	number, nonceKey, err := s.verify(ctx, c.MemberCode)
	if err != nil {
		return nil, err
	}
	m, err := s.lockMember(ctx, number)
	if err != nil {
		return nil, err
	}
	shop, clerk, err := s.counter(auth.NewContext(ctx, v), c.StoreID)
	if err != nil {
		return nil, err
	}
	if m.PersonID == v.PersonID {
		return nil, apperr.New(apperr.SelfRedemption)
	}
	client := s.Store.Client(ctx)
	err = client.IdempotencyKey.Create().SetActorID(m.ID).SetOperation(nonceOperation).SetKey(nonceKey).SetInputHash("").SetResultID(id).Exec(ctx)
	if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
		return nil, apperr.New(apperr.MemberCodeUsed).At("input", "memberCode")
	}
	if err != nil {
		return nil, err
	}
	used, err := s.Coupons.Use(ctx, c.CouponID, m.ID, shop, Basket{Purchase: c.Purchase})
	if err != nil {
		return nil, at(err, "input", "couponId")
	}
	metres := distanceMetres(shop.Org, c.Location)
	row, err := client.Redemption.Create().SetID(id).SetCreatedAt(s.Clock.Now()).SetKind(enum.RedeemCoupon).SetSubjectID(c.CouponID).SetActiveSubjectID(c.CouponID).
		SetMemberID(m.ID).SetStoreID(shop.ID).SetStaffID(clerk.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(int64(c.Purchase)).
		SetDiscountFen(int64(used.Discount)).SetDistanceMetres(metres).SetNeedsReview(metres > reviewMetres).SetIdempotencyKey(c.IdempotencyKey).Save(ctx)
	switch {
	case store.IsDuplicate(err, redemption.Table, "kind", "active_subject_id"):
		return nil, apperr.New(apperr.CouponAlreadyUsed).At("input", "couponId")
	case store.IsDuplicate(err, redemption.Table, "staff_id", "idempotency_key"):
		return nil, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
	case err != nil:
		return nil, err
	}
	if err := s.Events.AppendLocked(ctx, m, enum.EventCouponRedeemed, memberevent.About{CouponID: c.CouponID, RedemptionID: id}); err != nil {
		return nil, err
	}
	err = audit.Record(ctx, s.Store, audit.Change{OrgID: shop.ID, Action: "redemptionConfirm", Subject: ids.ID{Kind: ids.Redemption, Value: id},
		After: map[string]any{"coupon": ids.Encode(ids.Coupon, c.CouponID), "member": ids.Encode(ids.Member, m.ID), "purchase": c.Purchase, "discount": used.Discount}})
	if err != nil {
		return nil, err
	}
	err = s.Clearing.CouponUsed(ctx, clearing.CouponUse{SubjectID: id, Place: shop, Shares: used.Shares, At: row.CreatedAt})
	return &Confirmed{row, &About{m, shop.Org, clerk, used}}, err
}

// lockMember reads the member behind a code and keeps it as it is until the commit: it is not frozen meanwhile, and the member's coupons are
// redeemed one after the other.
func (s *Service) lockMember(ctx context.Context, number int64) (*ent.Member, error) {
	query := s.Store.Client(ctx).Member.Query().Where(member.Number(number))
	if s.Store.Dialect() == dialect.MySQL { // a transaction of SQLite has locked everything already
		query = query.ForUpdate()
	}
	return active(query.Only(ctx))
}

// distanceMetres is how far from the store the clerk's device is; -1 where either place is unknown.
func distanceMetres(shop *ent.Org, device *geo.Coordinate) int {
	if device == nil || shop.Latitude == 0 && shop.Longitude == 0 {
		return -1
	}
	return int(geo.Distance(*device, geo.Coordinate{Latitude: shop.Latitude, Longitude: shop.Longitude, System: geo.Stored}))
}
