package source_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// statements has every declaration that writes SQL by hand or sends it, beside the data layer and its tenancy rules. An empty reason says that the
// declaration names brand_id itself, once for each table at least, which the test checks; any other says why it need not. Whoever adds one here answers for it: the rows of one
// brand are never read or written for another.
var statements = map[string]string{
	"domain/catalog/statements.go:productsStatement":       "",
	"domain/catalog/statements.go:tradeItemsStatement":     "",
	"domain/catalog/statements.go:linesStatement":          "",
	"domain/catalog/lines.go:Service.LinesAt":              "sends linesStatement",
	"domain/catalog/service.go:Service.SKU":                "",
	"domain/catalog/service.go:Service.products":           "sends productsStatement",
	"domain/catalog/trade.go:Service.tradeRows":            "sends tradeItemsStatement",
	"domain/clearing/settle.go:Service.resolve":            "",
	"domain/clearing/write.go:insertLines":                 "",
	"domain/clearing/write.go:Service.Write":               "sends insertLines, with the brand of each row",
	"domain/clearing/statement.go:Service.addUp":           "",
	"domain/clearing/statement.go:Service.openPairs":       "",
	"domain/coupon/claim_sql.go:callersStatement":          "",
	"domain/coupon/exchange.go:Service.Batches":            "sends batchesSQL",
	"domain/coupon/exchange.go:batchesSQL":                 "",
	"domain/coupon/report.go:Service.countStates":          "sends reportStatesSQL",
	"domain/coupon/report.go:Service.countUses":            "sends reportUsesSQL, reportOrdersSQL and reportRevenueSQL",
	"domain/coupon/report.go:Service.readFunnel":           "sends funnelClaimsSQL, funnelUsesSQL and funnelOrdersSQL",
	"domain/coupon/report.go:funnelClaimsSQL":              "",
	"domain/coupon/report.go:funnelOrdersSQL":              "",
	"domain/coupon/report.go:funnelUsesSQL":                "",
	"domain/coupon/report.go:reportOrdersSQL":              "",
	"domain/coupon/report.go:reportRevenueSQL":             "",
	"domain/coupon/report.go:reportStatesSQL":              "",
	"domain/coupon/report.go:reportUsesSQL":                "",
	"domain/coupon/claim_sql.go:countsSQL":                 "",
	"domain/coupon/claim_sql.go:insertCouponsSQL":          "",
	"domain/coupon/claim_sql.go:insertCountersSQL":         "",
	"domain/coupon/claim_sql.go:offersSQL":                 "",
	"domain/coupon/claim_sql.go:lockMembersSQL":            "",
	"domain/coupon/claim_sql.go:Service.lockMembers":       "sends lockMembersSQL",
	"domain/coupon/claim_sql.go:Service.readCallers":       "sends callersStatement",
	"domain/coupon/claim_sql.go:Service.insertCoupons":     "sends insertCouponsSQL, with the brand of each row",
	"domain/coupon/issue_job.go:insertRecipientsSQL":       "",
	"domain/coupon/issue_job.go:Service.insertRecipients":  "sends insertRecipientsSQL, with the brand of each row",
	"domain/memberevent/memberevent.go:insertEventsSQL":    "",
	"domain/memberevent/memberevent.go:Log.AppendAll":      "sends insertEventsSQL, with the brand of each row",
	"domain/ledger/post.go:Book.changeLots":                "",
	"domain/ledger/post.go:Ledger.enter":                   "",
	"graph/wallet.go:withWalletBalance":                    "",
	"domain/ledger/post.go:insertPosting":                  "",
	"domain/ledger/post.go:Ledger.post":                    "sends insertPosting, with the brand",
	"domain/payment/notice.go:insertNotice":                "",
	"domain/payment/notice.go:markApplied":                 "",
	"domain/payment/notice.go:Service.applyNotice":         "sends markApplied, with the brand of the notice",
	"domain/payment/settle.go:paySQL":                      "",
	"domain/payment/settle.go:Service.pay":                 "sends paySQL, with the brand of the payment",
	"domain/payment/notice.go:Service.keep":                "sends insertNotice, with the brand",
	"domain/identity/phone.go:holdsSQL":                    "",
	"domain/ledger/book.go:lockSQL":                        "",
	"domain/ledger/book.go:Book.read":                      "sends lockSQL",
	"domain/wallet/charge.go:lockShownSQL":                 "",
	"domain/wallet/charge.go:Service.lockShown":            "sends lockShownSQL",
	"domain/wallet/spend.go:insertPaymentSQL":              "",
	"domain/wallet/spend.go:Service.insertPayment":         "sends insertPaymentSQL, with the brand",
	"domain/wallet/counter.go:counterSQL":                  "",
	"domain/wallet/counter.go:Service.counterAt":           "sends counterSQL",
	"domain/wallet/counter.go:takenSQL":                    "",
	"domain/wallet/counter.go:Service.TakenInShifts":       "sends takenSQL",
	"domain/wallet/statement.go:statementSQL":              "",
	"domain/wallet/statement.go:Service.StatementOf":       "sends statementSQL",
	"domain/ledger/post.go:insertMovements":                "",
	"domain/ledger/post.go:insertEntries":                  "",
	"domain/ledger/post.go:Book.move":                      "sends insertMovements, with the brand of each row",
	"domain/coupon/claim_sql.go:Service.raiseCounters":     "sends insertCountersSQL, whose conflict is on a unique key that begins with brand_id",
	"domain/coupon/claim_state.go:Service.readSome":        "sends offersSQL",
	"domain/catalog/service.go:Service.Sold":               "",
	"domain/coupon/list.go:Service.withCounts":             "sends countsSQL",
	"domain/identity/authenticate.go:standingStatement":    "",
	"domain/identity/authenticate.go:Service.loadStanding": "sends standingStatement",
	"domain/topup/custody.go:custodySQL":                   "",
	"domain/topup/custody.go:Service.custody":              "sends custodySQL",
	"internal/clock/database.go:utcTimestamp":              "asks the database for the time and reads no table",
	"internal/clock/database.go:Database.measure":          "sends utcTimestamp",
	"internal/demo/demo.go:writer.write":                   "writes new rows of the demo brand, whose id is a value of each",
	"internal/store/guarded.go:guarded.ExecContext":        "passes on what others send",
	"internal/store/guarded.go:guarded.QueryContext":       "passes on what others send",
	"internal/store/guarded.go:guardedTx.ExecContext":      "passes on what others send",
	"internal/store/guarded.go:guardedTx.QueryContext":     "passes on what others send",
	"internal/store/migrate.go:Store.lockMigrations":       "takes a named lock of the server and reads no table",
	"internal/store/observe.go:observed.ExecContext":       "passes on what others send, and counts it",
	"internal/store/observe.go:observed.QueryContext":      "passes on what others send, and counts it",
	"internal/store/observe.go:observedTx.ExecContext":     "passes on what others send, and counts it",
	"internal/store/observe.go:observedTx.QueryContext":    "passes on what others send, and counts it",
	"internal/store/scope.go:Store.reach":                  "",
	"internal/store/scope.go:Store.each":                   "sends what Store.reach writes",
	"internal/store/tenancy.go:InScope":                    "",
	"internal/store/tenancy.go:Store.checkLinks":           "",
	"internal/verify/generic.go:links":                     "an operator proves the books of all brands; nothing is changed and no viewer comes near",
	"internal/verify/generic.go:owners":                    "as links",
	"internal/verify/generic.go:spellings":                 "as links",
	"internal/verify/rules_issue.go:issueRules":            "as links",
	"internal/verify/rules_clearing.go:clearingRules":      "as links",
	"internal/verify/rules_clearing.go:pointsRules":        "as links",
	"internal/verify/rules_coupon.go:couponUses":           "as links",
	"internal/verify/rules_coupon.go:couponClearingRules":  "as links",
	"internal/verify/rules_gift.go:giftRules":              "as links",
	"internal/verify/rules_payment.go:paymentRules":        "as links",
	"internal/verify/rules_posting.go:postingRules":        "as links",
	"internal/verify/rules_posting.go:postingSubjects":     "as links",
	"internal/verify/rules_topup.go:topUpRules":            "as links",
	"internal/verify/rules_value.go:taken":                 "as links",
	"internal/verify/rules_value.go:walletKeys":            "as links",
	"internal/verify/rules_value.go:walletRules":           "as links",
	"internal/verify/rules_value.go:bookRules":             "as links",
	"internal/verify/rules.go:rules":                       "as links",
	"internal/verify/verify.go:carryOut":                   "begins and ends the snapshot in which the checks read",
	"internal/verify/verify.go:check.run":                  "sends the checks",
	"internal/verify/verify.go:within":                     "narrows a check to one brand",
}

