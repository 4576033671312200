package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
)

type storeRow struct {
	id   int64
	path string
}

var orgColumns = []string{"id", "created_at", "brand_id", "parent_id", "kind", "path", "code", "name", "state", "store_type", "tier", "city", "address", "phone",
	"latitude", "longitude", "cell", "radius_metres", "polygon", "hours"}

// org adds a node that is no store and gives its id and path.
func (w *writer) org(ctx context.Context, parent int64, parentPath string, kind enum.OrgKind, code, name, city string) (int64, string, error) {
	id := ids.Next()
	path := parentPath + store.PathSegment(id) + "/"
	var parentID any
	if parent != 0 {
		parentID = parent
	}
	return id, path, w.add(ctx, "orgs", orgColumns, id, w.now, w.brand.ID, parentID, string(kind), path, code, name, string(enum.OrgActive),
		nil, nil, city, nil, nil, nil, nil, 0, 0, nil, nil)
}

// tree writes headquarters, regions, centres, distributors, stores with their territories, and the apps.
func (w *writer) tree(ctx context.Context) error {
	root, rootPath, err := w.org(ctx, 0, "/", enum.OrgBrand, "HQ", w.brand.Name, "昆明")
	if err != nil {
		return err
	}
	w.root, w.centres = root, map[string]int64{}
	centrePaths := map[string]string{}
	for _, region := range names.Regions {
		regionID, regionPath, err := w.org(ctx, root, rootPath, enum.OrgRegion, "R-"+region.Code, region.Name, "")
		if err != nil {
			return err
		}
		for _, centre := range region.Centres {
			id, path, err := w.org(ctx, regionID, regionPath, enum.OrgRegion, "C-"+centre.Code, centre.Name, centre.Cities[0].Name)
			if err != nil {
				return err
			}
			w.centres[centre.Code], centrePaths[centre.Code] = id, path
		}
	}
	byCentre := map[string][]int64{}
	for d := range names.Distributors(seed, w.size.Distributors) {
		id, _, err := w.org(ctx, w.centres[d.City.Centre], centrePaths[d.City.Centre], enum.OrgDistributor, d.Code, d.Name, d.City.Name)
		if err != nil {
			return err
		}
		w.distributors = append(w.distributors, id)
		byCentre[d.City.Centre] = append(byCentre[d.City.Centre], id)
	}
	for s := range names.Stores(seed, w.size.Stores) {
		if err := w.store(ctx, s, w.centres[s.City.Centre], centrePaths[s.City.Centre], byCentre[s.City.Centre]); err != nil {
			return err
		}
	}
	return w.apps(ctx)
}

func (w *writer) store(ctx context.Context, s names.Store, centre int64, centrePath string, distributors []int64) error {
	id := ids.Next()
	path := centrePath + store.PathSegment(id) + "/"
	polygon := make([]document.Point, len(s.Polygon))
	for i, corner := range s.Polygon {
		polygon[i] = document.Point{Latitude: corner.Latitude, Longitude: corner.Longitude}
	}
	polygonJSON, err := json.Marshal(polygon)
	if err != nil {
		return err
	}
	days := map[time.Weekday][]hours.Period{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		days[day] = []hours.Period{{Open: s.OpenMinute, Close: s.CloseMinute}}
	}
	weekly, err := hours.New(days)
	if err != nil {
		return err
	}
	hoursJSON, err := json.Marshal(weekly)
	if err != nil {
		return err
	}
	w.stores = append(w.stores, storeRow{id, path})
	if err := w.add(ctx, "orgs", orgColumns, id, w.now, w.brand.ID, centre, string(enum.OrgStore), path, s.Code, s.Name, string(enum.OrgActive),
		string(s.Type), string(s.Tier), s.City.Name, s.Address, s.Phone, s.Coordinate.Latitude, s.Coordinate.Longitude, geo.Cell(s.Coordinate),
		s.RadiusMetres, string(polygonJSON), string(hoursJSON)); err != nil {
		return err
	}
	columns := []string{"id", "created_at", "brand_id", "store_id", "sku_line", "distributor_id"}
	if len(distributors) == 0 {
		return nil
	}
	lines := []string{names.LineCellar, names.LineSmall}
	for i, line := range lines {
		distributor := distributors[s.Index%len(distributors)]
		if s.Index%10 == 0 && i == 1 { // a store in two territories
			distributor = distributors[(s.Index+1)%len(distributors)]
		}
		if w.firstDistributor == 0 {
			w.firstDistributor = distributor
		}
		if err := w.add(ctx, "territories", columns, ids.Next(), w.now, w.brand.ID, id, line, distributor); err != nil {
			return err
		}
	}
	return nil
}

// AppID is the WeChat app id of the demo's app of a face, which the simulator knows.
func AppID(face auth.Face) string {
	return map[auth.Face]string{
		auth.Storefront: "wx00000000demo0001", auth.Mall: "wx00000000demo0002", auth.Portal: "wx00000000demo0003",
		auth.Staff: "wx00000000demo0004", auth.Console: "wx00000000demo0005",
	}[face]
}

// AppSecret is the secret of the demo's app of a face. It is published: it opens nothing but the simulator.
func AppSecret(face auth.Face) string { return fmt.Sprintf("demo-secret-of-%s", face) }

// Faces are the faces of the demo's apps in the order of the explorer.
var Faces = []auth.Face{auth.Storefront, auth.Staff, auth.Portal, auth.Mall, auth.Console}

func (w *writer) apps(ctx context.Context) error {
	columns := []string{"id", "created_at", "brand_id", "org_id", "face", "wechat_app_id", "name", "secret_sealed", "push_token", "state"}
	w.appIDs = map[auth.Face]int64{}
	title := map[auth.Face]string{auth.Storefront: "云岭春商城", auth.Mall: "云岭春经销商商城", auth.Portal: "云岭春门店门户", auth.Staff: "云岭春店员助手", auth.Console: "云岭春营销后台"}
	for _, face := range Faces {
		sealed := w.Keyring.Ring().Seal([]byte(AppSecret(face)), keys.AssociatedData("app_secret", w.brand.ID))
		w.appIDs[face] = ids.Next()
		if err := w.add(ctx, "apps", columns, w.appIDs[face], w.now, w.brand.ID, w.root, string(face), AppID(face), title[face], sealed, "", string(enum.AppActive)); err != nil {
			return err
		}
	}
	return nil
}
