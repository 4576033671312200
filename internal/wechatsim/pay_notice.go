package wechatsim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"
)

// noticeGaps are the official waits between the tries of a notice.
var noticeGaps = []time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute,
	30 * time.Minute, time.Hour, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour,
}

// States of a notice.
const (
	NoticePending   = "pending"
	NoticeHeld      = "held"
	NoticeDelivered = "delivered"
	NoticeDropped   = "dropped"
	NoticeGivenUp   = "given_up"
)

// Modes of NoticeFault and NoticeDelivery. Those from NoticeTampered on spoil one try; the next one is true again.
const (
	// NoticeDrop never sends it.
	NoticeDrop = "drop"
	// NoticeDelay sends it for the first time after Milliseconds of real time.
	NoticeDelay = "delay"
	// NoticeDuplicate sends it Copies times at once.
	NoticeDuplicate = "duplicate"
	// NoticeHold keeps it until /pay/notices/release, which may turn the order round.
	NoticeHold = "hold"

	// NoticeTampered changes the cipher text after signing; NoticeWrongSignature signs something else; NoticeWrongSerial names a key that
	// does not exist; NoticeStale signs ten minutes ago; NoticeProbe sends a WECHATPAY/SIGNTEST/ signature; NoticeUnsigned sends none.
	NoticeTampered       = "tampered"
	NoticeWrongSignature = "wrong_signature"
	NoticeWrongSerial    = "wrong_serial"
	NoticeStale          = "stale"
	NoticeProbe          = "signtest"
	NoticeUnsigned       = "unsigned"
	// The following are signed rightly. NoticeWrongKey encrypts under another APIv3 key; NoticeTruncated sends half the body;
	// NoticeNoResource lacks what is encrypted; NoticeShortNonce has a nonce of 8 bytes; NoticeHuge sends 1 MiB; NoticeChanged puts Fields
	// into the content.
	NoticeWrongKey   = "wrong_key"
	NoticeTruncated  = "truncated"
	NoticeNoResource = "no_resource"
	NoticeShortNonce = "short_nonce"
	NoticeHuge       = "huge"
	NoticeChanged    = "changed"
)

// spoiling are the modes that spoil one try.
var spoiling = map[string]bool{
	NoticeTampered: true, NoticeWrongSignature: true, NoticeWrongSerial: true, NoticeStale: true, NoticeProbe: true, NoticeUnsigned: true,
	NoticeWrongKey: true, NoticeTruncated: true, NoticeNoResource: true, NoticeShortNonce: true, NoticeHuge: true, NoticeChanged: true,
}

// NoticeFault makes the next new notices go wrong.
type NoticeFault struct {
	// MerchantID, EventType (TRANSACTION.SUCCESS, REFUND.SUCCESS, …) and Number (out_trade_no, or out_refund_no of a refund) limit it; empty
	// means any.
	MerchantID string `json:"mchid,omitempty"`
	EventType  string `json:"event_type,omitempty"`
	Number     string `json:"number,omitempty"`
	// Times is how many notices it hits; zero means one.
	Times int    `json:"times,omitempty"`
	Mode  string `json:"mode"`
	// Milliseconds belongs to NoticeDelay, Copies (2 to 64) to NoticeDuplicate, Fields to NoticeChanged.
	Milliseconds int            `json:"milliseconds,omitempty"`
	Copies       int            `json:"copies,omitempty"`
	Fields       map[string]any `json:"fields,omitempty"`
}

