package wechatsim

import (
	"bytes"
	"net/http"
	"time"
)

// Modes of Fault.
const (
	// FaultErrCode answers ErrCode without processing: -1, 40226, 45011 and whatever else is wanted.
	FaultErrCode = "errcode"
	// FaultTimeout never answers and does not process.
	FaultTimeout = "timeout"
	// FaultTimeoutAfter processes and never answers: the code is used up, the message sent.
	FaultTimeoutAfter = "timeout_after"
	// FaultHTTP500 answers status 500 without processing.
	FaultHTTP500 = "http500"
	// FaultNotJSON answers a page of HTML with status 200 without processing.
	FaultNotJSON = "notjson"
	// FaultHuge answers 8 MiB with status 200 without processing.
	FaultHuge = "huge"
	// FaultSlow processes after Milliseconds.
	FaultSlow = "slow"
)

// Fault makes the next requests to an endpoint go wrong. Several for one endpoint are used up in their order.
type Fault struct {
	Path string `json:"path"`
	// AppID limits the fault to one app's requests; empty means any.
	AppID string `json:"appid,omitempty"`
	// Times is how many requests it hits; zero means one.
	Times int    `json:"times,omitempty"`
	Mode  string `json:"mode"`
	// ErrCode and ErrMsg are the answer of FaultErrCode.
	ErrCode int    `json:"errcode,omitempty"`
	ErrMsg  string `json:"errmsg,omitempty"`
	// Milliseconds is the delay of FaultSlow in real time.
	Milliseconds int `json:"milliseconds,omitempty"`
}

// takeFault gives the first fault that fits and counts it down.
func (s *Simulator) takeFault(path, appID string) *Fault {
	for i, fault := range s.faults {
		if fault.Path != path || fault.AppID != "" && fault.AppID != appID {
			continue
		}
		if fault.Times--; fault.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return fault
	}
	return nil
}

// faulty is the answer of a request that a fault kept from being processed.
func (s *Simulator) faulty(fault *Fault) reply {
	switch fault.Mode {
	case FaultHTTP500:
		return reply{status: http.StatusInternalServerError, contentType: "text/plain", body: []byte("internal error")}
	case FaultNotJSON:
		return reply{status: http.StatusOK, contentType: "text/html", body: []byte("<html><body>网络繁忙</body></html>")}
	case FaultHuge:
		return reply{status: http.StatusOK, contentType: "application/json", body: append([]byte(`{"errcode":0,"errmsg":"`), bytes.Repeat([]byte("x"), 8<<20)...)}
	case FaultErrCode:
		message := fault.ErrMsg
		if message == "" {
			message = "simulated"
		}
		return s.refuse(fault.ErrCode, message)
	}
	return reply{} // a time-out: nothing is sent
}

// Entry is one request to the API as the journal keeps it.
type Entry struct {
	Sequence int `json:"sequence"`
	// At is the virtual time of the answer.
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	AppID  string    `json:"appid,omitempty"`
	// OpenID is the user whom a successful request was about.
	OpenID  string `json:"openid,omitempty"`
	Status  int    `json:"status"`
	ErrCode int    `json:"errcode"`
	// Fault is the mode of the fault that hit the request.
	Fault string `json:"fault,omitempty"`
	// Processed is false where a fault or a refusal of form kept the request from being looked at.
	Processed bool `json:"processed"`
	// Request has query and body without secret and access token.
	Request map[string]any `json:"request"`
}

// journalLength bounds the journal; older entries are dropped.
const journalLength = 10_000

func (s *Simulator) record(entry Entry) {
	s.sequence++
	entry.Sequence, entry.At = s.sequence, s.now()
	if len(s.journal) >= journalLength {
		s.journal = append(s.journal[:0], s.journal[journalLength/2:]...)
	}
	s.journal = append(s.journal, entry)
}
