// Package migrate has the versioned migrations of the schema.
package migrate

import "embed"

// Files has the versioned migrations, a folder for each dialect (mysql, sqlite), in goose's format; atlas.sum proves that none was
// changed after it was written.
//
//go:embed mysql sqlite
var Files embed.FS
