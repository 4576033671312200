// Package graph is how a request enters: thin resolvers beside each SDL file, directives, loaders, limits and subscriptions.
package graph

//go:generate go run github.com/99designs/gqlgen generate

import (
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/domain/member"
	"dongxiao/domain/message"
	"dongxiao/domain/org"
	"dongxiao/domain/page"
	"dongxiao/domain/payment"
	"dongxiao/domain/points"
	"dongxiao/domain/redemption"
	"dongxiao/domain/staff"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

// Resolver has the services that resolvers call.
type Resolver struct {
	Database    *store.Store
	Clock       clock.Clock
	Keyring     *keyring.Keyring
	Cursors     func() *cursor.Codec
	Identity    *identity.Service
	Orgs        *org.Service
	Staffs      *staff.Service
	Members     *member.Service
	Catalog     *catalog.Service
	Pages       *page.Service
	Coupons     *coupon.Service
	Redemptions *redemption.Service
	Messages    *message.Service
	Payments    *payment.Service
	Clearings   *clearing.Service
	Points      *points.Service
	Wallets     *wallet.Service
	TopUps      *topup.Service

	kept kept
}
