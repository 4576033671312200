package topup_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/topup"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestInvoice(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		good := document.Invoice{Title: "云岭酒行", TaxNumber: "91530000MA6K5LAA1X", Email: "a@example.com"}
		for name, bad := range map[string]document.Invoice{"title": {}, "tax number": {Title: "酒行", TaxNumber: "?"}, "email": {Title: "酒行", Email: "nobody"}} {
			_, err := x.RequestInvoice(x.shopper, row.ID, bad)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), name)
		}
		_, stranger := w.NewMember(t)
		_, err := x.RequestInvoice(testkit.As(t, stranger), row.ID, good)
		refused(t, apperr.NotFound, err)
		_, err = x.IssueInvoice(x.owner, row.ID, "0001")
		refused(t, apperr.InvoiceNotRequested, err)
		asked, err := x.RequestInvoice(x.shopper, row.ID, good)
		require.NoError(t, err)
		require.Equal(t, "云岭酒行", asked.Invoice.Title)
		_, err = x.IssueInvoice(x.staff(t, x.Store2, auth.Owner), row.ID, "0001")
		refused(t, apperr.NotFound, err)
		issued, err := x.IssueInvoice(x.owner, row.ID, "0001")
		require.NoError(t, err)
		require.NotNil(t, issued.Invoice.IssuedAt)
		_, err = x.RequestInvoice(x.shopper, row.ID, good)
		refused(t, apperr.InvoiceIssued, err)
		require.NoError(t, x.Leave(x.ctx, []int64{x.member.ID}))
		require.Empty(t, x.client().TopUp.GetX(x.ctx, row.ID).Invoice.Title)
	})
}

func TestClosingAnIssuerNeedsASuccessor(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		x.paid(t, x.tier(t, nil))
		orgs, admin, closed := org.New(w.Store, w.Clock, x.Cursors), x.staff(t, x.Root, auth.Admin), enum.OrgClosed
		closing := func(id int64, successor *int64) error {
			_, err := orgs.Update(admin, org.UpdateInput{ID: id, State: &closed, SuccessorID: successor, Reason: "停业"})
			return err
		}
		refused(t, apperr.SuccessorRequired, closing(x.Store1.ID, nil))
		refused(t, apperr.SuccessorInvalid, closing(x.Store1.ID, &x.Store1.ID))
		refused(t, apperr.NotFound, closing(x.Store1.ID, new(int64(5))))
		require.NoError(t, closing(x.Store1.ID, &x.Store2.ID))
		require.Equal(t, x.Store2.ID, *x.client().Org.GetX(x.ctx, x.Store1.ID).SuccessorID)
		refused(t, apperr.SuccessorRequired, closing(x.Store2.ID, nil))
		refused(t, apperr.SuccessorInvalid, closing(x.Store2.ID, &x.Store1.ID))
		require.NoError(t, closing(x.Store2.ID, &x.Region.ID))
		require.Equal(t, x.Region.ID, *x.client().Org.GetX(x.ctx, x.Store1.ID).SuccessorID, "the chain is one step long")
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)

		page, err := x.Custodies(admin, w.Clock.Now(), topup.Window{})
		require.NoError(t, err)
		require.Len(t, page.Nodes, 1)
		require.Equal(t, topup.Custody{Org: page.Nodes[0].Org, Principal: 100_000, Bonus: 10_000, Members: 1}, *page.Nodes[0])
		_, err = x.Custodies(admin, w.Clock.Now().Add(1), topup.Window{})
		refused(t, apperr.InvalidInput, err)
	})
}
