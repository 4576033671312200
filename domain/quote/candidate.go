package quote

import (
	"cmp"
	"slices"

	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// candidate is a coupon that can be used here and now, if the basket is worth enough when its turn comes.
type candidate struct {
	*Coupon
	// lines are those in its scope; pieces those of which an EXCHANGE coupon may free one.
	lines, pieces []int
	// group numbers its stack group, limit is how many of that it bears.
	group, limit int
	// alike is the candidate of the same rule before this one; -1 for none.
	alike int
}

// candidates sorts the coupons into those that can be used, in the order in which they take their turns, and the refusals of the others, by coupon.
func candidates(lines []Line, in *Input) ([]candidate, map[int64]*apperr.Error) {
	var found []candidate
	refusals := make(map[int64]*apperr.Error, len(in.Coupons))
	for i := range in.Coupons {
		c := candidate{Coupon: &in.Coupons[i], limit: max(in.Coupons[i].Rule.StackLimit, 1), alike: -1}
		if refusal := c.check(lines, in); refusal != nil {
			refusals[c.ID] = refusal
			continue
		}
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b candidate) int { return a.compare(&b) })
	type group struct {
		freight bool
		name    string
	}
	groups, rules := map[group]int{}, map[int64]int{}
	for i := range found {
		c := &found[i]
		key := group{c.Rule.Kind == enum.CouponFreight, c.Rule.StackGroup}
		number, ok := groups[key]
		if !ok {
			number = len(groups)
			groups[key] = number
		}
		c.group = number
		if c.RuleID == 0 {
			continue
		}
		if before, ok := rules[c.RuleID]; ok {
			c.alike = before
		}
		rules[c.RuleID] = i
	}
	return found, refusals
}

// kinds is the order of kinds of one priority.
var kinds = []enum.CouponKind{enum.CouponExchange, enum.CouponGift, enum.CouponAmountOff, enum.CouponPercentOff, enum.CouponFreight}

func (c *candidate) compare(other *candidate) int {
	a, b := &c.Rule, &other.Rule
	freight := func(kind enum.CouponKind) int {
		if kind == enum.CouponFreight {
			return 1
		}
		return 0
	}
	return cmp.Or(freight(a.Kind)-freight(b.Kind), cmp.Compare(b.Priority, a.Priority), cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)),
		cmp.Compare(b.ThresholdFen, a.ThresholdFen), c.ExpiresAt.Compare(other.ExpiresAt), cmp.Compare(c.ID, other.ID))
}

// check says why the coupon cannot be used here and now, whatever the basket is worth; otherwise it notes the lines in its scope.
func (c *candidate) check(lines []Line, in *Input) *apperr.Error {
	scope := &c.Rule.Scope
	orgs := scope.OrgIDs
	if len(orgs) == 0 {
		orgs = []int64{c.OrgID}
	}
	switch {
	case c.State == enum.CouponLocked:
		return apperr.New(apperr.CouponLocked)
	case c.State == enum.CouponExpired:
		return apperr.New(apperr.CouponExpired)
	case c.State != enum.CouponPending && c.State != enum.CouponEffective:
		return apperr.New(apperr.CouponAlreadyUsed)
	case !in.Now.Before(c.ExpiresAt):
		return apperr.New(apperr.CouponExpired)
	case in.Now.Before(c.UsableFrom):
		return apperr.New(apperr.CouponNotEffective, "time", c.UsableFrom.In(in.Now.Location()).Format("2006-01-02 15:04"))
	case c.Withdrawn || !slices.Contains(kinds, c.Rule.Kind):
		return apperr.New(apperr.TemplateNotActive)
	case !slices.ContainsFunc(orgs, func(id int64) bool { return slices.Contains(in.OrgIDs, id) }):
		return apperr.New(apperr.CouponOutOfScope)
	case scope.OnlineOnly && !in.Online:
		return apperr.New(apperr.CouponOnlineOnly)
	case scope.StoreOnly && in.Online:
		return apperr.New(apperr.CouponStoreOnly)
	case !c.Rule.Hours.IsZero() && !c.Rule.Hours.OpenAt(in.Now, in.Now.Location()):
		return apperr.New(apperr.CouponOutsideHours)
	}
	for i, line := range lines {
		if c.covers(line) {
			c.lines = append(c.lines, i)
		}
		if c.Rule.Kind == enum.CouponExchange && line.SKUID == c.Rule.GoodsSKUID {
			c.pieces = append(c.pieces, i)
		}
	}
	if len(c.lines) == 0 || c.Rule.Kind == enum.CouponExchange && len(c.pieces) == 0 {
		return apperr.New(apperr.CouponGoodsNotInBasket)
	}
	return nil
}

