// Package clients has the operations of each front end: clients/<face>/*.graphql. They are hashed when the server starts, and production
// accepts no others.
package clients

import "embed"

// Files are the documents and the variables to try them with, a folder for each face; what is made from them stays out of the program.
//
//go:embed */*.graphql */*.variables.json
var Files embed.FS
