package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
)

// plainHome is the home written by hand: net/http, database/sql, a struct for each object, and one statement for each thing that is read. What never or
// hardly changes (the brand, its root org, coupon rules) it reads once, as the server does. With cached set it keeps the encoded public part for a few
// seconds and reads only what is the member's.
type plainHome struct {
	db       *sql.DB
	clock    clock.Clock
	verifier *auth.Verifier
	cached   bool

	brandID, root int64
	brandName     string
	zone          *time.Location
	rules         sync.Map // rule id → plainRule
	reach         atomic.Uint64
	public        sync.Map // place → keptHome
	statements    atomic.Int64
}

// publicKept is how long the plain form keeps what is public, as long as the shortest maxAge of the schema.
const publicKept = 5 * time.Second

type keptHome struct {
	encoded []byte
	expires time.Time
}

type plainPublic struct {
	Brand        plainBrand     `json:"brand"`
	NearbyStores []plainNearby  `json:"nearbyStores"`
	Page         *plainPage     `json:"page"`
	Products     plainProducts  `json:"products"`
	Claimable    plainClaimable `json:"claimableCoupons"`
}

type plainBrand struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type plainNearby struct {
	DistanceMetres int      `json:"distanceMetres"`
	Delivers       bool     `json:"delivers"`
	Org            plainOrg `json:"org"`
}

type plainOrg struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Store plainStore `json:"store"`

	number int64
	at     geo.Coordinate
	radius int
	reach  geo.Polygon
}

type plainStore struct {
	Address    string `json:"address"`
	Phone      string `json:"phone"`
	OpenNow    bool   `json:"openNow"`
	HoursToday string `json:"hoursToday"`
}

type plainPage struct {
	Title   string       `json:"title"`
	Version int          `json:"version"`
	Blocks  []plainBlock `json:"blocks"`
}

type plainBlock struct {
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	ImageURL string `json:"imageUrl"`
	Target   string `json:"target"`
	Limit    int    `json:"limit"`
}

type plainProducts struct {
	Nodes []*plainProduct `json:"nodes"`
}

type plainProduct struct {
	ID       string     `json:"id"`
	Code     string     `json:"code"`
	Name     string     `json:"name"`
	Subtitle string     `json:"subtitle"`
	Category string     `json:"category"`
	ImageURL string     `json:"imageUrl"`
	SKUs     []plainSKU `json:"skus"`

	number int64
}

type plainSKU struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Mode  string      `json:"mode"`
	Stock int64       `json:"stock"`
	Price *plainPrice `json:"price"`
}

type plainPrice struct {
	Price     int64  `json:"price"`
	ListPrice *int64 `json:"listPrice"`
}

type plainClaimable struct {
	Nodes []plainTemplate `json:"nodes"`
}

type plainTemplate struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	StockLeft   int64     `json:"stockLeft"`
	MemberLimit *int64    `json:"memberLimit"`
	ClaimEndsAt time.Time `json:"claimEndsAt"`
	Rule        plainRule `json:"rule"`
}

type plainRule struct {
	Kind      string `json:"kind"`
	Amount    *int64 `json:"amount"`
	Threshold int64  `json:"threshold"`
}

type plainViewer struct {
	Member plainMember  `json:"member"`
	States []plainState `json:"couponClaimStates"`
}

type plainMember struct {
	ID            string      `json:"id"`
	GrowthValue   int64       `json:"growthValue"`
	WalletBalance int64       `json:"walletBalance"`
	Level         *plainLevel `json:"level"`
}

type plainLevel struct {
	Rank int    `json:"rank"`
	Name string `json:"name"`
}

type plainState struct {
	Template plainRef `json:"template"`
	Claimed  int64    `json:"claimed"`
	Left     *int64   `json:"left"`
	CanClaim bool     `json:"canClaim"`
	Refusal  *string  `json:"refusal"`
}

type plainRef struct {
	ID string `json:"id"`
}

