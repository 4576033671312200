package clearing

import (
	"context"
	"slices"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// CouponUse is a coupon that was used up, at a till or by an order.
type CouponUse struct {
	// SubjectID is the redemption, or the coupon use of an order.
	SubjectID int64
	// Place is where it was used, whose org gave the discount.
	Place *org.Place
	// Shares are what each funder bears of the discount; they sum to it.
	Shares []quote.Share
	At     time.Time
}

// CouponUsed books what the funders owe the org at which a coupon was used: a line for each that is another org, and one posting. Where the org bears all of
// it, nothing is written. It is the transaction of the use, and best its last act: the posting holds a stripe of each org's account.
func (s *Service) CouponUsed(ctx context.Context, u CouponUse) error {
	debts, err := s.CouponDebts(ctx, u.Place, u.Shares)
	if err != nil || len(debts) == 0 {
		return err
	}
	posted, err := s.Ledger.Post(ctx, ledger.Posting{Kind: enum.PostCouponUse, Key: "coupon-use:" + strconv.FormatInt(u.SubjectID, 10), OrgID: u.Place.ID,
		SubjectID: u.SubjectID, At: u.At, Entries: Entries(debts)})
	if err != nil {
		return err
	}
	return s.Write(ctx, posted, u.SubjectID, u.At, debts)
}

// CouponDebts says which funders of a discount owe the org where it was given: each of its share, a closed org's successor in its place, none what it bears
// itself. It reads orgs, unless all funders are the org itself or the brand, and writes nothing.
func (s *Service) CouponDebts(ctx context.Context, place *org.Place, shares []quote.Share) ([]Debt, error) {
	// The brand's own org is never closed.
	brand, asked := place.Above()[0], map[int64]bool{}
	for _, share := range shares {
		if share.Amount > 0 && share.OrgID != place.ID && share.OrgID != brand {
			asked[share.OrgID] = true
		}
	}
	owner, err := s.owners(auth.WithinBrand(ctx), asked)
	if err != nil {
		return nil, err
	}
	var list []Debt
	for _, share := range shares {
		debtor := owner(share.OrgID)
		if debtor == place.ID || share.Amount == 0 {
			continue
		}
		i := slices.IndexFunc(list, func(d Debt) bool { return d.DebtorOrgID == debtor })
		if i < 0 {
			i = len(list)
			list = append(list, Debt{Kind: enum.ClearCoupon, DebtorOrgID: debtor, CreditorOrgID: place.ID})
		}
		list[i].Face += share.Amount
	}
	return list, nil
}

// CouponReturn is a discount that is taken back, wholly or in part.
type CouponReturn struct {
	// SubjectID is that of CouponUsed, OrgID where the coupon was used.
	SubjectID, OrgID int64
	// Key names the act, unique in the brand; the number of the row that caused it, as a rule.
	Key string
	// Standing is what of the discount was not taken back before, Back what is now; all of it as a rule.
	Standing, Back money.Fen
	At             time.Time
}

// CouponReturned takes back of each line of a used coupon its share of what is taken back of the discount, by the largest remainder, with one posting; the last
// part leaves nothing. It goes on the next statement where that of the use was made before. It is the transaction of the return, which holds the row of the
// use; where nobody owed anything, nothing is written.
func (s *Service) CouponReturned(ctx context.Context, r CouponReturn) error {
	ctx = auth.WithinBrand(ctx)
	rows, err := store.Locked(s.Store, s.Store.Client(ctx).ClearingLine.Query().Where(clearingline.KindEQ(enum.ClearCoupon), clearingline.SubjectID(r.SubjectID)).Order(clearingline.ByID())).All(ctx)
	if err != nil || len(rows) == 0 || r.Back == 0 {
		return err
	}
	open := outstandingOf(rows, func(*ent.ClearingLine) bool { return true })
	debts, err := reversals(0, open, int64(r.Standing), int64(r.Back))
	if err != nil || len(debts) == 0 {
		return err
	}
	posted, err := s.Ledger.Post(ctx, ledger.Posting{Kind: enum.PostCouponReturn, Key: "coupon-return:" + r.Key, OrgID: r.OrgID, SubjectID: r.SubjectID,
		ReversesID: open[0].line.PostingID, At: r.At, Entries: Entries(debts)})
	if err != nil {
		return err
	}
	return s.Write(ctx, posted, r.SubjectID, r.At, debts)
}

// OwedForCoupons is what other orgs owe for used coupons as it stands, by subject and debtor. The caller has authorised the viewer for the subjects, of which
// there are at most a thousand.
func (s *Service) OwedForCoupons(ctx context.Context, subjectIDs []int64) (map[int64]map[int64]money.Fen, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).ClearingLine.Query().Where(clearingline.KindEQ(enum.ClearCoupon), clearingline.SubjectIDIn(subjectIDs...)).All(ctx)
	owed := make(map[int64]map[int64]money.Fen, len(subjectIDs))
	for _, row := range rows {
		if owed[row.SubjectID] == nil {
			owed[row.SubjectID] = map[int64]money.Fen{}
		}
		owed[row.SubjectID][row.DebtorOrgID] += money.Fen(row.AmountFen)
	}
	return owed, err
}
