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

/** What couponClaim needs. */
export type CouponClaimInput = {
  /** The template. */
  templateId: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the same coupon, also after sell-out. */
  idempotencyKey: string;
};

/** Why a call about coupons was refused. */
export type CouponErrorCode =
  /** No such template, coupon or org in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** All coupons are gone. */
  | 'OUT_OF_STOCK'
  /** The budget is used up. */
  | 'BUDGET_EXHAUSTED'
  /** The limit is used up. */
  | 'LIMIT_REACHED'
  /** The claim window has not begun. */
  | 'CLAIM_NOT_OPEN'
  /** The claim window is over. */
  | 'CLAIM_ENDED'
  /** The template cannot be claimed at present. */
  | 'TEMPLATE_NOT_ACTIVE'
  /** The template's state does not allow it. */
  | 'TEMPLATE_STATE_INVALID'
  /** The template contradicts itself. */
  | 'TEMPLATE_INVALID'
  /** The coupon's use window has not begun. */
  | 'COUPON_NOT_EFFECTIVE'
  /** The coupon's use window is over. */
  | 'COUPON_EXPIRED'
  /** The coupon was used, taken back or given away. */
  | 'COUPON_ALREADY_USED'
  /** The coupon is not for this store. */
  | 'COUPON_OUT_OF_SCOPE'
  /** The purchase is below the threshold. */
  | 'COUPON_THRESHOLD_NOT_MET'
  /** Another order holds the coupon. */
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
  /** A running template may only change in the member's favour. */
  | 'TEMPLATE_LESS_FAVOURABLE'
  /** A funder is not the brand, the issuer, nor above or below it, or the viewer may not act for it. */
  | 'FUNDER_OUT_OF_REACH'
  /** A template is reviewed by another person than who sent it to review. */
  | 'REVIEWER_IS_SUBMITTER'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** Too much at once; try again shortly. */
  | 'UNAVAILABLE'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** What couponExchange needs. */
export type CouponExchangeInput = {
  /** The code as it was printed; capital or small, blanks and hyphens make no difference. */
  code: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the same coupon. */
  idempotencyKey: string;
};

/** Why a call about a gift was refused. */
export type CouponGiftErrorCode =
  /** No such coupon or transfer of the viewer, or no such link. */
  | 'NOT_FOUND'
  /** The coupon's rule forbids it, it was a gift itself, or the brand took it back. */
  | 'COUPON_NOT_TRANSFERABLE'
  /** The coupon is on its way to a friend. */
  | 'COUPON_TRANSFERRING'
  /** The coupon was given to a friend. */
  | 'COUPON_TRANSFERRED'
  /** The coupon was used. */
  | 'COUPON_ALREADY_USED'
  /** The coupon's use window is over. */
  | 'COUPON_EXPIRED'
  /** An order holds the coupon. */
  | 'COUPON_LOCKED'
  /** The template was withdrawn. */
  | 'TEMPLATE_NOT_ACTIVE'
  /** Nobody accepts his own gift. */
  | 'TRANSFER_OWN'
  /** It was accepted by somebody else, taken back or has expired. */
  | 'TRANSFER_ENDED'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

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

/** One line of a basket. */
export type CouponQuoteLineInput = {
  /** What is bought. */
  skuId: string;
  /** Pieces, 1 to 10000. */
  quantity: number;
};

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

/** What couponTransferAccept needs. */
export type CouponTransferAcceptInput = {
  /** The secret of the link. */
  token: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the same coupon. */
  idempotencyKey: string;
};

/** What couponTransferCancel needs. */
export type CouponTransferCancelInput = {
  /** The transfer. */
  id: string;
};

/** What couponTransferCreate needs. */
export type CouponTransferCreateInput = {
  /** The viewer's coupon, EFFECTIVE or PENDING. */
  couponId: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the same transfer and token. */
  idempotencyKey: string;
};

/** The state of a coupon on its way to a friend. */
export type CouponTransferState =
  /** A friend can accept it. */
  | 'OFFERED'
  /** A friend accepted it. */
  | 'ACCEPTED'
  /** Taken back by the giver, or the giver left, or the coupon itself was taken back. */
  | 'CANCELLED'
  /** Nobody accepted it in time; it came back. */
  | 'EXPIRED';

/** Why a call about exchange codes was refused. */
export type ExchangeErrorCode =
  /** No such template in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** No such code, or it was exchanged by somebody else. */
  | 'EXCHANGE_CODE_INVALID'
  /** Too many wrong codes today. */
  | 'EXCHANGE_TRIES_USED_UP'
  /** The template's state does not allow it. */
  | 'TEMPLATE_STATE_INVALID'
  /** The template gives no coupons at present. */
  | 'TEMPLATE_NOT_ACTIVE'
  /** The claim window has not begun. */
  | 'CLAIM_NOT_OPEN'
  /** The claim window is over. */
  | 'CLAIM_ENDED'
  /** The limit is used up. */
  | 'LIMIT_REACHED'
  /** All coupons are gone. */
  | 'OUT_OF_STOCK'
  /** The budget is used up. */
  | 'BUDGET_EXHAUSTED'
  /** The membership is frozen. */
  | 'MEMBER_FROZEN'
  /** The membership is cancelled. */
  | 'MEMBER_CANCELLED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

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

/** A gender as a person gave it. */
export type Gender =
  /** Male. */
  | 'MALE'
  /** Female. */
  | 'FEMALE';

/** What homeStoreSet needs. */
export type HomeStoreSetInput = {
  /** The store. */
  storeId: string;
  /** The guide at that store. */
  guideId?: string | null | undefined;
};