// statement begins like SQL, or reads from a table.
var statement = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|ALTER|DROP|TRUNCATE|LOCK|START TRANSACTION|SET TRANSACTION|BEGIN|PRAGMA)\s| FROM [a-z(%]`)

// table is where a statement names a table.
var table = regexp.MustCompile(`\b(FROM|JOIN|INTO|UPDATE) [a-z]`)

// sending are the methods that send a statement.
var sending = map[string]bool{"ExecContext": true, "QueryContext": true, "QueryRowContext": true, "PrepareContext": true}

// TestStatementsNameTheirBrand compares what is written with what is known, both ways.
func TestStatementsNameTheirBrand(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, f := range handwritten(t) {
		if excluded(f.path) {
			continue
		}
		for name, node := range declarations(f.syntax) {
			text, sends := written(node)
			if text == "" && !sends {
				continue
			}
			key := f.path + ":" + name
			found[key] = true
			reason, known := statements[key]
			if !known {
				t.Errorf("%s writes or sends SQL by hand: say it in ent, or list it with the reason why it may", key)
			} else if reason == "" && strings.Count(text, "brand_id") < max(1, len(table.FindAllString(text, -1))) {
				t.Errorf("%s does not name brand_id for each of its tables: %s", key, text)
			}
		}
	}
	for key := range statements {
		require.True(t, found[key], "%s is listed and is not there", key)
	}
}

// excluded are the folders whose statements no viewer reaches.
func excluded(path string) bool {
	for _, folder := range []string{"ent/", "bench/", "internal/testkit/", "internal/demo/names/"} {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}

// declarations gives the functions, constants and variables of a file by name; a method stands under its own name.
func declarations(syntax *ast.File) map[string]ast.Node {
	all := map[string]ast.Node{}
	for _, declaration := range syntax.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d) + "." + name
			}
			all[name] = d
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.ValueSpec); ok {
					all[s.Names[0].Name] = s
				}
			}
		}
	}
	return all
}

// written gives the SQL texts of a declaration with all its other texts, "" where there is no SQL, and whether it sends a statement.
func written(node ast.Node) (text string, sends bool) {
	var all strings.Builder
	holds := false
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				literal, err := strconv.Unquote(n.Value)
				if err == nil {
					holds = holds || statement.MatchString(literal)
					all.WriteString(literal + " ")
				}
			}
		case *ast.CallExpr:
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && sending[method.Sel.Name] {
				sends = true
			}
		}
		return true
	})
	if holds {
		text = all.String()
	}
	return text, sends
}