// openPlainHome reads what the plain form keeps.
func openPlainHome(ctx context.Context, db *sql.DB, c clock.Clock, k *keyring.Keyring, brandCode string, cached bool) (*plainHome, error) {
	p := &plainHome{db: db, clock: c, cached: cached}
	var zone string
	if err := db.QueryRowContext(ctx, "SELECT b.id, b.name, b.time_zone, o.id FROM brands b JOIN orgs o ON o.brand_id = b.id AND o.kind = 'BRAND' WHERE b.code = ?", brandCode).
		Scan(&p.brandID, &p.brandName, &zone, &p.root); err != nil {
		return nil, err
	}
	var err error
	if p.zone, err = time.LoadLocation(zone); err != nil {
		return nil, err
	}
	apps := map[string]int64{}
	rows, err := db.QueryContext(ctx, "SELECT wechat_app_id, id FROM apps WHERE brand_id = ?", p.brandID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var id int64
		if err := rows.Scan(&name, &id); err != nil {
			return nil, err
		}
		apps[name] = id
	}
	p.verifier = auth.NewVerifier(homeIssuer, k.Ring, func(app string) (int64, bool) { id, ok := apps[app]; return id, ok }, c.Now)
	return p, rows.Err()
}

// ServeHTTP answers the home.
func (p *plainHome) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	claims, err := p.verifier.Verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var request struct {
		Variables struct{ Near geo.Coordinate }
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&request); err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	answer, err := p.answer(r.Context(), claims, request.Variables.Near)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer)
}

func (p *plainHome) answer(ctx context.Context, claims auth.Claims, near geo.Coordinate) ([]byte, error) {
	place := geo.Coordinate{Latitude: math.Round(near.Latitude*1000) / 1000, Longitude: math.Round(near.Longitude*1000) / 1000, System: near.System}
	templates, states, err := p.templates(ctx, claims)
	if err != nil {
		return nil, err
	}
	var public []byte
	if kept, ok := p.public.Load(place); p.cached && ok && p.clock.Now().Before(kept.(keptHome).expires) {
		public = kept.(keptHome).encoded
	} else {
		if public, err = p.readPublic(ctx, near, templates); err != nil {
			return nil, err
		}
		if p.cached {
			p.public.Store(place, keptHome{public, p.clock.Now().Add(publicKept)})
		}
	}
	viewer := plainViewer{States: states}
	if viewer.Member, err = p.member(ctx, claims.MemberID); err != nil {
		return nil, err
	}
	personal, err := json.Marshal(viewer)
	if err != nil {
		return nil, err
	}
	answer := make([]byte, 0, len(public)+len(personal)+32)
	answer = append(answer, `{"data":`...)
	answer = append(answer, public[:len(public)-1]...)
	answer = append(answer, `,"viewer":`...)
	answer = append(answer, personal...)
	return append(answer, "}}"...), nil
}

func (p *plainHome) readPublic(ctx context.Context, near geo.Coordinate, templates []plainTemplate) ([]byte, error) {
	home := plainPublic{Brand: plainBrand{ids.Encode(ids.Brand, p.brandID), p.brandName}, Claimable: plainClaimable{templates}}
	var err error
	if home.NearbyStores, err = p.nearest(ctx, near); err != nil {
		return nil, err
	}
	if home.Page, err = p.page(ctx); err != nil {
		return nil, err
	}
	if home.Products.Nodes, err = p.products(ctx); err != nil {
		return nil, err
	}
	return json.Marshal(home)
}

func (p *plainHome) query(ctx context.Context, statement string, arguments ...any) (*sql.Rows, error) {
	p.statements.Add(1)
	return p.db.QueryContext(ctx, statement, arguments...)
}

