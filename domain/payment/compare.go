package payment

import (
	"context"
	"errors"
	"slices"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/ent/paymentrefund"
	"dongxiao/internal/wechatpay"
)

// comparison holds a day's bill of one account against the books. The bill is read as a stream and looked up in chunks; what stays in memory is the number of each
// row that was found, and the differences.
type comparison struct {
	*Service
	account     *ent.MerchantAccount
	from, until time.Time

	payments, refunds int
	differences       []difference
	// seenPayments and seenRefunds are the rows that the bill has, sorted once it is read.
	seenPayments, seenRefunds []int64
}

type difference struct {
	kind         enum.DifferenceKind
	number       string
	ours, theirs int64
}

// errTooMany ends a comparison that finds differences everywhere.
var errTooMany = errors.New("payment: the bill and the books differ in too many rows to be the same account")

func (c *comparison) add(kind enum.DifferenceKind, number string, ours, theirs int64) error {
	if len(c.differences) >= maxDifferences {
		return errTooMany
	}
	c.differences = append(c.differences, difference{kind, number, ours, theirs})
	return nil
}

func (c *comparison) run(ctx context.Context) error {
	client, err := c.client(c.account)
	if err != nil {
		return err
	}
	if err := c.download(ctx, client, wechatpay.BillPayments, c.comparePayments); err != nil {
		return err
	}
	if err := c.download(ctx, client, wechatpay.BillRefunds, c.compareRefunds); err != nil {
		return err
	}
	slices.Sort(c.seenPayments)
	slices.Sort(c.seenRefunds)
	if err := c.missingPayments(ctx); err != nil {
		return err
	}
	return c.missingRefunds(ctx, client)
}

