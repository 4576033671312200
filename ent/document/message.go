package document

// MessageSettings are a brand's settings of messages to members.
type MessageSettings struct {
	// NoticeHours is how many hours before its end a coupon's member is reminded; 0 reminds nobody.
	NoticeHours int `json:"noticeHours"`
	// QuietFrom and QuietUntil are hours of the day in the brand's time zone, between which no message is sent; equal for no such time.
	QuietFrom  int `json:"quietFrom"`
	QuietUntil int `json:"quietUntil"`
	// CouponExpiry has the templates of reminders, one an app.
	CouponExpiry []MessageTemplate `json:"couponExpiry,omitempty"`
}

// MessageTemplate is a WeChat template of subscribe messages in one mini-program, and what it calls its values.
type MessageTemplate struct {
	AppID      int64  `json:"appId"`
	TemplateID string `json:"templateId"`
	// NameKey and HintKey are things, TimeKey is a time; HintKey may be empty.
	NameKey string `json:"nameKey"`
	TimeKey string `json:"timeKey"`
	HintKey string `json:"hintKey,omitempty"`
}
