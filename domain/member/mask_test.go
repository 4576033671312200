package member_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/member"
)

func TestMaskPhone(t *testing.T) {
	t.Parallel()
	for phone, masked := range map[string]string{
		"":               "",
		"13800000000":    "138****0000",
		"+8613800001234": "138****1234",
		"+85291234567":   "+85****4567",
		"91234567":       "****4567",
		"123456":         "****56",
		"12345":          "****",
	} {
		require.Equal(t, masked, member.MaskPhone(phone), phone)
	}
	rapid.Check(t, func(t *rapid.T) {
		phone := rapid.StringMatching(`(\+86)?[0-9]{4,15}`).Draw(t, "phone")
		masked := member.MaskPhone(phone)
		require.NotContains(t, masked, phone)
		require.LessOrEqual(t, len(strings.ReplaceAll(masked, "*", "")), 7)
		require.Contains(t, masked, "****")
	})
}

func TestMaskName(t *testing.T) {
	t.Parallel()
	for name, masked := range map[string]string{"": "", "李": "李**", "李小明": "李**", "Ann Lee": "A**", "😀x": "😀**", "\xff": "\ufffd**"} {
		require.Equal(t, masked, member.MaskName(name), name)
	}
}
