package coupon

import (
	"strconv"
	"strings"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Summary is the promise of a rule in a few words for members, such as 满100减10. Goods is the name of what an EXCHANGE or GIFT coupon is about.
func Summary(r document.CouponRule, goods string, lang apperr.Language) string {
	if lang == apperr.English {
		return englishSummary(r, goods)
	}
	from := ""
	if r.ThresholdFen > 0 {
		from = "满" + yuan(r.ThresholdFen)
	}
	switch r.Kind {
	case enum.CouponAmountOff:
		if from == "" {
			return "立减" + yuan(r.AmountFen) + "元"
		}
		return from + "减" + yuan(r.AmountFen)
	case enum.CouponPercentOff:
		off := "打" + tenths(money.Whole-r.PercentBasisPoints) + "折"
		if r.PercentBasisPoints == money.Whole {
			off = "免单"
		}
		if from != "" {
			off = from + "元" + off
		}
		if r.CapFen > 0 {
			off += "，最多减" + yuan(r.CapFen) + "元"
		}
		return off
	case enum.CouponExchange:
		return prefixed(from, "元") + "兑换" + goods
	case enum.CouponGift:
		return prefixed(from, "元") + "赠" + goods
	case enum.CouponFreight:
		if r.AmountFen == 0 {
			return prefixed(from, "元") + "包邮"
		}
		return prefixed(from, "元") + "运费减" + yuan(r.AmountFen) + "元"
	}
	return ""
}

func englishSummary(r document.CouponRule, goods string) string {
	from := ""
	if r.ThresholdFen > 0 {
		from = " from ¥" + yuan(r.ThresholdFen)
	}
	switch r.Kind {
	case enum.CouponAmountOff:
		return "¥" + yuan(r.AmountFen) + " off" + from
	case enum.CouponPercentOff:
		off := trimmed(decimal(int64(r.PercentBasisPoints), 2)) + "% off" + from
		if r.CapFen > 0 {
			off += ", at most ¥" + yuan(r.CapFen)
		}
		return off
	case enum.CouponExchange:
		return goods + " free" + from
	case enum.CouponGift:
		return "Gift" + from + ": " + goods
	case enum.CouponFreight:
		if r.AmountFen == 0 {
			return "Free delivery" + from
		}
		return "¥" + yuan(r.AmountFen) + " off delivery" + from
	}
	return ""
}

// prefixed is the prefix with its unit, where there is one.
func prefixed(prefix, unit string) string {
	if prefix == "" {
		return ""
	}
	return prefix + unit
}

// yuan writes an amount without zeros behind the point.
func yuan(f money.Fen) string { return trimmed(f.Yuan()) }

// tenths writes what is left to pay as 折 do: 9,000 basis points are 9, 8,500 are 8.5.
func tenths(left money.BasisPoints) string { return trimmed(decimal(int64(left), 3)) }

// decimal writes n with so many decimals.
func decimal(n int64, decimals int) string {
	text := strconv.FormatInt(n, 10)
	if missing := decimals + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	return text[:len(text)-decimals] + "." + text[len(text)-decimals:]
}

func trimmed(text string) string { return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") }
