package topup

import (
	"slices"

	"dongxiao/ent/enum"
)

// tierTransitions are the changes of a tier's state; what is not here is refused.
var tierTransitions = map[enum.TierState][]enum.TierState{
	enum.TierDraft:  {enum.TierActive},
	enum.TierActive: {enum.TierPaused, enum.TierEnded},
	enum.TierPaused: {enum.TierActive, enum.TierEnded},
}

// needsReason has the states of a tier whose cause members will ask about.
var needsReason = []enum.TierState{enum.TierPaused, enum.TierEnded}

func mayFollow(from, to enum.TierState) bool { return slices.Contains(tierTransitions[from], to) }

// The states of a top-up and of its refund change in one place each:
//
//	top-up  PENDING   → PAID      Apply, TillTopUp makes it PAID
//	        PENDING   → CLOSED    Close, or Apply where it is not possible any more
//	        PAID      → REFUNDED  the first refund is paid
//	refund  REQUESTED → PAYING    Check approves
//	        REQUESTED → REJECTED  Check rejects; the value comes back
//	        PAYING    → PAID      RefundSettled, or PayOut at the till
//	shift   OPEN      → CLOSED    CloseShift
