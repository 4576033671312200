package staff

import "dongxiao/ent/enum"

// transitions are the changes of state that a manager may make; accepting an invitation is the one that is not here.
var transitions = map[enum.StaffState][]enum.StaffState{
	enum.StaffInvited:   {enum.StaffRevoked},
	enum.StaffActive:    {enum.StaffSuspended, enum.StaffRevoked},
	enum.StaffSuspended: {enum.StaffActive, enum.StaffRevoked},
	enum.StaffRevoked:   nil, // for good; who comes back is invited again
}
