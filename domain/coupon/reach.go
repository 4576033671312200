package coupon

import (
	"context"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/ent/product"
	"dongxiao/ent/sku"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// reach refuses terms that name what does not exist or is not the issuer's or the viewer's to name. The viewer may write templates at the issuer; an org can only be made
// to bear a share by who may write templates there too. Refusals: STORE_CLOSED (the issuer takes part no more), NOT_FOUND, FUNDER_OUT_OF_REACH, TEMPLATE_INVALID (a
// scope of no store, or of no goods). What stood in the terms before may stay though it takes part no more: before is nil for a new template.
func (s *Service) reach(ctx context.Context, orgID int64, t, before *Terms) error {
	within := auth.WithinBrand(ctx)
	issuer, err := s.Store.Client(ctx).Org.Get(within, orgID)
	if err != nil {
		return err
	}
	if issuer.State != enum.OrgActive {
		return apperr.New(apperr.StoreClosed).At("input", "orgId")
	}
	if before == nil {
		before = &Terms{}
	}
	if err := s.reachOrgs(within, orgID, t, before); err != nil {
		return err
	}
	if err := s.reachFunders(ctx, issuer, t, before); err != nil {
		return err
	}
	if err := s.reachGoods(within, t); err != nil {
		return err
	}
	if t.ActivatedByID == nil || equal(t.ActivatedByID, before.ActivatedByID) {
		return nil
	}
	return s.reachActivator(within, issuer, *t.ActivatedByID)
}

// reachOrgs wants scope orgs within the issuer's own, and a store among them.
func (s *Service) reachOrgs(ctx context.Context, orgID int64, t, before *Terms) error {
	scope := t.Rule.Scope.OrgIDs
	added := slices.DeleteFunc(slices.Clone(scope), func(id int64) bool { return slices.Contains(before.Rule.Scope.OrgIDs, id) })
	if ok, err := s.Orgs.AllWithin(ctx, added, orgID); err != nil {
		return err
	} else if !ok {
		return apperr.New(apperr.NotFound).At("input", "scopeOrgIds")
	}
	field := "scopeOrgIds"
	if len(scope) == 0 {
		scope, field = []int64{orgID}, "orgId"
	}
	some, err := s.Store.Client(ctx).Org.Query().Where(entorg.KindEQ(enum.OrgStore), entorg.StateEQ(enum.OrgActive)).
		Where(org.Within(entorg.FieldID, auth.FromContext(ctx).BrandID, scope, true)).Exist(ctx)
	if err == nil && !some {
		err = quote.Contradiction(field, "0 stores")
	}
	return err
}

// reachFunders wants funders that take part and are the issuer, above it or below it, and a viewer who may write templates at each.
func (s *Service) reachFunders(ctx context.Context, issuer *ent.Org, t, before *Terms) error {
	ids := make([]int64, len(t.Rule.Funders))
	for i, f := range t.Rule.Funders {
		ids[i] = f.OrgID
	}
	rows, err := s.Store.Client(ctx).Org.Query().Where(entorg.IDIn(ids...)).All(auth.WithinBrand(ctx))
	if err != nil {
		return err
	}
	outOfReach := len(rows) != len(ids) || slices.ContainsFunc(rows, func(o *ent.Org) bool {
		stood := slices.ContainsFunc(before.Rule.Funders, func(f document.Funder) bool { return f.OrgID == o.ID })
		return o.State != enum.OrgActive && !stood || !strings.HasPrefix(issuer.Path, o.Path) && !strings.HasPrefix(o.Path, issuer.Path)
	})
	for _, id := range ids {
		if outOfReach || id == issuer.ID {
			continue
		}
		err := s.Orgs.Require(ctx, auth.WriteTemplates, id)
		if err != nil && apperr.CodeOf(err) != apperr.NotFound {
			return err
		}
		outOfReach = err != nil
	}
	if outOfReach {
		return apperr.New(apperr.FunderOutOfReach).At("input", "funders")
	}
	return nil
}

// reachGoods wants goods that exist, and some that count.
func (s *Service) reachGoods(ctx context.Context, t *Terms) error {
	scope, client := &t.Rule.Scope, s.Store.Client(ctx)
	for _, named := range []struct {
		field string
		ids   []int64
	}{{"goodsSkuId", one(t.Rule.GoodsSKUID)}, {"scopeSkuIds", scope.SKUIDs}, {"excludedSkuIds", scope.ExcludedSKUIDs}} {
		if len(named.ids) == 0 {
			continue
		}
		if n, err := client.SKU.Query().Where(sku.IDIn(named.ids...)).Count(ctx); err != nil {
			return err
		} else if n != len(named.ids) {
			return apperr.New(apperr.NotFound).At("input", named.field)
		}
	}
	of := slices.Clone(scope.ProductIDs)
	if len(of) > 0 {
		if n, err := client.Product.Query().Where(product.IDIn(of...)).Count(ctx); err != nil {
			return err
		} else if n != len(of) {
			return apperr.New(apperr.NotFound).At("input", "scopeProductIds")
		}
	}
	if len(scope.Categories) > 0 {
		rows, err := client.Product.Query().Where(product.CategoryIn(scope.Categories...)).All(ctx)
		if err != nil {
			return err
		}
		for _, category := range scope.Categories {
			if !slices.ContainsFunc(rows, func(p *ent.Product) bool { return p.Category == category }) {
				return apperr.New(apperr.NotFound).At("input", "scopeCategories")
			}
		}
		for _, p := range rows {
			of = append(of, p.ID)
		}
	}
	if len(scope.ExcludedSKUIDs) == 0 {
		return nil
	}
	counts := []predicate.SKU{sku.IDNotIn(scope.ExcludedSKUIDs...)}
	if len(scope.SKUIDs)+len(of) > 0 {
		counts = append(counts, sku.Or(sku.IDIn(scope.SKUIDs...), sku.ProductIDIn(of...)))
	}
	some, err := client.SKU.Query().Where(counts...).Exist(ctx)
	if err == nil && !some {
		err = quote.Contradiction("excludedSkuIds", "0 SKU")
	}
	return err
}

func one(id int64) []int64 {
	if id == 0 {
		return nil
	}
	return []int64{id}
}

// reachActivator wants a template of the issuer or of an org above it, which members can use where the issuer is.
func (s *Service) reachActivator(ctx context.Context, issuer *ent.Org, id int64) error {
	activator, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ID(id),
		coupontemplate.StateNotIn(enum.TemplateEnded, enum.TemplateVoid)).Only(ctx)
	if ent.IsNotFound(err) || err == nil && !strings.Contains(issuer.Path, "/"+store.PathSegment(activator.OrgID)+"/") {
		err = apperr.New(apperr.NotFound).At("input", "activatedById")
	}
	return err
}

// keepActivation refuses a chain of activations, by which coupons could give each other without end: what activates others is not activated itself. The caller's
// transaction locks both templates first, in the order of their ids.
func (s *Service) keepActivation(ctx context.Context, id int64, activator *int64) error {
	if activator == nil {
		return nil
	}
	client := s.Store.Client(ctx)
	if *activator == id {
		return quote.Contradiction("activatedById", "activatedById = id")
	}
	chained, err := client.CouponTemplate.Query().Where(coupontemplate.Or(
		coupontemplate.And(coupontemplate.ID(*activator), coupontemplate.ActivatedByIDNotNil()), coupontemplate.ActivatedByID(id))).Exist(ctx)
	if err == nil && chained {
		err = quote.Contradiction("activatedById", "activatedById → activatedById")
	}
	return err
}
