package wechatpay

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // the digest that WeChat Pay gives of a bill
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"dongxiao/internal/money"
)

// BillKind is which rows a bill (交易账单) has.
type BillKind string

// The kinds of bills.
const (
	// BillPayments (SUCCESS) has the payments of the day, also those that were refunded later.
	BillPayments BillKind = "SUCCESS"
	// BillRefunds (REFUND) has the refunds that were asked for on the day, with the state in which they were when the bill was made.
	BillRefunds BillKind = "REFUND"
)

// BillRow is one payment or refund of a bill.
type BillRow struct {
	// At is the time of the payment, of a refund too: its order's.
	At time.Time
	// AppID and MerchantID say whose it is; OpenID who paid.
	AppID, MerchantID, OpenID string
	// TransactionID and OutTradeNo are those of the payment.
	TransactionID, OutTradeNo string
	// State is the payment's: SUCCESS or REFUND.
	State TradeState
	// Total is the order's price.
	Total money.Fen
	// RefundID, OutRefundNo, RefundStatus and Refund are set in rows of refunds.
	RefundID, OutRefundNo string
	RefundStatus          RefundStatus
	Refund                money.Fen
	// Attach is what the order was made with.
	Attach string
}

// billSum is the last line of a bill.
type billSum struct {
	rows          int64
	total, refund money.Fen
}

// ErrBill says that a bill was not downloaded whole or contradicts itself: its digest, its count or its sums are not those of its rows.
var ErrBill = errors.New("wechatpay: the bill is damaged")

const longestBillLine = 64 << 10

// DownloadBill gives each the rows of the bill of a day, the one in Beijing in which day lies, one by one, so that memory stays flat.
// Bills exist from ten o'clock the morning after (KindNotFound: there were no transactions; KindBusy: not made yet). Believe the rows
// only when the whole call succeeds: the digest is known to be right at the end. An error of each ends the download and is returned.
func (c *Client) DownloadBill(ctx context.Context, day time.Time, kind BillKind, each func(BillRow) error) error {
	const operation = "download bill"
	if kind != BillPayments && kind != BillRefunds {
		return notSent(operation, "bill_type")
	}
	var bill struct {
		HashType    string `json:"hash_type"`
		HashValue   string `json:"hash_value"`
		DownloadURL string `json:"download_url"`
	}
	query := url.Values{"bill_date": {day.In(Beijing).Format(time.DateOnly)}, "bill_type": {string(kind)}}
	err := c.observed(ctx, operation, c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		result, err := c.api.Get(ctx, consts.WechatPayAPIServer+"/v3/bill/tradebill?"+query.Encode())
		if err != nil {
			return result, err
		}
		return result, core.UnMarshalResponse(result.Response, &bill)
	})
	if err != nil {
		return err
	}
	if bill.HashType != "SHA1" || bill.DownloadURL == "" {
		return fmt.Errorf("%w: no SHA1 digest or no address", ErrBill)
	}
	var refusal error // of each or of the bill, as it is
	err = c.observed(ctx, operation, downloadTime, func(ctx context.Context) (*core.APIResult, error) {
		result, err := c.raw.Request(ctx, http.MethodGet, bill.DownloadURL, nil, nil, nil, consts.ApplicationJSON)
		if err != nil {
			return result, err
		}
		defer result.Response.Body.Close()
		digest := sha1.New() //nolint:gosec // see import
		refusal = readBill(io.TeeReader(result.Response.Body, digest), kind, each)
		if refusal == nil && !strings.EqualFold(hex.EncodeToString(digest.Sum(nil)), bill.HashValue) {
			refusal = fmt.Errorf("%w: its digest is another", ErrBill)
		}
		return result, nil
	})
	if err != nil {
		return err
	}
	return refusal
}

// readBill reads a bill: a line of column names, lines whose values begin with a back-tick each, a line of names and one of sums.
func readBill(from io.Reader, kind BillKind, each func(BillRow) error) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 4096), longestBillLine)
	if !lines.Scan() {
		return fmt.Errorf("%w: it is empty", ErrBill)
	}
	columns := columnsOf(lines.Text())
	var counted billSum
	for n := 2; lines.Scan(); n++ {
		line := lines.Text()
		if !strings.HasPrefix(line, "`") {
			return lastLines(lines, columnsOf(line), counted, kind)
		}
		values, err := columns.values(line)
		if err != nil {
			return fmt.Errorf("%w: line %d", err, n)
		}
		row, err := values.row(kind)
		if err != nil {
			return fmt.Errorf("%w: line %d", err, n)
		}
		counted.rows++
		counted.total += row.Total
		counted.refund += row.Refund
		if err := each(row); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: it broke off", ErrBill)
}

