package graph

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/graph/model"
)

// merchantKeys are the keys that were sent; none where nothing was.
func merchantKeys(in *model.MerchantKeysInput) payment.MerchantKeys {
	if in == nil {
		return payment.MerchantKeys{}
	}
	return payment.MerchantKeys{CertificateSerial: in.CertificateSerial, PrivateKey: in.PrivateKey, APIKey: in.APIKey, PublicKeyID: in.PublicKeyID,
		PublicKey: in.PublicKey, Certificates: in.Certificates}
}

// dayNumber is a date as reconciliations keep it, YYYYMMDD.
func dayNumber(d model.Date) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(string(d), "-", "")) // a Date was checked when it was read
	return n
}

// dateOf is the inverse of dayNumber.
func dateOf(day int) model.Date {
	return model.Date(fmt.Sprintf("%04d-%02d-%02d", day/10_000, day/100%100, day%100))
}

// filled is a text that may be missing.
func filled(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// readsPayments says whether the viewer is staff who may read payments somewhere; payers see less of their own.
func readsPayments(ctx context.Context) bool { return auth.FromContext(ctx).Can(auth.ReadPayments) }
