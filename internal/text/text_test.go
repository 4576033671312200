package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
	"dongxiao/internal/text"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, value, want string }{
		{"plain", "满100减20", "满100减20"},
		{"blanks around it", " \t门店券\n", "门店券"},
		{"as long as may be", strings.Repeat("字", 12), strings.Repeat("字", 12)},
		{"picture of several characters", "👨‍👩‍👧", "👨‍👩‍👧"},
	} {
		got, err := text.Line(row.value, 1, 12, "name")
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, got, row.name)
	}
	for name, value := range map[string]string{
		"nothing": "", "blanks": " \u3000 ", "too long": strings.Repeat("字", 13), "not UTF-8": "a\xff", "two lines": "a\nb", "return": "a\rb", "NUL": "a\x00b",
		"escape": "a\x1b[31m", "turned around": "a\u202eb", "isolate": "a\u2066b", "line separator": "a\u2028b", "nothing to see": "\u200b\u200b",
	} {
		_, err := text.Line(value, 1, 12, "store", "name")
		require.Equal(t, apperr.Invalid("store.name", "1–12"), err, name)
	}
	empty, err := text.Line(" ", 0, 12, "name")
	require.NoError(t, err)
	require.Empty(t, empty)
}

func TestReason(t *testing.T) {
	t.Parallel()
	reason, err := text.Reason(" 顾客反悔\n已退货 ", 20)
	require.NoError(t, err)
	require.Equal(t, "顾客反悔\n已退货", reason, "several lines may be needed")
	_, err = text.Reason(" \n", 20)
	require.Equal(t, apperr.New(apperr.ReasonRequired).At("input", "reason"), err)
	_, err = text.Reason(strings.Repeat("字", 21), 20)
	require.Equal(t, apperr.Invalid("reason", "1–20"), err)
	reason, err = text.ReasonWhere(false, "", 20)
	require.NoError(t, err)
	require.Empty(t, reason)
	_, err = text.ReasonWhere(true, "", 20)
	require.Equal(t, apperr.New(apperr.ReasonRequired).At("input", "reason"), err)
}