/** What memberErase needs. */
export type MemberEraseInput = {
  /** The membership number, typed again to confirm. */
  number: string;
};

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

/** What a member event is about. */
export type MemberEventKind =
  /** A coupon was redeemed at a store. */
  | 'COUPON_REDEEMED'
  /** A redemption was undone and the coupon is back. */
  | 'COUPON_RETURNED'
  /** The member got a coupon. */
  | 'COUPON_ISSUED'
  /** The level changed. */
  | 'LEVEL_CHANGED'
  /** Stored value came or went; names the payment or the top-up. */
  | 'WALLET_CHANGED'
  /** A payment at the till waits for the member to confirm it. */
  | 'PAYMENT_AWAITS'
  /** Points became spendable, were taken back, or were given or taken by staff. */
  | 'POINTS_CHANGED'
  /** The coupon was locked, used or let go by an order, returned by a refund, offered to a friend or brought back, or taken back. */
  | 'COUPON_CHANGED'
  /** A friend accepted the coupon. */
  | 'COUPON_TRANSFERRED'
  /** The coupon ends soon. */
  | 'COUPON_EXPIRING';

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

/** Why a call about messages was refused. */
export type MessageErrorCode =
  /** No such mini-program, or not the viewer's to set. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** What messagePermissionAdd needs. */
