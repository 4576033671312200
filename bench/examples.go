package main

import (
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/internal/demo"
)

// example says how an operation is run, and brings about what it needs: the token and the variables.
type example func(s *story, face auth.Face) (token string, variables map[string]any)

// variables is an example of the face's own sign-in.
func variables(make func(s *story, face auth.Face) map[string]any) example {
	return func(s *story, face auth.Face) (string, map[string]any) { return s.tokens[string(face)], make(s, face) }
}

// examples of the operations that need variables, or somebody new each time; a front end's own where its name stands before. A query without
// required variables needs none.
var examples = map[string]example{
	"Home":         variables(func(*story, auth.Face) map[string]any { return map[string]any{"near": kunming} }),
	"NearbyStores": variables(func(*story, auth.Face) map[string]any { return map[string]any{"near": kunming} }),
	"Product":      variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"id": s.product} }),
	"Page":         variables(func(*story, auth.Face) map[string]any { return map[string]any{"slug": "home"} }),
	"PageSave": variables(func(s *story, _ auth.Face) map[string]any {
		s.last++
		return input("orgId", s.root, "slug", fmt.Sprintf("page-%d", s.last), "title", "活动", "blocks", []any{}, "state", "PUBLISHED", "version", 0)
	}),

	"SignIn": func(s *story, face auth.Face) (string, map[string]any) {
		user := map[auth.Face]string{auth.Storefront: "shopper", auth.Mall: "distributor"}[face]
		if user == "" {
			user = "owner"
		}
		return "", input("app", demo.AppID(face), "code", s.loginCode(face, user), "device", "bench")
	},
	"TokenRefresh": func(s *story, face auth.Face) (string, map[string]any) {
		if face == auth.Console {
			data, _ := s.run(face, "ConsoleSignInComplete", "", input("secret", s.confirmed(s.admin)))
			if s.err != nil {
				return "", nil
			}
			return "", input("refreshToken", data["consoleSignInComplete"].(map[string]any)["tokens"].(map[string]any)["refreshToken"])
		}
		return "", input("refreshToken", s.visitor(face).refresh)
	},
	"SignOut": func(s *story, face auth.Face) (string, map[string]any) {
		if face == auth.Console {
			return s.console(s.admin), nil
		}
		return s.visitor(face).token, nil
	},
	"SessionRevoke": func(s *story, face auth.Face) (string, map[string]any) {
		p := s.visitor(face)
		s.enter(face, p.user)
		data, _ := s.run(face, "Sessions", p.token, nil)
		if s.err != nil {
			return "", nil
		}
		sessions := data["viewer"].(map[string]any)["sessions"].(map[string]any)["nodes"].([]any)
		return p.token, input("sessionId", sessions[0].(map[string]any)["id"])
	},
	"PhoneBind": func(s *story, face auth.Face) (string, map[string]any) {
		p := s.visitor(face)
		return p.token, input("code", s.phoneCode(face, p.user, s.phone()), "idempotencyKey", s.key())
	},
	"ConsentDecide": variables(func(s *story, _ auth.Face) map[string]any {
		return input("kind", "MARKETING", "version", s.key(), "granted", true)
	}),
	"ConsoleSignInStart": func(*story, auth.Face) (string, map[string]any) { return "", input("app", demo.AppID(auth.Console)) },
	"ConsoleSignInConfirm": func(s *story, _ auth.Face) (string, map[string]any) {
		qrText, _ := s.page()
		return s.admin, input("qrText", qrText)
	},
	"ConsoleSignInComplete": func(s *story, _ auth.Face) (string, map[string]any) { return "", input("secret", s.confirmed(s.admin)) },

	"ProfileUpdate": func(s *story, _ auth.Face) (string, map[string]any) {
		return s.shopper().token, input("nickname", "小明")
	},
	"HomeStoreSet": func(s *story, _ auth.Face) (string, map[string]any) {
		return s.shopper().token, input("storeId", s.store)
	},
	"MemberCode": func(s *story, _ auth.Face) (string, map[string]any) { return s.tokens[string(auth.Storefront)], nil },
	"MemberErase": func(s *story, _ auth.Face) (string, map[string]any) {
		p := s.shopper()
		s.coupon(p)
		return p.token, input("number", s.ask(auth.Storefront, "MyProfile", p.token, nil, "viewer.member.number"))
	},
	"CouponClaim": func(s *story, _ auth.Face) (string, map[string]any) {
		return s.tokens[string(auth.Storefront)], input("templateId", s.template, "idempotencyKey", s.key())
	},

	"MemberLookup": variables(func(s *story, _ auth.Face) map[string]any {
		return input("code", s.code(s.shopper()))
	}),
	"TagCreate": variables(func(s *story, face auth.Face) map[string]any {
		return input("orgId", s.orgOf(face), "name", s.key())
	}),
	"MemberTagsSet": variables(func(s *story, face auth.Face) map[string]any {
		return input("memberId", s.member(), "add", []any{s.tag(face, s.orgOf(face))})
	}),
	"RedemptionPreview": variables(func(s *story, _ auth.Face) map[string]any {
		p := s.shopper()
		s.coupon(p)
		return input("memberCode", s.code(p), "storeId", s.store, "purchase", 9000)
	}),
	"RedemptionConfirm": variables(func(s *story, _ auth.Face) map[string]any { return s.confirmation(s.shopper()) }),
	"StoreDay": variables(func(s *story, _ auth.Face) map[string]any {
		return map[string]any{"storeId": s.store, "date": "2026-11-22"}
	}),
	"StoreDayExport": variables(func(s *story, _ auth.Face) map[string]any {
		return input("storeId", s.store, "date", "2026-11-22", "format", "CSV")
	}),
	"RedemptionReverse": variables(func(s *story, _ auth.Face) map[string]any {
		id := s.ask(auth.Staff, "RedemptionConfirm", s.tokens[string(auth.Staff)], s.confirmation(s.shopper()), "redemptionConfirm.results.0.redemption.id")
		return input("id", id, "reason", "误操作")
	}),

	"RedemptionReview": variables(func(s *story, _ auth.Face) map[string]any {
		far := s.confirmation(s.shopper())
		far["input"].(map[string]any)["location"] = map[string]any{"latitude": 39.9, "longitude": 116.4, "system": "GCJ02"}
		id := s.ask(auth.Staff, "RedemptionConfirm", s.enter(auth.Staff, "clerk").token, far, "redemptionConfirm.results.0.redemption.id")
		return input("id", id, "note", "店外活动，情况属实")
	}),

	"StaffInvite": variables(func(s *story, face auth.Face) map[string]any { return s.invitation(face, s.phone()) }),
	"StaffStateSet": variables(func(s *story, face auth.Face) map[string]any {
		return input("staffId", s.invite(face, s.phone(), "staff.id"), "state", "REVOKED", "reason", "误操作")
	}),
	"StaffInvitationAccept": func(s *story, face auth.Face) (string, map[string]any) {
		phone, p := s.phone(), s.visitor(face)
		s.bind(face, p, phone)
		return p.token, input("invitationCode", s.invite(face, phone, "invitationCode"))
	},

	"CouponTemplate":       variables(func(s *story, face auth.Face) map[string]any { return map[string]any{"id": s.draft(face)} }),
	"CouponTemplateCreate": variables(func(s *story, face auth.Face) map[string]any { return s.templateInput(face) }),
	"CouponTemplateUpdate": variables(func(s *story, face auth.Face) map[string]any {
		in := s.templateInput(face)["input"].(map[string]any)
		delete(in, "orgId")
		delete(in, "idempotencyKey")
		in["id"], in["version"], in["amount"] = s.draft(face), 1, 2000
		return map[string]any{"input": in}
	}),
	"CouponTemplateDuplicate": variables(func(s *story, face auth.Face) map[string]any {
		return input("id", s.draft(face), "name", "又一张", "idempotencyKey", s.key())
	}),
	"CouponTemplateSubmit": variables(func(s *story, face auth.Face) map[string]any { return input("id", s.draft(face), "version", 1) }),
	"CouponTemplateReview": func(s *story, face auth.Face) (string, map[string]any) {
		id, version := s.submitted(face)
		reviewer := s.tokens[string(face)]
		if face == auth.Console {
			reviewer = s.reviewer
		}
		return reviewer, input("id", id, "version", version, "approve", false, "reason", "面额太高")
	},
	"CouponTemplateStateSet": variables(func(s *story, face auth.Face) map[string]any {
		id, version := s.submitted(face)
		return input("id", id, "version", version, "state", "DRAFT")
	}),
	"CouponTemplateRestock": variables(func(s *story, face auth.Face) map[string]any {
		return input("id", s.draft(face), "quantity", 1, "reason", "加量", "idempotencyKey", s.key())
	}),
	"CouponQuote": variables(func(s *story, _ auth.Face) map[string]any {
		return map[string]any{"storeId": s.store, "lines": []any{map[string]any{"skuId": s.sku, "quantity": 2}}}
	}),
	"CouponIssue": variables(func(s *story, face auth.Face) map[string]any {
		return input("templateId", s.reviewed(face), "memberId", s.memberOf(face), "count", 2, "reason", "久等了", "idempotencyKey", s.key())
	}),
	"CouponAudienceSize": variables(func(s *story, face auth.Face) map[string]any {
		return map[string]any{"templateId": s.reviewed(face), "audience": map[string]any{}}
	}),
	"CouponIssueJobCreate": variables(func(s *story, face auth.Face) map[string]any { return s.issueJob(face) }),
	"CouponIssueJob": variables(func(s *story, face auth.Face) map[string]any {
		return map[string]any{"id": s.ask(face, "CouponIssueJobCreate", s.tokens[string(face)], s.issueJob(face), "couponIssueJobCreate.job.id")}
	}),
	"CouponIssueJobStop": variables(func(s *story, face auth.Face) map[string]any {
		return input("id", s.ask(face, "CouponIssueJobCreate", s.tokens[string(face)], s.issueJob(face), "couponIssueJobCreate.job.id"), "reason", "发错了")
	}),
	"CouponIssueJobResume": variables(func(s *story, face auth.Face) map[string]any {
		job := s.ask(face, "CouponIssueJobCreate", s.tokens[string(face)], s.issueJob(face), "couponIssueJobCreate.job.id")
		s.ask(face, "CouponIssueJobStop", s.tokens[string(face)], input("id", job, "reason", "发错了"), "couponIssueJobStop.job.id")
		return input("id", job, "reason", "没有发错")
	}),
	"MemberHomeStoreMove": variables(func(s *story, _ auth.Face) map[string]any {
		return input("memberId", s.member(), "storeId", s.otherStore, "reason", "搬家")
	}),
	"MemberGrowthAdd": variables(func(s *story, _ auth.Face) map[string]any {
		return input("memberId", s.member(), "growth", 1, "reason", "补登", "idempotencyKey", s.key())
	}),
	"MemberStateSet": variables(func(s *story, _ auth.Face) map[string]any {
		return input("memberId", s.member(), "frozen", true, "reason", "异常")
	}),
	"MemberPoints": variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"id": s.member()} }),
	"MemberPointsAdjust": variables(func(s *story, _ auth.Face) map[string]any {
		return input("memberId", s.member(), "points", 10, "reason", "补登", "idempotencyKey", s.key())
	}),
	"ClearingOpenLines": variables(func(s *story, face auth.Face) map[string]any { return map[string]any{"orgId": s.orgOf(face)} }),
	"OrgCreate": variables(func(s *story, _ auth.Face) map[string]any {
		return input("parentId", s.root, "kind", "REGION", "code", s.key(), "name", "新区", "idempotencyKey", s.key())
	}),
	"OrgUpdate": variables(func(s *story, _ auth.Face) map[string]any {
		return input("id", s.otherStore, "name", fmt.Sprintf("门店 %d", time.Now().UnixNano()))
	}),
	"TerritoryAssign": variables(func(s *story, _ auth.Face) map[string]any {
		return input("storeId", s.otherStore, "skuLine", s.key(), "distributorId", s.distributor, "reason", "划区")
	}),
}
