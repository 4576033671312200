package redemption

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

const (
	// reviewMetres is the distance between clerk and store from which a redemption is marked for review.
	reviewMetres = 1000
	// MaxTogether is how many benefits are redeemed at once.
	MaxTogether = 10
	// operation and nonceOperation are those of the idempotency rows of confirmations, and of those that use up rotating codes; the actor of the latter is the member.
	operation, nonceOperation = "redemptionConfirm", "memberCode"
)

// Confirmation is what Confirm needs.
type Confirmation struct {
	Shown
	StoreID int64
	// Subjects are the benefits, at most MaxTogether of one kind; none for a pay code and for a typed code, which names its coupon.
	Subjects []ids.ID
	Bill     Bill
	// Location is where the clerk's device is; nil where it was not told. It only marks for review.
	Location       *geo.Coordinate
	IdempotencyKey string
}

// check refuses what is out of bounds; INVALID_INPUT, COORDINATE_OUT_OF_RANGE.
func (c Confirmation) check() error {
	if c.Location != nil {
		if err := c.Location.Validate(); err != nil {
			return apperr.OfInput(err, "location")
		}
	}
	switch {
	case len(c.Subjects) > MaxTogether:
		return apperr.Invalid("couponIds", "1–"+strconv.Itoa(MaxTogether))
	case c.Typed != nil && len(c.Subjects) > 0:
		return apperr.Invalid("couponIds", "typed: 0")
	}
	for i, subject := range c.Subjects {
		for _, other := range c.Subjects[:i] {
			if other == subject {
				return apperr.Invalid("couponIds."+strconv.Itoa(i), "× 2")
			}
		}
	}
	return c.Bill.check()
}

// Confirm redeems benefits of one member together: all of them, or none and each says why. Staff with RedeemCoupons at the store call it.
//
// One transaction uses up the code (a unique row of its nonce) and the benefits (a conditional write), writes the redemptions, in the clerk's open shift where there is
// one, the member's events and the audit entries, gives what the redemptions earn, and books what other orgs owe the store for them. The key is remembered as
// idempotency.Do does, before the code is looked at: a repeat answers with the same redemptions though the code is old or used by then. Where the device is does
// not belong to what makes a repeat the same. The unique key (clerk, key) on the redemption row outlives the remembered key, so that a key never makes a
// second redemption. With a pay code and no benefit it takes the purchase out of stored value instead, by the wallet's rules alone (StoredValue).
//
// Refusals: INVALID_INPUT, COORDINATE_OUT_OF_RANGE, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED,
// MEMBER_CODE_USED, COUPON_CODE_INVALID, RATE_LIMITED, MEMBER_FROZEN, MEMBER_CANCELLED, SELF_REDEMPTION, NOT_FOUND (the store is not the clerk's, an item is not
// sold there), STORE_CLOSED, and *Refused with those of each benefit, see quote.Explanation, or NOT_FOUND where it is not the member's.
func (s *Service) Confirm(ctx context.Context, c Confirmation) (*Confirmed, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if len(c.Subjects) == 0 && c.Typed == nil {
		return s.charge(ctx, c)
	}
	v := auth.FromContext(ctx)
	if c.Typed != nil {
		if clean, ok := c.Typed.clean(); ok {
			c.Typed = &clean
		}
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: operation, Key: c.IdempotencyKey, Input: struct {
		Code     string
		Typed    *Typed
		Store    int64
		Subjects []ids.ID
		Purchase money.Fen
		Items    []catalog.Item
	}{c.MemberCode, c.Typed, c.StoreID, c.Subjects, c.Bill.Purchase, c.Bill.Items}}
	if c.Typed != nil {
		if err := s.countTyped(ctx, call, &c); err != nil {
			return nil, err
		}
	}
	var done *Confirmed
	id, repeated, err := idempotency.DoNew(auth.WithinBrand(ctx), s.Store, call, func(within context.Context, id int64) (err error) {
		done, err = s.confirm(within, v, id, c)
		return err
	})
	if err != nil || !repeated {
		return done, err
	}
	return s.repeat(auth.WithinBrand(ctx), id)
}

// charge takes stored value for a pay code.
func (s *Service) charge(ctx context.Context, c Confirmation) (*Confirmed, error) {
	amount := c.Bill.Purchase
	if len(c.Bill.Items) > 0 {
		shop, _, err := s.counter(ctx, c.StoreID)
		if err != nil {
			return nil, err
		}
		basket, err := s.basket(ctx, c.Bill, shop)
		if err != nil {
			return nil, err
		}
		amount = basket.Purchase
	}
	payment, err := s.StoredValue.ChargePayCode(ctx, c.MemberCode, c.StoreID, amount, c.IdempotencyKey)
	if err != nil {
		return nil, ofCode(err)
	}
	return &Confirmed{Payment: payment}, nil
}

