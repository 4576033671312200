// Made by make clients from the face's *.graphql. DO NOT EDIT.

import type { Operation, Subscription } from "../client.js";

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Where a member was touched. */
export type AttributionChannel =
  /** The member came by itself. */
  | 'DIRECT'
  /** In a store. */
  | 'STORE'
  /** Through a guide (导购). */
  | 'GUIDE'
  /** Through a friend's share. */
  | 'SHARE'
  /** By scanning a bottle's code. */
  | 'SCAN';

/** What a role lets a person do. */
export type Capability =
  /** Preview and confirm redemptions at the own store. */
  | 'REDEEM_COUPONS'
  /** Undo a redemption within the window. */
  | 'REVERSE_REDEMPTIONS'
  /** List redemptions of orgs in scope. */
  | 'READ_REDEMPTIONS'
  /** Read daily statements of stores in scope, of what was redeemed and taken, by staff; a distributor also those of the stores it serves. */
  | 'READ_STORE_DAYS'
  /** Find a member by code or phone digits, masked. */
  | 'LOOK_UP_MEMBERS'
  /** Make tags and put them on members. */
  | 'TAG_MEMBERS'
  /** Freeze members, adjust growth, move the home store. */
  | 'MANAGE_MEMBERS'
  /** Read coupon templates in every state, with counts. */
  | 'READ_TEMPLATES'
  /** Create and change coupon templates of orgs in scope. */
  | 'WRITE_TEMPLATES'
  /** Approve and reject coupon templates that others sent to review. */
  | 'REVIEW_TEMPLATES'
  /** Change page blocks of orgs in scope. */
  | 'WRITE_PAGES'
  /** Read the org tree in scope. */
  | 'READ_ORGS'
  /** Change orgs and territories in scope. */
  | 'WRITE_ORGS'
  /** Read staff of orgs in scope. */
  | 'READ_STAFF'
  /** Invite, suspend and reinstate staff of orgs in scope. */
  | 'MANAGE_STAFF'
  /** Read the audit log of orgs in scope. */
  | 'READ_AUDIT'
  /** Read products as distributors and stores see them. */
  | 'READ_CATALOG'
  /** Sign in to the console by QR code. */
  | 'CONFIRM_CONSOLE'
  /** Read payments, refunds and reconciliations of orgs in scope. */
  | 'READ_PAYMENTS'
  /** Settle disputed payments, run reconciliations and explain their differences. */
  | 'MANAGE_PAYMENTS'
  /** Register and change merchant accounts of orgs in scope. */
  | 'WRITE_MERCHANTS'
  /** Read clearing statements and lines of orgs in scope, and export them. */
  | 'READ_CLEARING'
  /** Confirm clearing statements and dispute their lines, for the org of the role itself. */
  | 'CONFIRM_CLEARING'
  /** Make the clearing statements of a past month. */
  | 'MAKE_STATEMENTS'
  /** Give points to members and take them. */
  | 'ADJUST_POINTS'
  /** Change how points are earned. */
  | 'WRITE_POINT_RULES'
  /** Take stored value at the own store, by pay code. */
  | 'CHARGE_WALLETS'
  /** Give spent stored value back. */
  | 'REFUND_WALLET_PAYMENTS'
  /** List payments with stored value of orgs in scope. */
  | 'READ_WALLET_PAYMENTS'
  /** See wallets of members in scope. */
  | 'READ_WALLETS'
  /** Freeze, unfreeze and re-issue wallets of members in scope. */
  | 'MANAGE_WALLETS'
  /** Change the brand's settings of stored value. */
  | 'WRITE_VALUE_SETTINGS'
  /** Read tiers in every state, top-ups, their refunds, till shifts and prepaid balances of orgs in scope. */
  | 'READ_TOP_UPS'
  /** Make and change the top-up tiers that orgs in scope issue. */
  | 'WRITE_TOP_UP_TIERS'
  /** Open and close an own till shift at the store, take top-ups and pay refunds out there. */
  | 'WORK_TILL'
  /** Close a colleague's till shift at the store. */
  | 'MANAGE_TILL'
  /** Compute and ask for refunds of top-ups that the org issued (maker). */
  | 'REFUND_TOP_UPS'
  /** Approve or reject refunds of top-ups that others asked for (checker). */
  | 'CHECK_TOP_UP_REFUNDS'
  /** Read whom invoices of top-ups are to name, and mark them as issued. */
  | 'ISSUE_INVOICES'
  /** Give coupons of templates of orgs in scope to single members, so many a day. */
  | 'ISSUE_COUPONS'
  /** Issue coupons of templates of orgs in scope to audiences, and stop that. */
  | 'ISSUE_IN_BULK'
  /** See the progress of issue jobs of orgs in scope. */
  | 'READ_ISSUE_JOBS';

/** What consentDecide needs. */
export type ConsentDecideInput = {
  /** The document. */
  kind: ConsentKind;
  /** Version of the document as shown, at most 32 characters. */
  version: string;
  /** Given or withdrawn. */
  granted: boolean;
};

/** A document that a person agrees to. */
export type ConsentKind =
  /** Privacy policy (隐私政策). */
  | 'PRIVACY'
  /** Terms of use (用户协议). */
  | 'TERMS'
  /** Marketing messages (营销信息). */
  | 'MARKETING'
  /** Use of the location (位置信息). */
  | 'LOCATION'
  /** Being 18 or older (已满 18 周岁). */
  | 'ADULT';

/** What consoleSignInConfirm needs. */
export type ConsoleSignInConfirmInput = {
  /** Text of the scanned QR code. */
  qrText: string;
};

/** A place on earth, in a named coordinate system. */
export type CoordinateInput = {
  /** Degrees north, -90 to 90. */
  latitude: number;
  /** Degrees east, -180 to 180. */
  longitude: number;
  /** The system the two numbers are in. */
  system: CoordinateSystem;
};

/** The system that a coordinate is measured in. `wx.getLocation` answers WGS84 unless gcj02 is asked for; maps in China use GCJ02. */
export type CoordinateSystem =
  /** World Geodetic System 1984, as GPS gives it. */
  | 'WGS84'
  /** The Chinese map datum (国测局坐标). */
  | 'GCJ02';

/** Why a call about issuing coupons was refused. */
export type CouponIssueErrorCode =
  /** No such template, member, tag, level, store or job in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** The rotating code is not valid. */
  | 'MEMBER_CODE_INVALID'
  /** The rotating code is too old. */
  | 'MEMBER_CODE_EXPIRED'
  /** Nobody gives coupons to themselves. */
  | 'SELF_ISSUE'
  /** The day's coupons of this member of staff are given. */
  | 'STAFF_LIMIT_REACHED'
  /** The template is not active. */
  | 'TEMPLATE_NOT_ACTIVE'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** The member has got as many as there are for one. */
  | 'LIMIT_REACHED'
  /** All coupons are gone. */
  | 'OUT_OF_STOCK'
  /** The budget is used up. */
  | 'BUDGET_EXHAUSTED'
  /** No member meets the conditions. */
  | 'AUDIENCE_EMPTY'
  /** The job has ended. */
  | 'ISSUE_JOB_ENDED'
  /** The job runs, or it is done. */
  | 'ISSUE_JOB_NOT_STOPPED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** What couponIssue needs: the member by id or by rotating code. */
