// Package member keeps memberships: profile, attribution, tags, levels, the copy of one's data and its erasure (会员).
//
// Lock order: whoever changes several rows of one human locks the person first, then the member, then what hangs on them (identities,
// sessions, coupons, staff roles, tags). What needs the membership to stay as it is for a moment locks its row by a write that changes nothing.
package member

import (
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Service keeps memberships.
type Service struct {
	Options
	leavers []Leaver
}

// Options of New; all are needed.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	WeChat  *wechat.Client
	Orgs    *org.Service
	Events  *memberevent.Log
}

// New makes the service.
func New(o Options) *Service { return &Service{Options: o} }
