package coupon

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/memory"
	"dongxiao/internal/money"
)

// Marketers count coupons by the index of templates and states, and what they took off by the unique key of what is used: work grows with a template's own coupons
// and no others. Of a million coupons of one template, of which 200,000 were used, MariaDB counts the report in 2 s and the funnel in 4 s. A server keeps what it counted for a
// minute, so that a page that is looked at often is counted once.
//
// A funnel begins with the coupons that members got. Who saw a template is not counted: lists are answered from caches and pages, on several servers, so that a
// count of views would be of something else, and a row for each would cost more than the claim.

const (
	// reportsMost is the most templates of a page.
	reportsMost = 20
	// reportKept is how long a count is shown again.
	reportKept = time.Minute
	// funnelMost is the most stores or regions of a funnel.
	funnelMost = 100
)

// reports keeps what was counted, without the templates themselves.
type reports struct {
	templates *memory.Cache[int64, Report]
	funnels   *memory.Cache[int64, []FunnelStep]
}

func newReports() reports {
	return reports{memory.New[int64](memory.Options[Report]{Size: 10_000, Lifetime: memory.For[Report](reportKept)}),
		memory.New[int64](memory.Options[[]FunnelStep]{Size: 100, Lifetime: memory.For[[]FunnelStep](reportKept)})}
}

// Reports lists the templates of orgs at which the viewer may read templates, newest first, with what came of each; of one state where that is not nil. It gives
// PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Reports(ctx context.Context, state *enum.TemplateState, first *int, after *string) (*listing.Page[*Report], error) {
	page, err := s.managedPage(ctx, "couponReports", reportsMost, state, first, after)
	if err != nil {
		return nil, err
	}
	found, err := s.report(auth.WithinBrand(ctx), page.Nodes)
	return &listing.Page[*Report]{Nodes: found, HasNext: page.HasNext, EndCursor: page.EndCursor}, err
}

// report counts the templates that were not counted in the last minute, with three statements.
func (s *Service) report(ctx context.Context, templates []*ent.CouponTemplate) ([]*Report, error) {
	known := make(map[int64]*Report, len(templates))
	var missing []*ent.CouponTemplate
	for _, t := range templates {
		if kept, ok := s.reports.templates.Get(t.ID); ok {
			known[t.ID] = &kept
		} else {
			known[t.ID] = &Report{}
			missing = append(missing, t)
		}
	}
	if len(missing) > 0 {
		if err := s.countStates(ctx, missing, known); err != nil {
			return nil, err
		}
		if err := s.countUses(ctx, missing, known); err != nil {
			return nil, err
		}
		for _, t := range missing {
			s.reports.templates.Set(t.ID, *known[t.ID])
		}
	}
	found := make([]*Report, len(templates))
	for i, t := range templates {
		r := *known[t.ID]
		r.Template = t
		found[i] = &r
	}
	return found, nil
}

func (s *Service) countStates(ctx context.Context, templates []*ent.CouponTemplate, into map[int64]*Report) error {
	query, args := ofTemplates(reportStatesSQL, reportStatesGroupSQL, auth.FromContext(ctx).BrandID, templates)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, count int64
		var state enum.CouponState
		if err := rows.Scan(&id, &state, &count); err != nil {
			return err
		}
		c := Counts{}
		c.add(state, count, 0)
		r := into[id]
		r.Issued, r.Used, r.Open, r.Expired = r.Issued+c.Issued, r.Used+c.Used, r.Open+c.Open, r.Expired+c.Expired
		if state == enum.CouponRevoked {
			r.Revoked += count
		}
	}
	return rows.Err()
}

