package verify_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	entorg "dongxiao/ent/org"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/valuekit"
)

// plantedClearings breaks each rule of clearing and of points.
var plantedClearings = []plant{
	{"clearing line amount", "clearing_lines", "cleared", "amount_fen", 5, ""},
	{"clearing line amount", "clearing_lines", "cleared", "face_fen", 5, ""},
	{"clearing line amount", "clearing_lines", "cleared", "fee_fen", 5, ""},
	{"clearing line amount", "clearing_lines", "cleared", "period", 202613, ""},
	{"clearing line amount", "clearing_lines", "taken back", "reverses_id", nil, ""},
	{"clearing legs", "clearing_lines", "cleared", "amount_fen", 5, "clearing spend"},
	{"clearing legs", "clearing_lines", "cleared", "debtor_org_id", "clearing store", "clearing spend"},
	{"clearing legs", "clearing_lines", "cleared", "posting_id", "clearing top-up", "clearing spend"},
	{"clearing line origin", "clearing_lines", "cleared", "posting_id", "clearing top-up", ""},
	{"clearing line origin", "clearing_lines", "cleared", "subject_id", 5, ""},
	{"clearing line origin", "clearing_lines", "cleared", "kind", "BONUS", ""},
	{"clearing line origin", "clearing_lines", "cleared", "creditor_org_id", "clearing issuer", ""},
	{"clearing line origin", "clearing_lines", "cleared", "movement_id", "clearing bonus movement", ""},
	{"clearing of spent value", "clearing_lines", "cleared", "face_fen", 999, "clearing movement"},
	{"clearing of spent value", "clearing_lines", "cleared", "debtor_org_id", "clearing store", "clearing movement"},
	{"clearing of spent value", "clearing_lines", "shared", "face_fen", 1, "clearing bonus movement"},
	{"clearing of spent value", "lots", "clearing lot", "issuer_org_id", "clearing store", "clearing movement"},
	{"clearing share", "clearing_lines", "shared", "face_fen", 1, ""},
	{"clearing share", "clearing_lines", "shared", "debtor_org_id", "clearing store", ""},
	{"clearing reversal", "clearing_lines", "taken back", "reverses_id", "shared", ""},
	{"clearing reversal", "clearing_lines", "taken back", "subject_id", 5, ""},
	{"clearing reversal", "clearing_lines", "taken back", "debtor_org_id", "clearing store", ""},
	{"clearing reversed", "clearing_lines", "taken back", "face_fen", -1, "cleared"},
	{"clearing reversed", "clearing_lines", "cleared", "face_fen", 1, ""},
	{"clearing statement sums", "clearing_statements", "clearing_statements", "first_owes_fen", 5, ""},
	{"clearing statement sums", "clearing_statements", "clearing_statements", "second_owes_fen", 5, ""},
	{"clearing statement sums", "clearing_statements", "clearing_statements", "`lines`", 5, ""},
	{"clearing statement sums", "clearing_lines", "cleared", "statement_id", nil, "clearing_statements"},
	{"clearing line of a statement", "clearing_lines", "cleared", "period", 202612, ""},
	{"clearing line of a statement", "clearing_lines", "cleared", "creditor_org_id", "orgs", ""},
	{"clearing statement state", "clearing_statements", "clearing_statements", "state", "CONFIRMED", ""},
	{"clearing statement state", "clearing_statements", "clearing_statements", "state", "DISPUTED", ""},
	{"clearing statement state", "clearing_statements", "clearing_statements", "first_confirmed_by", nil, ""},
	{"clearing statement state", "clearing_statements", "clearing_statements", "first_confirmed_at", nil, ""},
	{"clearing statement state", "clearing_lines", "cleared", "state", "DISPUTED", "clearing_statements"},
	{"clearing confirmer", "clearing_statements", "clearing_statements", "first_confirmed_by", "staff", ""},
	{"clearing dispute", "clearing_lines", "cleared", "state", "DISPUTED", ""},
	{"clearing dispute", "clearing_lines", "cleared", "dispute_reason", "不对", ""},
	{"clearing dispute", "clearing_lines", "cleared", "disputed_by", "staff", ""},
	{"points debt", "ledger_accounts", "points debt", "balance", -5, ""},
	{"points lots", "ledger_accounts", "points account", "balance", 5, ""},
	{"points lots", "lots", "points lot", "remaining", 5, "points account"},
	{"points lot", "lots", "points lot", "issuer_org_id", "orgs", ""},
	{"points lot", "lots", "points lot", "available_at", start, ""},
	{"points lot", "lots", "pending lot", "available_at", nil, ""},
	{"points lot", "lots", "pending lot", "expires_at", nil, ""},
	{"points taken back", "ledger_postings", "points claw-back", "subject_id", 5, ""},
}

