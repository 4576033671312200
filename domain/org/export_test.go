package org

// InRanges is the statement of Nearby, for tests of its plan.
var InRanges = (*Service).inRanges