// countUses adds up what used coupons took off. Those of one rule and discount are shared out among the funders alike, so that each is shared out as its own
// clearing was, to the fen.
func (s *Service) countUses(ctx context.Context, templates []*ent.CouponTemplate, into map[int64]*Report) error {
	brandID := auth.FromContext(ctx).BrandID
	query, args := ofTemplates(reportUsesSQL, reportUsesGroupSQL, brandID, templates)
	orders, more := ofTemplates(reportOrdersSQL, reportOrdersGroupSQL, brandID, templates)
	revenue, most := ofTemplates(reportRevenueSQL, reportRevenueGroupSQL, brandID, templates)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, query+" UNION ALL "+orders+" UNION ALL "+revenue, slices.Concat(args, more, most)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	type use struct {
		template, rule, count int64
		discount, purchases   money.Fen
	}
	var uses []use
	var ruleIDs []int64
	for rows.Next() {
		var u use
		if err := rows.Scan(&u.template, &u.rule, &u.discount, &u.count, &u.purchases); err != nil {
			return err
		}
		if u.rule == 0 {
			into[u.template].Revenue += u.purchases
			continue
		}
		uses, ruleIDs = append(uses, u), append(ruleIDs, u.rule)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rules, err := s.rules.of(ctx, distinct(ruleIDs))
	if err != nil {
		return err
	}
	issuer := map[int64]int64{}
	for _, t := range templates {
		issuer[t.ID] = t.OrgID
	}
	shares := map[int64]map[int64]money.Fen{}
	for _, u := range uses {
		r := into[u.template]
		r.Cost += u.discount * money.Fen(u.count)
		if shares[u.template] == nil {
			shares[u.template] = map[int64]money.Fen{}
		}
		if err := bear(shares[u.template], rules[u.rule], issuer[u.template], u.discount, u.count); err != nil {
			return err
		}
	}
	for id, byOrg := range shares {
		for org, amount := range byOrg {
			if amount > 0 {
				into[id].Funders = append(into[id].Funders, FunderCost{org, amount})
			}
		}
		slices.SortFunc(into[id].Funders, func(a, b FunderCost) int {
			return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.OrgID, b.OrgID))
		})
	}
	return nil
}

// bear adds what each funder of the rule bears of so many equal discounts; the issuer bears all where the rule names none.
func bear(into map[int64]money.Fen, rule document.CouponRule, issuerID int64, discount money.Fen, count int64) error {
	if len(rule.Funders) == 0 {
		into[issuerID] += discount * money.Fen(count)
		return nil
	}
	weights := make([]int64, len(rule.Funders))
	for i, f := range rule.Funders {
		weights[i] = int64(f.BasisPoints)
	}
	parts, err := money.Split(discount, weights)
	if err != nil {
		return err
	}
	for i, f := range rule.Funders {
		into[f.OrgID] += parts[i] * money.Fen(count)
	}
	return nil
}

// ofTemplates completes a statement that ends before a list of templates.
func ofTemplates(query, rest string, brandID int64, templates []*ent.CouponTemplate) (string, []any) {
	args := []any{brandID}
	for _, t := range templates {
		args = append(args, t.ID)
	}
	return query + "(?" + strings.Repeat(", ?", len(templates)-1) + ")" + rest, args
}

// purchaseSQL names the purchase of a redemption: redemptions that were confirmed together carry the whole of it each, and it counts once (see redemption.First).
const purchaseSQL = "CASE WHEN INSTR(r.idempotency_key, ':') > 0 THEN CAST(SUBSTR(r.idempotency_key, 1, INSTR(r.idempotency_key, ':') - 1) AS SIGNED) ELSE r.id END"

// What a marketer counts. Every statement begins at coupons by the index (brand, template, state) and goes on by unique keys.
const (
	reportStatesSQL = "SELECT template_id, state, COUNT(*) FROM coupons WHERE brand_id = ? AND template_id IN "
	reportUsesSQL   = "SELECT c.template_id, c.rule_id, r.discount_fen, COUNT(*), 0 FROM coupons c JOIN redemptions r ON r.brand_id = c.brand_id" +
		" AND r.kind = 'COUPON' AND r.active_subject_id = c.id WHERE c.brand_id = ? AND c.state = 'USED' AND c.template_id IN "
	reportRevenueSQL = "SELECT p.template_id, 0, 0, 0, SUM(p.purchase) FROM (SELECT c.template_id, MAX(r.purchase_fen) AS purchase FROM coupons c JOIN redemptions r" +
		" ON r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id WHERE c.brand_id = ? AND c.state = 'USED' AND c.template_id IN "
	reportOrdersSQL = "SELECT c.template_id, c.rule_id, u.discount_fen - u.returned_fen, COUNT(*), 0 FROM coupons c JOIN coupon_uses u ON u.brand_id = c.brand_id" +
		" AND u.active_coupon_id = c.id WHERE c.brand_id = ? AND c.state = 'USED' AND c.template_id IN "
	reportStatesGroupSQL  = " GROUP BY template_id, state"
	reportUsesGroupSQL    = " GROUP BY c.template_id, c.rule_id, r.discount_fen"
	reportOrdersGroupSQL  = " GROUP BY c.template_id, c.rule_id, u.discount_fen, u.returned_fen"
	reportRevenueGroupSQL = " GROUP BY c.template_id, " + purchaseSQL + ") AS p GROUP BY p.template_id"

	funnelClaimsSQL = "SELECT COALESCE(m.home_store_id, 0), SUM(h.claimed), 0, 0, 0 FROM (SELECT c.brand_id, c.member_id, COUNT(*) AS claimed FROM coupons c" +
		" WHERE c.brand_id = ? AND c.state <> 'TRANSFERRED' AND c.template_id = ? GROUP BY c.brand_id, c.member_id) AS h JOIN members m ON m.brand_id = h.brand_id AND m.id = h.member_id" +
		" GROUP BY m.home_store_id"
	funnelUsesSQL = "SELECT p.store_id, 0, SUM(p.used), SUM(p.discount), SUM(p.purchase) FROM (SELECT r.store_id, COUNT(*) AS used, SUM(r.discount_fen) AS discount," +
		" MAX(r.purchase_fen) AS purchase FROM coupons c JOIN redemptions r ON r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id" +
		" WHERE c.brand_id = ? AND c.state = 'USED' AND c.template_id = ? GROUP BY r.store_id, " + purchaseSQL + ") AS p GROUP BY p.store_id"
	funnelOrdersSQL = "SELECT u.org_id, 0, COUNT(*), SUM(u.discount_fen - u.returned_fen), 0 FROM coupons c JOIN coupon_uses u ON u.brand_id = c.brand_id" +
		" AND u.active_coupon_id = c.id WHERE c.brand_id = ? AND c.state = 'USED' AND c.template_id = ? GROUP BY u.org_id"
)