// clearings adds the books of clearing and points to a world: value of one store spent at another and given back in part, the statement of the two, confirmed by
// one side, and points that were earned, partly taken back and made spendable.
func clearings(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client, books, now := s.Client(ctx), ledger.New(s), clock.NewManual(start)
	root := client.Org.Query().Where(entorg.ParentIDIsNil()).OnlyX(ctx)
	shop := func(name string) *ent.Org {
		made := client.Org.Create().SetParentID(root.ID).SetKind(enum.OrgStore).SetCode(name).SetName(name).SetPath("/").SaveX(ctx)
		r[name] = made.ID
		return client.Org.UpdateOne(made).SetPath(root.Path + store.PathSegment(made.ID) + "/").SaveX(ctx)
	}
	issuer, elsewhere := shop("clearing issuer"), shop("clearing store")
	owner := client.Staff.Create().SetOrgID(issuer.ID).SetRole(auth.Owner).SetPersonID(r["persons"]).SetName("店主").SetState(enum.StaffActive).SaveX(ctx)
	person := client.Person.Create().SetLimitSubject(1).SetPhoneHash("clearing").SetPhoneTail("0000").SaveX(ctx)
	client.Person.UpdateOne(person).SetLimitSubject(person.ID).ExecX(ctx)
	member := client.Member.Create().SetPersonID(person.ID).SetNumber(r["brands"]%1e9*10 + 6).SetState(enum.MemberRegistered).SetRegisteredAt(start).SaveX(ctx)
	service := clearing.New(clearing.Options{Store: s, Clock: now, Orgs: org.New(s, now, nil)})
	entry := func(kind enum.AccountKind, owner, amount int64) ledger.Entry {
		return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: owner}, Amount: amount}
	}
	inBook := func(asset enum.Asset, act func(ctx context.Context, book *ledger.Book) error) {
		require.NoError(t, s.WithTx(ctx, func(ctx context.Context) error {
			book, err := books.Lock(ctx, member.ID, asset)
			if err != nil {
				return err
			}
			return act(ctx, book)
		}))
	}
	cleared := func(ctx context.Context, book *ledger.Book, p ledger.Posting, debts []clearing.Debt, name string) (ledger.Posted, error) {
		p.Entries = append(p.Entries, clearing.Entries(debts)...)
		posted, err := book.Post(ctx, p)
		if err != nil {
			return posted, err
		}
		r[name] = posted.ID
		return posted, service.Write(ctx, posted, r["clearing payment"], start, debts)
	}
	sold, err := valuekit.Give(ctx, s, books, valuekit.TopUp{MemberID: member.ID, StoreID: issuer.ID, ScopeOrgID: root.ID, Principal: 1000, Bonus: 100, At: start,
		Funders: []document.Funder{{OrgID: root.ID, BasisPoints: 6000}, {OrgID: issuer.ID, BasisPoints: 4000}}})
	require.NoError(t, err)
	r["clearing top-up"] = client.LedgerPosting.Query().Where(ledgerposting.KindEQ(enum.PostTopUp), ledgerposting.SubjectID(sold.ID)).OnlyIDX(ctx)
	paid(t, s, r, member, sold.WalletID)
	var spent ledger.Posted
	inBook(enum.AssetStoredValue, func(ctx context.Context, book *ledger.Book) (err error) {
		debts, err := service.Debts(ctx, elsewhere.ID, 100, []clearing.Take{{Lot: book.Lots[0], Amount: 1000}, {Lot: book.Lots[1], Amount: 100}})
		if err != nil {
			return err
		}
		spent, err = cleared(ctx, book, ledger.Posting{Kind: enum.PostSpend, Key: fmt.Sprint("wallet-spend:", r["clearing payment"]), OrgID: elsewhere.ID, SubjectID: r["clearing payment"], At: start,
			Lots:    []ledger.LotChange{{Lot: book.Lots[0], Remaining: -1000}, {Lot: book.Lots[1], Remaining: -100}},
			Entries: []ledger.Entry{entry(enum.AccountValueSpent, elsewhere.ID, 1100)}}, debts, "clearing spend")
		return err
	})
	giveBack := func(row int64, amount int64, name string) {
		inBook(enum.AssetStoredValue, func(ctx context.Context, book *ledger.Book) error {
			lots, err := book.Reopen(ctx, spent.Movements[0].Lot.ID)
			if err != nil {
				return err
			}
			debts, err := service.Reversals(ctx, r["clearing payment"], []clearing.Give{{MovementID: spent.Movements[0].ID, Amount: amount}})
			if err != nil {
				return err
			}
			_, err = cleared(ctx, book, ledger.Posting{Kind: enum.PostSpendRefund, Key: fmt.Sprint("wallet-refund:", row), OrgID: elsewhere.ID, SubjectID: row, ReversesID: spent.ID, At: start,
				Lots:    []ledger.LotChange{{Lot: lots[spent.Movements[0].Lot.ID], Remaining: amount, ReversesID: spent.Movements[0].ID}},
				Entries: []ledger.Entry{entry(enum.AccountValueSpent, elsewhere.ID, -amount)}}, debts, name)
			return err
		})
	}
	giveBack(r["clearing refund row"], 300, "clearing refund")
	r["clearing movement"], r["clearing bonus movement"], r["clearing lot"] = spent.Movements[0].ID, spent.Movements[1].ID, spent.Movements[0].Lot.ID
	for name, where := range map[string][]int64{"cleared": {issuer.ID, 1000}, "shared": {root.ID, 60}, "taken back": {issuer.ID, -300}} {
		r[name] = client.ClearingLine.Query().Where(clearingline.DebtorOrgID(where[0]), clearingline.FaceFen(where[1])).OnlyX(ctx).ID
	}
	now.Advance(40 * 24 * 60 * 60 * 1e9)
	finance := auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachStaff, BrandID: r["brands"], Face: auth.Console, PersonID: r["manager"],
		Assignments: []auth.Assignment{{OrgID: root.ID, Role: auth.Finance}}})
	_, _, err = service.MakeMonth(finance, 202611)
	require.NoError(t, err)
	statement := client.ClearingStatement.GetX(ctx, *client.ClearingLine.GetX(ctx, r["cleared"]).StatementID)
	client.ClearingStatement.UpdateOne(statement).SetFirstConfirmedAt(start).SetFirstConfirmedBy(owner.ID).ExecX(ctx)
	r["clearing_statements"], r["clearing_lines"] = statement.ID, r["taken back"]

	giveBack(r["late refund row"], 100, "late refund")
	r["late line"] = client.ClearingLine.Query().Where(clearingline.FaceFen(-100)).OnlyX(ctx).ID

	later := start.AddDate(0, 0, 7)
	inBook(enum.AssetPoints, func(ctx context.Context, book *ledger.Book) error {
		grant := func(kind enum.LotKind, subject, amount int64) ledger.Grant {
			g := ledger.Grant{Kind: kind, SourceID: subject, IssuerOrgID: root.ID, ScopeOrgID: root.ID, Amount: amount}
			if kind == enum.LotPointsPending {
				g.AvailableAt, g.ExpiresAt = &later, &later
			}
			return g
		}
		var earned ledger.Posted
		for _, subject := range []int64{72, 71} {
			var err error
			if earned, err = book.Post(ctx, ledger.Posting{Kind: enum.PostPointsEarn, Key: fmt.Sprintf("points-earn:%d", subject), SubjectID: subject, At: start,
				Grants: []ledger.Grant{grant(enum.LotPointsPending, subject, 100)}, Entries: []ledger.Entry{entry(enum.AccountPointsIssued, root.ID, -100)}}); err != nil {
				return err
			}
		}
		if _, err := book.Post(ctx, ledger.Posting{Kind: enum.PostPointsClawBack, Key: "points-claw-back:71:40", SubjectID: 71, ReversesID: earned.ID, At: start,
			Lots: []ledger.LotChange{{Lot: book.Lots[1], Remaining: -40}}, Entries: []ledger.Entry{entry(enum.AccountPointsIssued, root.ID, 40)}}); err != nil {
			return err
		}
		_, err := book.Post(ctx, ledger.Posting{Kind: enum.PostPointsMature, Key: fmt.Sprint("points-mature:", book.Lots[1].ID), SubjectID: book.Lots[1].ID, At: later,
			Lots: []ledger.LotChange{{Lot: book.Lots[1], Remaining: -60}}, Grants: []ledger.Grant{grant(enum.LotPoints, 71, 60)}})
		return err
	})
	account := func(kind enum.AccountKind) int64 {
		return client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(kind), ledgeraccount.OwnerID(member.ID)).OnlyIDX(ctx)
	}
	r["points account"], r["points debt"] = account(enum.AccountPoints), account(enum.AccountPointsDebt)
	r["points mature"] = client.LedgerPosting.Query().Where(ledgerposting.KindEQ(enum.PostPointsMature)).OnlyIDX(ctx)
	r["points claw-back"] = client.LedgerPosting.Query().Where(ledgerposting.BusinessKey("points-claw-back:71:40")).OnlyIDX(ctx)
	r["points lot"] = client.Lot.Query().Where(lot.MemberID(member.ID), lot.KindEQ(enum.LotPoints)).OnlyIDX(ctx)
	r["pending lot"] = client.Lot.Query().Where(lot.MemberID(member.ID), lot.KindEQ(enum.LotPointsPending), lot.SourceID(72)).OnlyIDX(ctx)
}

// paid adds the payment by which a member's value was spent.
func paid(t *testing.T, s *store.Store, r rows, member *ent.Member, walletID int64) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	client.Wallet.UpdateOneID(walletID).SetBalanceFen(400).ExecX(ctx)
	r["clearing payment"] = client.WalletPayment.Create().SetWalletID(walletID).SetMemberID(member.ID).SetOrgID(r["clearing store"]).SetState(enum.WalletPaymentCaptured).
		SetSource(enum.WalletPaymentTill).SetAmountFen(1100).SetPrincipalFen(1000).SetBonusFen(100).SetCapturedFen(1100).SetRefundedFen(400).SetActorID(member.PersonID).
		SetIdempotencyKey("clearing").SetInputHash("h").SetCapturedAt(start).SaveX(ctx).ID
	for name, amount := range map[string]int64{"clearing refund row": 300, "late refund row": 100} {
		r[name] = client.WalletRefund.Create().SetWalletPaymentID(r["clearing payment"]).SetMemberID(member.ID).SetOrgID(r["clearing store"]).SetAmountFen(amount).
			SetPrincipalFen(amount).SetBonusFen(0).SetReason("退货").SaveX(ctx).ID
	}
}
