package explorer_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"dongxiao/auth"
	"dongxiao/rest/explorer"
)

func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

func TestExamplesReadsAFace(t *testing.T) {
	t.Parallel()
	fsys := folder(map[string]string{
		"storefront/CouponClaim.graphql": "# 领取一张优惠券。\n# Claims a coupon {once per key}.\nmutation CouponClaim($input: CouponClaimInput!) {\n  couponClaim(input: $input) { coupon { ...Coupon } }\n}\n",
		"storefront/CouponClaim.variables.json": `
{"input": {"templateId": "ctp_x", "idempotencyKey": "any"}}
`,
		"storefront/Home.graphql":          "# licence line of the file\n\n# 首页：一次往返。\nquery Home {\n  brand { name ... on Brand { ...Shown } }\n}\n\n# Changes of coupons, with a } in the comment\nsubscription Watch { couponChanged { ...Coupon } } # live\n",
		"storefront/fragments.graphql":     "# 优惠券\nfragment Coupon on Coupon { id template { ...Template } }\nfragment Template on CouponTemplate { id again: parent { ...Template } }\nfragment Shown on Brand { slogan }\nfragment Unused on Brand { id }\n",
		"storefront/notes.txt":             "not a document",
		"console/CouponTemplates.graphql":  "# Templates\nquery CouponTemplates { templates { id } }",
		"console/Empty.variables.json":     "not read: no such operation",
		"mall/nested/Deep.graphql":         "not read",
		"storefront/CouponClaim.graphql.x": "not read",
	})

	examples, err := explorer.Examples(fsys, auth.Storefront)
	require.NoError(t, err)
	require.Equal(t, []explorer.Example{
		{
			Name: "Home", Description: "首页：一次往返。",
			Document: "# 首页：一次往返。\nquery Home {\n  brand { name ... on Brand { ...Shown } }\n}\n\nfragment Shown on Brand { slogan }\n",
		},
		{
			Name: "CouponClaim", Description: "领取一张优惠券。\nClaims a coupon {once per key}.",
			Document: "# 领取一张优惠券。\n# Claims a coupon {once per key}.\nmutation CouponClaim($input: CouponClaimInput!) {\n  couponClaim(input: $input) { coupon { ...Coupon } }\n}\n\n" +
				"# 优惠券\nfragment Coupon on Coupon { id template { ...Template } }\n\n" +
				"fragment Template on CouponTemplate { id again: parent { ...Template } }\n",
			Variables: `{"input": {"templateId": "ctp_x", "idempotencyKey": "any"}}`,
		},
		{
			Name: "Watch", Description: "Changes of coupons, with a } in the comment",
			Document: "# Changes of coupons, with a } in the comment\nsubscription Watch { couponChanged { ...Coupon } } # live\n\n" +
				"# 优惠券\nfragment Coupon on Coupon { id template { ...Template } }\n\n" +
				"fragment Template on CouponTemplate { id again: parent { ...Template } }\n",
		},
	}, examples)
	for _, example := range examples {
		document, err := parser.ParseQuery(&ast.Source{Input: example.Document})
		require.NoError(t, err)
		require.Len(t, document.Operations, 1)
	}

	console, err := explorer.Examples(fsys, auth.Console)
	require.NoError(t, err)
	require.Len(t, console, 1)

	none, err := explorer.Examples(fsys, auth.Portal)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestExamplesRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		says  string
	}{
		"syntax":              {map[string]string{"staff/A.graphql": "# a\nquery A {"}, "staff/A.graphql"},
		"no name":             {map[string]string{"staff/A.graphql": "# a\n{ me { id } }"}, "has no name"},
		"no comment":          {map[string]string{"staff/A.graphql": "query A { me { id } }"}, "no comment"},
		"comment not above":   {map[string]string{"staff/A.graphql": "# a\n\nquery A { me { id } }"}, "no comment"},
		"twice":               {map[string]string{"staff/A.graphql": "# a\nquery A { me { id } }", "staff/B.graphql": "# b\nquery A { me { id } }"}, "defined twice"},
		"fragment twice":      {map[string]string{"staff/A.graphql": "fragment F on A { id }", "staff/B.graphql": "fragment F on A { id }"}, "defined twice"},
		"fragment missing":    {map[string]string{"staff/A.graphql": "# a\nquery A { ...F }"}, "fragment F"},
		"variables":           {map[string]string{"staff/A.graphql": "# a\nquery A { id }", "staff/A.variables.json": "[]"}, "A.variables.json"},
		"variables are null":  {map[string]string{"staff/A.graphql": "# a\nquery A { id }", "staff/A.variables.json": "null"}, "A.variables.json"},
		"variables with tail": {map[string]string{"staff/A.graphql": "# a\nquery A { id }", "staff/A.variables.json": "{} x"}, "A.variables.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := explorer.Examples(folder(test.files), auth.Staff)
			require.ErrorContains(t, err, test.says)
		})
	}
}
