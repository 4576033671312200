package auth

import "slices"

// Capability is one thing a role may do. The schema's @auth directive names capabilities, never roles.
type Capability string

// The capabilities.
const (
	RedeemCoupons      Capability = "REDEEM_COUPONS"      // preview and confirm a redemption at the own store
	ReverseRedemptions Capability = "REVERSE_REDEMPTIONS" // undo one within the window
	ReadRedemptions    Capability = "READ_REDEMPTIONS"    // list redemptions of orgs in scope
	LookUpMembers      Capability = "LOOK_UP_MEMBERS"     // find a member by code or phone digits, masked
	ReadStoreDays      Capability = "READ_STORE_DAYS"     // daily statements of stores in scope: what was redeemed and taken, by staff
	TagMembers         Capability = "TAG_MEMBERS"         // make tags, put them on members
	ManageMembers      Capability = "MANAGE_MEMBERS"      // freeze, adjust growth, move the home store
	ReadTemplates      Capability = "READ_TEMPLATES"      // coupon templates in every state, with counts
	WriteTemplates     Capability = "WRITE_TEMPLATES"     // create and change coupon templates of orgs in scope
	ReviewTemplates    Capability = "REVIEW_TEMPLATES"    // approve and reject what others sent to review at orgs in scope
	WritePages         Capability = "WRITE_PAGES"         // page blocks of orgs in scope
	ReadOrgs           Capability = "READ_ORGS"           // the org tree in scope
	WriteOrgs          Capability = "WRITE_ORGS"          // orgs and territories in scope
	ReadStaff          Capability = "READ_STAFF"          // staff of orgs in scope
	ManageStaff        Capability = "MANAGE_STAFF"        // invite, suspend and reinstate staff of orgs in scope
	ReadAudit          Capability = "READ_AUDIT"          // the audit log of orgs in scope
	ReadCatalog        Capability = "READ_CATALOG"        // products with distributor's data
	ConfirmConsole     Capability = "CONFIRM_CONSOLE"     // sign in to the console by QR code
	ReadPayments       Capability = "READ_PAYMENTS"       // payments, refunds and reconciliations of orgs in scope
	ManagePayments     Capability = "MANAGE_PAYMENTS"     // settle disputed payments, run reconciliations and explain differences
	WriteMerchants     Capability = "WRITE_MERCHANTS"     // merchant accounts of orgs in scope and their keys

	ChargeWallets        Capability = "CHARGE_WALLETS"         // take stored value at the own store, by pay code
	RefundWalletPayments Capability = "REFUND_WALLET_PAYMENTS" // give spent stored value back
	ReadWalletPayments   Capability = "READ_WALLET_PAYMENTS"   // list payments with stored value of orgs in scope
	ReadWallets          Capability = "READ_WALLETS"           // see wallets of members in scope
	ManageWallets        Capability = "MANAGE_WALLETS"         // freeze, unfreeze and re-issue wallets of members in scope
	WriteValueSettings   Capability = "WRITE_VALUE_SETTINGS"   // change the brand's settings of stored value
)

// The capabilities of clearing and points.
const (
	ReadClearing    Capability = "READ_CLEARING"     // clearing statements and lines of orgs in scope, and their export
	ConfirmClearing Capability = "CONFIRM_CLEARING"  // confirm statements and dispute lines, for the org of the role itself
	MakeStatements  Capability = "MAKE_STATEMENTS"   // make the clearing statements of a past month
	AdjustPoints    Capability = "ADJUST_POINTS"     // give points to members and take them
	WritePointRules Capability = "WRITE_POINT_RULES" // change how points are earned

	ReadTopUps        Capability = "READ_TOP_UPS"         // tiers in every state, top-ups, their refunds, shifts and prepaid balances of orgs in scope
	WriteTopUpTiers   Capability = "WRITE_TOP_UP_TIERS"   // make and change the tiers that orgs in scope issue
	WorkTill          Capability = "WORK_TILL"            // open and close an own shift at the store, take top-ups and pay refunds out there
	ManageTill        Capability = "MANAGE_TILL"          // close a colleague's shift at the store
	RefundTopUps      Capability = "REFUND_TOP_UPS"       // compute and ask for refunds of top-ups that the org issued (maker)
	CheckTopUpRefunds Capability = "CHECK_TOP_UP_REFUNDS" // approve or reject such refunds of others (checker)
	IssueInvoices     Capability = "ISSUE_INVOICES"       // read whom invoices of top-ups are to name, and mark them as issued
)