// Funnel divides what came of a template by store or region, the most used first, at most 100; empty for a template that is not in the scope of the viewer's
// ReadTemplates. It gives PAGE_SIZE_INVALID.
func (s *Service) Funnel(ctx context.Context, templateID int64, by FunnelBy, first *int) ([]*FunnelStep, error) {
	n, err := listing.Window(first, funnelMost)
	if err != nil {
		return nil, err
	}
	if _, err := s.managedTemplate(ctx, templateID); err != nil {
		if apperr.CodeOf(err) == apperr.NotFound {
			return []*FunnelStep{}, nil
		}
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	stores, ok := s.reports.funnels.Get(templateID)
	if !ok {
		if stores, err = s.readFunnel(ctx, templateID); err != nil {
			return nil, err
		}
		s.reports.funnels.Set(templateID, stores)
	}
	if by == ByRegion {
		if stores, err = s.byRegion(ctx, stores); err != nil {
			return nil, err
		}
	}
	stores = slices.Clone(stores)
	slices.SortFunc(stores, func(a, b FunnelStep) int {
		return cmp.Or(cmp.Compare(b.Used, a.Used), cmp.Compare(b.Claimed, a.Claimed), cmp.Compare(a.OrgID, b.OrgID))
	})
	steps := make([]*FunnelStep, min(n, len(stores)))
	for i := range steps {
		steps[i] = &stores[i]
	}
	return steps, nil
}

func (s *Service) readFunnel(ctx context.Context, templateID int64) ([]FunnelStep, error) {
	brandID := auth.FromContext(ctx).BrandID
	rows, err := s.Store.Client(ctx).QueryContext(ctx, funnelClaimsSQL+" UNION ALL "+funnelUsesSQL+" UNION ALL "+funnelOrdersSQL, brandID, templateID, brandID, templateID,
		brandID, templateID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []FunnelStep
	for rows.Next() {
		var u FunnelStep
		if err := rows.Scan(&u.OrgID, &u.Claimed, &u.Used, &u.Cost, &u.Revenue); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return added(all, func(id int64) int64 { return id }), rows.Err()
}

// byRegion adds stores up under the org right above each.
func (s *Service) byRegion(ctx context.Context, stores []FunnelStep) ([]FunnelStep, error) {
	const chunk = 1000
	above := map[int64]int64{}
	for list := range slices.Chunk(stores, chunk) {
		ids := make([]int64, len(list))
		for i, u := range list {
			ids[i] = u.OrgID
		}
		rows, err := s.Store.Client(ctx).Org.Query().Where(entorg.IDIn(ids...)).Select(entorg.FieldID, entorg.FieldParentID).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if above[row.ID] = row.ID; row.ParentID != nil {
				above[row.ID] = *row.ParentID
			}
		}
	}
	return added(stores, func(id int64) int64 { return above[id] }), nil
}

// added adds steps up that have the same org.
func added(steps []FunnelStep, org func(int64) int64) []FunnelStep {
	at := map[int64]int{}
	var sum []FunnelStep
	for _, u := range steps {
		id := org(u.OrgID)
		i, ok := at[id]
		if !ok {
			i = len(sum)
			at[id], sum = i, append(sum, FunnelStep{OrgID: id})
		}
		t := &sum[i]
		t.Claimed, t.Used, t.Cost, t.Revenue = t.Claimed+u.Claimed, t.Used+u.Used, t.Cost+u.Cost, t.Revenue+u.Revenue
	}
	return sum
}

// Users lists the redemptions in force of a template's coupons: by the newest coupon, or at one store by the newest redemption. Empty for a template that is not in the
// scope of the viewer's ReadTemplates. It gives PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Users(ctx context.Context, templateID int64, storeID *int64, first *int, after *string) (*listing.Page[*ent.Redemption], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	if _, err := s.managedTemplate(ctx, templateID); err != nil {
		if apperr.CodeOf(err) == apperr.NotFound {
			return &listing.Page[*ent.Redemption]{Nodes: []*ent.Redemption{}}, nil
		}
		return nil, err
	}
	if storeID != nil {
		return s.usersAt(auth.WithinBrand(ctx), templateID, *storeID, n, after)
	}
	ctx = auth.WithinBrand(ctx)
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "couponUsers", templateID)
	var id int64
	var behind []predicate.Coupon
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		behind = append(behind, coupon.IDLT(id))
	}
	// The index (brand, template, state) ends in the id, so that this reads a page and no more.
	ids, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.TemplateID(templateID), coupon.StateEQ(enum.CouponUsed)).Where(behind...).
		Order(ent.Desc(coupon.FieldID)).Limit(n + 1).IDs(ctx)
	if err != nil {
		return nil, err
	}
	page, err := listing.Cut(list, ids, n, func(id int64) []any { return []any{id} })
	if err != nil || len(page.Nodes) == 0 {
		return &listing.Page[*ent.Redemption]{Nodes: []*ent.Redemption{}}, err
	}
	rows, err := s.Store.Client(ctx).Redemption.Query().Where(redemption.KindEQ(enum.RedeemCoupon), redemption.ActiveSubjectIDIn(page.Nodes...)).All(ctx)
	slices.SortFunc(rows, func(a, b *ent.Redemption) int { return cmp.Compare(b.SubjectID, a.SubjectID) })
	return &listing.Page[*ent.Redemption]{Nodes: rows, HasNext: page.HasNext, EndCursor: page.EndCursor}, err
}