// covers says whether the line is in the scope.
func (c *candidate) covers(line Line) bool {
	s := &c.Rule.Scope
	if slices.Contains(s.ExcludedSKUIDs, line.SKUID) {
		return false
	}
	return len(s.SKUIDs)+len(s.ProductIDs)+len(s.Categories) == 0 || slices.Contains(s.SKUIDs, line.SKUID) ||
		slices.Contains(s.ProductIDs, line.ProductID) || slices.Contains(s.Categories, line.Category)
}

// worth is what the coupon takes off the basket as it stands, and whether it can be used at all: its threshold is met, and it takes something off or is a
// gift. The less the basket costs, the less it is worth, never more: the search relies on that.
func (c *candidate) worth(b *basket) (money.Fen, bool) {
	cost := b.cost(c.lines)
	if cost < c.Rule.ThresholdFen {
		return 0, false
	}
	var off money.Fen
	switch c.Rule.Kind {
	case enum.CouponGift:
		return 0, true
	case enum.CouponAmountOff:
		off = min(c.Rule.AmountFen, cost)
	case enum.CouponPercentOff:
		off, _ = money.Percent(cost, c.Rule.PercentBasisPoints) // 0 for a rate that CheckRule refuses.
		if c.Rule.CapFen > 0 {
			off = min(off, c.Rule.CapFen)
		}
	case enum.CouponExchange:
		_, off = b.dearest(c.pieces)
	case enum.CouponFreight:
		off = b.freight
		if c.Rule.AmountFen > 0 {
			off = min(off, c.Rule.AmountFen)
		}
	}
	return off, off > 0
}

// apply takes what the coupon is worth off the basket and gives the part of each of lines, which are the lines that it touched.
func (c *candidate) apply(b *basket, off money.Fen) (lines []int, parts []money.Fen) {
	switch {
	case c.Rule.Kind == enum.CouponFreight:
		b.freight -= off
		return nil, nil
	case c.Rule.Kind == enum.CouponExchange:
		i, _ := b.dearest(c.pieces)
		b.left[i] -= off
		b.pieces[i]--
		return []int{i}, []money.Fen{off}
	case off > 0:
		return c.lines, b.takeOff(c.lines, off)
	}
	return nil, nil
}

// refusal says why the coupon cannot be used with the basket as it stands; nil where it can.
func (c *candidate) refusal(b *basket) *apperr.Error {
	if _, usable := c.worth(b); usable {
		return nil
	}
	if missing := c.Rule.ThresholdFen - b.cost(c.lines); missing > 0 {
		return apperr.New(apperr.CouponThresholdNotMet, "threshold", c.Rule.ThresholdFen.Yuan(), "missing", missing.Yuan())
	}
	return apperr.New(apperr.CouponNothingToDeduct)
}

// use writes down the use of the coupon: before is what each line cost when its turn came.
func (c *candidate) use(lines []Line, before []money.Fen, off money.Fen, touched []int, parts []money.Fen) Use {
	u := Use{CouponID: c.ID, Kind: c.Rule.Kind, Discount: off, Threshold: c.Rule.ThresholdFen, Repricing: c.Rule.Repricing}
	if c.Rule.Kind == enum.CouponGift {
		u.GiftSKUID = c.Rule.GoodsSKUID
	}
	for i, line := range lines {
		n := slices.Index(touched, i)
		inScope := slices.Contains(c.lines, i)
		if !inScope && n < 0 {
			continue
		}
		on := UseLine{LineID: line.ID}
		if inScope {
			on.Before = before[i]
		}
		if n >= 0 {
			on.Discount = parts[n]
		}
		u.Lines = append(u.Lines, on)
	}
	for _, f := range c.Rule.Funders {
		u.Shares = append(u.Shares, Share{OrgID: f.OrgID, BasisPoints: f.BasisPoints})
	}
	if len(u.Shares) == 0 {
		u.Shares = []Share{{OrgID: c.OrgID, BasisPoints: money.Whole}}
	}
	u.Shares = share(off, u.Shares)
	return u
}

// share shares a discount out among the funders.
func share(discount money.Fen, among []Share) []Share {
	weights := make([]int64, len(among))
	for i, s := range among {
		weights[i] = int64(s.BasisPoints)
	}
	shares := slices.Clone(among)
	for i, amount := range split(discount, weights) {
		shares[i].Amount = amount
	}
	return shares
}