// The capabilities of issuing coupons.
const (
	IssueCoupons  Capability = "ISSUE_COUPONS"   // give coupons of templates of orgs in scope to single members, so many a day
	IssueInBulk   Capability = "ISSUE_IN_BULK"   // issue coupons of templates of orgs in scope to audiences, and stop that
	ReadIssueJobs Capability = "READ_ISSUE_JOBS" // progress of issue jobs of orgs in scope
)

// capabilities is the whole table of rights: what is not here is refused.
var capabilities = map[Role][]Capability{
	Owner: {RedeemCoupons, ReverseRedemptions, ReadRedemptions, ReadStoreDays, LookUpMembers, TagMembers, ReadTemplates, WriteTemplates, ReviewTemplates,
		ReadOrgs, ReadStaff, ManageStaff, ReadAudit, ReadCatalog, ConfirmConsole, ReadPayments,
		ReadClearing, ConfirmClearing,
		ChargeWallets, RefundWalletPayments, ReadWalletPayments, ReadWallets, ManageWallets,
		ReadTopUps, WriteTopUpTiers, WorkTill, ManageTill, RefundTopUps, IssueInvoices,
		IssueCoupons, IssueInBulk, ReadIssueJobs},
	Manager: {RedeemCoupons, ReverseRedemptions, ReadRedemptions, ReadStoreDays, LookUpMembers, TagMembers, ReadTemplates,
		ReadOrgs, ReadStaff, ManageStaff, ReadCatalog, ReadClearing,
		ChargeWallets, RefundWalletPayments, ReadWalletPayments, ReadWallets, ManageWallets,
		ReadTopUps, WorkTill, ManageTill, RefundTopUps, IssueInvoices,
		IssueCoupons, ReadIssueJobs},
	Clerk: {RedeemCoupons, ReadRedemptions, LookUpMembers, ReadOrgs, ReadCatalog, ChargeWallets, ReadWalletPayments,
		WorkTill, IssueCoupons},
	Guide:     {ReadRedemptions, LookUpMembers, TagMembers, ReadOrgs, ReadCatalog, IssueCoupons},
	Inspector: {ReadOrgs},
	Marketer: {ReadTemplates, WriteTemplates, ReviewTemplates, WritePages, TagMembers, ReadOrgs, ReadRedemptions, ReadCatalog, ConfirmConsole,
		IssueCoupons, IssueInBulk, ReadIssueJobs},
	Finance: {ReadTemplates, ReadRedemptions, ReadStoreDays, ReadOrgs, ReadAudit, ConfirmConsole, ReadPayments, ManagePayments,
		ReadClearing, ConfirmClearing, MakeStatements,
		ReadWalletPayments, ReadWallets, WriteValueSettings,
		ReadTopUps, CheckTopUpRefunds, IssueInvoices, ReadIssueJobs},
	Admin: {ReverseRedemptions, ReadRedemptions, ReadStoreDays, LookUpMembers, TagMembers, ManageMembers, ReadTemplates, WriteTemplates, ReviewTemplates, WritePages,
		ReadOrgs, WriteOrgs, ReadStaff, ManageStaff, ReadAudit, ReadCatalog, ConfirmConsole, ReadPayments, WriteMerchants,
		ReadClearing, AdjustPoints, WritePointRules,
		ReadWalletPayments, ReadWallets, ManageWallets, WriteValueSettings,
		ReadTopUps, WriteTopUpTiers, RefundTopUps,
		IssueCoupons, IssueInBulk, ReadIssueJobs},
}

// atServedStores are the capabilities that a distributor also has at the stores it serves: to read what concerns its goods. What a store does with
// its members, its staff and its own coupons is its own affair.
var atServedStores = []Capability{ReadOrgs, ReadRedemptions, ReadStoreDays, ReadCatalog}

// AtServedStores says whether a distributor has the capability at the stores it serves as well.
func (c Capability) AtServedStores() bool { return slices.Contains(atServedStores, c) }

// grantable lists the roles that a role may give to others at an org of its scope.
var grantable = map[Role][]Role{
	Owner:   {Manager, Clerk, Guide},
	Manager: {Clerk, Guide},
	Admin:   {Owner, Manager, Clerk, Guide, Inspector, Marketer, Finance, Admin},
}

// Can says whether the role has the capability.
func (r Role) Can(c Capability) bool { return slices.Contains(capabilities[r], c) }

// Capabilities lists what the role may do.
func (r Role) Capabilities() []Capability { return slices.Clone(capabilities[r]) }

// CanGrant says whether the role may invite others to the role given.
func (r Role) CanGrant(other Role) bool { return slices.Contains(grantable[r], other) }

// Valid says whether the role exists.
func (r Role) Valid() bool { _, ok := capabilities[r]; return ok }
