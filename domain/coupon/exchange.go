package coupon

import (
	"context"
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/exchangecode"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// Exchange codes (兑换码) are known by keyed hashes only. Those that were made here follow from the call that made them, so that they can be written into one file and
// are kept nowhere. An exchange locks the template, the member and the counters as every issue does, and then takes the code by a conditional write.

const (
	maxImported  = 1000
	maxGenerated = 10_000
	// generatedLength is how many of 32 letters a code that is made here has: 80 bits.
	generatedLength = 16
	// triesADay is how many wrong codes a person may try on one day.
	triesADay = 10
	// codesChunk is how many codes are written at once.
	codesChunk = 500

	exchangeOperation = "couponExchange"
)

var exchangeForm = regexp.MustCompile(`^[0-9A-Z]{6,32}$`)

// plainCode is a code without what people and printers add.
func plainCode(code string) (string, bool) {
	if len(code) > 128 {
		return "", false
	}
	code = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code))
	return code, exchangeForm.MatchString(code)
}

// ImportCodes takes codes from elsewhere for a template: those of the right form that the brand does not have yet. It answers how many of the list are in the batch then,
// and why each other is not, so that a repeat gets the same answer. Whoever may write templates at the issuing org calls it; codes, audit entry and key are written
// together. Refusals: NOT_FOUND, INVALID_INPUT, TEMPLATE_STATE_INVALID (ended or withdrawn), IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) ImportCodes(ctx context.Context, templateID int64, batch string, codes []string, key string) (accepted int, refused []*CodeRefusal, err error) {
	if batch, err = text.Line(batch, 1, 64, "batch"); err != nil {
		return 0, nil, err
	}
	if len(codes) < 1 || len(codes) > maxImported {
		return 0, nil, apperr.Invalid("codes", "1–1000")
	}
	template, err := s.exchangeable(ctx, templateID)
	if err != nil {
		return 0, nil, err
	}
	ctx = auth.WithinBrand(ctx)
	v, ring := auth.FromContext(ctx), s.Keyring.Ring()
	refused = []*CodeRefusal{}
	at, hashes := map[string]int{}, []string(nil)
	for i, code := range codes {
		plain, ok := plainCode(code)
		hash := ring.Hash("exchange code", v.BrandID, plain)
		_, repeated := at[hash]
		switch {
		case !ok:
			refused = append(refused, &CodeRefusal{i, CodeMalformed})
		case repeated:
			refused = append(refused, &CodeRefusal{i, CodeRepeated})
		default:
			at[hash] = i
			hashes = append(hashes, hash)
		}
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "exchangeCodesImport", Key: key, Input: []any{templateID, batch, hashes}}
	_, _, err = idempotency.DoNew(ctx, s.Store, call, func(ctx context.Context, _ int64) error {
		known, err := s.codesOf(ctx, hashes)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(hashes), func(hash string) bool { return known[hash] != nil })
		if len(missing) == 0 {
			return nil
		}
		if err := s.insertCodes(ctx, template, batch, missing); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "exchangeCodesImport", Subject: subject(templateID),
			After: map[string]any{"batch": batch, "codes": len(missing)}})
	})
	if err != nil {
		return 0, nil, err
	}
	known, err := s.codesOf(ctx, hashes)
	if err != nil {
		return 0, nil, err
	}
	for _, hash := range hashes {
		if row := known[hash]; row != nil && row.TemplateID == templateID && row.Batch == batch {
			accepted++
		} else {
			refused = append(refused, &CodeRefusal{at[hash], CodeTaken})
		}
	}
	slices.SortFunc(refused, func(a, b *CodeRefusal) int { return a.Index - b.Index })
	return accepted, refused, nil
}