func (p *plainHome) nearest(ctx context.Context, near geo.Coordinate) ([]plainNearby, error) {
	if err := near.Validate(); err != nil {
		return nil, err
	}
	near = near.ToGCJ02()
	now := p.clock.Now()
	read := func(ctx context.Context, ranges []geo.Range, limit int) ([]*plainOrg, error) {
		var where strings.Builder
		arguments := []any{p.brandID}
		for i, r := range ranges {
			if i > 0 {
				where.WriteString(" OR ")
			}
			where.WriteString("cell BETWEEN ? AND ?")
			arguments = append(arguments, r.From, r.To)
		}
		rows, err := p.query(ctx, "SELECT id, name, address, phone, latitude, longitude, radius_metres, polygon, hours FROM orgs"+
			" WHERE brand_id = ? AND kind = 'STORE' AND state = 'ACTIVE' AND ("+where.String()+") LIMIT ?", append(arguments, limit)...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var found []*plainOrg
		for rows.Next() {
			o := &plainOrg{}
			var polygon, weekly []byte
			if err := rows.Scan(&o.number, &o.Name, &o.Store.Address, &o.Store.Phone, &o.at.Latitude, &o.at.Longitude, &o.radius, &polygon, &weekly); err != nil {
				return nil, err
			}
			o.at.System = geo.Stored
			if err := o.complete(polygon, weekly, now, p.zone); err != nil {
				return nil, err
			}
			found = append(found, o)
		}
		return found, rows.Err()
	}
	describe := func(o *plainOrg) (geo.Coordinate, int64, bool) { return o.at, o.number, true }
	hits, _, err := geo.Nearest(ctx, geo.Search{Center: near, Radius: 100_000, Count: 1, MaxRows: 500, Start: math.Float64frombits(p.reach.Load())}, read, describe)
	if err != nil {
		return nil, err
	}
	stores := make([]plainNearby, len(hits))
	for i, hit := range hits {
		p.reach.Store(math.Float64bits(max(hit.Distance*1.3, math.Float64frombits(p.reach.Load()))))
		delivers := geo.Distance(hit.Value.at, near) <= float64(hit.Value.radius)
		if len(hit.Value.reach) > 0 {
			delivers = hit.Value.reach.Contains(near)
		}
		hit.Value.ID = ids.Encode(ids.Org, hit.Value.number)
		stores[i] = plainNearby{int(math.Round(hit.Distance)), delivers, *hit.Value}
	}
	return stores, nil
}

// complete reads the columns of JSON.
func (o *plainOrg) complete(polygon, weekly []byte, now time.Time, zone *time.Location) error {
	if len(polygon) > 0 {
		var corners []document.Point
		if err := json.Unmarshal(polygon, &corners); err != nil {
			return err
		}
		for _, c := range corners {
			o.reach = append(o.reach, geo.Coordinate{Latitude: c.Latitude, Longitude: c.Longitude, System: geo.Stored})
		}
	}
	if len(weekly) == 0 {
		return nil
	}
	var w hours.Weekly
	if err := json.Unmarshal(weekly, &w); err != nil {
		return err
	}
	o.Store.OpenNow = w.OpenAt(now, zone)
	for i, period := range w.On(now.In(zone).Weekday()) {
		if i > 0 {
			o.Store.HoursToday += ", "
		}
		end := period.Close
		if end > hours.Day {
			end -= hours.Day
		}
		o.Store.HoursToday += fmt.Sprintf("%02d:%02d–%02d:%02d", period.Open/60, period.Open%60, end/60, end%60)
	}
	return nil
}

func (p *plainHome) page(ctx context.Context) (*plainPage, error) {
	rows, err := p.query(ctx, "SELECT title, version, blocks FROM pages WHERE brand_id = ? AND org_id = ? AND slug = 'home' AND state = 'PUBLISHED'", p.brandID, p.root)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var page plainPage
	var blocks []byte
	if err := rows.Scan(&page.Title, &page.Version, &blocks); err != nil {
		return nil, err
	}
	return &page, json.Unmarshal(blocks, &page.Blocks)
}

func (p *plainHome) products(ctx context.Context) ([]*plainProduct, error) {
	rows, err := p.query(ctx, "SELECT p.id, p.code, p.name, p.subtitle, p.category, p.image_url, s.id, s.name, s.mode, r.price_fen, r.list_price_fen, COALESCE(k.quantity, 0)"+
		" FROM (SELECT id, code, name, subtitle, category, image_url, position FROM products WHERE brand_id = ? AND state = 'ACTIVE' ORDER BY position, id LIMIT 10) p"+
		" LEFT JOIN skus s ON s.brand_id = ? AND s.product_id = p.id LEFT JOIN prices r ON r.brand_id = ? AND r.sku_id = s.id AND r.org_id = ? AND r.kind = 'RETAIL'"+
		" LEFT JOIN stocks k ON k.brand_id = ? AND k.sku_id = s.id AND k.org_id = ? ORDER BY p.position, p.id, s.id",
		p.brandID, p.brandID, p.brandID, p.root, p.brandID, p.root)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var products []*plainProduct
	for rows.Next() {
		var product plainProduct
		var skuID, price, listPrice sql.NullInt64
		var name, mode sql.NullString
		var stock int64
		if err := rows.Scan(&product.number, &product.Code, &product.Name, &product.Subtitle, &product.Category, &product.ImageURL,
			&skuID, &name, &mode, &price, &listPrice, &stock); err != nil {
			return nil, err
		}
		if len(products) == 0 || products[len(products)-1].number != product.number {
			product.ID, product.SKUs = ids.Encode(ids.Product, product.number), []plainSKU{}
			products = append(products, &product)
		}
		if !skuID.Valid {
			continue
		}
		sku := plainSKU{ID: ids.Encode(ids.SKU, skuID.Int64), Name: name.String, Mode: mode.String, Stock: stock}
		if price.Valid {
			sku.Price = &plainPrice{Price: price.Int64}
			if listPrice.Int64 > 0 {
				sku.Price.ListPrice = &listPrice.Int64
			}
		}
		last := products[len(products)-1]
		last.SKUs = append(last.SKUs, sku)
	}
	return products, rows.Err()
}

// plainTemplatesSQL is one read for what can be claimed and how the member stands with it.
const plainTemplatesSQL = "SELECT t.id, t.name, t.description, t.rule_id, t.stock_left, t.day_stock, t.member_limit, t.member_day_limit, t.person_limit, t.claim_ends_at," +
	" COALESCE(m.state, 'CANCELLED'), COALESCE(c.count, 0), COALESCE(d.count, 0), COALESCE(h.count, 0), COALESCE(i.count, 0) FROM coupon_templates t" +
	" LEFT JOIN members m ON m.brand_id = ? AND m.id = ? LEFT JOIN persons p ON p.brand_id = ? AND p.id = m.person_id" +
	" LEFT JOIN limit_counters c ON c.brand_id = ? AND c.kind = 'MEMBER_TOTAL' AND c.scope_id = t.id AND c.subject_id = m.id AND c.period = 0" +
	" LEFT JOIN limit_counters d ON d.brand_id = ? AND d.kind = 'MEMBER_DAY' AND d.scope_id = t.id AND d.subject_id = m.id AND d.period = ?" +
	" LEFT JOIN limit_counters h ON h.brand_id = ? AND h.kind = 'PERSON_TOTAL' AND h.scope_id = t.id AND h.subject_id = p.limit_subject AND h.period = 0" +
	" LEFT JOIN limit_counters i ON i.brand_id = ? AND i.kind = 'TEMPLATE_DAY' AND i.scope_id = t.id AND i.subject_id = 0 AND i.period = ?" +
	" WHERE t.brand_id = ? AND t.state = 'ACTIVE' AND t.claim_ends_at > ? AND t.claim_starts_at <= ? AND t.event = 'NONE'" +
	" AND t.activated_by_id IS NULL ORDER BY t.claim_ends_at, t.id LIMIT 5"

func (p *plainHome) templates(ctx context.Context, claims auth.Claims) (templates []plainTemplate, states []plainState, err error) {
	now := p.clock.Now()
	day, _ := strconv.Atoi(now.In(p.zone).Format("20060102"))
	b := p.brandID
	rows, err := p.query(ctx, plainTemplatesSQL, b, claims.MemberID, b, b, b, day, b, b, day, b, now, now)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t plainTemplate
		var id, rule, dayStock, memberLimit, dayLimit, personLimit, total, today, person, issued int64
		var member string
		if err := rows.Scan(&id, &t.Name, &t.Description, &rule, &t.StockLeft, &dayStock, &memberLimit, &dayLimit, &personLimit, &t.ClaimEndsAt,
			&member, &total, &today, &person, &issued); err != nil {
			return nil, nil, err
		}
		t.ID = ids.Encode(ids.CouponTemplate, id)
		state := plainState{Template: plainRef{t.ID}, Claimed: total}
		if memberLimit > 0 {
			t.MemberLimit, state.Left = &memberLimit, new(max(memberLimit-total, 0))
		}
		var refusal apperr.Code
		switch {
		case member == string(enum.MemberFrozen):
			refusal = apperr.MemberFrozen
		case member == string(enum.MemberCancelled):
			refusal = apperr.MemberCancelled
		case memberLimit > 0 && total >= memberLimit, dayLimit > 0 && today >= dayLimit, personLimit > 0 && person >= personLimit:
			refusal = apperr.LimitReached
		case t.StockLeft <= 0, dayStock > 0 && issued >= dayStock:
			refusal = apperr.OutOfStock
		}
		if state.CanClaim = refusal == ""; !state.CanClaim {
			state.Refusal = (*string)(&refusal)
		}
		if t.Rule, err = p.rule(ctx, rule); err != nil {
			return nil, nil, err
		}
		templates, states = append(templates, t), append(states, state)
	}
	return templates, states, rows.Err()
}