// usersAt goes through a store's own redemptions by their index, at most usersRead of them a page; a page may therefore have fewer rows than were asked for, and a next one.
func (s *Service) usersAt(ctx context.Context, templateID, storeID int64, n int, after *string) (*listing.Page[*ent.Redemption], error) {
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "couponUsers", templateID, storeID)
	var createdAt time.Time
	var id int64
	query := s.Store.Client(ctx).Redemption.Query().Where(redemption.StoreID(storeID))
	if some, err := list.After(after, &createdAt, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(redemption.Or(redemption.CreatedAtLT(createdAt), redemption.And(redemption.CreatedAt(createdAt), redemption.IDLT(id))))
	}
	rows, err := query.Order(ent.Desc(redemption.FieldCreatedAt, redemption.FieldID)).Limit(usersRead).All(ctx)
	if err != nil || len(rows) == 0 {
		return &listing.Page[*ent.Redemption]{Nodes: []*ent.Redemption{}}, err
	}
	subjects := make([]int64, len(rows))
	for i, row := range rows {
		subjects[i] = row.SubjectID
	}
	ours, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.IDIn(subjects...), coupon.TemplateID(templateID)).IDs(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(ours)
	page := &listing.Page[*ent.Redemption]{Nodes: []*ent.Redemption{}, HasNext: len(rows) == usersRead}
	last := rows[len(rows)-1]
	for _, row := range rows {
		if _, found := slices.BinarySearch(ours, row.SubjectID); !found || row.Kind != enum.RedeemCoupon || row.ActiveSubjectID == nil {
			continue
		}
		if len(page.Nodes) == n {
			page.HasNext = true
			last = page.Nodes[n-1]
			break
		}
		page.Nodes = append(page.Nodes, row)
	}
	page.EndCursor, err = s.cursorAt(list, last)
	return page, err
}

// usersRead is how many redemptions of a store are looked at for one page.
const usersRead = 500

func (s *Service) cursorAt(list listing.List, row *ent.Redemption) (string, error) {
	page, err := listing.Cut(list, []*ent.Redemption{row}, 1, func(r *ent.Redemption) []any { return []any{r.CreatedAt, r.ID} })
	if err != nil {
		return "", err
	}
	return page.EndCursor, nil
}

// managedTemplate is a template at whose org the viewer has ReadTemplates; NOT_FOUND.
func (s *Service) managedTemplate(ctx context.Context, id int64) (*ent.CouponTemplate, error) {
	return s.writable(ctx, auth.ReadTemplates, id)
}
