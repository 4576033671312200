package command

// wired are the actions of the program.
func wired() Actions { return Actions{} }
