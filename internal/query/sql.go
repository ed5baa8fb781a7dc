package query

// sqlSyntax: names that need quotes stand in backticks, which delimit nothing but names in any dialect. SQL ignores the
// case of words.
var sqlSyntax = syntax{quoteOpen: "`", quoteClose: "`", foldCase: true}

// readSQL reads SQL of any dialect.
func readSQL(*writer, string, string) (extent, Reason) { return nothing, ReasonNotAQuery }