// countTyped counts a typed code outside of any transaction, but for a repeat, which must not fail.
func (s *Service) countTyped(ctx context.Context, call idempotency.Call, c *Confirmation) error {
	if err := idempotency.CheckKey(call.Key); err != nil {
		return err
	}
	within := auth.WithinBrand(ctx)
	known, err := s.Store.Client(within).IdempotencyKey.Query().Where(idempotencykey.ActorID(call.ActorID), idempotencykey.Operation(call.Operation),
		idempotencykey.Key(call.Key)).Exist(within)
	if err != nil || known {
		return err
	}
	if _, _, err := s.counter(ctx, c.StoreID); err != nil {
		return err
	}
	return s.typed(ctx, &c.Shown, c.StoreID)
}

func (s *Service) confirm(ctx context.Context, v auth.Viewer, id int64, c Confirmation) (*Confirmed, error) {
	who, err := s.identify(ctx, c.Shown, true)
	if err != nil {
		return nil, err
	}
	m := who.member
	shop, clerk, err := s.counter(auth.NewContext(ctx, v), c.StoreID)
	if err != nil {
		return nil, err
	}
	if m.PersonID == v.PersonID {
		return nil, apperr.New(apperr.SelfRedemption)
	}
	if who.coupon != nil {
		c.Subjects = []ids.ID{{Kind: ids.Coupon, Value: who.coupon.ID}}
	} else if err := s.useUp(ctx, m.ID, who.nonceKey, id); err != nil {
		return nil, err
	}
	kind, redeemable, subjects := s.subjects(c.Subjects)
	basket, err := s.basket(ctx, c.Bill, shop)
	if err != nil {
		return nil, err
	}
	options, err := redeemable.Use(ctx, subjects, m.ID, shop, basket)
	if err != nil {
		return nil, err
	}
	results, err := judged(subjects, options)
	if err != nil {
		return nil, err
	}
	rows, err := s.write(ctx, id, c, draft{kind, clerk, m, shop, basket, results})
	if err != nil {
		return nil, err
	}
	for i, result := range results {
		result.Redemption = rows[i]
		if err := s.tell(ctx, m, result); err != nil {
			return nil, err
		}
	}
	for _, result := range results {
		if result.Activations, err = redeemable.Reward(ctx, result.Option, result.Redemption.ID, shop); err != nil {
			return nil, err
		}
		if err := s.noteUnrewarded(ctx, result); err != nil {
			return nil, err
		}
	}
	for _, result := range results {
		err := s.Clearing.CouponUsed(ctx, clearing.CouponUse{SubjectID: result.Redemption.ID, Place: shop, Shares: result.Option.Shares, At: result.Redemption.CreatedAt})
		if err != nil {
			return nil, err
		}
	}
	return &Confirmed{Results: results, About: &About{m, shop.Org, clerk}}, nil
}

// noteUnrewarded keeps what a redemption could not give, so that a repeat answers it too.
func (s *Service) noteUnrewarded(ctx context.Context, r *Result) error {
	var missed []document.Unrewarded
	for _, a := range r.Activations {
		if a.Refusal != nil {
			missed = append(missed, document.Unrewarded{TemplateID: a.Template.ID, Code: string(a.Refusal.Code)})
		}
	}
	if len(missed) == 0 {
		return nil
	}
	r.Redemption.Unrewarded = missed
	return s.Store.Client(ctx).Redemption.Update().Where(redemption.ID(r.Redemption.ID)).SetUnrewarded(missed).Exec(ctx)
}

// subjects tells the kind of what is redeemed, which is that of the first that is of any, and their keys: 0, which nobody has, for what is of another kind.
func (s *Service) subjects(list []ids.ID) (enum.RedemptionKind, Redeemable, []int64) {
	of := ids.Coupon
	if i := slices.IndexFunc(list, func(id ids.ID) bool { _, _, known := s.kindOf(id.Kind); return known }); i >= 0 {
		of = list[i].Kind
	}
	kind, redeemable, _ := s.kindOf(of)
	keys := make([]int64, len(list))
	for i, id := range list {
		if id.Kind == of {
			keys[i] = id.Value
		}
	}
	return kind, redeemable, keys
}

// useUp makes a code pass once: the row of its nonce is unique.
func (s *Service) useUp(ctx context.Context, memberID int64, nonceKey string, redemptionID int64) error {
	err := s.Store.Client(ctx).IdempotencyKey.Create().SetActorID(memberID).SetOperation(nonceOperation).SetKey(nonceKey).SetInputHash("").SetResultID(redemptionID).Exec(ctx)
	if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
		return apperr.New(apperr.MemberCodeUsed).At("input", "memberCode")
	}
	return err
}

// judged makes results of options; *Refused where one of them is refused.
func judged(subjects []int64, options []*Option) ([]*Result, error) {
	results := make([]*Result, len(subjects))
	var first *apperr.Error
	for i, option := range options {
		results[i] = &Result{SubjectID: subjects[i], Option: option}
		if option.Refusal != nil {
			results[i].Refusal = option.Refusal.At("input", "couponIds", strconv.Itoa(i))
			if first == nil {
				first = results[i].Refusal
			}
		}
	}
	if first != nil {
		return nil, &Refused{first, results}
	}
	return results, nil
}