export type MessagePermissionAddInput = {
  /** What the messages are about. */
  topic: MessageTopic;
  /** How often wx.requestSubscribeMessage answered accept for its template, 1 to 10. One accept is one message. */
  accepted?: number;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What a subscribe message is about. */
export type MessageTopic =
  /** Coupons that end soon. */
  | 'COUPON_EXPIRY';

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

/** The kind of a page block. */
export type PageBlockKind =
  /** A picture with a target. */
  | 'BANNER'
  /** A shelf of products. */
  | 'PRODUCTS'
  /** A shelf of coupons. */
  | 'COUPONS'
  /** Stores nearby. */
  | 'STORES'
  /** A text. */
  | 'TEXT';

/** Why an operation about payments was refused. */
export type PaymentErrorCode =
  /** No such thing in the viewer's scope. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** Somebody else changed it meanwhile. */
  | 'CONFLICT'
  /** The number is registered, or the org has an active account. */
  | 'MERCHANT_ACCOUNT_EXISTS'
  /** The org takes no payments through WeChat Pay. */
  | 'MERCHANT_ACCOUNT_MISSING'
  /** It is paid. */
  | 'PAYMENT_PAID'
  /** It cannot be paid any more. */
  | 'PAYMENT_CLOSED'
  /** It is not disputed. */
  | 'PAYMENT_NOT_DISPUTED'
  /** What was paid for cannot be done any more. */
  | 'PAYMENT_UNUSABLE'
  /** The bill does not exist yet. */
  | 'BILL_NOT_READY'
  /** The payer's sign-in does not know the openid any more. */
  | 'SIGN_IN_AGAIN'
  /** WeChat Pay is busy. */
  | 'WECHAT_BUSY'
  /** WeChat Pay gives no answer. */
  | 'WECHAT_UNAVAILABLE'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The idempotency key has the wrong form. */
  | 'IDEMPOTENCY_KEY_INVALID';

/** What became of the money of a payment. */
export type PaymentOutcome =
  /** Nothing was paid yet. */
  | 'NONE'
  /** What it pays for is done. */
  | 'APPLIED'
  /** It could not be used any more, or was disputed; the system gives it back. */
  | 'RETURNED'
  /** It is not as ordered; staff decide. */
  | 'DISPUTED';

/** What paymentPrepare needs. */
export type PaymentPrepareInput = {
  /** The viewer's payment. */
  paymentId: string;
};

/** What a payment pays for. */
export type PaymentPurpose =
  /** A top-up of stored value. */
  | 'TOP_UP'
  /** An order. */
  | 'ORDER';

/** The state of a payment. */
export type PaymentState =
  /** Waits for the payer. */
  | 'PENDING'
  /** WeChat Pay has taken the money. */
  | 'PAID'
  /** Closed unpaid. */
  | 'CLOSED';

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

/** How a fraction of a point is rounded. */
export type PointsRounding =
  /** To the lower point. */
  | 'DOWN'
  /** To the nearest point, half a point up. */
  | 'NEAREST'
  /** To the higher point. */
  | 'UP';

/** What profileUpdate needs; what is left out stays. */
export type ProfileUpdateInput = {
  /** Name, 1 to 32 characters; WeChat checks it. */
  nickname?: string | null | undefined;
  /** Picture: an https address, at most 512 characters. */
  avatarUrl?: string | null | undefined;
  /** Gender. */
  gender?: Gender | null | undefined;
  /** Birthday; can be set once. */
  birthday?: string | null | undefined;
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

/** How a SKU is sold. */
export type SellableMode =
  /** Delivered at once (即时出库). */
  | 'INSTANT'
  /** Prepared on order (备货). */
  | 'PREPARED'
  /** Only shown (只展示). */
  | 'DISPLAY';

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

/** The trade of a store. */
export type StoreType =
  /** Tobacco and liquor shop (烟酒店). */
  | 'LIQUOR'
  /** Convenience store (便利店). */
  | 'CONVENIENCE'
  /** Restaurant (餐饮). */
  | 'RESTAURANT'
  /** Supermarket (商超). */
  | 'SUPERMARKET'
  /** Wedding banquet hotel (婚宴酒店). */
  | 'BANQUET';

/** How money is paid. */
export type Tender =
  /** Through WeChat Pay. */
  | 'WECHAT_PAY'
  /** In cash at the till. */
  | 'CASH'
  /** By the store's card terminal. */
  | 'CARD';

/** What tokenRefresh needs. */
export type TokenRefreshInput = {
  /** The refresh token in force; its immediate predecessor gets the same answer for 30 s. */
  refreshToken: string;
};

/** What topUpCreate needs. */
export type TopUpCreateInput = {
  /** The tier. */
  tierId: string;
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

/** What topUpInvoiceRequest needs. */
export type TopUpInvoiceRequestInput = {
  /** The viewer's paid top-up. */
  topUpId: string;
  /** Name of the buyer, 1 to 100 characters. */
  title: string;
  /** The buyer's tax number, 15 to 20 letters and digits; empty for a person. */
  taxNumber?: string;
  /** Where the invoice is to be sent; empty where it is handed over. */
  email?: string;
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

/** Why what a wallet holds changed. */
export type WalletEntryKind =
  /** A top-up. */
  | 'TOP_UP'
  /** A top-up is being given back. */
  | 'TOP_UP_REFUND'
  /** The refund of a top-up came to nothing; the value is back. */
  | 'TOP_UP_REFUND_UNDONE'
  /** Spent at once. */
  | 'SPEND'
  /** Spent of what was held. */
  | 'CAPTURE'
  /** Something spent came back. */
  | 'SPEND_REFUND'
  /** Bonus that expired unspent. */
  | 'BONUS_EXPIRY';

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

/** What a lot of stored value is. */
export type WalletLotKind =
  /** Paid for; it never expires. */
  | 'PRINCIPAL'
  /** Given on top. */
  | 'BONUS';

/** What walletPasswordSet needs. */
export type WalletPasswordSetInput = {
  /** The former password, where one is set. */
  former?: string | null | undefined;
  /** The new one: six digits, neither all the same nor a sequence. */
  password: string;
};

/** What walletPaymentConfirm needs. */
export type WalletPaymentConfirmInput = {
  /** The payment. */
  id: string;
  /** The pay password, where one is set. */
  password?: string | null | undefined;
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

export type CouponCentreQueryVariables = Exact<{
  storeId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CouponCentreQuery = { claimableCoupons: { nodes: Array<{ id: string, name: string, description: string, stockLeft: number, totalStock: number, memberLimit: number | null, claimEndsAt: string, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, viewer: { couponClaimStates: Array<{ claimed: number, left: number | null, canClaim: boolean, refusal: CouponErrorCode | null, template: { id: string } }> } };

export type CouponClaimMutationVariables = Exact<{
  input: CouponClaimInput;
}>;


export type CouponClaimMutation = { couponClaim: { coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponExchangeMutationVariables = Exact<{
  input: CouponExchangeInput;
}>;


export type CouponExchangeMutation = { couponExchange: { coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, userErrors: Array<{ code: ExchangeErrorCode, message: string, field: Array<string> | null }> } };

export type CouponGiftQueryVariables = Exact<{
  token: string;
}>;


export type CouponGiftQuery = { couponGift: { giver: string, own: boolean, state: CouponTransferState, offerExpiresAt: string, usableFrom: string, expiresAt: string, rule: { kind: CouponKind, amount: number | null, threshold: number }, template: { id: string, name: string, description: string } } | null };

export type CouponQuoteQueryVariables = Exact<{
  lines: Array<CouponQuoteLineInput> | CouponQuoteLineInput;
  storeId: string;
  online?: boolean;
  couponIds?: Array<string> | string | null | undefined;
}>;


export type CouponQuoteQuery = { viewer: { couponQuote: { price: number, discount: number, total: number, lines: Array<{ quantity: number, price: number, discount: number, amount: number, goods: { id: string, name: string } }>, uses: Array<{ discount: number, coupon: { id: string, template: { id: string, name: string } }, gift: { id: string, name: string } | null }>, explanations: Array<{ discount: number, refusal: CouponErrorCode | null, message: string | null, coupon: { id: string, expiresAt: string, rule: { kind: CouponKind, summary: string }, template: { id: string, name: string } } }> } } };

export type CouponTransferAcceptMutationVariables = Exact<{
  input: CouponTransferAcceptInput;
}>;


export type CouponTransferAcceptMutation = { couponTransferAccept: { coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, userErrors: Array<{ code: CouponGiftErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTransferCancelMutationVariables = Exact<{
  input: CouponTransferCancelInput;
}>;


export type CouponTransferCancelMutation = { couponTransferCancel: { transfer: { id: string, state: CouponTransferState, expiresAt: string, createdAt: string, endedAt: string | null, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } } | null, userErrors: Array<{ code: CouponGiftErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTransferCreateMutationVariables = Exact<{
  input: CouponTransferCreateInput;
}>;


export type CouponTransferCreateMutation = { couponTransferCreate: { token: string | null, transfer: { id: string, state: CouponTransferState, expiresAt: string, createdAt: string, endedAt: string | null, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } } | null, userErrors: Array<{ code: CouponGiftErrorCode, message: string, field: Array<string> | null }> } };

export type HomeQueryVariables = Exact<{
  near: CoordinateInput;
}>;


export type HomeQuery = { brand: { id: string, name: string }, nearbyStores: Array<{ distanceMetres: number, delivers: boolean, org: { id: string, name: string, store: { address: string, phone: string, openNow: boolean, hoursToday: string } | null } }>, page: { title: string, version: number, blocks: Array<{ kind: PageBlockKind, title: string, text: string, imageUrl: string, target: string, limit: number }> } | null, products: { nodes: Array<{ id: string, code: string, name: string, subtitle: string, category: string, imageUrl: string, skus: Array<{ id: string, name: string, mode: SellableMode, stock: number, price: { price: number, listPrice: number | null } | null }> }> }, claimableCoupons: { nodes: Array<{ id: string, name: string, description: string, stockLeft: number, memberLimit: number | null, claimEndsAt: string, rule: { kind: CouponKind, amount: number | null, threshold: number } }> }, viewer: { member: { id: string, growthValue: number, walletBalance: number, level: { rank: number, name: string } | null } | null, couponClaimStates: Array<{ claimed: number, left: number | null, canClaim: boolean, refusal: CouponErrorCode | null, template: { id: string } }> } };

export type HomeStoreSetMutationVariables = Exact<{
  input: HomeStoreSetInput;
}>;


export type HomeStoreSetMutation = { homeStoreSet: { member: { id: string, number: string, state: MemberState, growthValue: number, levelPeriodEndsAt: string | null, walletBalance: number, registeredAt: string | null, homeStoreProtectedUntil: string | null, level: { id: string, rank: number, name: string, benefits: Array<{ title: string, description: string }> } | null, homeStore: { id: string, name: string, city: string, store: { address: string, phone: string, openNow: boolean, hoursToday: string } | null } | null, guide: { id: string, name: string } | null } | null, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type LevelsQueryVariables = Exact<{ [key: string]: never; }>;


export type LevelsQuery = { levels: Array<{ id: string, rank: number, name: string, threshold: number, benefits: Array<{ title: string, description: string }> }> };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { viewer: { app: { id: string, name: string, face: Face }, person: { id: string, nickname: string, phone: string | null }, staff: Array<{ id: string, role: Role, name: string, capabilities: Array<Capability>, org: { id: string, kind: OrgKind, name: string } }> } };

export type MemberCodeMutationVariables = Exact<{ [key: string]: never; }>;


export type MemberCodeMutation = { memberCodeIssue: { code: { digits: string, expiresAt: string } | null, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type MemberEraseMutationVariables = Exact<{
  input: MemberEraseInput;
}>;


export type MemberEraseMutation = { memberErase: { erased: boolean, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

export type MemberEventsSubscriptionVariables = Exact<{
  afterSequence?: number | null | undefined;
}>;


export type MemberEventsSubscription = { memberEvents: { id: string, sequence: number, kind: MemberEventKind, createdAt: string, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, redemption: { id: string, purchase: number, discount: number, store: { id: string, name: string } } | null, walletPayment: { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } } | null, topUp: { id: string, state: TopUpState, pay: number, bonus: number, org: { id: string, name: string } } | null } };

export type MessagePermissionAddMutationVariables = Exact<{
  input: MessagePermissionAddInput;
}>;


export type MessagePermissionAddMutation = { messagePermissionAdd: { permission: { topic: MessageTopic, templateId: string | null, remaining: number } | null, userErrors: Array<{ code: MessageErrorCode, message: string, field: Array<string> | null }> } };

export type MissedEventsQueryVariables = Exact<{
  afterSequence?: number;
  first?: number | null | undefined;
}>;


export type MissedEventsQuery = { viewer: { events: { nodes: Array<{ id: string, sequence: number, kind: MemberEventKind, createdAt: string, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, redemption: { id: string, purchase: number, discount: number, store: { id: string, name: string } } | null, walletPayment: { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } } | null, topUp: { id: string, state: TopUpState, pay: number, bonus: number, org: { id: string, name: string } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type MyCouponTransfersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MyCouponTransfersQuery = { viewer: { couponTransfers: { nodes: Array<{ id: string, state: CouponTransferState, expiresAt: string, createdAt: string, endedAt: string | null, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type MyCouponsQueryVariables = Exact<{
  state?: CouponState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MyCouponsQuery = { viewer: { coupons: { nodes: Array<{ id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type MyMessagePermissionsQueryVariables = Exact<{ [key: string]: never; }>;


export type MyMessagePermissionsQuery = { viewer: { messagePermissions: Array<{ topic: MessageTopic, templateId: string | null, remaining: number }> } };

export type MyPointsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type MyPointsQuery = { viewer: { member: { id: string, points: { balance: number, pending: number, debt: number, lots: Array<{ id: string, state: PointsLotState, amount: number, remaining: number, at: string | null }>, entries: { nodes: Array<{ kind: PointsEntryKind, at: string, points: number, pending: number, debt: number, balance: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null } | null }, pointsSettings: { perYuan: number, rounding: PointsRounding, pendingDays: number, expiryDays: number, growthPerPoint: number } };

export type MyProfileQueryVariables = Exact<{ [key: string]: never; }>;


export type MyProfileQuery = { viewer: { person: { id: string, nickname: string, avatarUrl: string, gender: Gender | null, birthday: string | null, phone: string | null }, member: { id: string, number: string, state: MemberState, growthValue: number, levelPeriodEndsAt: string | null, walletBalance: number, registeredAt: string | null, homeStoreProtectedUntil: string | null, level: { id: string, rank: number, name: string, benefits: Array<{ title: string, description: string }> } | null, homeStore: { id: string, name: string, city: string, store: { address: string, phone: string, openNow: boolean, hoursToday: string } | null } | null, guide: { id: string, name: string } | null } | null, consents: Array<{ id: string, kind: ConsentKind, version: string, granted: boolean, decidedAt: string }> } };

export type MyWalletQueryVariables = Exact<{ [key: string]: never; }>;


export type MyWalletQuery = { viewer: { wallet: { id: string, state: WalletState, frozenAt: string | null, hasPassword: boolean, passwordLockedUntil: string | null, lots: Array<{ kind: WalletLotKind, amount: number, remaining: number, held: number, expiresAt: string | null, issuer: { id: string, name: string }, scope: { id: string, name: string } }>, balance: { principal: number, bonus: number, held: number, total: number } } | null } };

export type MyWalletEntriesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MyWalletEntriesQuery = { viewer: { wallet: { id: string, entries: { nodes: Array<{ kind: WalletEntryKind, principal: number, bonus: number, at: string, org: { id: string, name: string } | null, payment: { id: string, amount: number } | null, refund: { id: string, reason: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null } };

export type MyWalletPaymentsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MyWalletPaymentsQuery = { viewer: { wallet: { id: string, payments: { nodes: Array<{ id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, refunds: Array<{ id: string, amount: number, reason: string, createdAt: string }>, org: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null } };

export type MyWalletStatementQueryVariables = Exact<{
  month: string;
}>;


export type MyWalletStatementQuery = { viewer: { wallet: { id: string, statement: { month: string, opening: number, closing: number, toppedUp: number, withdrawn: number, spent: number, returned: number, expired: number } } | null } };

export type NearbyStoresQueryVariables = Exact<{
  near: CoordinateInput;
  first?: number | null | undefined;
  openNow?: boolean | null | undefined;
  delivers?: boolean | null | undefined;
}>;


export type NearbyStoresQuery = { nearbyStores: Array<{ distanceMetres: number, delivers: boolean, org: { id: string, name: string, city: string, store: { type: StoreType, address: string, phone: string, openNow: boolean, hoursToday: string, radiusMetres: number, coordinate: { latitude: number, longitude: number, system: CoordinateSystem } } | null } }> };

export type OwnTopUpsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type OwnTopUpsQuery = { viewer: { topUps: { nodes: Array<{ id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, bonusExpiresAt: string | null, closedAt: string | null, refunds: Array<{ id: string, state: TopUpRefundState, amount: number, principal: number, bonus: number, createdAt: string, paidAt: string | null }>, org: { id: string, name: string }, tier: { id: string, name: string }, payment: { id: string, state: PaymentState, expiresAt: string } | null, invoice: { title: string, taxNumber: string, email: string, requestedAt: string, number: string, issuedAt: string | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type PayCodeMutationVariables = Exact<{ [key: string]: never; }>;


export type PayCodeMutation = { payCodeIssue: { code: { digits: string, refreshAt: string } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type PaymentPrepareMutationVariables = Exact<{
  input: PaymentPrepareInput;
}>;


export type PaymentPrepareMutation = { paymentPrepare: { payment: { id: string, state: PaymentState, amount: number, description: string, expiresAt: string } | null, parameters: { timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null, userErrors: Array<{ code: PaymentErrorCode, message: string, field: Array<string> | null }> } };

export type PaymentStateQueryVariables = Exact<{
  id: string;
}>;


export type PaymentStateQuery = { payment: { id: string, state: PaymentState, outcome: PaymentOutcome, purpose: PaymentPurpose, amount: number, paid: number, refunded: number, paidAt: string | null, closedAt: string | null, expiresAt: string } | null };

export type PersonalDataQueryVariables = Exact<{ [key: string]: never; }>;


export type PersonalDataQuery = { personalData: { madeAt: string, person: { id: string, nickname: string, gender: Gender | null, birthday: string | null, phone: string | null }, member: { id: string, number: string, state: MemberState, growthValue: number, registeredAt: string | null }, consents: Array<{ kind: ConsentKind, version: string, granted: boolean, decidedAt: string }>, sessions: Array<{ id: string, device: string, createdAt: string }>, coupons: Array<{ id: string, state: CouponState, createdAt: string, usedAt: string | null, template: { name: string } }>, redemptions: Array<{ id: string, createdAt: string, discount: number, store: { name: string } }> } };

export type PhoneBindMutationVariables = Exact<{
  input: PhoneBindInput;
}>;


export type PhoneBindMutation = { phoneBind: { signInAgain: boolean, person: { id: string, phone: string | null } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type ProductQueryVariables = Exact<{
  id: string;
}>;


export type ProductQuery = { product: { description: string, skuLine: string, id: string, code: string, name: string, subtitle: string, category: string, imageUrl: string, skus: Array<{ id: string, name: string, mode: SellableMode, stock: number, price: { price: number, listPrice: number | null } | null }> } | null };

export type ProductsQueryVariables = Exact<{
  category?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ProductsQuery = { products: { nodes: Array<{ id: string, code: string, name: string, subtitle: string, category: string, imageUrl: string, skus: Array<{ id: string, name: string, mode: SellableMode, stock: number, price: { price: number, listPrice: number | null } | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ProfileUpdateMutationVariables = Exact<{
  input: ProfileUpdateInput;
}>;


export type ProfileUpdateMutation = { profileUpdate: { person: { id: string, nickname: string, avatarUrl: string, gender: Gender | null, birthday: string | null } | null, userErrors: Array<{ code: MemberErrorCode, message: string, field: Array<string> | null }> } };

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

export type TokenRefreshMutationVariables = Exact<{
  input: TokenRefreshInput;
}>;


export type TokenRefreshMutation = { tokenRefresh: { tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, refreshTokenExpiresAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpCreateMutationVariables = Exact<{
  input: TopUpCreateInput;
}>;


export type TopUpCreateMutation = { topUpCreate: { topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, bonusExpiresAt: string | null, closedAt: string | null, org: { id: string, name: string }, tier: { id: string, name: string }, payment: { id: string, state: PaymentState, expiresAt: string } | null, invoice: { title: string, taxNumber: string, email: string, requestedAt: string, number: string, issuedAt: string | null } | null } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpInvoiceRequestMutationVariables = Exact<{
  input: TopUpInvoiceRequestInput;
}>;


export type TopUpInvoiceRequestMutation = { topUpInvoiceRequest: { topUp: { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, bonusExpiresAt: string | null, closedAt: string | null, org: { id: string, name: string }, tier: { id: string, name: string }, payment: { id: string, state: PaymentState, expiresAt: string } | null, invoice: { title: string, taxNumber: string, email: string, requestedAt: string, number: string, issuedAt: string | null } | null } | null, userErrors: Array<{ code: TopUpErrorCode, message: string, field: Array<string> | null }> } };

export type TopUpTiersQueryVariables = Exact<{
  storeId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TopUpTiersQuery = { topUpTiers: { nodes: Array<{ id: string, name: string, pay: number, endsAt: string, memberLimit: number, personLimit: number, org: { id: string, name: string }, terms: { bonus: number, bonusDays: number, refundUnusedDays: number, memberFaultByShare: boolean, scope: { id: string, name: string }, coupons: Array<{ count: number, template: { id: string, name: string } }>, goods: Array<{ count: number, sku: { id: string, name: string } }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type WalletPasswordSetMutationVariables = Exact<{
  input: WalletPasswordSetInput;
}>;


export type WalletPasswordSetMutation = { walletPasswordSet: { wallet: { id: string, state: WalletState, frozenAt: string | null, hasPassword: boolean, passwordLockedUntil: string | null, balance: { principal: number, bonus: number, held: number, total: number } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletPaymentConfirmMutationVariables = Exact<{
  input: WalletPaymentConfirmInput;
}>;


export type WalletPaymentConfirmMutation = { walletPaymentConfirm: { payment: { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletPaymentDeclineMutationVariables = Exact<{
  input: WalletPaymentInput;
}>;


export type WalletPaymentDeclineMutation = { walletPaymentDecline: { payment: { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type WalletReportLostMutationVariables = Exact<{ [key: string]: never; }>;


export type WalletReportLostMutation = { walletReportLost: { wallet: { id: string, state: WalletState, frozenAt: string | null, hasPassword: boolean, passwordLockedUntil: string | null, balance: { principal: number, bonus: number, held: number, total: number } } | null, userErrors: Array<{ code: WalletErrorCode, message: string, field: Array<string> | null }> } };

export type CouponCardFragment = { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } };

export type EventCardFragment = { id: string, sequence: number, kind: MemberEventKind, createdAt: string, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } | null, redemption: { id: string, purchase: number, discount: number, store: { id: string, name: string } } | null, walletPayment: { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } } | null, topUp: { id: string, state: TopUpState, pay: number, bonus: number, org: { id: string, name: string } } | null };

export type MemberCardFragment = { id: string, number: string, state: MemberState, growthValue: number, levelPeriodEndsAt: string | null, walletBalance: number, registeredAt: string | null, homeStoreProtectedUntil: string | null, level: { id: string, rank: number, name: string, benefits: Array<{ title: string, description: string }> } | null, homeStore: { id: string, name: string, city: string, store: { address: string, phone: string, openNow: boolean, hoursToday: string } | null } | null, guide: { id: string, name: string } | null };

export type OwnTopUpFragment = { id: string, state: TopUpState, tender: Tender, pay: number, bonus: number, refunded: number, createdAt: string, paidAt: string | null, bonusExpiresAt: string | null, closedAt: string | null, org: { id: string, name: string }, tier: { id: string, name: string }, payment: { id: string, state: PaymentState, expiresAt: string } | null, invoice: { title: string, taxNumber: string, email: string, requestedAt: string, number: string, issuedAt: string | null } | null };

export type PaymentCardFragment = { id: string, state: WalletPaymentState, amount: number, principal: number, bonus: number, captured: number, refunded: number, createdAt: string, expiresAt: string | null, org: { id: string, name: string } };

export type ProductCardFragment = { id: string, code: string, name: string, subtitle: string, category: string, imageUrl: string, skus: Array<{ id: string, name: string, mode: SellableMode, stock: number, price: { price: number, listPrice: number | null } | null }> };

export type TopUpTierCardFragment = { id: string, name: string, pay: number, endsAt: string, memberLimit: number, personLimit: number, org: { id: string, name: string }, terms: { bonus: number, bonusDays: number, refundUnusedDays: number, memberFaultByShare: boolean, scope: { id: string, name: string }, coupons: Array<{ count: number, template: { id: string, name: string } }>, goods: Array<{ count: number, sku: { id: string, name: string } }> } };

export type TransferCardFragment = { id: string, state: CouponTransferState, expiresAt: string, createdAt: string, endedAt: string | null, coupon: { id: string, state: CouponState, code: string, usableFrom: string, expiresAt: string, usedAt: string | null, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> }, template: { id: string, name: string, description: string } } };

export type WalletCardFragment = { id: string, state: WalletState, frozenAt: string | null, hasPassword: boolean, passwordLockedUntil: string | null, balance: { principal: number, bonus: number, held: number, total: number } };

export const ConsentDecide: Operation<ConsentDecideMutation, ConsentDecideMutationVariables> = {
  id: "51734fbc4a48646a2b61230350eb4b0e6efd93e79f45b0bf1226f2ac803473bd",
  name: "ConsentDecide",
};

export const CouponCentre: Operation<CouponCentreQuery, CouponCentreQueryVariables> = {
  id: "72be882579a1bda0cd340486e6e2af62bc0df401d63513167b1742fa3d103b92",
  name: "CouponCentre",
};

export const CouponClaim: Operation<CouponClaimMutation, CouponClaimMutationVariables> = {
  id: "6974d38f12ffd4a4218d92abf7a983aa1c5548e217648215ef6f9368bc2fc94c",
  name: "CouponClaim",
};

export const CouponExchange: Operation<CouponExchangeMutation, CouponExchangeMutationVariables> = {
  id: "13f1b09a85f269fd4515f474625fdda401440d2ca4aa07da577f0c13184731a8",
  name: "CouponExchange",
};

export const CouponGift: Operation<CouponGiftQuery, CouponGiftQueryVariables> = {
  id: "bb5890dae073a240685d6e80d2a354b2ff8cb280e07c3c758dc18efcc7dce1fb",
  name: "CouponGift",
};

export const CouponQuote: Operation<CouponQuoteQuery, CouponQuoteQueryVariables> = {
  id: "5f501f99702950693662d1b3c3f1b83f7f261b628c9426b1c798733d0f340b5a",
  name: "CouponQuote",
};

export const CouponTransferAccept: Operation<CouponTransferAcceptMutation, CouponTransferAcceptMutationVariables> = {
  id: "6a160a89a6d36fa0dd2ff4bc96f1e737c335d2d559a5df097b2d2d57978e2bdf",
  name: "CouponTransferAccept",
};

export const CouponTransferCancel: Operation<CouponTransferCancelMutation, CouponTransferCancelMutationVariables> = {
  id: "03cc837408a72845d8685d5b13506336127aa7c009e4fe3f04a0afd9daad4f5c",
  name: "CouponTransferCancel",
};

export const CouponTransferCreate: Operation<CouponTransferCreateMutation, CouponTransferCreateMutationVariables> = {
  id: "cd1213e9639d1a3e7a509d34f4c3a00025cb6811119afdc3d6f303ed6cae298f",
  name: "CouponTransferCreate",
};

export const Home: Operation<HomeQuery, HomeQueryVariables> = {
  id: "9e2b8892ce34233fcfb9ab08af89bad5dcb54479f5f694ddee209b49ad384598",
  name: "Home",
};

export const HomeStoreSet: Operation<HomeStoreSetMutation, HomeStoreSetMutationVariables> = {
  id: "a2d5679e0d0d7421851379d6a034085af45b0598ba652ed9f1a38f89ce2593cd",
  name: "HomeStoreSet",
};

export const Levels: Operation<LevelsQuery, LevelsQueryVariables> = {
  id: "4352993402b5a1ef7094ad00bd4a7b22e5cd92b294e47556dbe9165b7b2e2b29",
  name: "Levels",
};

export const Me: Operation<MeQuery, MeQueryVariables> = {
  id: "7555ef89d24929d0b25c776b646641eb35e82062287b1d4f3df415fd09715b89",
  name: "Me",
};

export const MemberCode: Operation<MemberCodeMutation, MemberCodeMutationVariables> = {
  id: "a8f0d7629f0786482826cdbf3b673a84a1ecf0ed567978d5e8b095ea7fb5b0dd",
  name: "MemberCode",
};

export const MemberErase: Operation<MemberEraseMutation, MemberEraseMutationVariables> = {
  id: "67baa7a387e709c8e8b5ce0af90f582261ace96da4bde65599b439037343204c",
  name: "MemberErase",
};

export const MemberEvents: Subscription<MemberEventsSubscription, MemberEventsSubscriptionVariables> = {
  id: "3261153e87eedf43c7a36223b5d0148609eb1eb090973cf542a72b714d6591f0",
  name: "MemberEvents",
  live: true,
};

export const MessagePermissionAdd: Operation<MessagePermissionAddMutation, MessagePermissionAddMutationVariables> = {
  id: "4f21b03003f63699a9c84ff3af6926f5a9ac6486d37da5e14f5504c34c7f3de6",
  name: "MessagePermissionAdd",
};

export const MissedEvents: Operation<MissedEventsQuery, MissedEventsQueryVariables> = {
  id: "870e788734ece7bb4162261673900c31b3985c6c7962683c2af117a0849d1862",
  name: "MissedEvents",
};

export const MyCouponTransfers: Operation<MyCouponTransfersQuery, MyCouponTransfersQueryVariables> = {
  id: "2d123a6a1f1b125e04da1f15da24390e484e185fec471ce94b0cf6dd5fc2e9a4",
  name: "MyCouponTransfers",
};

export const MyCoupons: Operation<MyCouponsQuery, MyCouponsQueryVariables> = {
  id: "5af69b4975325bf9acffd87903cc2766fab6fd86a646f829794f95833c5afde8",
  name: "MyCoupons",
};

export const MyMessagePermissions: Operation<MyMessagePermissionsQuery, MyMessagePermissionsQueryVariables> = {
  id: "1ff2deb895fc69bca31473479b817ea855793429525f6aa617f1c94a7badd91d",
  name: "MyMessagePermissions",
};

export const MyPoints: Operation<MyPointsQuery, MyPointsQueryVariables> = {
  id: "091fd76d446f059e3e1e8d16c13abf417bbe24d5db523d67aa26921e9e95e16d",
  name: "MyPoints",
};

export const MyProfile: Operation<MyProfileQuery, MyProfileQueryVariables> = {
  id: "5e32d2066a2a85b446d5b4d37a01d5148aadeb46979f977b57c3db02f06c9f8f",
  name: "MyProfile",
};

export const MyWallet: Operation<MyWalletQuery, MyWalletQueryVariables> = {
  id: "8b2736878573f661eca7de8b46a0e6824d3a4da76355dc1740e2ef270923f513",
  name: "MyWallet",
};

export const MyWalletEntries: Operation<MyWalletEntriesQuery, MyWalletEntriesQueryVariables> = {
  id: "0e14d1276b578102f1c992de983fd4d5d1959520332b4986dd023ee7da035aaf",
  name: "MyWalletEntries",
};

export const MyWalletPayments: Operation<MyWalletPaymentsQuery, MyWalletPaymentsQueryVariables> = {
  id: "26d44b93b6f41a459cba364a178b1dd32c20ac7c781d9df40f93cca063afbd48",
  name: "MyWalletPayments",
};

export const MyWalletStatement: Operation<MyWalletStatementQuery, MyWalletStatementQueryVariables> = {
  id: "04b0776249fcd0fe255c425847f4d9dac1e3a8fe5eebb9169101f523545d2618",
  name: "MyWalletStatement",
};

export const NearbyStores: Operation<NearbyStoresQuery, NearbyStoresQueryVariables> = {
  id: "2657382347ea2552c86aa0d8c9a8891a25ca2aaa7aa63056e717b74360121477",
  name: "NearbyStores",
};

export const OwnTopUps: Operation<OwnTopUpsQuery, OwnTopUpsQueryVariables> = {
  id: "6d5ff13086b0bf174b0ffb7f745455961a4259357dd1b768732669336f230c72",
  name: "OwnTopUps",
};

export const PayCode: Operation<PayCodeMutation, PayCodeMutationVariables> = {
  id: "d736e2382dc00eea55432831a1e311a57162ffaf67553b737762cd4b2e347470",
  name: "PayCode",
};

export const PaymentPrepare: Operation<PaymentPrepareMutation, PaymentPrepareMutationVariables> = {
  id: "febd7ff4b913e064e266b012de583e8266f0e60d832f409cbf436d3085a9877f",
  name: "PaymentPrepare",
};

export const PaymentState: Operation<PaymentStateQuery, PaymentStateQueryVariables> = {
  id: "da75f0bbd2eb68c12a713be7e1fea4c994e3b0f6f8a69a7d9d88a3afb7d9acc4",
  name: "PaymentState",
};

export const PersonalData: Operation<PersonalDataQuery, PersonalDataQueryVariables> = {
  id: "0156c92a133e65c261286e1fa77773083895f03f3c1420ba15c9c8d326123610",
  name: "PersonalData",
};

export const PhoneBind: Operation<PhoneBindMutation, PhoneBindMutationVariables> = {
  id: "3818b211cb2f7f7c4b1273075696e7b125a564b81f0104959aab7630303d49df",
  name: "PhoneBind",
};

export const Product: Operation<ProductQuery, ProductQueryVariables> = {
  id: "bfbf452afab4f78972efdd4b7be9a47a3bafbce5fa1b51ce607dcef6e838b82c",
  name: "Product",
};

export const Products: Operation<ProductsQuery, ProductsQueryVariables> = {
  id: "93da430c9a5b0c774d470882f532d5b12d9ab1e811f1c495aa465f4e576c65a3",
  name: "Products",
};

export const ProfileUpdate: Operation<ProfileUpdateMutation, ProfileUpdateMutationVariables> = {
  id: "8cd246ba640868e44702af1742c9ad07a6646b7f402e138829c1ff6d5aa3451e",
  name: "ProfileUpdate",
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

export const TokenRefresh: Operation<TokenRefreshMutation, TokenRefreshMutationVariables> = {
  id: "eb79fefb9b240bc8c57e9deb8a99f257063b042e15eddf2eac638c062405ad97",
  name: "TokenRefresh",
};

export const TopUpCreate: Operation<TopUpCreateMutation, TopUpCreateMutationVariables> = {
  id: "95737468ea86a7a9ac924d39fedea7715c8c85017b85b92d80d35a0951ff0f56",
  name: "TopUpCreate",
};

export const TopUpInvoiceRequest: Operation<TopUpInvoiceRequestMutation, TopUpInvoiceRequestMutationVariables> = {
  id: "fca5fb76fcadafbc2fa1e659a301e2d9f7dffe783b425ee356a2256e447df09a",
  name: "TopUpInvoiceRequest",
};

export const TopUpTiers: Operation<TopUpTiersQuery, TopUpTiersQueryVariables> = {
  id: "4e8dc4b35312f88847109c0407ff656cf21ba0ec594a9d61d479b85fe75788ec",
  name: "TopUpTiers",
};

export const WalletPasswordSet: Operation<WalletPasswordSetMutation, WalletPasswordSetMutationVariables> = {
  id: "d4fe930351e7c5c6ce54c4b3bc0b5484c2f55a6e95a1f9fac50e6f890944566c",
  name: "WalletPasswordSet",
};

export const WalletPaymentConfirm: Operation<WalletPaymentConfirmMutation, WalletPaymentConfirmMutationVariables> = {
  id: "7ee02c32856e25f19c506e22e742402ccc98ab8247cc268e8dfc9e7b9a010d2c",
  name: "WalletPaymentConfirm",
};

export const WalletPaymentDecline: Operation<WalletPaymentDeclineMutation, WalletPaymentDeclineMutationVariables> = {
  id: "a8d03d8f2f5e9ca6f1aa06a22b61dd869c336cc629062a59958694f493c3bdd6",
  name: "WalletPaymentDecline",
};

export const WalletReportLost: Operation<WalletReportLostMutation, WalletReportLostMutationVariables> = {
  id: "f5a3e62f3321cd77a7bc9b8e143eeb44437972324989ee732c472be0e4a61a24",
  name: "WalletReportLost",
};
