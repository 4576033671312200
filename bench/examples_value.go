package main

import (
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
)

// by is an example of somebody who is not the face's own sign-in.
func by(token func(s *story, face auth.Face) string, make func(s *story, face auth.Face) map[string]any) example {
	return func(s *story, face auth.Face) (string, map[string]any) { return token(s, face), make(s, face) }
}

// finance sees to the money; spokesman speaks for the face's org.
func finance(s *story, face auth.Face) string   { return s.value.finance[face] }
func spokesman(s *story, face auth.Face) string { return s.speaker(face) }

// valueExamples are the examples of stored value, payments and clearing, and of coupons that go to friends.
var valueExamples = map[string]example{
	"TillShiftOpen": variables(func(s *story, _ auth.Face) map[string]any {
		s.run(auth.Staff, "TillShiftClose", s.tokens[string(auth.Staff)], s.shiftClosing())
		return input("storeId", s.store, "float", 20_000, "idempotencyKey", s.key())
	}),
	"TillShiftClose": variables(func(s *story, _ auth.Face) map[string]any { return s.shiftClosing() }),
	"Till":           variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"storeId": s.store} }),
	"TopUpAtTill":    variables(func(s *story, _ auth.Face) map[string]any { return s.tillTopUp(s.shopper()) }),
	"TopUpCreate": func(s *story, _ auth.Face) (string, map[string]any) {
		return s.shopper().token, input("tierId", s.value.tier, "idempotencyKey", s.key())
	},
	"TopUpTierCreate": variables(func(s *story, face auth.Face) map[string]any { return s.tierInput(s.orgOf(face)) }),
	"TopUpTierUpdate": variables(func(s *story, face auth.Face) map[string]any {
		return input("id", s.newTier(face), "version", 1, "name", "充500")
	}),
	"TopUpTierStateSet": variables(func(s *story, face auth.Face) map[string]any {
		return input("id", s.newTier(face), "version", 1, "state", "ACTIVE")
	}),
	"TopUpRefundPreview": variables(func(s *story, _ auth.Face) map[string]any {
		_, topUp := s.funded()
		return input("topUpId", topUp, "fault", "UNUSED")
	}),
	"TopUpRefundRequest": variables(func(s *story, _ auth.Face) map[string]any { return s.refundInput() }),
	"TopUpRefundCheck": by(finance, func(s *story, _ auth.Face) map[string]any {
		return input("id", s.refundAsked(), "approve", true, "idempotencyKey", s.key())
	}),
	"TopUpRefundPayOut": variables(func(s *story, _ auth.Face) map[string]any {
		id := s.refundAsked()
		s.run(auth.Console, "TopUpRefundCheck", s.value.finance[auth.Console], input("id", id, "approve", true, "idempotencyKey", s.key()))
		s.shift()
		return input("id", id, "idempotencyKey", s.key())
	}),
	"TopUpInvoiceRequest": func(s *story, _ auth.Face) (string, map[string]any) {
		p, topUp := s.funded()
		return p.token, input("topUpId", topUp, "title", "云岭酒行")
	},
	"TopUpInvoiceIssue": by(finance, func(s *story, _ auth.Face) map[string]any {
		p, topUp := s.funded()
		s.run(auth.Storefront, "TopUpInvoiceRequest", p.token, input("topUpId", topUp, "title", "云岭酒行"))
		return input("topUpId", topUp, "number", "0001")
	}),
	"CustodyExport": variables(func(*story, auth.Face) map[string]any { return input("format", "CSV") }),

	"PayCode": func(s *story, _ auth.Face) (string, map[string]any) {
		p, _ := s.funded()
		return p.token, nil
	},
	"WalletCharge": variables(func(s *story, _ auth.Face) map[string]any {
		p, _ := s.funded()
		return s.chargeInput(p, 5_000)
	}),
	"WalletPayment": variables(func(s *story, _ auth.Face) map[string]any {
		_, id := s.charged(5_000)
		return map[string]any{"id": id}
	}),
	"WalletPaymentConfirm": func(s *story, _ auth.Face) (string, map[string]any) {
		p, id := s.charged(50_000)
		return p.token, input("id", id)
	},
	"WalletPaymentDecline": func(s *story, _ auth.Face) (string, map[string]any) {
		p, id := s.charged(50_000)
		return p.token, input("id", id)
	},
	"WalletPaymentCancel": variables(func(s *story, _ auth.Face) map[string]any {
		_, id := s.charged(50_000)
		return input("id", id)
	}),
	"WalletRefund": variables(func(s *story, _ auth.Face) map[string]any {
		_, id := s.charged(5_000)
		return input("paymentId", id, "amount", 1_000, "reason", "退货", "idempotencyKey", s.key())
	}),
	"WalletFreeze": variables(func(s *story, _ auth.Face) map[string]any { return input("memberId", s.holder(), "reason", "异常") }),
	"WalletUnfreeze": variables(func(s *story, face auth.Face) map[string]any {
		id := s.holder()
		s.run(face, "WalletFreeze", s.tokens[string(face)], input("memberId", id, "reason", "异常"))
		return input("memberId", id, "reason", "已核实")
	}),
	"WalletReissue": variables(func(s *story, _ auth.Face) map[string]any {
		return input("memberId", s.holder(), "reason", "手机丢失")
	}),
	"WalletReportLost": func(s *story, _ auth.Face) (string, map[string]any) {
		p, _ := s.funded()
		return p.token, nil
	},
	"WalletPasswordSet": func(s *story, _ auth.Face) (string, map[string]any) {
		p, _ := s.funded()
		return p.token, input("password", "246813")
	},
	"MemberWallet": variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"memberId": s.holder()} }),
	"MyWalletStatement": func(s *story, _ auth.Face) (string, map[string]any) {
		p, _ := s.charged(5_000)
		return p.token, map[string]any{"month": time.Now().Format("2006-01")}
	},
	"StoredValueSettingsSet": variables(func(s *story, _ auth.Face) map[string]any {
		return input("spendOrder", "SOONEST_EXPIRING", "bonusCap", 10_000, "balanceCap", 500_000, "confirmAbove", 20_000, "checkRefundsAbove", 50_000, "clearingFee", 0,
			"version", s.version(enum.SettingStoredValue))
	}),
	"PointsSettingsSet": variables(func(s *story, _ auth.Face) map[string]any {
		return input("perYuan", 1, "rounding", "DOWN", "pendingDays", 7, "expiryDays", 365, "growthPerPoint", 1, "version", s.version(enum.SettingPoints))
	}),

	"MerchantAccountCreate": variables(func(s *story, _ auth.Face) map[string]any { return s.merchantInput(s.lonely()) }),
	"MerchantAccountUpdate": variables(func(s *story, _ auth.Face) map[string]any {
		return input("id", s.spare(), "name", "微信支付二号")
	}),
	"MerchantAccountStateSet": variables(func(s *story, _ auth.Face) map[string]any {
		return input("id", s.spare(), "state", "SUSPENDED", "reason", "换号")
	}),
	"PaymentPrepare": func(s *story, _ auth.Face) (string, map[string]any) {
		p, id := s.ordered()
		return p.token, input("paymentId", id)
	},
	"PaymentState": func(s *story, _ auth.Face) (string, map[string]any) {
		p, id := s.ordered()
		s.run(auth.Storefront, "PaymentPrepare", p.token, input("paymentId", id))
		return p.token, map[string]any{"id": id}
	},
	"PaymentDetail": variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"id": s.disputed()} }),
	"PaymentDisputeResolve": by(finance, func(s *story, _ auth.Face) map[string]any {
		return input("paymentId", s.disputed(), "resolution", "REFUND", "reason", "金额不符", "idempotencyKey", s.key())
	}),
	"ReconciliationRun": by(finance, func(s *story, _ auth.Face) map[string]any {
		s.value.month++
		return input("merchantAccountId", s.value.account, "day", time.Now().AddDate(0, 0, -3-s.value.month).Format(time.DateOnly))
	}),
	"ReconciliationDifferences": variables(func(s *story, _ auth.Face) map[string]any {
		id, _ := s.compared()
		return map[string]any{"id": id}
	}),
	"ReconciliationDifferenceExplain": by(finance, func(s *story, _ auth.Face) map[string]any {
		_, id := s.compared()
		return input("id", id, "note", "银行差错")
	}),

	"ClearingStatement": variables(func(s *story, face auth.Face) map[string]any {
		id, _ := s.owed(face, false)
		return map[string]any{"id": id}
	}),
	"ClearingStatementExport": variables(func(s *story, face auth.Face) map[string]any {
		id, _ := s.owed(face, false)
		return input("statementId", id, "format", "XLSX")
	}),
	"ClearingStatementConfirm": by(spokesman, func(s *story, face auth.Face) map[string]any {
		id, _ := s.owed(face, false)
		first, second := 0, 990
		if s.owesFirst(face) {
			first, second = 990, 0
		}
		return input("statementId", id, "orgId", s.orgOf(face), "firstOwes", first, "secondOwes", second)
	}),
	"ClearingLineDispute": by(spokesman, func(s *story, face auth.Face) map[string]any {
		_, line := s.owed(face, false)
		return input("lineId", line, "orgId", s.orgOf(face), "reason", "金额不符")
	}),
	"ClearingDisputeWithdraw": by(spokesman, func(s *story, face auth.Face) map[string]any {
		_, line := s.owed(face, false)
		s.run(face, "ClearingLineDispute", s.speaker(face), input("lineId", line, "orgId", s.orgOf(face), "reason", "金额不符"))
		return input("lineId", line, "orgId", s.orgOf(face))
	}),
	"ClearingDisputeAccept": by(spokesman, func(s *story, face auth.Face) map[string]any {
		_, line := s.owed(face, true)
		return input("lineId", line, "orgId", s.orgOf(face))
	}),
	"ClearingStatementsMake": by(finance, func(*story, auth.Face) map[string]any { return input("period", 202001) }),

	"CouponFunnel": variables(func(s *story, face auth.Face) map[string]any {
		return map[string]any{"templateId": s.draft(face), "by": "REGION"}
	}),
	"CouponUsers":         variables(func(s *story, face auth.Face) map[string]any { return map[string]any{"templateId": s.draft(face)} }),
	"ExchangeCodeBatches": variables(func(s *story, face auth.Face) map[string]any { return map[string]any{"templateId": s.draft(face)} }),
	"StoreRedemptions":    variables(func(s *story, _ auth.Face) map[string]any { return map[string]any{"storeId": s.store} }),
	"ExchangeCodesImport": variables(func(s *story, face auth.Face) map[string]any {
		return s.codesInput(face, "codes", []any{s.exchangeCode()})
	}),
	"ExchangeCodesGenerate": variables(func(s *story, face auth.Face) map[string]any {
		return s.codesInput(face, "quantity", 10)
	}),
	"CouponExchange": func(s *story, _ auth.Face) (string, map[string]any) {
		code := s.exchangeCode()
		s.run(auth.Console, "ExchangeCodesImport", s.tokens[string(auth.Console)], input("templateId", s.template, "batch", "兑换", "codes", []any{code}, "idempotencyKey", s.key()))
		return s.shopper().token, input("code", code, "idempotencyKey", s.key())
	},
	"MessagePermissionAdd": func(s *story, _ auth.Face) (string, map[string]any) {
		return s.shopper().token, input("topic", "COUPON_EXPIRY", "accepted", 1, "idempotencyKey", s.key())
	},
	"MessageSettingsSet": variables(func(s *story, face auth.Face) map[string]any {
		data, _ := s.run(face, "MessageSettings", s.tokens[string(face)], nil)
		settings, _ := data["messageSettings"].(map[string]any)
		return input("noticeHours", 48, "quietFrom", 22, "quietUntil", 8, "couponExpiry", []any{}, "version", settings["version"])
	}),
	"CouponTransferCreate": func(s *story, _ auth.Face) (string, map[string]any) {
		p := s.shopper()
		return p.token, s.transferInput(p)
	},
	"CouponTransferCancel": func(s *story, _ auth.Face) (string, map[string]any) {
		p, id, _ := s.offered()
		return p.token, input("id", id)
	},
	"CouponTransferAccept": func(s *story, _ auth.Face) (string, map[string]any) {
		_, _, token := s.offered()
		return s.shopper().token, input("token", token, "idempotencyKey", s.key())
	},
	"CouponGift": func(s *story, _ auth.Face) (string, map[string]any) {
		_, _, token := s.offered()
		return s.shopper().token, map[string]any{"token": token}
	},
}
