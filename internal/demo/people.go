package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
)

// User is somebody whom the explorer can sign in.
type User struct {
	// Name is what the WeChat simulator calls the user.
	Name string
	// Face is where the user signs in.
	Face auth.Face
	// Title is shown in the explorer and on the terminal.
	Title string
}

// Users are the ready-made sign-ins.
var Users = []User{
	{"shopper", auth.Storefront, "顾客 · Shopper"},
	{"clerk", auth.Staff, "店员 · Clerk"},
	{"owner", auth.Portal, "店老板 · Store owner"},
	{"distributor", auth.Mall, "经销商 · Distributor"},
	{"marketer", auth.Console, "营销 · Marketer"},
	{"finance", auth.Console, "财务 · Finance"},
	{"admin", auth.Console, "管理员 · Administrator"},
}

var (
	personColumns = []string{"id", "created_at", "brand_id", "state", "epoch", "nickname", "avatar_url", "gender", "birthday",
		"phone_sealed", "phone_hash", "phone_tail", "limit_subject"}
	staffColumns    = []string{"id", "created_at", "brand_id", "org_id", "role", "person_id", "name", "state"}
	identityColumns = []string{"id", "created_at", "brand_id", "person_id", "app_id", "openid_sealed", "openid_hash"}
	memberColumns   = []string{"id", "created_at", "brand_id", "person_id", "number", "state", "home_store_id", "home_store_protected_until",
		"first_channel", "first_store_id", "last_channel", "last_store_id", "last_touched_at", "level_id", "growth_value", "level_period_ends_at",
		"event_sequence", "registered_at"}
)

// person adds a person with a bound phone.
func (w *writer) person(ctx context.Context, nickname string, p names.Person, phone string, at time.Time) (int64, error) {
	id, ring := ids.Next(), w.Keyring.Ring()
	return id, w.add(ctx, "persons", personColumns, id, at, w.brand.ID, string(enum.PersonActive), 1, nickname, "", p.Gender, p.Birthday,
		ring.Seal([]byte(phone), keys.AssociatedData("phone", w.brand.ID)), ring.Hash("phone", w.brand.ID, phone), phone[len(phone)-4:], id)
}

// identity adds the WeChat identity of a user whom the simulator knows.
func (w *writer) identity(ctx context.Context, person int64, face auth.Face, user string) error {
	openID := "demo-" + user + "-" + string(face)
	if w.OpenID != nil {
		var err error
		if openID, err = w.OpenID(ctx, AppID(face), user); err != nil {
			return fmt.Errorf("ask the simulator for user %s: %w", user, err)
		}
	}
	ring := w.Keyring.Ring()
	return w.add(ctx, "identities", identityColumns, ids.Next(), w.now, w.brand.ID, person, w.appIDs[face],
		ring.Seal([]byte(openID), keys.AssociatedData("openid", w.brand.ID)), ring.Hash("openid", w.brand.ID, openID))
}

// crew are the persons of a store.
type crew struct{ owner, clerk int64 }

// people writes the staff: three of headquarters, the owner of each distributor, owner and clerk of each store.
func (w *writer) people(ctx context.Context) error {
	w.crews = map[int64]crew{}
	employees := make([]names.Employee, 0, 3+len(w.distributors)+2*len(w.stores))
	for e := range names.Employees(seed, cap(employees)) {
		employees = append(employees, e)
	}
	next := 0
	hire := func(org int64, role auth.Role, user string, faces ...auth.Face) (int64, error) {
		e := employees[next]
		next++
		person, err := w.person(ctx, e.Name, e.Person, e.Phone, w.now)
		if err != nil {
			return 0, err
		}
		for _, face := range faces {
			if err := w.identity(ctx, person, face, user); err != nil {
				return 0, err
			}
		}
		return person, w.add(ctx, "staff", staffColumns, ids.Next(), w.now, w.brand.ID, org, string(role), person, e.Name, string(enum.StaffActive))
	}
	var err error
	if w.administrator, err = hire(w.root, auth.Admin, "admin", auth.Staff, auth.Console); err != nil {
		return err
	}
	if w.financier, err = hire(w.root, auth.Finance, "finance", auth.Staff, auth.Console); err != nil {
		return err
	}
	if w.marketer, err = hire(w.root, auth.Marketer, "marketer", auth.Staff, auth.Console); err != nil {
		return err
	}
	for _, distributor := range w.distributors {
		var faces []auth.Face
		if distributor == w.firstDistributor {
			faces = []auth.Face{auth.Mall}
		}
		if _, err := hire(distributor, auth.Owner, "distributor", faces...); err != nil {
			return err
		}
	}
	for i, shop := range w.stores {
		var owner, clerk []auth.Face
		if i == 0 {
			owner, clerk = []auth.Face{auth.Portal, auth.Staff}, []auth.Face{auth.Staff}
		}
		var c crew
		if c.owner, err = hire(shop.id, auth.Owner, "owner", owner...); err != nil {
			return err
		}
		if c.clerk, err = hire(shop.id, auth.Clerk, "clerk", clerk...); err != nil {
			return err
		}
		w.crews[shop.id] = c
	}
	return w.writeLevels(ctx)
}

type levelRow struct {
	id        int64
	threshold int64
	days      int
}

func (w *writer) writeLevels(ctx context.Context) error {
	for _, level := range names.Levels() {
		benefits, err := json.Marshal(level.Benefits)
		if err != nil {
			return err
		}
		row := levelRow{ids.Next(), level.Threshold, level.PeriodDays}
		w.levels = append(w.levels, row)
		if err := w.add(ctx, "levels", []string{"id", "created_at", "brand_id", "rank", "name", "threshold", "period_days", "benefits"},
			row.id, w.now, w.brand.ID, level.Rank, level.Name, level.Threshold, level.PeriodDays, string(benefits)); err != nil {
			return err
		}
	}
	return nil
}

// members writes the members; every fifth has the newcomer coupon. The first is the explorer's shopper, who has one that expires at midnight.
func (w *writer) members(ctx context.Context) error {
	left := newcomers(w.size)
	for m := range names.Members(seed, w.size.Members, len(w.stores)) {
		registered := w.now.AddDate(0, 0, -m.DaysSinceRegistered)
		person, err := w.person(ctx, m.Nickname, m.Person, m.Phone, registered)
		if err != nil {
			return err
		}
		var level, periodEnds, home, protected any
		for _, l := range w.levels {
			if m.Growth >= l.threshold {
				level, periodEnds = l.id, w.now.AddDate(0, 0, l.days-m.DaysSinceRegistered%l.days)
			}
		}
		channel := enum.ChannelDirect
		if m.HomeStore >= 0 {
			home, channel = w.stores[m.HomeStore].id, enum.ChannelStore
			protected = registered.AddDate(0, 0, 180)
		}
		id := ids.Next()
		if err := w.add(ctx, "members", memberColumns, id, registered, w.brand.ID, person, firstNumber+int64(m.Index), string(enum.MemberRegistered), home, protected,
			string(channel), home, string(channel), home, registered, level, m.Growth, periodEnds, 0, registered); err != nil {
			return err
		}
		switch {
		case m.Index == 0:
			if err := w.identity(ctx, person, auth.Storefront, "shopper"); err != nil {
				return err
			}
			if err := w.midnightCoupon(ctx, id); err != nil {
				return err
			}
		case m.Index%4 == 1 && left > 0:
			left--
			if err := w.newcomerCoupon(ctx, id, person); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstNumber is the first membership number of the demo; numbers of members who sign up later are drawn at random above 1,000,000,000.
const firstNumber = 100_000_000
