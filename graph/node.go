package graph

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/graph/model"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
)

// needed are the capabilities by which staff may see rows of their orgs; what is not here they see for other reasons: it is published, or their own.
var needed = map[ids.Kind]auth.Capability{
	ids.App:                      auth.ReadOrgs,
	ids.AuditEntry:               auth.ReadAudit,
	ids.ClearingLine:             auth.ReadClearing,
	ids.ClearingStatement:        auth.ReadClearing,
	ids.CouponTemplate:           auth.ReadTemplates,
	ids.IssueJob:                 auth.ReadIssueJobs,
	ids.Member:                   auth.LookUpMembers,
	ids.MerchantAccount:          auth.ReadPayments,
	ids.Org:                      auth.ReadOrgs,
	ids.Page:                     auth.WritePages,
	ids.Payment:                  auth.ReadPayments,
	ids.PaymentRefund:            auth.ReadPayments,
	ids.Reconciliation:           auth.ReadPayments,
	ids.ReconciliationDifference: auth.ReadPayments,
	ids.Redemption:               auth.ReadRedemptions,
	ids.Staff:                    auth.ReadStaff,
	ids.Tag:                      auth.TagMembers,
	ids.Territory:                auth.ReadOrgs,
	ids.TillShift:                auth.ReadTopUps,
	ids.TopUp:                    auth.ReadTopUps,
	ids.TopUpRefund:              auth.ReadTopUps,
	ids.TopUpTier:                auth.ReadTopUps,
}

// node is the object of an id through the viewer's own reach: the data layer decides, with those of the viewer's roles that may read the kind.
func (r *Resolver) node(ctx context.Context, id ids.ID) (model.Node, error) {
	v := auth.FromContext(ctx)
	if c, ok := needed[id.Kind]; ok {
		v = v.Only(c)
	} else {
		v.Assignments = nil
	}
	ctx = auth.NewContext(ctx, v)
	client := r.Database.Client(ctx)
	switch id.Kind {
	case ids.App:
		return found(client.App.Get(ctx, id.Value))
	case ids.AuditEntry:
		return found(client.AuditEntry.Get(ctx, id.Value))
	case ids.Brand:
		return found(client.Brand.Get(ctx, id.Value))
	case ids.ClearingLine:
		return found(client.ClearingLine.Get(ctx, id.Value))
	case ids.ClearingStatement:
		return found(client.ClearingStatement.Get(ctx, id.Value))
	case ids.Consent:
		return found(client.Consent.Get(ctx, id.Value))
	case ids.Coupon:
		return found(client.Coupon.Get(ctx, id.Value))
	case ids.CouponTransfer:
		return found(client.CouponTransfer.Get(ctx, id.Value))
	case ids.CouponTemplate:
		return found(client.CouponTemplate.Get(ctx, id.Value))
	case ids.IssueJob:
		return found(client.IssueJob.Get(ctx, id.Value))
	case ids.Level:
		return found(client.Level.Get(ctx, id.Value))
	case ids.Member:
		return found(client.Member.Get(ctx, id.Value))
	case ids.MemberEvent:
		return found(client.MemberEvent.Get(ctx, id.Value))
	case ids.MerchantAccount:
		return found(client.MerchantAccount.Get(ctx, id.Value))
	case ids.Org:
		return found(client.Org.Get(ctx, id.Value))
	case ids.Page:
		return found(client.Page.Get(ctx, id.Value))
	case ids.Payment:
		return found(client.Payment.Get(ctx, id.Value))
	case ids.PaymentRefund:
		return found(client.PaymentRefund.Get(ctx, id.Value))
	case ids.Person:
		return found(client.Person.Get(ctx, id.Value))
	case ids.Product:
		return found(r.Catalog.Product(ctx, id.Value))
	case ids.Reconciliation:
		return found(client.Reconciliation.Get(ctx, id.Value))
	case ids.ReconciliationDifference:
		return found(client.ReconciliationDifference.Get(ctx, id.Value))
	case ids.Redemption:
		return found(client.Redemption.Get(ctx, id.Value))
	case ids.SKU:
		return found(r.Catalog.SKU(ctx, id.Value))
	case ids.Session:
		return found(client.Session.Get(ctx, id.Value))
	case ids.Staff:
		return found(client.Staff.Get(ctx, id.Value))
	case ids.Tag:
		return found(client.Tag.Get(ctx, id.Value))
	case ids.Territory:
		return found(client.Territory.Get(ctx, id.Value))
	case ids.TillShift:
		return found(client.TillShift.Get(ctx, id.Value))
	case ids.TopUp:
		return found(client.TopUp.Get(ctx, id.Value))
	case ids.TopUpRefund:
		return found(client.TopUpRefund.Get(ctx, id.Value))
	case ids.TopUpTier:
		return found(client.TopUpTier.Get(ctx, id.Value))
	}
	return nil, nil
}

// found makes null of what is missing or not the viewer's to see.
func found[T model.Node](node T, err error) (model.Node, error) {
	if ent.IsNotFound(err) || apperr.CodeOf(err) == apperr.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return node, nil
}