// rule is what a coupon promises, which never changes.
func (p *plainHome) rule(ctx context.Context, id int64) (plainRule, error) {
	if kept, ok := p.rules.Load(id); ok {
		return kept.(plainRule), nil
	}
	rows, err := p.query(ctx, "SELECT rule FROM coupon_rules WHERE brand_id = ? AND id = ?", p.brandID, id)
	if err != nil {
		return plainRule{}, err
	}
	defer rows.Close()
	var encoded []byte
	var rule document.CouponRule
	if !rows.Next() {
		return plainRule{}, sql.ErrNoRows
	}
	if err := rows.Scan(&encoded); err != nil {
		return plainRule{}, err
	}
	if err := json.Unmarshal(encoded, &rule); err != nil {
		return plainRule{}, err
	}
	r := plainRule{Kind: string(rule.Kind), Threshold: int64(rule.ThresholdFen)}
	if amount := rule.Amount(); amount != nil {
		r.Amount = new(int64(*amount))
	}
	p.rules.Store(id, r)
	return r, nil
}

func (p *plainHome) member(ctx context.Context, id int64) (m plainMember, err error) {
	rows, err := p.query(ctx, "SELECT m.growth_value, COALESCE(w.balance_fen, 0), l.rank, l.name FROM members m LEFT JOIN levels l ON l.brand_id = ? AND l.id = m.level_id"+
		" LEFT JOIN wallets w ON w.brand_id = ? AND w.member_id = m.id WHERE m.brand_id = ? AND m.id = ?", p.brandID, p.brandID, p.brandID, id)
	if err != nil {
		return m, err
	}
	defer rows.Close()
	if !rows.Next() {
		return m, sql.ErrNoRows
	}
	var rank sql.NullInt64
	var name sql.NullString
	m.ID = ids.Encode(ids.Member, id)
	if err := rows.Scan(&m.GrowthValue, &m.WalletBalance, &rank, &name); err != nil {
		return m, err
	}
	if rank.Valid {
		m.Level = &plainLevel{int(rank.Int64), name.String}
	}
	return m, nil
}