// GenerateCodes makes codes for a template and a link to them, by which whoever called fetches them once, within minutes; a repeat with the same key gets another link to the
// same codes, as long as they were not fetched. Whoever may write templates at the issuing org calls it; codes, audit entry and key are written together. Refusals: as
// ImportCodes.
func (s *Service) GenerateCodes(ctx context.Context, templateID int64, batch string, quantity int, key string) (_ *download.Link, err error) {
	if batch, err = text.Line(batch, 1, 64, "batch"); err != nil {
		return nil, err
	}
	if quantity < 1 || quantity > maxGenerated {
		return nil, apperr.Invalid("quantity", "1–10000")
	}
	template, err := s.exchangeable(ctx, templateID)
	if err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	v, ring := auth.FromContext(ctx), s.Keyring.Ring()
	call := idempotency.Call{ActorID: v.PersonID, Operation: "exchangeCodesGenerate", Key: key, Input: []any{templateID, batch, quantity}}
	id, _, err := idempotency.DoNew(within, s.Store, call, func(ctx context.Context, id int64) error {
		hashes := make([]string, quantity)
		for i := range hashes {
			hashes[i] = ring.Hash("exchange code", v.BrandID, s.generated(v.BrandID, id, i))
		}
		if err := s.insertCodes(ctx, template, batch, hashes); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "exchangeCodesGenerate", Subject: subject(templateID),
			After: map[string]any{"batch": batch, "codes": quantity}})
	})
	if err != nil {
		return nil, err
	}
	return s.Links.New(ctx, download.ExchangeCodes, download.CSV, id, int64(quantity))
}

// GeneratedCodes are codes that are fetched for the first and last time.
type GeneratedCodes struct {
	Format download.Format
	// Codes are written in groups of four.
	Codes []string
}

// OpenCodes gives the codes of a link, once; NOT_FOUND for a link that is wrong, old or was used, or whose person may not sign in as then any more.
func (s *Service) OpenCodes(ctx context.Context, token string) (*GeneratedCodes, error) {
	var id, quantity int64
	opened, err := s.Links.Open(ctx, download.ExchangeCodes, token, &id, &quantity)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, opened.BrandID)
	err = s.Store.Client(ctx).IdempotencyKey.Create().SetActorID(opened.PersonID).SetOperation("exchangeCodesDownload").SetKey(strconv.FormatInt(id, 10)).
		SetInputHash("").SetResultID(id).Exec(ctx)
	if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
		return nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	g := &GeneratedCodes{Format: opened.Format, Codes: make([]string, quantity)}
	for i := range g.Codes {
		code := s.generated(opened.BrandID, id, i)
		g.Codes[i] = code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
	}
	return g, nil
}

// generated is the code of a number that a call has made.
func (s *Service) generated(brandID, id int64, number int) string {
	sum, _ := base64.RawURLEncoding.DecodeString(s.Keyring.Ring().Hash("exchange codes made", brandID, strconv.FormatInt(id, 10)+":"+strconv.Itoa(number)))
	code := make([]byte, generatedLength)
	for i := range code {
		code[i] = codeLetters[sum[i]%32]
	}
	return string(code)
}

// Exchange gives the viewer the coupon of a code, once. It is for members. Code, coupon, stock, limits and the key change together or not at all; claim window and limits of the
// template count. Whoever exchanged the code already gets the same coupon. Refusals: EXCHANGE_CODE_INVALID (no such code, or another member's), EXCHANGE_TRIES_USED_UP, and
// those of Give, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
//
// A try is taken before the code is looked at, in a transaction of its own, and given back where the code was right: whoever guesses at many servers at once gets no
// more answers than whoever guesses at one.
func (s *Service) Exchange(ctx context.Context, code, key string) (*ent.Coupon, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	if err := idempotency.CheckKey(key); err != nil {
		return nil, err
	}
	wrong := apperr.New(apperr.ExchangeCodeInvalid).At("input", "code")
	plain, ok := plainCode(code)
	if !ok {
		return nil, wrong
	}
	within := auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	hash := s.Keyring.Ring().Hash("exchange code", v.BrandID, plain)
	repeat, err := client.IdempotencyKey.Query().Where(idempotencykey.ActorID(v.PersonID), idempotencykey.Operation(exchangeOperation), idempotencykey.Key(key)).Exist(within)
	if err != nil {
		return nil, err
	}
	day, codeID := 0, int64(0)
	if !repeat { // a repeat is answered without a look at the code, or it would tell for nothing whether there is one
		if day, err = s.takeTry(within, v.PersonID); err != nil {
			return nil, err
		}
		codeID, err = client.ExchangeCode.Query().Where(exchangecode.CodeHash(hash)).OnlyID(within)
		if ent.IsNotFound(err) {
			return nil, wrong
		}
		if err != nil {
			return nil, err
		}
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: exchangeOperation, Key: key, Input: hash}
	id, _, err := idempotency.Do(within, s.Store, call, func(ctx context.Context) (int64, error) { return s.exchange(ctx, v.MemberID, codeID, wrong) })
	if day != 0 && apperr.CodeOf(err) != apperr.ExchangeCodeInvalid {
		if back := s.giveTryBack(context.WithoutCancel(within), v.PersonID, day); err == nil && back != nil {
			s.Log.WarnContext(ctx, "a try of an exchange code could not be given back", "error", back)
		}
	}
	if err != nil {
		return nil, err
	}
	return client.Coupon.Get(ctx, id)
}