// draft is what redemptions are written of.
type draft struct {
	kind    enum.RedemptionKind
	clerk   *ent.Staff
	member  *ent.Member
	shop    *org.Place
	basket  Basket
	results []*Result
}

// write writes the redemptions. The first has the drawn id and the caller's key; the others are named after it, in a form that no caller's key has.
func (s *Service) write(ctx context.Context, id int64, c Confirmation, d draft) ([]*ent.Redemption, error) {
	shift, err := s.Shifts.ShiftOf(ctx, d.clerk.ID, d.shop.ID)
	if err != nil {
		return nil, err
	}
	metres, now, client := distanceMetres(d.shop.Org, c.Location), s.Clock.Now(), s.Store.Client(ctx)
	rows := make([]*ent.RedemptionCreate, len(d.results))
	for i, result := range d.results {
		rowID, key := id, c.IdempotencyKey
		if i > 0 {
			rowID, key = ids.Next(), together(id)+strconv.Itoa(i+1)
		}
		rows[i] = client.Redemption.Create().SetID(rowID).SetCreatedAt(now).SetKind(d.kind).SetSubjectID(result.SubjectID).SetActiveSubjectID(result.SubjectID).
			SetMemberID(d.member.ID).SetStoreID(d.shop.ID).SetStaffID(d.clerk.ID).SetNillableShiftID(shift).SetState(enum.RedemptionConfirmed).
			SetPurchaseFen(int64(d.basket.Purchase)).SetDiscountFen(int64(result.Option.Discount)).SetDistanceMetres(metres).
			SetNeedsReview(metres > reviewMetres || c.Typed != nil).SetIdempotencyKey(key)
	}
	made, err := client.Redemption.CreateBulk(rows...).Save(ctx)
	switch {
	case store.IsDuplicate(err, redemption.Table, "kind", "active_subject_id"):
		err = apperr.New(apperr.CouponAlreadyUsed).At("input", "couponIds")
	case store.IsDuplicate(err, redemption.Table, "staff_id", "idempotency_key"):
		err = apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
	}
	if err != nil {
		return nil, err
	}
	for _, row := range made {
		after := map[string]any{"coupon": ids.Encode(ids.Coupon, row.SubjectID), "member": ids.Encode(ids.Member, row.MemberID), "purchase": row.PurchaseFen, "discount": row.DiscountFen}
		if c.Typed != nil {
			after["typed"] = true
		}
		err := audit.Record(ctx, s.Store, audit.Change{OrgID: row.StoreID, Action: operation, Subject: ids.ID{Kind: ids.Redemption, Value: row.ID}, After: after})
		if err != nil {
			return nil, err
		}
	}
	s.announce(ctx, d.shop.ID)
	return made, nil
}

// tell tells the member, whose row is locked, of a redemption.
func (s *Service) tell(ctx context.Context, m *ent.Member, r *Result) error {
	return s.Events.AppendLocked(ctx, m, enum.EventCouponRedeemed, memberevent.About{CouponID: r.SubjectID, RedemptionID: r.Redemption.ID})
}

// together begins the keys of the redemptions that were confirmed with another one; no caller's key has a colon.
func together(first int64) string { return strconv.FormatInt(first, 10) + ":" }

// First is the id of the redemption with which this one was confirmed; its own where it is the first or the only one.
func First(r *ent.Redemption) int64 {
	if before, _, found := strings.Cut(r.IdempotencyKey, ":"); found {
		if id, err := strconv.ParseInt(before, 10, 64); err == nil {
			return id
		}
	}
	return r.ID
}

// repeat answers as the first call did, with the redemptions as they are now. ctx reaches the whole brand.
func (s *Service) repeat(ctx context.Context, id int64) (*Confirmed, error) {
	first, err := s.Store.Client(ctx).Redemption.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Client(ctx).Redemption.Query().Where(redemption.StaffID(first.StaffID), redemption.IdempotencyKeyHasPrefix(together(id))).
		Order(redemption.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	rows = append([]*ent.Redemption{first}, rows...)
	rewards, err := s.Kinds[first.Kind].Rewards(ctx, rows)
	if err != nil {
		return nil, err
	}
	done := &Confirmed{Results: make([]*Result, len(rows))}
	for i, row := range rows {
		done.Results[i] = &Result{SubjectID: row.SubjectID, Redemption: row, Activations: rewards[row.ID]}
	}
	return done, nil
}

// distanceMetres is how far from the store the clerk's device is; -1 where either place is unknown.
func distanceMetres(shop *ent.Org, device *geo.Coordinate) int {
	if device == nil || shop.Latitude == 0 && shop.Longitude == 0 {
		return -1
	}
	return int(geo.Distance(*device, geo.Coordinate{Latitude: shop.Latitude, Longitude: shop.Longitude, System: geo.Stored}))
}