// lastLines compares the sums that the bill tells with those of its rows. A day's payments of one merchant are far from overflowing.
func lastLines(lines *bufio.Scanner, columns billColumns, counted billSum, kind BillKind) error {
	if !lines.Scan() {
		return fmt.Errorf("%w: it has no sums", ErrBill)
	}
	values, err := columns.values(lines.Text())
	if err != nil {
		return err
	}
	var told billSum
	if told.rows, err = count(values["总交易单数"]); err != nil {
		return err
	}
	same := told.rows == counted.rows
	if kind == BillPayments {
		told.total, err = fen(values["订单总金额"])
		same = same && told.total == counted.total
	} else {
		told.refund, err = fen(values["申请退款总金额"])
		same = same && told.refund == counted.refund
	}
	if err != nil {
		return err
	}
	for lines.Scan() { // so that the digest is of the whole
		if strings.TrimSpace(lines.Text()) != "" {
			return fmt.Errorf("%w: lines after its sums", ErrBill)
		}
	}
	if lines.Err() != nil || !same {
		return fmt.Errorf("%w: its sums are not those of its rows", ErrBill)
	}
	return nil
}

// billColumns are the names of a bill's columns in order; WeChat Pay adds columns now and then, so they are found by name.
type billColumns []string

func columnsOf(line string) billColumns {
	return strings.Split(strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")), ",")
}

type billValues map[string]string

// values takes a line apart. Values are not quoted; each begins with a back-tick, which tells a comma in a text from one between values.
func (c billColumns) values(line string) (billValues, error) {
	parts := strings.Split(strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "`"), ",`")
	if len(parts) != len(c) {
		return nil, fmt.Errorf("%w: a line has another number of values", ErrBill)
	}
	values := make(billValues, len(c))
	for i, name := range c {
		values[name] = parts[i]
	}
	return values, nil
}

func (v billValues) row(kind BillKind) (BillRow, error) {
	at, err := time.ParseInLocation(time.DateTime, v["交易时间"], Beijing)
	if err != nil {
		return BillRow{}, fmt.Errorf("%w: a time", ErrBill)
	}
	row := BillRow{
		At: at.UTC(), AppID: v["公众账号ID"], MerchantID: v["商户号"], OpenID: v["用户标识"], TransactionID: v["微信订单号"], OutTradeNo: v["商户订单号"],
		State: TradeState(v["交易状态"]), Attach: v["商户数据包"],
	}
	if row.Total, err = fen(v["订单金额"]); err != nil {
		return BillRow{}, err
	}
	if kind == BillRefunds {
		row.RefundID, row.OutRefundNo, row.RefundStatus = v["微信退款单号"], v["商户退款单号"], RefundStatus(v["退款状态"])
		if row.Refund, err = fen(v["申请退款金额"]); err != nil {
			return BillRow{}, err
		}
	}
	if row.TransactionID == "" || row.OutTradeNo == "" || kind == BillRefunds && row.OutRefundNo == "" {
		return BillRow{}, fmt.Errorf("%w: a number is missing", ErrBill)
	}
	return row, nil
}

// fen reads yuan with up to two decimals, exactly.
func fen(yuan string) (money.Fen, error) {
	whole, decimals, _ := strings.Cut(yuan, ".")
	if whole == "" || len(decimals) > 2 {
		return 0, fmt.Errorf("%w: an amount", ErrBill)
	}
	n, err := count(whole + decimals + "00"[len(decimals):])
	return money.Fen(n), err
}

// count reads a whole number that is not negative and far from overflowing.
func count(digits string) (int64, error) {
	var n int64
	if digits == "" || len(digits) > 16 {
		return 0, fmt.Errorf("%w: a number", ErrBill)
	}
	for _, digit := range []byte(digits) {
		if digit < '0' || digit > '9' {
			return 0, fmt.Errorf("%w: a number", ErrBill)
		}
		n = n*10 + int64(digit-'0')
	}
	return n, nil
}