// exchange is the transaction of Exchange.
func (s *Service) exchange(ctx context.Context, memberID, codeID int64, wrong *apperr.Error) (couponID int64, err error) {
	client := s.Store.Client(ctx)
	// The code's row is locked before anything is read, so that nothing that is read is older than the lock. It comes before the template's in the order of locks, and
	// nothing else takes both.
	row, err := store.Locked(s.Store, client.ExchangeCode.Query().Where(exchangecode.ID(codeID))).Only(ctx)
	if ent.IsNotFound(err) { // the key of a repeat was forgotten meanwhile
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return 0, err
	}
	if row.CouponID != nil {
		if *row.MemberID != memberID {
			return 0, wrong
		}
		return *row.CouponID, nil
	}
	given, err := s.Give(ctx, Gift{TemplateID: row.TemplateID, MemberID: memberID, Count: 1, Key: "exchange-" + strconv.FormatInt(row.ID, 10), Source: enum.SourceExchange})
	if err != nil {
		return 0, err
	}
	if len(given) == 0 { // the same member was faster on another server
		return 0, apperr.New(apperr.Conflict)
	}
	n, err := client.ExchangeCode.Update().Where(exchangecode.ID(row.ID), exchangecode.CouponIDIsNil()).SetMemberID(memberID).SetCouponID(given[0].ID).
		SetExchangedAt(s.Clock.Now()).Save(ctx)
	if err == nil && n != 1 {
		err = wrong
	}
	return given[0].ID, err
}

// takeTry takes one of the day's tries of a person, under guard, and tells the day.
func (s *Service) takeTry(ctx context.Context, personID int64) (day int, err error) {
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return 0, err
	}
	day = dayOf(s.Clock.Now(), zone)
	for range commitAttempts {
		n, err := s.tries(ctx, personID, day).Where(limitcounter.CountLT(triesADay)).AddCount(1).Save(ctx)
		if err != nil || n == 1 {
			return day, err
		}
		err = s.Store.Client(ctx).LimitCounter.Create().SetKind(enum.LimitExchangeDay).SetScopeID(0).SetSubjectID(personID).SetPeriod(day).SetCount(1).Exec(ctx)
		if err == nil || !store.IsAnyDuplicate(err) {
			return day, err
		}
		if used, err := s.Store.Client(ctx).LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitExchangeDay), limitcounter.ScopeID(0), limitcounter.SubjectID(personID),
			limitcounter.Period(day), limitcounter.CountGTE(triesADay)).Exist(ctx); err != nil || used {
			if used {
				err = apperr.New(apperr.ExchangeTriesUsedUp, "limit", triesADay)
			}
			return 0, err
		}
	}
	return 0, apperr.New(apperr.Conflict)
}

func (s *Service) giveTryBack(ctx context.Context, personID int64, day int) error {
	return s.tries(ctx, personID, day).Where(limitcounter.CountGT(0)).AddCount(-1).Exec(ctx)
}

func (s *Service) tries(ctx context.Context, personID int64, day int) *ent.LimitCounterUpdate {
	return s.Store.Client(ctx).LimitCounter.Update().Where(limitcounter.KindEQ(enum.LimitExchangeDay), limitcounter.ScopeID(0), limitcounter.SubjectID(personID),
		limitcounter.Period(day))
}

