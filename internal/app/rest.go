package app

import (
	"context"
	"net/http"
)

// registerREST adds what is not GraphQL.
func (a *App) registerREST(*http.ServeMux) {}

// runJobs does the periodic work until ctx ends.
func (a *App) runJobs(ctx context.Context) { <-ctx.Done() }