// download reads a bill in chunks. A day without transactions has none.
func (c *comparison) download(ctx context.Context, client *wechatpay.Client, kind wechatpay.BillKind, compare func(context.Context, []wechatpay.BillRow) error) error {
	chunk := make([]wechatpay.BillRow, 0, billChunk)
	flush := func() error {
		defer func() { chunk = chunk[:0] }()
		if len(chunk) == 0 {
			return nil
		}
		return compare(ctx, chunk)
	}
	err := client.DownloadBill(ctx, c.from, kind, func(row wechatpay.BillRow) error {
		if chunk = append(chunk, row); len(chunk) == billChunk {
			return flush()
		}
		return nil
	})
	if wechatpay.Is(err, wechatpay.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return flush()
}

func (c *comparison) comparePayments(ctx context.Context, bill []wechatpay.BillRow) error {
	c.payments += len(bill)
	numbers, transactions := make([]string, len(bill)), make([]string, len(bill))
	for i, row := range bill {
		numbers[i], transactions[i] = row.OutTradeNo, row.TransactionID
	}
	rows, err := c.Store.Client(ctx).Payment.Query().Where(payment.Or(payment.TransactionIDIn(transactions...), payment.OutTradeNoIn(numbers...))).All(ctx)
	if err != nil {
		return err
	}
	byTransaction, byNumber := map[string]*ent.Payment{}, map[string]*ent.Payment{}
	for _, p := range rows {
		byNumber[p.OutTradeNo] = p
		if p.TransactionID != nil {
			byTransaction[*p.TransactionID] = p
		}
	}
	for _, row := range bill {
		theirs := int64(row.Total)
		p := byTransaction[row.TransactionID]
		switch {
		case p != nil && p.MerchantAccountID == c.account.ID:
			c.seenPayments = append(c.seenPayments, p.ID)
			if p.PaidFen != theirs || orderNumber(p) != row.OutTradeNo {
				err = c.add(enum.DifferenceAmount, p.OutTradeNo, p.PaidFen, theirs)
			}
		case byNumber[row.OutTradeNo] != nil && byNumber[row.OutTradeNo].MerchantAccountID == c.account.ID:
			p = byNumber[row.OutTradeNo]
			c.seenPayments = append(c.seenPayments, p.ID)
			if err = c.add(enum.DifferenceState, p.OutTradeNo, p.PaidFen, theirs); err == nil && p.State != enum.PaymentPaid {
				err = c.heal(ctx, p)
			}
		default:
			err = c.add(enum.DifferenceMissingHere, row.TransactionID, 0, theirs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// heal asks about a payment that the bill says was paid, and settles it. The difference stays for people to look at.
func (c *comparison) heal(ctx context.Context, p *ent.Payment) error {
	if err := c.ask(ctx, p); err != nil {
		c.Log.WarnContext(ctx, "a payment of the bill could not be asked about", "payment", p.ID, "error", err)
	}
	return ctx.Err()
}

func (c *comparison) compareRefunds(ctx context.Context, bill []wechatpay.BillRow) error {
	c.refunds += len(bill)
	numbers := make([]string, len(bill))
	for i, row := range bill {
		numbers[i] = row.OutRefundNo
	}
	rows, err := c.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.OutRefundNoIn(numbers...), paymentrefund.MerchantAccountID(c.account.ID)).All(ctx)
	if err != nil {
		return err
	}
	byNumber := map[string]*ent.PaymentRefund{}
	for _, r := range rows {
		byNumber[r.OutRefundNo] = r
	}
	for _, row := range bill {
		r, theirs := byNumber[row.OutRefundNo], int64(row.Refund)
		switch {
		case r == nil:
			err = c.add(enum.DifferenceMissingHere, row.OutRefundNo, 0, theirs)
		case r.AmountFen != theirs:
			err = c.add(enum.DifferenceAmount, r.OutRefundNo, r.AmountFen, theirs)
		case !sameState(r.State, row.RefundStatus):
			err = c.add(enum.DifferenceState, r.OutRefundNo, r.AmountFen, theirs)
		}
		if err != nil {
			return err
		}
		if r != nil {
			c.seenRefunds = append(c.seenRefunds, r.ID)
		}
	}
	return nil
}

// sameState says whether a refund here may be what the bill has: the bill is older, so a refund may have gone on since.
func sameState(ours enum.PaymentRefundState, theirs wechatpay.RefundStatus) bool {
	switch theirs {
	case wechatpay.RefundSucceeded:
		return ours == enum.RefundSucceeded
	case wechatpay.RefundClosed:
		return ours == enum.RefundClosed
	case wechatpay.RefundAbnormal:
		return ours == enum.RefundAbnormal || ours == enum.RefundSucceeded || ours == enum.RefundClosed
	}
	return ours != enum.RefundRequested
}

// missingPayments finds what was paid on the day by the books and is not in the bill.
func (c *comparison) missingPayments(ctx context.Context) error {
	for last := int64(0); ; {
		rows, err := c.Store.Client(ctx).Payment.Query().Where(payment.MerchantAccountID(c.account.ID), payment.PaidAtGTE(c.from), payment.PaidAtLT(c.until), payment.IDGT(last)).
			Order(payment.ByID()).Limit(billChunk).All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, p := range rows {
			if _, seen := slices.BinarySearch(c.seenPayments, p.ID); !seen {
				if err := c.add(enum.DifferenceMissingThere, p.OutTradeNo, p.PaidFen, 0); err != nil {
					return err
				}
			}
		}
		last = rows[len(rows)-1].ID
	}
}

// missingRefunds finds what was asked back on the day by the books and is not in the bill. What had not succeeded by the end of the day may have
// reached WeChat Pay on a later one: WeChat Pay is asked about it.
func (c *comparison) missingRefunds(ctx context.Context, client *wechatpay.Client) error {
	for last := int64(0); ; {
		rows, err := c.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.MerchantAccountID(c.account.ID), paymentrefund.StateNEQ(enum.RefundRequested),
			paymentrefund.CreatedAtGTE(c.from), paymentrefund.CreatedAtLT(c.until), paymentrefund.IDGT(last)).Order(paymentrefund.ByID()).Limit(billChunk).All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if _, seen := slices.BinarySearch(c.seenRefunds, r.ID); seen {
				continue
			}
			if r.SucceededAt == nil || !r.SucceededAt.Before(c.until) {
				_, err := client.QueryRefund(ctx, r.OutRefundNo)
				if err == nil {
					continue
				}
				if !wechatpay.Is(err, wechatpay.KindNotFound) {
					return err
				}
			}
			if err := c.add(enum.DifferenceMissingThere, r.OutRefundNo, r.AmountFen, 0); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1].ID
	}
}
