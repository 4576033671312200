package member

// EndPeriodsIn is EndPeriods for the brands that the context reaches: the tests of a package share a database, and each has a clock of its own.
var EndPeriodsIn = (*Service).endPeriods
