// Package clients has the operations of each front end: clients/<face>/*.graphql. They are hashed when the server starts, and production
// accepts no others.
package clients

import "embed"

// Files are the documents, a folder for each face.
//
//go:embed storefront mall portal staff console
var Files embed.FS