// Batches lists the batches of exchange codes of one template, by name; empty for a template that is not in the scope of the viewer's ReadTemplates. It gives
// PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Batches(ctx context.Context, templateID int64, first *int, after *string) (*listing.Page[*CodeBatch], error) {
	n, err := listing.Window(first, reportsMost)
	if err != nil {
		return nil, err
	}
	if _, err := s.managedTemplate(ctx, templateID); err != nil {
		if apperr.CodeOf(err) == apperr.NotFound {
			return &listing.Page[*CodeBatch]{Nodes: []*CodeBatch{}}, nil
		}
		return nil, err
	}
	brandID := auth.FromContext(ctx).BrandID
	list, last := listing.Of(s.Cursors(), brandID, "exchangeCodeBatches", templateID), ""
	if _, err := list.After(after, &last); err != nil {
		return nil, err
	}
	rows, err := s.Store.Client(ctx).QueryContext(auth.WithinBrand(ctx), batchesSQL, brandID, templateID, last, n+1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	batches, oldest := []*CodeBatch{}, []int64(nil)
	for rows.Next() {
		b, firstID := &CodeBatch{}, int64(0)
		if err := rows.Scan(&b.Batch, &b.Codes, &b.Exchanged, &firstID); err != nil {
			return nil, err
		}
		batches, oldest = append(batches, b), append(oldest, firstID)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	begun, err := s.Store.Client(ctx).ExchangeCode.Query().Where(exchangecode.IDIn(oldest...)).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	for _, row := range begun {
		batches[slices.Index(oldest, row.ID)].CreatedAt = row.CreatedAt
	}
	return listing.Cut(list, batches, n, func(b *CodeBatch) []any { return []any{b.Batch} })
}

const batchesSQL = "SELECT batch, COUNT(*), COUNT(coupon_id), MIN(id) FROM exchange_codes WHERE brand_id = ? AND template_id = ? AND batch > ? GROUP BY batch ORDER BY batch LIMIT ?"

// exchangeable is a template that the viewer may change and that may still give coupons.
func (s *Service) exchangeable(ctx context.Context, templateID int64) (*ent.CouponTemplate, error) {
	template, err := s.writable(ctx, auth.WriteTemplates, templateID)
	if apperr.CodeOf(err) == apperr.NotFound {
		return nil, apperr.New(apperr.NotFound).At("input", "templateId")
	}
	if err != nil {
		return nil, err
	}
	if template.State == enum.TemplateEnded || template.State == enum.TemplateVoid {
		return nil, apperr.New(apperr.TemplateStateInvalid, "state", template.State).At("input", "templateId")
	}
	return template, nil
}

// codesOf reads the codes that the brand has of the hashes.
func (s *Service) codesOf(ctx context.Context, hashes []string) (map[string]*ent.ExchangeCode, error) {
	known := make(map[string]*ent.ExchangeCode, len(hashes))
	for part := range slices.Chunk(hashes, codesChunk) {
		rows, err := s.Store.Client(ctx).ExchangeCode.Query().Where(exchangecode.CodeHashIn(part...)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			known[row.CodeHash] = row
		}
	}
	return known, nil
}

// insertCodes writes codes; CONFLICT where one of them was taken meanwhile.
func (s *Service) insertCodes(ctx context.Context, template *ent.CouponTemplate, batch string, hashes []string) error {
	client, now := s.Store.Client(ctx), s.Clock.Now()
	for part := range slices.Chunk(slices.Sorted(slices.Values(hashes)), codesChunk) {
		rows := make([]*ent.ExchangeCodeCreate, len(part))
		for i, hash := range part {
			rows[i] = client.ExchangeCode.Create().SetCreatedAt(now.Truncate(time.Microsecond)).SetTemplateID(template.ID).SetOrgID(template.OrgID).SetBatch(batch).SetCodeHash(hash)
		}
		err := client.ExchangeCode.CreateBulk(rows...).Exec(ctx)
		if store.IsAnyDuplicate(err) {
			return apperr.New(apperr.Conflict).Because(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
