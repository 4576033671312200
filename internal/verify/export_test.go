package verify

import (
	"context"
	"slices"

	"dongxiao/internal/store"
)

// Names lists every check in the order in which they run.
func Names() []string {
	var names []string
	for _, c := range all() {
		names = append(names, c.name)
	}
	return names
}

// RunOne is Run for the check of the name alone.
func RunOne(ctx context.Context, s *store.Store, name string) ([]Breach, error) {
	return carryOut(ctx, s, slices.DeleteFunc(all(), func(c check) bool { return c.name != name }), everyBrand, nil)
}
