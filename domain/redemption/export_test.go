package redemption

// Listed lets tests look at how the database reads a list.
var Listed = (*Service).listed
