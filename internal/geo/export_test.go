package geo

// What the tests look at from outside.
var (
	Inside   = inside
	Subtract = subtract
	Union    = union
)
