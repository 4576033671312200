// Package auth says who asks: the viewer of a request, roles and their capabilities, access tokens. It knows no database and no GraphQL.
package auth

import (
	"context"
	"slices"
)

// Face (端) is a front end's audience; an app has exactly one.
type Face string

// The five faces.
const (
	Storefront Face = "STOREFRONT" // the brand's mini-program for shoppers
	Mall       Face = "MALL"       // the distributor's private B2B mall
	Portal     Face = "PORTAL"     // the store member portal
	Staff      Face = "STAFF"      // the redemption app of clerks
	Console    Face = "CONSOLE"    // marketers and administrators
)

// Role (岗位) is what a staff member does at an org.
type Role string

// The roles, see docs on capabilities for what each may do.
const (
	Owner     Role = "OWNER"
	Manager   Role = "MANAGER"
	Clerk     Role = "CLERK"
	Guide     Role = "GUIDE"
	Inspector Role = "INSPECTOR"
	Marketer  Role = "MARKETER"
	Finance   Role = "FINANCE"
	Admin     Role = "ADMIN"
)

// Assignment is one role at one org, valid for the org's whole subtree; some of a distributor's capabilities reach the stores it serves
// as well, see Capability.AtServedStores.
type Assignment struct {
	OrgID int64 `json:"o"`
	Role  Role  `json:"r"`
}

// Reach is how far a viewer sees in the data layer. The zero value sees nothing.
type Reach int

const (
	// ReachNothing is a request without any identity: every entity refuses.
	ReachNothing Reach = iota
	// ReachPublic is a visitor of a known app without a token: what the brand publishes, and nothing personal.
	ReachPublic
	// ReachMember is a signed-in shopper: what the brand publishes, and what is his own.
	ReachMember
	// ReachStaff is staff: the brand's published data, and rows of the orgs in the scope of its assignments.
	ReachStaff
	// ReachBrand is the system acting inside one brand (services that verified the right themselves, jobs).
	ReachBrand
	// ReachAll is the system over all brands (commands, sweeps, verify). No request ever has it.
	ReachAll
)

// Viewer is who asks. It is made once per request from the access token, or by the system for itself.
type Viewer struct {
	Reach     Reach
	BrandID   int64
	AppID     int64
	Face      Face
	PersonID  int64
	MemberID  int64 // 0 where the person is not a member (staff faces)
	SessionID int64
	// Epoch is the person's epoch at issue; a token of an older epoch is refused.
	Epoch       int64
	Assignments []Assignment
}

// SignedIn says whether there is a person behind the viewer.
func (v Viewer) SignedIn() bool { return v.PersonID != 0 }

// Can says whether any of the viewer's roles gives the capability, somewhere.
func (v Viewer) Can(c Capability) bool {
	return slices.ContainsFunc(v.Assignments, func(a Assignment) bool { return a.Role.Can(c) })
}

// OrgsWith lists the orgs at which the viewer holds the capability; it holds in their subtrees as well.
func (v Viewer) OrgsWith(c Capability) []int64 {
	var ids []int64
	for _, a := range v.Assignments {
		if a.Role.Can(c) && !slices.Contains(ids, a.OrgID) {
			ids = append(ids, a.OrgID)
		}
	}
	return ids
}

// Only is the viewer with no other roles than those that give the capability: what it then sees at its orgs, it may see for that capability.
func (v Viewer) Only(c Capability) Viewer {
	v.Assignments = slices.DeleteFunc(slices.Clone(v.Assignments), func(a Assignment) bool { return !a.Role.Can(c) })
	return v
}

// OrgIDs lists the orgs at which the viewer has any role.
func (v Viewer) OrgIDs() []int64 {
	var ids []int64
	for _, a := range v.Assignments {
		if !slices.Contains(ids, a.OrgID) {
			ids = append(ids, a.OrgID)
		}
	}
	return ids
}

type contextKey struct{}

// NewContext carries the viewer to everything below.
func NewContext(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, contextKey{}, v)
}

// FromContext gives the viewer; without one, the zero viewer, which sees nothing.
func FromContext(ctx context.Context) Viewer {
	v, _ := ctx.Value(contextKey{}).(Viewer)
	return v
}

// WithinBrand widens the reach to the viewer's whole brand, for a service that has checked the right itself
// (a member code was verified, a rule needs a row that the viewer may not list). Who asks stays the same.
func WithinBrand(ctx context.Context) context.Context {
	v := FromContext(ctx)
	if v.BrandID == 0 || v.Reach == ReachAll {
		return ctx
	}
	v.Reach = ReachBrand
	return NewContext(ctx, v)
}

// System is the system itself, acting inside one brand: jobs, pushes from WeChat, sign-in before there is a person.
func System(ctx context.Context, brandID int64) context.Context {
	return NewContext(ctx, Viewer{Reach: ReachBrand, BrandID: brandID})
}

// Operator is the system over all brands: commands, sweeps, verify. No request handler may call it with a request's input.
func Operator(ctx context.Context) context.Context {
	return NewContext(ctx, Viewer{Reach: ReachAll})
}
