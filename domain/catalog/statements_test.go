package catalog

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every table of every statement written by hand is held to one brand.
func TestStatementsNameTheBrandOfEveryTable(t *testing.T) {
	for _, statement := range []string{productsStatement, tradeItemsStatement} {
		tables := regexp.MustCompile(`(?:FROM|JOIN) [a-z]+`).FindAllString(statement, -1)
		brands := regexp.MustCompile(`brand_id = \?`).FindAllString(statement, -1)
		require.Len(t, brands, len(tables), statement)
		require.Contains(t, statement, "state = 'ACTIVE'")
	}
}
