package app

import (
	"net/http"

	"dongxiao/internal/download"
	"dongxiao/rest/export"
	"dongxiao/rest/jwks"
	"dongxiao/rest/wechatpaynotice"
	"dongxiao/rest/wechatpush"
)

// registerREST adds what is not GraphQL.
func (a *App) registerREST(mux *http.ServeMux) {
	mux.Handle(jwks.Path, jwks.Handler(a.Keyring.Ring))
	mux.Handle(export.Path(download.ClearingStatement), export.Handler(export.Clearing(a.Clearings), a.Log))
	mux.Handle(export.Path(download.Custody), export.Handler(export.Custody(a.TopUps), a.Log))
	mux.Handle(export.Path(download.StoreDay), export.Handler(export.StoreDay(a.Redemptions), a.Log))
	mux.Handle(export.Path(download.ExchangeCodes), export.Handler(export.ExchangeCodes(a.Coupons), a.Log))
	mux.Handle(wechatpush.Path, wechatpush.Handler(a.Identity, a.Log))
	mux.Handle(wechatpaynotice.Path, wechatpaynotice.Handler(a.Payments, a.Log))
}
