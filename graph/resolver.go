// Package graph is how a request enters: thin resolvers beside each SDL file, directives, errors, loaders, limits and subscriptions.
package graph

//go:generate go run github.com/99designs/gqlgen generate

// Resolver has the services that resolvers call.
type Resolver struct{}
