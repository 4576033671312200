package graph

import (
	"context"

	"dongxiao/graph/model"
	"dongxiao/internal/ids"
)

// sessionCodes is the enum of the codes of session calls.
const sessionCodes = "SessionErrorCode"

// optionalID is the number behind an id that may be missing or of another kind, both of which are 0.
func optionalID(id *ids.ID, kind ids.Kind) int64 {
	if id == nil {
		return 0
	}
	return id.Of(kind)
}

// revokedSession is the payload about a session that was ended.
func revokedSession(ctx context.Context, id ids.ID, err error) (*model.SessionRevokePayload, error) {
	refusals, err := refuse(ctx, sessionCodes, err)
	payload := &model.SessionRevokePayload{UserErrors: refusals}
	if len(refusals) == 0 {
		payload.SessionID = &id
	}
	return payload, err
}