// NoticeDelivery sends a known notice now, once, whatever its state.
type NoticeDelivery struct {
	ID string `json:"id"`
	// Mode and Fields spoil it; empty means a true notice with a signature of now.
	Mode   string         `json:"mode,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
	// Replay sends the very bytes and headers of the last try again.
	Replay bool `json:"replay,omitempty"`
}

// Notice is a notice as the simulator remembers it.
type Notice struct {
	ID         string `json:"id"`
	MerchantID string `json:"mchid"`
	EventType  string `json:"event_type"`
	// Number is the out_trade_no, or the out_refund_no of a refund.
	Number string `json:"number"`
	State  string `json:"state"`
	Tries  int    `json:"tries"`
	// LastStatus is the last answer's HTTP status; 0 where there was no answer within five seconds.
	LastStatus int `json:"last_status"`
}

type payNotice struct {
	merchant                         *payMerchant
	url                              string
	id                               string
	eventType, originalType, summary string
	number                           string
	content                          map[string]any
	madeAt                           time.Time
	key                              platformKey

	state      string
	tries      int
	planned    int // tries of the schedule, without those that a test asked for
	lastStatus int
	spoil      *NoticeFault // of the first try
	lastHeader http.Header
	lastBody   []byte
}

// after runs f after a wait of real time, unless the simulator was reset or stopped meanwhile.
func (s *Simulator) after(d time.Duration, f func()) {
	generation := s.paying.generation
	time.AfterFunc(d, func() {
		s.mu.Lock()
		current := generation == s.paying.generation
		s.mu.Unlock()
		if current {
			f()
		}
	})
}

// report makes a notice and begins to deliver it. The caller holds the lock.
func (s *Simulator) report(n *payNotice) {
	n.id, n.madeAt, n.state = "EV-"+s.digits("", 33), s.now(), NoticePending
	n.merchant.signed++
	serial := ""
	if n.merchant.Keys == PayKeysBoth && n.merchant.signed%2 == 1 {
		serial = s.paying.certificates[len(s.paying.certificates)-1].serial
	}
	n.key, _ = s.paying.signingKey(n.merchant, serial)
	s.paying.notices = append(s.paying.notices, n)
	fault := s.paying.takeNoticeFault(n)
	mode := ""
	if fault != nil {
		mode = fault.Mode
	}
	switch mode {
	case NoticeDrop:
		n.state = NoticeDropped
	case NoticeHold:
		n.state = NoticeHeld
	case NoticeDelay:
		s.after(time.Duration(fault.Milliseconds)*time.Millisecond, func() { s.try(n) })
	case NoticeDuplicate:
		for range fault.Copies - 1 {
			s.after(0, func() { s.deliver(context.Background(), n, nil) })
		}
		s.after(0, func() { s.try(n) })
	default:
		n.spoil = fault
		s.after(0, func() { s.try(n) })
	}
}

func (p *payState) takeNoticeFault(n *payNotice) *NoticeFault {
	for i, fault := range p.noticeFaults {
		if fault.MerchantID != "" && fault.MerchantID != n.merchant.MerchantID || fault.EventType != "" && fault.EventType != n.eventType || fault.Number != "" && fault.Number != n.number {
			continue
		}
		if fault.Times--; fault.Times <= 0 {
			p.noticeFaults = append(p.noticeFaults[:i:i], p.noticeFaults[i+1:]...)
		}
		return fault
	}
	return nil
}

// try delivers a pending notice once and plans the next try where it was not taken.
func (s *Simulator) try(n *payNotice) {
	s.mu.Lock()
	if n.state != NoticePending {
		s.mu.Unlock()
		return
	}
	spoil := n.spoil
	n.spoil = nil
	s.mu.Unlock()
	s.deliver(context.Background(), n, spoil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.state != NoticePending {
		return
	}
	if n.planned == len(noticeGaps) {
		n.state = NoticeGivenUp
		return
	}
	n.planned++
	s.after(time.Duration(float64(noticeGaps[n.planned-1])*s.paying.factor), func() { s.try(n) })
}

// deliver sends a notice once, spoiled where that is wanted, and gives the answer. A true one that is taken ends the tries.
func (s *Simulator) deliver(ctx context.Context, n *payNotice, spoil *NoticeFault) (PushResult, error) {
	mode := ""
	if spoil != nil {
		mode = spoil.Mode
	}
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	s.mu.Lock()
	n.tries++
	content, secret := maps.Clone(n.content), n.merchant.APIv3Key
	nonce, headerNonce := s.draw(12, base62), s.draw(32, base62)
	s.mu.Unlock()

	if mode == NoticeChanged {
		maps.Copy(content, spoil.Fields)
	}
	body := n.body(content, nonce, secret, mode)
	header := noticeHeader(n.key, headerNonce, body, mode)
	if mode == NoticeTampered {
		body = bytes.Replace(body, []byte(`"ciphertext":"`), []byte(`"ciphertext":"AAAA`), 1)
	}
	s.mu.Lock()
	n.lastHeader, n.lastBody = header, body
	s.mu.Unlock()
	return s.sendNotice(ctx, n, header, body, mode == "")
}

// replay sends the bytes of the last try again.
func (s *Simulator) replay(ctx context.Context, n *payNotice) (PushResult, error) {
	s.mu.Lock()
	header, body := n.lastHeader, n.lastBody
	s.mu.Unlock()
	if header == nil {
		return PushResult{}, badRequest("the notice was never sent")
	}
	return s.sendNotice(ctx, n, header, body, false)
}

func (s *Simulator) sendNotice(ctx context.Context, n *payNotice, header http.Header, body []byte, counts bool) (PushResult, error) {
	result, err := s.postNotice(ctx, n.url, header, body)
	s.mu.Lock()
	defer s.mu.Unlock()
	n.lastStatus = result.Status
	if counts && err == nil && (result.Status == http.StatusOK || result.Status == http.StatusNoContent) {
		n.state = NoticeDelivered
	}
	return result, err
}

func (s *Simulator) postNotice(ctx context.Context, address string, header http.Header, body []byte) (PushResult, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return PushResult{}, err
	}
	request.Header = header.Clone()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Mozilla/4.0")
	response, err := s.notifier.Do(request)
	if err != nil {
		return PushResult{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return PushResult{Status: response.StatusCode, Body: string(text)}, err
}

// body is what is posted, before it is signed.
func (n *payNotice) body(content map[string]any, nonce, secret, mode string) []byte {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // made of maps of simple values
	}
	if mode == NoticeWrongKey {
		secret = "00000000000000000000000000000000"
	}
	resource := map[string]any{
		"original_type": n.originalType, "algorithm": "AEAD_AES_256_GCM", "associated_data": n.originalType, "nonce": nonce,
		"ciphertext": seal256(secret, nonce, n.originalType, text),
	}
	envelope := map[string]any{
		"id": n.id, "create_time": payTime(n.madeAt), "event_type": n.eventType, "resource_type": "encrypt-resource", "summary": n.summary, "resource": resource,
	}
	switch mode {
	case NoticeNoResource:
		delete(envelope, "resource")
	case NoticeShortNonce:
		resource["nonce"] = nonce[:8]
	case NoticeHuge:
		envelope["summary"] = string(bytes.Repeat([]byte("x"), 1<<20))
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		panic(err)
	}
	if mode == NoticeTruncated {
		body = body[:len(body)/2]
	}
	return body
}

func noticeHeader(key platformKey, nonce string, body []byte, mode string) http.Header {
	at := time.Now()
	switch mode {
	case NoticeUnsigned:
		return http.Header{}
	case NoticeStale:
		return platformHeader(key, at.Add(-10*time.Minute), nonce, body)
	case NoticeWrongSignature:
		return platformHeader(key, at, nonce, append([]byte("x"), body...))
	}
	header := platformHeader(key, at, nonce, body)
	switch mode {
	case NoticeWrongSerial:
		header.Set("Wechatpay-Serial", wrongSerial)
	case NoticeProbe:
		header.Set("Wechatpay-Signature", probeSignature+header.Get("Wechatpay-Signature"))
	}
	return header
}
