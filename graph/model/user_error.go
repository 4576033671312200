// Package model has the Go types of the schema: models_gen.go is generated, the rest is what cannot be.
package model

import "dongxiao/internal/apperr"

// UserError is a refusal as data. Every domain's ...UserError type of the schema is this one; its code enum says which codes can come.
type UserError struct {
	Code    apperr.Code
	Message string
	Field   []string
}
