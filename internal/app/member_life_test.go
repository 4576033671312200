package app_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// TestLifeOfAMember follows one member through every face: it names itself and chooses a store, staff recognise it without learning who it is, an
// administrator raises, freezes and frees it, and in the end it leaves and nothing personal remains.
func TestLifeOfAMember(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		guide := k.NewStaff(t, auth.Staff, k.Store1, auth.Guide)
		stranger := k.NewStaff(t, auth.Staff, k.Store2, auth.Guide)
		admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		k.Store.Client(k.System(t)).Level.Create().SetRank(1).SetName("青铜").SetThreshold(100).
			SetBenefits([]document.Benefit{{Title: "生日礼"}}).ExecX(k.System(t))
		store1, store2 := appkit.ID(ids.Org, k.Store1.ID), appkit.ID(ids.Org, k.Store2.ID)

		// It names itself; WeChat checks the name, the birthday is set once.
		named := shopper.Do(t, "ProfileUpdate", vars{"input": vars{"nickname": "李小明", "gender": "FEMALE", "birthday": "1990-02-28"}})
		require.Equal(t, "李小明", named.String(t, "profileUpdate.person.nickname"), "%#v", named)
		require.Equal(t, []string{"CONTENT_REJECTED"}, shopper.Do(t, "ProfileUpdate", vars{"input": vars{"nickname": "违禁词"}}).UserCodes("profileUpdate"))
		require.Equal(t, []string{"BIRTHDAY_LOCKED"}, shopper.Do(t, "ProfileUpdate", vars{"input": vars{"birthday": "1990-03-01"}}).UserCodes("profileUpdate"))
		mine := shopper.Do(t, "MyProfile", nil)
		phone, number := mine.String(t, "viewer.person.phone"), mine.String(t, "viewer.member.number")
		require.Len(t, phone, 11)
		require.Equal(t, "REGISTERED", mine.String(t, "viewer.member.state"))

		// It chooses a store and a guide, once.
		chosen := shopper.Do(t, "HomeStoreSet", vars{"input": vars{"storeId": store1, "guideId": appkit.ID(ids.Staff, guide.Staff.ID)}})
		require.Equal(t, "小李", chosen.String(t, "homeStoreSet.member.guide.name"), "%#v", chosen)
		require.Equal(t, []string{"HOME_STORE_PROTECTED"}, shopper.Do(t, "HomeStoreSet", vars{"input": vars{"storeId": store2}}).UserCodes("homeStoreSet"))
		wrongKind := shopper.Do(t, "HomeStoreSet", vars{"input": vars{"storeId": store1, "guideId": store1}})
		require.Equal(t, []string{"NOT_FOUND"}, wrongKind.UserCodes("homeStoreSet"))

		// Staff recognise it and learn no more than they need.
		tag := guide.Do(t, "TagCreate", vars{"input": vars{"orgId": store1, "name": "喜宴"}}).String(t, "tagCreate.tag.id")
		found := guide.Do(t, "MemberLookup", vars{"input": vars{"phoneTail": phone[7:]}})
		require.Len(t, found.List(t, "memberLookup.members"), 1, "%#v", found)
		id := found.String(t, "memberLookup.members.0.id")
		require.Equal(t, "李**", found.String(t, "memberLookup.members.0.person.nickname"))
		require.Equal(t, phone[:3]+"****"+phone[7:], found.String(t, "memberLookup.members.0.person.phone"))
		require.NotContains(t, found.Body, phone)
		require.Empty(t, stranger.Do(t, "MemberLookup", vars{"input": vars{"phoneTail": phone[7:]}}).List(t, "memberLookup.members"), "not of their store")
		digits := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
		require.Equal(t, id, stranger.Do(t, "MemberLookup", vars{"input": vars{"code": digits}}).String(t, "memberLookup.members.0.id"), "it showed its code")
		tagged := guide.Do(t, "MemberTagsSet", vars{"input": vars{"memberId": id, "add": []string{tag}}})
		require.Equal(t, "喜宴", tagged.String(t, "memberTagsSet.member.tags.0.name"), "%#v", tagged)
		require.Equal(t, []string{"NOT_FOUND"}, stranger.Do(t, "MemberTagsSet", vars{"input": vars{"memberId": id, "remove": []string{tag}}}).UserCodes("memberTagsSet"))
		require.Equal(t, "FORBIDDEN", shopper.Do(t, "query { tags { nodes { name } } }", nil).Code(), "a member does not see what is written on it")
		require.Empty(t, shopper.Do(t, "query { viewer { member { tags { name } } } }", nil).List(t, "viewer.member.tags"))

		// An administrator raises, freezes and frees it.
		grown := admin.Do(t, "MemberGrowthAdd", vars{"input": vars{"memberId": id, "growth": 100, "reason": "补录", "idempotencyKey": appkit.Key()}})
		require.Equal(t, "青铜", grown.String(t, "memberGrowthAdd.member.level.name"), "%#v", grown)
		freeze := func(frozen bool) *appkit.Response {
			return admin.Do(t, "MemberStateSet", vars{"input": vars{"memberId": id, "frozen": frozen, "reason": "核实"}})
		}
		require.Equal(t, "FROZEN", freeze(true).String(t, "memberStateSet.member.state"))
		require.Equal(t, []string{"MEMBER_FROZEN"}, shopper.Do(t, "MemberCode", nil).UserCodes("memberCodeIssue"))
		require.Equal(t, "REGISTERED", freeze(false).String(t, "memberStateSet.member.state"))
		moved := admin.Do(t, "MemberHomeStoreMove", vars{"input": vars{"memberId": id, "storeId": store2, "reason": "搬家"}})
		require.Equal(t, store2, moved.String(t, "memberHomeStoreMove.member.homeStore.id"), "%#v", moved)

		// It asks what is kept, and leaves.
		kept := shopper.Do(t, "PersonalData", nil)
		require.Equal(t, phone, kept.String(t, "personalData.person.phone"), "%#v", kept)
		require.Len(t, kept.List(t, "personalData.sessions"), 1)
		require.Equal(t, []string{"INVALID_INPUT"}, shopper.Do(t, "MemberErase", vars{"input": vars{"number": "1"}}).UserCodes("memberErase"))
		planted := places(t, k, "李小明")
		require.NotEmpty(t, planted)
		erased := shopper.Do(t, "MemberErase", vars{"input": vars{"number": number}})
		require.Equal(t, true, erased.Look("memberErase.erased"), "%#v", erased)
		require.Empty(t, places(t, k, "李小明"))
		require.Empty(t, places(t, k, phone))
		require.Eventually(t, func() bool { return shopper.Do(t, "MyProfile", nil).Code() == "SESSION_REVOKED" }, 5*time.Second, 50*time.Millisecond, "the token has ended")

		// Who comes back is somebody new.
		shopper = shopper.SignedOut()
		shopper.SignIn(t)
		again := shopper.Do(t, "MyProfile", nil)
		require.NotEqual(t, number, again.String(t, "viewer.member.number"))
		require.Equal(t, "VISITOR", again.String(t, "viewer.member.state"))
		require.Empty(t, again.String(t, "viewer.person.nickname"))
		k.Verify(t)
	})
}

// places lists the columns of the brand's rows in which the text occurs.
func places(t *testing.T, k *appkit.Kit, text string) (found []string) {
	t.Helper()
	for entity, table := range ent.Tables {
		if ent.Tenancies[entity].Installation {
			continue
		}
		rows, err := k.Store.DB().QueryContext(t.Context(), "SELECT * FROM "+table+" WHERE brand_id = ?", k.Brand.ID)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, pointers := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			require.NoError(t, rows.Scan(pointers...))
			for i, value := range values {
				if strings.Contains(string(value), text) {
					found = append(found, fmt.Sprintf("%s.%s", table, columns[i]))
				}
			}
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return found
}
