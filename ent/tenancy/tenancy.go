// Package tenancy is how an entity says to whom its rows belong. Each ent schema carries a Rule as an annotation; the generated map
// ent.Tenancies has them all at run time, and the data layer (internal/store) enforces them.
package tenancy

import (
	"entgo.io/ent/schema"

	"dongxiao/internal/ids"
)

// Rule says to whom the rows of an entity belong. What no part of a rule allows is not seen.
type Rule struct {
	// Kind is the kind of the entity's public ids; empty for entities that the API never shows.
	Kind ids.Kind `json:"kind,omitempty"`
	// Links maps a reference column to the entity it points to; on every write the target must be of the same brand.
	Links map[string]string `json:"links,omitempty"`
	// OrgColumn decides which staff may see a row: its org must be in the viewer's scope.
	OrgColumn string `json:"orgColumn,omitempty"`
	// OtherOrgColumn is the second org of a row between two: staff of either see it.
	OtherOrgColumn string `json:"otherOrgColumn,omitempty"`
	// Served rows of a store are seen by the distributors that serve it as well.
	Served bool `json:"served,omitempty"`
	// MemberColumn decides which shopper may see a row: it must be the viewer's member.
	MemberColumn string `json:"memberColumn,omitempty"`
	// PersonColumn is the same for the viewer's person, on every face.
	PersonColumn string `json:"personColumn,omitempty"`
	// Public rows are published by the brand: every viewer of the brand may read them, nobody may write them for that.
	Public bool `json:"public,omitempty"`
	// PublicColumn and PublicValues narrow Public to rows whose column has one of the values.
	PublicColumn string   `json:"publicColumn,omitempty"`
	PublicValues []string `json:"publicValues,omitempty"`
	// Journal rows are inserted and never changed or deleted.
	Journal bool `json:"journal,omitempty"`
	// Installation rows belong to no brand and are for the system alone.
	Installation bool `json:"installation,omitempty"`
}

// Name is the key of the annotation.
func (Rule) Name() string { return "Tenancy" }

var _ schema.Annotation = Rule{}