export type CouponIssueInput = {
  /** The template; of an org in the viewer's scope. */
  templateId: string;
  /** The member, in the viewer's scope. */
  memberId?: string | null | undefined;
  /** Digits of the member's rotating code, for whoever is there; it stays usable. */
  memberCode?: string | null | undefined;
  /** How many, 1 to 10. */
  count?: number;
  /** Why; kept in the audit log. */
  reason: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What a coupon gives. */
export type CouponKind =
  /** An amount off, from a threshold (满减). */
  | 'AMOUNT_OFF'
  /** A percentage off, with a cap (折扣). */
  | 'PERCENT_OFF'
  /** Goods in exchange (兑换). */
  | 'EXCHANGE'
  /** A gift with a purchase (赠品). */
  | 'GIFT'
  /** Freight off (运费). */
  | 'FREIGHT';

/** The state of a coupon. */
export type CouponState =
  /** Its use window has not begun. */
  | 'PENDING'
  /** Can be used. */
  | 'EFFECTIVE'
  /** Held by an order. */
  | 'LOCKED'
  /** Used. */
  | 'USED'
  /** Its use window is over. */
  | 'EXPIRED'
  /** Taken back by the brand. */
  | 'REVOKED'
  /** On its way to a friend. */
  | 'TRANSFERRING'
  /** Given to a friend. */
  | 'TRANSFERRED';

/** The form of an exported table. */
export type ExportFormat =
  /** An Excel workbook; of at most a million rows. */
  | 'XLSX'
  /** Comma-separated values in UTF-8 with a byte order mark, as Excel reads them. */
  | 'CSV';

/** An audience; every app has one (端). */
export type Face =
  /** The brand's mini-program for shoppers. */
  | 'STOREFRONT'
  /** The distributor's private mall (经销商商城). */
  | 'MALL'
  /** The store member portal (门店会员门户). */
  | 'PORTAL'
  /** The staff app that redeems (核销). */
  | 'STAFF'
  /** The console of marketers and administrators. */
  | 'CONSOLE';

/** Why a call about members was refused. */
export type MemberErrorCode =
  /** No such member, store, guide or tag in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** WeChat's content check rejected the text. */
  | 'CONTENT_REJECTED'
  /** WeChat did not answer properly. */
  | 'WECHAT_UNAVAILABLE'
  /** WeChat asks to wait. */
  | 'WECHAT_BUSY'
  /** WeChat checks texts only within two hours after the app was opened: sign in again. */
  | 'SIGN_IN_AGAIN'
  /** The birthday was set before. */
  | 'BIRTHDAY_LOCKED'
  /** The home store is within its protection period. */
  | 'HOME_STORE_PROTECTED'
  /** The store is closed down. */
  | 'STORE_CLOSED'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** The org has a tag of this name. */
  | 'TAG_EXISTS'
  /** The rotating code is not valid. */
  | 'MEMBER_CODE_INVALID'
  /** The rotating code is too old. */
  | 'MEMBER_CODE_EXPIRED'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** Stored value is left; the message says how much. */
  | 'WALLET_NOT_EMPTY';

/** What memberLookup needs: exactly one of the two. */
export type MemberLookupInput = {
  /** Digits of the member's rotating code. */
  code?: string | null | undefined;
  /** Last four digits of the phone. */
  phoneTail?: string | null | undefined;
};

/** The state of a membership. */
export type MemberState =
  /** Known by openid only. */
  | 'VISITOR'
  /** With a bound phone. */
  | 'REGISTERED'
  /** Frozen by the brand. */
  | 'FROZEN'
  /** Cancelled (注销). */
  | 'CANCELLED';

/** What memberTagsSet needs. */
export type MemberTagsSetInput = {
  /** The member. */
  memberId: string;
  /** Tags to put on, at most 20. */
  add?: Array<string>;
  /** Tags to take off, at most 20. */
  remove?: Array<string>;
};

/** The kind of a node of the org tree. */
export type OrgKind =
  /** The brand itself. */
  | 'BRAND'
  /** A regional marketing centre (区域营销中心); regions nest. */
  | 'REGION'
  /** A distributor (经销商). */
  | 'DISTRIBUTOR'
  /** A store (终端门店). */
  | 'STORE';

/** What phoneBind needs. */
export type PhoneBindInput = {
  /** Code from the getPhoneNumber button (not the wx.login code): 5 minutes, used once. */
  code: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the first answer. */
  idempotencyKey: string;
};

/** What happened to points. */
export type PointsEntryKind =
  /** Earned by a purchase; pending. */
  | 'POINTS_EARN'
  /** Pending points became spendable. */
  | 'POINTS_MATURE'
  /** Spent for an order. */
  | 'POINTS_SPEND'
  /** Spent points given back because of a refund. */
  | 'POINTS_RETURN'
  /** Earned points taken back because of a refund. */
  | 'POINTS_CLAW_BACK'
  /** Expired. */
  | 'POINTS_EXPIRY'
  /** Given or taken by the brand's staff. */
  | 'POINTS_ADJUST'
  /** Points that came paid a debt. */
  | 'POINTS_DEBT_PAID';

/** Where points of a lot are. */
export type PointsLotState =
  /** Not spendable before `at`. */
  | 'PENDING'
  /** Spendable until `at`. */
  | 'SPENDABLE';

/** What redemptionConfirm needs. */
export type RedemptionConfirmInput = {
  /** Digits of the member's rotating code; used up by this call. A pay code without coupons takes the purchase out of stored value. Null with `typed`. */
  memberCode?: string | null | undefined;
  /** Instead of the rotating code; redeems that coupon alone and marks it for review. */
  typed?: RedemptionTypedInput | null | undefined;
  /** The clerk's store. */
  storeId: string;
  /** The coupons that were chosen, 1 to 10, redeemed all or none; empty for a pay code and with `typed`. */
  couponIds?: Array<string>;
  /** Amount of the purchase in fen, 0 to 100000000; 0 with items. */
  purchase?: number;
  /** The goods instead of an amount, at the store's prices, at most 100. */
  items?: Array<RedemptionItemInput>;
  /** Where the clerk's device is; only looked at afterwards, never a reason to refuse. */
  location?: CoordinateInput | null | undefined;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** Why a redemption was refused. */
export type RedemptionErrorCode =
  /** No such store, coupon or redemption in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** The coordinate is out of range. */
  | 'COORDINATE_OUT_OF_RANGE'
  /** The rotating code is not valid. */
  | 'MEMBER_CODE_INVALID'
  /** The rotating code is too old. */
  | 'MEMBER_CODE_EXPIRED'
  /** The rotating code was used. */
  | 'MEMBER_CODE_USED'
  /** The typed coupon code or the last digits of the phone are wrong; which of the two is not said. */
  | 'COUPON_CODE_INVALID'
  /** Too many codes were typed by this clerk, at this store, or with this coupon; the message says how long to wait. */
  | 'RATE_LIMITED'
  /** Typed codes cannot be counted at the moment; try again shortly. */
  | 'UNAVAILABLE'
  /** The pay code is not valid. */
  | 'PAY_CODE_INVALID'
  /** The pay code is too old. */
  | 'PAY_CODE_EXPIRED'
  /** The pay code was used. */
  | 'PAY_CODE_USED'
  /** Nobody charges their own wallet. */
  | 'SELF_CHARGE'
  /** The wallet is frozen. */
  | 'WALLET_FROZEN'
  /** The wallet is closed. */
  | 'WALLET_CLOSED'
  /** There is not enough stored value that can be used here. */
  | 'WALLET_INSUFFICIENT'
  /** All coupons of the activated template are gone. */
  | 'OUT_OF_STOCK'
  /** The budget of the activated template is used up. */
  | 'BUDGET_EXHAUSTED'
  /** The activated template's limit is reached. */
  | 'LIMIT_REACHED'
  /** The coupon's use window has not begun. */
  | 'COUPON_NOT_EFFECTIVE'
  /** The coupon's use window is over. */
  | 'COUPON_EXPIRED'
  /** The coupon was used. */
  | 'COUPON_ALREADY_USED'
  /** The coupon is not for this store. */
  | 'COUPON_OUT_OF_SCOPE'
  /** The purchase is below the threshold. */
  | 'COUPON_THRESHOLD_NOT_MET'
  /** An online order holds the coupon. */
  | 'COUPON_LOCKED'
  /** The coupon is not for this weekday or hour. */
  | 'COUPON_OUTSIDE_HOURS'
  /** The coupon is for online orders only. */
  | 'COUPON_ONLINE_ONLY'
  /** The coupon is for purchases in a store only. */
  | 'COUPON_STORE_ONLY'
  /** None of the goods is one that the coupon is for. */
  | 'COUPON_GOODS_NOT_IN_BASKET'
  /** There is nothing left that the coupon could take off. */
  | 'COUPON_NOTHING_TO_DEDUCT'
  /** The coupon does not go with the others. */
  | 'COUPON_NOT_STACKABLE'
  /** The other coupons save more without this one. */
  | 'COUPON_NOT_BEST'
  /** The template was withdrawn. */
  | 'TEMPLATE_NOT_ACTIVE'
  /** Nobody redeems his own coupon. */
  | 'SELF_REDEMPTION'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** The store is closed down. */
  | 'STORE_CLOSED'
  /** The time to undo is over. */
  | 'REDEMPTION_WINDOW_CLOSED'
  /** It was undone before. */
  | 'REDEMPTION_ALREADY_REVERSED'
  /** It needs no review, or somebody has reviewed it. */
  | 'REDEMPTION_NOT_AWAITING_REVIEW'
  /** Nobody reviews what was redeemed by them or for them. */
  | 'SELF_REVIEW'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT';

/** So many pieces of a SKU that the member buys. */
export type RedemptionItemInput = {
  /** The SKU, each once. */
  skuId: string;
  /** Pieces, 1 to 10000. */
  quantity: number;
};

/** What redemptionPreview needs. */
export type RedemptionPreviewInput = {
  /** Digits of the member's rotating code, to redeem or to pay; null with `typed`. */
  memberCode?: string | null | undefined;
  /** Instead of the rotating code; shows that coupon alone. */
  typed?: RedemptionTypedInput | null | undefined;
  /** The clerk's store. */
  storeId: string;
  /** Amount of the purchase in fen, 0 to 100000000; 0 with items. */
  purchase?: number;
  /** The goods instead of an amount, at the store's prices, at most 100. A coupon for certain goods needs them. */
  items?: Array<RedemptionItemInput>;
};

/** What redemptionReverse needs. */
export type RedemptionReverseInput = {
  /** The redemption. */
  id: string;
  /** Why. */
  reason: string;
};

/** What redemptionReview needs. */
export type RedemptionReviewInput = {
  /** The redemption. */
  id: string;
  /** What was found, 1 to 255 letters; it stays in the audit log. */
  note: string;
};

/** The state of a redemption. */
export type RedemptionState =
  /** Handed out. */
  | 'CONFIRMED'
  /** Undone by a manager. */
  | 'REVERSED';

/** For a dead phone: the coupon's own code with the end of the member's phone number. A clerk may type 10 of them in 10 minutes, a store 30, and one coupon's 5 in an hour, right or wrong. */
export type RedemptionTypedInput = {
  /** The 12 characters of the coupon's code; small letters and blanks do not matter. */
  couponCode: string;
  /** The last 4 digits of the member's phone number. */
  phoneTail: string;
};

/** What a staff member does at an org. */
export type Role =
  /** Owner of the org (老板). */
  | 'OWNER'
  /** Store manager (店长). */
  | 'MANAGER'
  /** Clerk (店员). */
  | 'CLERK'
  /** Guide (导购). */
  | 'GUIDE'
  /** Inspector (稽查). */
  | 'INSPECTOR'
  /** Marketer (营销). */
  | 'MARKETER'
  /** Finance (财务). */
  | 'FINANCE'
  /** Administrator (管理员). */
  | 'ADMIN';

/** Why a sign-in or a session call was refused. */
export type SessionErrorCode =
  /** The app is not registered or is disabled. */
  | 'APP_UNKNOWN'
  /** Call wx.login again and sign in with the new code. */
  | 'SIGN_IN_AGAIN'
  /** WeChat refused the code: invalid, expired or used. */
  | 'WECHAT_CODE_INVALID'
  /** WeChat blocks this user for now. */
  | 'WECHAT_USER_BLOCKED'
  /** WeChat asks to wait. */
  | 'WECHAT_BUSY'
  /** WeChat did not answer properly. */
  | 'WECHAT_UNAVAILABLE'
  /** The refresh token is unknown or ended. */
  | 'REFRESH_TOKEN_INVALID'
  /** An old refresh token was used; the whole session is revoked. */
  | 'REFRESH_TOKEN_REUSED'
  /** The session was ended. */
  | 'SESSION_REVOKED'
  /** No such session of this person. */
  | 'NOT_FOUND'
  /** The staff role is suspended. */
  | 'STAFF_SUSPENDED'
  /** The person may not use this face. */
  | 'FORBIDDEN'
  /** The phone number belongs to another account of the brand. */
  | 'PHONE_TAKEN'
  /** Another phone number is bound already. */
  | 'PHONE_ALREADY_BOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** The QR code is too old or used. */
  | 'CONSOLE_SIGN_IN_EXPIRED'
  /** Nobody has confirmed yet. */
  | 'CONSOLE_SIGN_IN_PENDING';

/** What sessionRevoke needs. */
export type SessionRevokeInput = {
  /** The session to end. */
  sessionId: string;
};

/** What signIn needs. */
export type SignInInput = {
  /** WeChat app id of the app. */
  app: string;
  /** Code from wx.login: 5 minutes, used once; a retry with the same code gets the first answer for 5 minutes. */
  code: string;
  /** What the device calls itself, at most 128 characters. */
  device?: string | null | undefined;
  /** How the shopper came here; counts for attribution. */
  touch?: TouchInput | null | undefined;
};

/** Why a change of staff was refused. */
export type StaffErrorCode =
  /** No such org or staff in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** The viewer may not give this role. */
  | 'ROLE_NOT_GRANTABLE'
  /** The person has this role there already. */
  | 'STAFF_EXISTS'
  /** Nobody changes his own role. */
  | 'STAFF_SELF_CHANGE'
  /** The invitation is unknown, used or taken back. */
  | 'INVITATION_INVALID'
  /** The invitation is too old. */
  | 'INVITATION_EXPIRED'
  /** The invitation is for another phone. */
  | 'INVITATION_PHONE_MISMATCH'
  /** A phone must be bound first. */
  | 'PHONE_REQUIRED'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** What staffInvitationAccept needs. */
export type StaffInvitationAcceptInput = {
  /** The code that was passed on. */
  invitationCode: string;
};

/** What staffInvite needs. */
export type StaffInviteInput = {
  /** The org. */
  orgId: string;
  /** The role. */
  role: Role;
  /** Name shown to colleagues, at most 32 characters. */
  name: string;
  /** Phone the person will have bound: 11 digits. */
  phone: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** The state of a role. */
export type StaffState =
  /** Invited, not accepted yet. */
  | 'INVITED'
  /** At work. */
  | 'ACTIVE'
  /** Suspended: out at once. */
  | 'SUSPENDED'
  /** Taken back or left. */
  | 'REVOKED';

/** What staffStateSet needs. */
export type StaffStateSetInput = {
  /** The role. */
  staffId: string;
  /** ACTIVE reinstates, SUSPENDED puts out at once, REVOKED ends the role or takes back an invitation. */
  state: StaffState;
  /** Why; kept in the audit log. */
  reason: string;
};

/** What storeDayExport needs. */
export type StoreDayExportInput = {
  /** The store. */
  storeId: string;
  /** The day in the brand's time zone. */
  date: string;
  /** The form of the file. */
  format: ExportFormat;
};

/** What tagCreate needs. */
export type TagCreateInput = {
  /** The org whose staff may use it. */
  orgId: string;
  /** The word, 1 to 32 characters; WeChat's content check does not apply, members never see it. */
  name: string;
};

/** How money is paid. */
export type Tender =
  /** Through WeChat Pay. */
  | 'WECHAT_PAY'
  /** In cash at the till. */
  | 'CASH'
  /** By the store's card terminal. */
  | 'CARD';

/** What tillShiftClose needs. */
export type TillShiftCloseInput = {
  /** The shift. */
  id: string;
  /** Cash that was counted, float included, in fen. */
  countedCash: number;
  /** Sum of the card slips, in fen; negative where more was given back than taken. */
  countedCard: number;
  /** Why they differ from what the books expect; needed where they do. */
  explanation?: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What tillShiftOpen needs. */
export type TillShiftOpenInput = {
  /** The store. */
  storeId: string;
  /** Cash in the drawer, in fen. */
  float: number;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** The state of a till shift. */
export type TillShiftState =
  /** Takes money. */
  | 'OPEN'
  /** Counted and closed. */
  | 'CLOSED';

/** What tokenRefresh needs. */
export type TokenRefreshInput = {
  /** The refresh token in force; its immediate predecessor gets the same answer for 30 s. */
  refreshToken: string;
};

/** What topUpAtTill needs. */
export type TopUpAtTillInput = {
  /** The rotating member code of the purpose REDEEM that the member shows. */
  memberCode: string;
  /** The clerk's store, which issues the tier. */
  storeId: string;
  /** The tier. */
  tierId: string;
  /** CASH or CARD. */
  tender: Tender;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the same top-up. */
  idempotencyKey: string;
};

/** Why a call about top-ups was refused. */
export type TopUpErrorCode =
  /** No such org, tier, top-up, refund or shift in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The org is closed down. */
  | 'STORE_CLOSED'
  /** The tier's state does not allow it. */
  | 'TIER_STATE_INVALID'
  /** The tier is not offered at present. */
  | 'TIER_NOT_OFFERED'
  /** The org takes no WeChat Pay. */
  | 'MERCHANT_ACCOUNT_MISSING'
  /** The member or human has bought the tier as often as it may. */
  | 'TOP_UP_LIMIT_REACHED'
  /** The wallet would hold more than the cap; the message tells the room that is left. */
  | 'BALANCE_CAP_EXCEEDED'
  /** The wallet is frozen. */
  | 'WALLET_FROZEN'
  /** The wallet is closed. */
  | 'WALLET_CLOSED'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** The member has bound no phone, so that the wallet would be nobody's. */
  | 'PHONE_REQUIRED'
  /** The rotating code is not valid. */
  | 'MEMBER_CODE_INVALID'
  /** The rotating code is too old. */
  | 'MEMBER_CODE_EXPIRED'
  /** The rotating code was used. */
  | 'MEMBER_CODE_USED'
  /** Nobody does this for themselves. */
  | 'SELF_SERVICE'
  /** The top-up is not paid, or not any more. */
  | 'TOP_UP_NOT_PAID'
  /** A part of it is held for a payment under way. */
  | 'TOP_UP_HELD'
  /** It was used, or it is too old to be refunded as unused. */
  | 'TOP_UP_USED'
  /** There is nothing left to refund. */
  | 'TOP_UP_NOTHING_LEFT'
  /** A refund of it is under way. */
  | 'TOP_UP_REFUND_UNDER_WAY'
  /** What is offered has changed since; the message tells the new amount. */
  | 'TOP_UP_REFUND_OFFER_CHANGED'
  /** The refund's state does not allow it. */
  | 'TOP_UP_REFUND_STATE_INVALID'
  /** The refund goes through WeChat Pay. */
  | 'TOP_UP_REFUND_NOT_AT_TILL'
  /** WeChat Pay refunded this payment as often as it may. */
  | 'TOO_MANY_REFUNDS'
  /** Who asked for a refund does not check it. */
  | 'CHECKER_IS_MAKER'
  /** The viewer has no open shift at the store. */
  | 'SHIFT_NOT_OPEN'
  /** The viewer has an open shift already. */
  | 'SHIFT_ALREADY_OPEN'
  /** The shift is closed. */
  | 'SHIFT_CLOSED'
  /** Counted and expected differ, and nobody says why. */
  | 'SHIFT_DIFFERENCE_UNEXPLAINED'
  /** The drawer has less cash than is to be paid out. */
  | 'TILL_SHORT'
  /** The invoice was issued. */
  | 'INVOICE_ISSUED'
  /** No invoice was asked for. */
  | 'INVOICE_NOT_REQUESTED'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** By whose fault a top-up is refunded, which decides the arithmetic. */
export type TopUpRefundFault =
  /** The merchant's: the used part is priced at the share that was paid for it, paid / (paid + bonus). */
  | 'MERCHANT'
  /** The member's: the used part is priced at list price and the bonus withdrawn, never below zero. */
  | 'MEMBER'
  /** Nobody's: it is unused and young, and refunded in full. */
  | 'UNUSED';

/** What topUpRefundPayOut needs. */
export type TopUpRefundPayOutInput = {
  /** The refund. */
  id: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What topUpRefundPreview needs. */
export type TopUpRefundPreviewInput = {
  /** The top-up. */
  topUpId: string;
  /** By whose fault. */
  fault: TopUpRefundFault;
};

/** What topUpRefundRequest needs. */
export type TopUpRefundRequestInput = {
  /** The top-up. */
  topUpId: string;
  /** By whose fault. */
  fault: TopUpRefundFault;
  /** The amount that was offered, in fen. */
  amount: number;
  /** Why, 1 to 255 characters. */
  reason: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** The state of a refund of a top-up. The value is withdrawn as soon as it is asked for. */
export type TopUpRefundState =
  /** Waits for a second person. */
  | 'REQUESTED'
  /** Rejected; the value is back. */
  | 'REJECTED'
  /** The money is on its way, or waits at the till. */
  | 'PAYING'
  /** The money is back. */
  | 'PAID';

/** The state of a top-up. */
export type TopUpState =
  /** Waits for its payment. */
  | 'PENDING'
  /** Paid; its value is in the wallet. */
  | 'PAID'
  /** Was never paid. */
  | 'CLOSED'
  /** Its money was given back and its value withdrawn. */
  | 'REFUNDED';

/** How a shopper came to the mini-program. */
export type TouchInput = {
  /** The channel. */
  channel: AttributionChannel;
  /** The store it happened at. */
  storeId?: string | null | undefined;
  /** The guide (导购) it happened through. */
  guideId?: string | null | undefined;
};

/** What walletCharge needs. */
export type WalletChargeInput = {
  /** Digits of the member's pay code; used up by this call. */
  payCode: string;
  /** The clerk's store. */
  storeId: string;
  /** What is charged, in fen, 1 to 100000000. */
  amount: number;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** Why something about stored value was refused. */
export type WalletErrorCode =
  /** No such store, member or payment in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The store is closed down. */
  | 'STORE_CLOSED'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** What can be used there is less; the message says how much it is. */
  | 'WALLET_INSUFFICIENT'
  /** The wallet is frozen. */
  | 'WALLET_FROZEN'
  /** The wallet is closed. */
  | 'WALLET_CLOSED'
  /** The pay code is not valid. */
  | 'PAY_CODE_INVALID'
  /** The pay code is too old. */
  | 'PAY_CODE_EXPIRED'
  /** The pay code was used. */
  | 'PAY_CODE_USED'
  /** Nobody charges, or refunds, the own wallet. */
  | 'SELF_CHARGE'
  /** Staff cannot manage their own wallet; a colleague can. */
  | 'SELF_SERVICE'
  /** The payment is in a state in which that cannot be done. */
  | 'PAYMENT_STATE_INVALID'
  /** The time to confirm the payment is over. */
  | 'PAYMENT_EXPIRED'
  /** More than what is left of the payment. */
  | 'REFUND_EXCEEDS_PAID'
  /** The pay password is needed. */
  | 'PAY_PASSWORD_REQUIRED'
  /** The pay password is wrong. */
  | 'PAY_PASSWORD_WRONG'
  /** Too many wrong pay passwords. */
  | 'PAY_PASSWORD_LOCKED'
  /** Not six digits, or too easy. */
  | 'PAY_PASSWORD_NOT_ALLOWED';

/** What walletFreeze, walletUnfreeze and walletReissue need. */
export type WalletManageInput = {
  /** The member. */
  memberId: string;
  /** Why. */
  reason: string;
};

/** What walletPaymentDecline and walletPaymentCancel need. */
export type WalletPaymentInput = {
  /** The payment. */
  id: string;
};

/** The state of a payment with stored value. */
export type WalletPaymentState =
  /** Held until the member confirms it on the phone, two minutes at most. */
  | 'AWAITING_MEMBER'
  /** Held for an order. */
  | 'HELD'
  /** Spent. */
  | 'CAPTURED'
  /** Given back by the order, or taken back by the clerk. */
  | 'RELEASED'
  /** The member said no. */
  | 'DECLINED'
  /** Given back because its time was over. */
  | 'EXPIRED';

/** What walletRefund needs. */
export type WalletRefundInput = {
  /** The payment. */
  paymentId: string;
  /** What is given back, in fen. */
  amount: number;
  /** Why. */
  reason: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** The state of a wallet. */
export type WalletState =
  /** It can be used. */
  | 'ACTIVE'
  /** Lost, or by the store: nothing is spent from it. */
  | 'FROZEN'
  /** The member has left; nothing was in it. */
  | 'CLOSED';

export type ConsentDecideMutationVariables = Exact<{
  input: ConsentDecideInput;
}>;


export type ConsentDecideMutation = { consentDecide: { consent: { id: string, kind: ConsentKind, version: string, granted: boolean, decidedAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type ConsoleSignInConfirmMutationVariables = Exact<{
  input: ConsoleSignInConfirmInput;
}>;


export type ConsoleSignInConfirmMutation = { consoleSignInConfirm: { device: string | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type CouponIssueMutationVariables = Exact<{
  input: CouponIssueInput;
}>;


export type CouponIssueMutation = { couponIssue: { coupons: Array<{ id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } }>, userErrors: Array<{ code: CouponIssueErrorCode, message: string, field: Array<string> | null }> } };

export type IssuableCouponsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type IssuableCouponsQuery = { issuableCoupons: { nodes: Array<{ id: string, name: string, description: string, stockLeft: number, memberLimit: number | null, rule: { kind: CouponKind, amount: number | null, threshold: number }, org: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { viewer: { app: { id: string, name: string, face: Face }, person: { id: string, nickname: string, phone: string | null }, staff: Array<{ id: string, role: Role, name: string, capabilities: Array<Capability>, org: { id: string, kind: OrgKind, name: string } }> } };

export type MemberLookupMutationVariables = Exact<{
  input: MemberLookupInput;
}>;


export type MemberLookupMutation = { memberLookup: { members: Array<{ id: string, number: string, state: MemberState, growthValue: number, person: { id: string, nickname: string, phone: string | null }, level: { name: string } | null, homeStore: { id: string, name: string } | null, tags: Array<{ id: string, name: string }> }>, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type MemberPointsQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type MemberPointsQuery = { node:
    | { id: string, number: string, points: { balance: number, pending: number, debt: number, lots: Array<{ id: string, state: PointsLotState, amount: number, remaining: number, at: string | null }>, entries: { nodes: Array<{ kind: PointsEntryKind, at: string, points: number, pending: number, debt: number, balance: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null }
    | Record<PropertyKey, never>
   | null };

export type MemberTagsSetMutationVariables = Exact<{
  input: MemberTagsSetInput;
}>;


export type MemberTagsSetMutation = { memberTagsSet: { member: { id: string, number: string, state: MemberState, growthValue: number, person: { id: string, nickname: string, phone: string | null }, level: { name: string } | null, homeStore: { id: string, name: string } | null, tags: Array<{ id: string, name: string }> } | null, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type PhoneBindMutationVariables = Exact<{
  input: PhoneBindInput;
}>;


export type PhoneBindMutation = { phoneBind: { signInAgain: boolean, person: { id: string, phone: string | null } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type RedemptionConfirmMutationVariables = Exact<{
  input: RedemptionConfirmInput;
}>;


export type RedemptionConfirmMutation = { redemptionConfirm: { results: Array<{ refusal: RedemptionErrorCode | null, refusalMessage: string | null, redemption: { id: string, state: RedemptionState, purchase: number, discount: number, needsReview: boolean, awaitsReview: boolean, createdAt: string, reversedAt: string | null, reverseReason: string, reviewedAt: string | null, reviewNote: string | null, reviewedBy: { id: string, name: string } | null, store: { id: string, name: string }, staff: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } }, coupon: { id: string, state: CouponState, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } } } | null, activations: Array<{ refusal: RedemptionErrorCode | null, template: { id: string, name: string }, coupon: { id: string, expiresAt: string } | null }> }>, payment: { id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } | null, userErrors: Array<{ code: RedemptionErrorCode, message: string, field: Array<string> | null }> } };

export type RedemptionPreviewMutationVariables = Exact<{
  input: RedemptionPreviewInput;
}>;


export type RedemptionPreviewMutation = { redemptionPreview: { purchase: number, member: { id: string, number: string, person: { nickname: string, phone: string | null } } | null, options: Array<{ redeemable: boolean, refusal: RedemptionErrorCode | null, refusalMessage: string | null, discount: number, shares: Array<{ amount: number, org: { id: string, name: string } }>, coupon: { id: string, expiresAt: string, template: { name: string, description: string }, rule: { kind: CouponKind, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } }>, best: { discount: number, toPay: number, options: Array<{ discount: number, coupon: { id: string } }> } | null, storedValue: { available: number, confirmAbove: number } | null, userErrors: Array<{ code: RedemptionErrorCode, message: string, field: Array<string> | null }> } };

export type RedemptionReverseMutationVariables = Exact<{
  input: RedemptionReverseInput;
}>;


export type RedemptionReverseMutation = { redemptionReverse: { redemption: { id: string, state: RedemptionState, purchase: number, discount: number, needsReview: boolean, awaitsReview: boolean, createdAt: string, reversedAt: string | null, reverseReason: string, reviewedAt: string | null, reviewNote: string | null, reviewedBy: { id: string, name: string } | null, store: { id: string, name: string }, staff: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } }, coupon: { id: string, state: CouponState, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } } } | null, userErrors: Array<{ code: RedemptionErrorCode, message: string, field: Array<string> | null }> } };

export type RedemptionReviewMutationVariables = Exact<{
  input: RedemptionReviewInput;
}>;


export type RedemptionReviewMutation = { redemptionReview: { redemption: { id: string, state: RedemptionState, purchase: number, discount: number, needsReview: boolean, awaitsReview: boolean, createdAt: string, reversedAt: string | null, reverseReason: string, reviewedAt: string | null, reviewNote: string | null, reviewedBy: { id: string, name: string } | null, store: { id: string, name: string }, staff: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } }, coupon: { id: string, state: CouponState, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } } } | null, userErrors: Array<{ code: RedemptionErrorCode, message: string, field: Array<string> | null }> } };

export type RedemptionsQueryVariables = Exact<{
  storeId?: string | null | undefined;
  awaitingReview?: boolean;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type RedemptionsQuery = { redemptions: { nodes: Array<{ id: string, state: RedemptionState, purchase: number, discount: number, needsReview: boolean, awaitsReview: boolean, createdAt: string, reversedAt: string | null, reverseReason: string, reviewedAt: string | null, reviewNote: string | null, reviewedBy: { id: string, name: string } | null, store: { id: string, name: string }, staff: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } }, coupon: { id: string, state: CouponState, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type SessionRevokeMutationVariables = Exact<{
  input: SessionRevokeInput;
}>;


export type SessionRevokeMutation = { sessionRevoke: { sessionId: string | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type SessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type SessionsQuery = { viewer: { sessions: { nodes: Array<{ id: string, device: string, createdAt: string, refreshedAt: string, expiresAt: string, current: boolean, app: { name: string, face: Face } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, refreshTokenExpiresAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: { sessionId: string | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type StaffInvitationAcceptMutationVariables = Exact<{
  input: StaffInvitationAcceptInput;
}>;


export type StaffInvitationAcceptMutation = { staffInvitationAccept: { staff: { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } } | null, userErrors: Array<{ code: StaffErrorCode, message: string, field: Array<string> | null }> } };

export type StaffInviteMutationVariables = Exact<{
  input: StaffInviteInput;
}>;


export type StaffInviteMutation = { staffInvite: { invitationCode: string | null, staff: { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } } | null, userErrors: Array<{ code: StaffErrorCode, message: string, field: Array<string> | null }> } };

export type StaffListQueryVariables = Exact<{
  orgId?: string | null | undefined;
  state?: StaffState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type StaffListQuery = { staff: { nodes: Array<{ id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type StaffStateSetMutationVariables = Exact<{
  input: StaffStateSetInput;
}>;


export type StaffStateSetMutation = { staffStateSet: { staff: { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } } | null, userErrors: Array<{ code: StaffErrorCode, message: string, field: Array<string> | null }> } };

export type StoreDayQueryVariables = Exact<{
  storeId: string;
  date: string;
}>;


export type StoreDayQuery = { storeDay: { date: string, store: { id: string, name: string }, lines: Array<{ shiftId: string | null, redeemed: number, discount: number, reversed: number, payments: number, value: number, staff: { id: string, name: string } | null, shares: Array<{ amount: number, org: { id: string, name: string } }> }>, total: { shiftId: string | null, redeemed: number, discount: number, reversed: number, payments: number, value: number, staff: { id: string, name: string } | null, shares: Array<{ amount: number, org: { id: string, name: string } }> } } | null };

export type StoreDayExportMutationVariables = Exact<{
  input: StoreDayExportInput;
}>;


export type StoreDayExportMutation = { storeDayExport: { export: { url: string, expiresAt: string } | null, userErrors: Array<{ code: RedemptionErrorCode, message: string, field: Array<string> | null }> } };

export type StoreRedemptionsSubscriptionVariables = Exact<{
  storeId: string;
}>;


export type StoreRedemptionsSubscription = { storeRedemptions: { id: string, state: RedemptionState, purchase: number, discount: number, createdAt: string, reversedAt: string | null, member: { id: string, number: string }, staff: { id: string, name: string } } };

export type TagCreateMutationVariables = Exact<{
  input: TagCreateInput;
}>;


export type TagCreateMutation = { tagCreate: { tag: { id: string, name: string } | null, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type TagsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TagsQuery = { tags: { nodes: Array<{ id: string, name: string, org: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type TillQueryVariables = Exact<{
  storeId: string;
}>;


export type TillQuery = { ownTillShift: { id: string, state: TillShiftState, float: number, openedAt: string, closedAt: string | null, countedCash: number, countedCard: number, expectedCash: number, expectedCard: number, storedValue: number, explanation: string, store: { id: string, name: string }, staff: { id: string, name: string } } | null, topUpTiers: { nodes: Array<{ id: string, name: string, pay: number, terms: { bonus: number, bonusDays: number, coupons: Array<{ count: number, template: { id: string, name: string } }>, goods: Array<{ count: number, sku: { id: string, name: string } }> } }> } };

export type TillShiftCloseMutationVariables = Exact<{
  input: TillShiftCloseInput;
}>;


export type TillShiftCloseMutation = { tillShiftClose: { shift: { id: string, state: TillShiftState, float: number, openedAt: string, closedAt: string | null, countedCash: number, countedCard: number, expectedCash: number, expectedCard: number, storedValue: number, explanation: string, store: { id: string, name: string }, staff: { id: string, name: string } } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TillShiftOpenMutationVariables = Exact<{
  input: TillShiftOpenInput;
}>;


export type TillShiftOpenMutation = { tillShiftOpen: { shift: { id: string, state: TillShiftState, float: number, openedAt: string, closedAt: string | null, countedCash: number, countedCard: number, expectedCash: number, expectedCard: number, storedValue: number, explanation: string, store: { id: string, name: string }, staff: { id: string, name: string } } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TillShiftsQueryVariables = Exact<{
  storeId?: string | null | undefined;
  state?: TillShiftState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TillShiftsQuery = { tillShifts: { nodes: Array<{ id: string, state: TillShiftState, float: number, openedAt: string, closedAt: string | null, countedCash: number, countedCard: number, expectedCash: number, expectedCard: number, storedValue: number, explanation: string, store: { id: string, name: string }, staff: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type TokenRefreshMutationVariables = Exact<{
  input: TokenRefreshInput;
}>;


export type TokenRefreshMutation = { tokenRefresh: { tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, refreshTokenExpiresAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpAtTillMutationVariables = Exact<{
  input: TopUpAtTillInput;
}>;


export type TopUpAtTillMutation = { topUpAtTill: { topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpRefundPayOutMutationVariables = Exact<{
  input: TopUpRefundPayOutInput;
}>;


export type TopUpRefundPayOutMutation = { topUpRefundPayOut: { refund: { id: string, state: TopUpRefundState, fault: TopUpRefundFault, amount: number, principal: number, bonus: number, reason: string | null, checkNote: string | null, atTill: boolean, createdAt: string, checkedAt: string | null, paidAt: string | null, madeBy: { id: string, name: string } | null, checkedBy: { id: string, name: string } | null, topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpRefundPreviewMutationVariables = Exact<{
  input: TopUpRefundPreviewInput;
}>;


export type TopUpRefundPreviewMutation = { topUpRefundPreview: { offer: { fault: TopUpRefundFault, amount: number, principal: number, bonus: number, used: number, deducted: number } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpRefundRequestMutationVariables = Exact<{
  input: TopUpRefundRequestInput;
}>;


export type TopUpRefundRequestMutation = { topUpRefundRequest: { refund: { id: string, state: TopUpRefundState, fault: TopUpRefundFault, amount: number, principal: number, bonus: number, reason: string | null, checkNote: string | null, atTill: boolean, createdAt: string, checkedAt: string | null, paidAt: string | null, madeBy: { id: string, name: string } | null, checkedBy: { id: string, name: string } | null, topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } } | null, offer: { fault: TopUpRefundFault, amount: number, principal: number, bonus: number, used: number, deducted: number } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpRefundsQueryVariables = Exact<{
  orgId?: string | null | undefined;
  state?: TopUpRefundState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TopUpRefundsQuery = { topUpRefunds: { nodes: Array<{ id: string, state: TopUpRefundState, fault: TopUpRefundFault, amount: number, principal: number, bonus: number, reason: string | null, checkNote: string | null, atTill: boolean, createdAt: string, checkedAt: string | null, paidAt: string | null, madeBy: { id: string, name: string } | null, checkedBy: { id: string, name: string } | null, topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type TopUpsQueryVariables = Exact<{
  orgId?: string | null | undefined;
  state?: TopUpState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TopUpsQuery = { topUps: { nodes: Array<{ id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type WalletChargeMutationVariables = Exact<{
  input: WalletChargeInput;
}>;


export type WalletChargeMutation = { walletCharge: { payment: { id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletPaymentQueryVariables = Exact<{
  id: string;
}>;


export type WalletPaymentQuery = { walletPayment: { id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, refunds: Array<{ id: string, amount: number, reason: string, createdAt: string }>, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } | null };

export type WalletPaymentCancelMutationVariables = Exact<{
  input: WalletPaymentInput;
}>;


export type WalletPaymentCancelMutation = { walletPaymentCancel: { payment: { id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletPaymentsQueryVariables = Exact<{
  orgId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type WalletPaymentsQuery = { walletPayments: { nodes: Array<{ id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, staff: { id: string, name: string } | null, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type WalletRefundMutationVariables = Exact<{
  input: WalletRefundInput;
}>;


export type WalletRefundMutation = { walletRefund: { refund: { id: string, amount: number, principal: number, bonus: number, reason: string, createdAt: string } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletReissueMutationVariables = Exact<{
  input: WalletManageInput;
}>;


export type WalletReissueMutation = { walletReissue: { wallet: { id: string, state: WalletState } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type MemberCardFragment = { id: string, number: string, state: MemberState, growthValue: number, person: { id: string, nickname: string, phone: string | null }, level: { name: string } | null, homeStore: { id: string, name: string } | null, tags: Array<{ id: string, name: string }> };

export type RedemptionCardFragment = { id: string, state: RedemptionState, purchase: number, discount: number, needsReview: boolean, awaitsReview: boolean, createdAt: string, reversedAt: string | null, reverseReason: string, reviewedAt: string | null, reviewNote: string | null, reviewedBy: { id: string, name: string } | null, store: { id: string, name: string }, staff: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } }, coupon: { id: string, state: CouponState, template: { id: string, name: string }, rule: { kind: CouponKind, amount: number | null, threshold: number } } };

export type ShiftCardFragment = { id: string, state: TillShiftState, float: number, openedAt: string, closedAt: string | null, countedCash: number, countedCard: number, expectedCash: number, expectedCard: number, storedValue: number, explanation: string, store: { id: string, name: string }, staff: { id: string, name: string } };

export type StaffCardFragment = { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } };

export type StoreDayNumbersFragment = { shiftId: string | null, redeemed: number, discount: number, reversed: number, payments: number, value: number, staff: { id: string, name: string } | null, shares: Array<{ amount: number, org: { id: string, name: string } }> };

export type TillTopUpFragment = { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } };

export type TopUpRefundCardFragment = { id: string, state: TopUpRefundState, fault: TopUpRefundFault, amount: number, principal: number, bonus: number, reason: string | null, checkNote: string | null, atTill: boolean, createdAt: string, checkedAt: string | null, paidAt: string | null, madeBy: { id: string, name: string } | null, checkedBy: { id: string, name: string } | null, topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, tier: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } } };

export type WalletPaymentCardFragment = { id: string, state: WalletPaymentState, amount: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string }, member: { id: string, number: string, person: { nickname: string, phone: string | null } } };

export const ConsentDecide: Operation<ConsentDecideMutation, ConsentDecideMutationVariables> = {
  id: "51734fbc4a48646a2b61230350eb4b0e6efd93e79f45b0bf1226f2ac803473bd",
  name: "ConsentDecide",
};

export const ConsoleSignInConfirm: Operation<ConsoleSignInConfirmMutation, ConsoleSignInConfirmMutationVariables> = {
  id: "41f523c08beca459084073702d2508aa2bc9115a008452c5b91bfe1108d8776e",
  name: "ConsoleSignInConfirm",
};

export const CouponIssue: Operation<CouponIssueMutation, CouponIssueMutationVariables> = {
  id: "15ba86ee1840fa04110cb07e2fc2891d5ea44339f2f8b9cad6046ef867edc6de",
  name: "CouponIssue",
};

export const IssuableCoupons: Operation<IssuableCouponsQuery, IssuableCouponsQueryVariables> = {
  id: "a39f170c677f484d7eedb0ae432769c92e88dc69f4e1ccc23d71873e4ed5f01f",
  name: "IssuableCoupons",
};

export const Me: Operation<MeQuery, MeQueryVariables> = {
  id: "7555ef89d24929d0b25c776b646641eb35e82062287b1d4f3df415fd09715b89",
  name: "Me",
};

export const MemberLookup: Operation<MemberLookupMutation, MemberLookupMutationVariables> = {
  id: "06415f3c19e545fe98c21e768557ea4a73be4220015df03bf3301e23f03e2118",
  name: "MemberLookup",
};

export const MemberPoints: Operation<MemberPointsQuery, MemberPointsQueryVariables> = {
  id: "db3fe37cadf241d068dba1497b98ca06cdd089e95ebf74b94e1189b17c0a4f25",
  name: "MemberPoints",
};

export const MemberTagsSet: Operation<MemberTagsSetMutation, MemberTagsSetMutationVariables> = {
  id: "4570b8fc4e6cb10ac598653dab1b2a6f82f052789e2376f1e9fd0a2cc8a1dbdb",
  name: "MemberTagsSet",
};

export const PhoneBind: Operation<PhoneBindMutation, PhoneBindMutationVariables> = {
  id: "3818b211cb2f7f7c4b1273075696e7b125a564b81f0104959aab7630303d49df",
  name: "PhoneBind",
};

export const RedemptionConfirm: Operation<RedemptionConfirmMutation, RedemptionConfirmMutationVariables> = {
  id: "09be4e71d089fbcb092e50acc1e8454a19d353ddbfbbbdec768fe41720ba4f7b",
  name: "RedemptionConfirm",
};

export const RedemptionPreview: Operation<RedemptionPreviewMutation, RedemptionPreviewMutationVariables> = {
  id: "7e8e0231d91f863be32454b348640f953c20e56aa9351b8e982c140848d79572",
  name: "RedemptionPreview",
};

export const RedemptionReverse: Operation<RedemptionReverseMutation, RedemptionReverseMutationVariables> = {
  id: "9834dc64d11a6759dcfca04645b94839a8ad031398bb6096f7030103c608bfe3",
  name: "RedemptionReverse",
};

export const RedemptionReview: Operation<RedemptionReviewMutation, RedemptionReviewMutationVariables> = {
  id: "083d0d09aecdc52a295b49ac44878bf1eabe38befc54a9400cf521b6563fe6b4",
  name: "RedemptionReview",
};

export const Redemptions: Operation<RedemptionsQuery, RedemptionsQueryVariables> = {
  id: "0c5371868ecef47e810f30db6261338cc416ed07b56f35f0cee3a21aeb20689b",
  name: "Redemptions",
};

export const SessionRevoke: Operation<SessionRevokeMutation, SessionRevokeMutationVariables> = {
  id: "126c6d3431fbf10dacbe428d6375c82c30618c78a95db77ed1aab8d006106768",
  name: "SessionRevoke",
};

export const Sessions: Operation<SessionsQuery, SessionsQueryVariables> = {
  id: "91c457bf7e5660a743f089c4650d4ae4532657c14923905ae59fb5eb0076c19d",
  name: "Sessions",
};

export const SignIn: Operation<SignInMutation, SignInMutationVariables> = {
  id: "1c651943656c96ec1aaef4b3f2ad931641275d562016023788517afb5182036f",
  name: "SignIn",
};

export const SignOut: Operation<SignOutMutation, SignOutMutationVariables> = {
  id: "b4f8e0b581077afe6d4bd4fb4bd8065b47ceed56b8768f41e7da1c3e116f9697",
  name: "SignOut",
};

export const StaffInvitationAccept: Operation<StaffInvitationAcceptMutation, StaffInvitationAcceptMutationVariables> = {
  id: "7b6c6b3965e0855021fbab027b3b5aada4b8f5fe3cde558491bd6f3143131d89",
  name: "StaffInvitationAccept",
};

export const StaffInvite: Operation<StaffInviteMutation, StaffInviteMutationVariables> = {
  id: "1295691426b11eece52eb70cd03c6d4d17e8e44da6c24bc2059475c9364c178d",
  name: "StaffInvite",
};

export const StaffList: Operation<StaffListQuery, StaffListQueryVariables> = {
  id: "13e1da2bfbdad6f3a7dbdce9b46e8cec68317d84624e343a92cf239fb6647311",
  name: "StaffList",
};

export const StaffStateSet: Operation<StaffStateSetMutation, StaffStateSetMutationVariables> = {
  id: "0e5721de6c67462450c2707d956104ce1ca389adaef28a8a1431940de8ba4222",
  name: "StaffStateSet",
};

export const StoreDay: Operation<StoreDayQuery, StoreDayQueryVariables> = {
  id: "b34cd7fe7f795a09bb23cfeb39241c0c226e6aa7cbc0d539b2e8161800a40967",
  name: "StoreDay",
};

export const StoreDayExport: Operation<StoreDayExportMutation, StoreDayExportMutationVariables> = {
  id: "15d7caa7902a8204a06dafc64a9c000b1ac9bb831e7f22638616852adc616d56",
  name: "StoreDayExport",
};

export const StoreRedemptions: Subscription<StoreRedemptionsSubscription, StoreRedemptionsSubscriptionVariables> = {
  id: "581329a195158bb6fa5e05545cb81a89c561d326ac17766a1a3d9b541fe61631",
  name: "StoreRedemptions",
  live: true,
};

export const TagCreate: Operation<TagCreateMutation, TagCreateMutationVariables> = {
  id: "9bb026ff16d59ceb4042d5c7471e760a3b3906a74b7b80add3554728186f930d",
  name: "TagCreate",
};

export const Tags: Operation<TagsQuery, TagsQueryVariables> = {
  id: "14d1a35ed8b402d0aaeca04e9bf6f76d36e599058cc644d96c039d521a242aa5",
  name: "Tags",
};

export const Till: Operation<TillQuery, TillQueryVariables> = {
  id: "05d698ebff0313887e960cc5f2ef4466e8e383df63796101907568a2cebe6c7a",
  name: "Till",
};

export const TillShiftClose: Operation<TillShiftCloseMutation, TillShiftCloseMutationVariables> = {
  id: "db19d55c9248f3e7f1f15be651fd9aee3c43e36bc58e2adad4c26d3fa249d19c",
  name: "TillShiftClose",
};

export const TillShiftOpen: Operation<TillShiftOpenMutation, TillShiftOpenMutationVariables> = {
  id: "90c58e4711a48fa6ee71973ff39997caf6cb4467eb5f1100fb75fd58a2672e2e",
  name: "TillShiftOpen",
};

export const TillShifts: Operation<TillShiftsQuery, TillShiftsQueryVariables> = {
  id: "eb1fdd3a6454fdb5043fd457fee0eb8e336b287852e1284c33a3ad22a946fcd4",
  name: "TillShifts",
};

export const TokenRefresh: Operation<TokenRefreshMutation, TokenRefreshMutationVariables> = {
  id: "eb79fefb9b240bc8c57e9deb8a99f257063b042e15eddf2eac638c062405ad97",
  name: "TokenRefresh",
};

export const TopUpAtTill: Operation<TopUpAtTillMutation, TopUpAtTillMutationVariables> = {
  id: "4f126a26536086986d392678cc3640395533a0dce0dca6928af5585d0316a199",
  name: "TopUpAtTill",
};

export const TopUpRefundPayOut: Operation<TopUpRefundPayOutMutation, TopUpRefundPayOutMutationVariables> = {
  id: "be5a9e5964b5df474b4a5e09937a392a6acc0de68bd141853779b472b439cf58",
  name: "TopUpRefundPayOut",
};

export const TopUpRefundPreview: Operation<TopUpRefundPreviewMutation, TopUpRefundPreviewMutationVariables> = {
  id: "ceebd509082ea5784e4f7e746610890941a34d3f0403561d5c1bdd7ddaa10ce8",
  name: "TopUpRefundPreview",
};

export const TopUpRefundRequest: Operation<TopUpRefundRequestMutation, TopUpRefundRequestMutationVariables> = {
  id: "e21d67e9549171e2b47a36cb8059600f7089c9324dfe0dad4542a7d70399db1e",
  name: "TopUpRefundRequest",
};

export const TopUpRefunds: Operation<TopUpRefundsQuery, TopUpRefundsQueryVariables> = {
  id: "f66f7a3ead1525fbd410f01929d8778c18576651643e54af45d75c59add50de0",
  name: "TopUpRefunds",
};

export const TopUps: Operation<TopUpsQuery, TopUpsQueryVariables> = {
  id: "5add91dfc2065dba95992363f3f4191168457378b37f20ca4757c2b48a6f5d79",
  name: "TopUps",
};

export const WalletCharge: Operation<WalletChargeMutation, WalletChargeMutationVariables> = {
  id: "27aae346af35e82a4084a8ff8fb8e1ef235e86b2d87b52c843869b74b9b7600a",
  name: "WalletCharge",
};

export const WalletPayment: Operation<WalletPaymentQuery, WalletPaymentQueryVariables> = {
  id: "97eb961fd78080e0ea4b0cedeac205da4c220b732f0a4dea893ee3e4e4bd942d",
  name: "WalletPayment",
};

export const WalletPaymentCancel: Operation<WalletPaymentCancelMutation, WalletPaymentCancelMutationVariables> = {
  id: "be6e3b1e07df43c9c14858b29e1025db2a8feb27cb9acb0b4e51b17ed49c2ecf",
  name: "WalletPaymentCancel",
};

export const WalletPayments: Operation<WalletPaymentsQuery, WalletPaymentsQueryVariables> = {
  id: "73aa93fa4054174f7c7e1f7a826f84d246bcd1e8a4a1107477c26811aa3c9681",
  name: "WalletPayments",
};

export const WalletRefund: Operation<WalletRefundMutation, WalletRefundMutationVariables> = {
  id: "0ec090fabe285aebb3b9d009597973ed33eda6a6f836472db732c8e47572583f",
  name: "WalletRefund",
};

export const WalletReissue: Operation<WalletReissueMutation, WalletReissueMutationVariables> = {
  id: "6ff49667fb4a8995059946d788fcc126692628dfb9bee40fceb202a84b23f6ee",
  name: "WalletReissue",
};
