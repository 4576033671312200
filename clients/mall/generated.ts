// Made by make clients from the face's *.graphql. DO NOT EDIT.

import type { Operation } from "../client.js";

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

/** What clearingDisputeWithdraw and clearingDisputeAccept need. */
export type ClearingDisputeInput = {
  /** The disputed line. */
  lineId: string;
  /** The side that acts; the viewer has a role at that very org. */
  orgId: string;
};

/** Why something about clearing was refused. */
export type ClearingErrorCode =
  /** No such statement, line or org that the viewer speaks for. */
  | 'NOT_FOUND'
  /** An input field is not valid. */
  | 'INVALID_INPUT'
  /** A reason is needed. */
  | 'REASON_REQUIRED'
  /** A line of the statement is disputed. */
  | 'CLEARING_LINE_DISPUTED'
  /** Both sides have confirmed the statement. */
  | 'CLEARING_STATEMENT_CONFIRMED'
  /** It is for the other side to do. */
  | 'CLEARING_OTHER_SIDE'
  /** There are too many lines for a workbook. */
  | 'CLEARING_EXPORT_TOO_LONG'
  /** It changed meanwhile; look again. */
  | 'CONFLICT';

/** What a clearing line comes from. */
export type ClearingKind =
  /** Principal that was spent where it was not issued: face less fee. */
  | 'PRINCIPAL'
  /** Bonus that another org pays for. */
  | 'BONUS'
  /** A coupon that another org pays for. */
  | 'COUPON';

/** What clearingLineDispute needs. */
export type ClearingLineDisputeInput = {
  /** A line that is on a statement. */
  lineId: string;
  /** The side that disputes it; the viewer has a role at that very org. */
  orgId: string;
  /** Why, in 1 to 200 letters. */
  reason: string;
};

/** Whether a clearing line is disputed. */
export type ClearingLineState =
  /** Not disputed. */
  | 'OPEN'
  /** One of the two sides says that it is not right. */
  | 'DISPUTED';

/** What clearingStatementConfirm needs. */
export type ClearingStatementConfirmInput = {
  /** The statement. */
  statementId: string;
  /** The side that confirms, one of the two orgs; the viewer has a role at that very org. */
  orgId: string;
  /** firstOwes as it was seen. */
  firstOwes: number;
  /** secondOwes as it was seen. */
  secondOwes: number;
};

/** What clearingStatementExport needs. */
export type ClearingStatementExportInput = {
  /** The statement. */
  statementId: string;
  /** Its form. */
  format: ExportFormat;
};

/** How far the two sides of a clearing statement have got. */
export type ClearingStatementState =
  /** Made; one side or both have still to confirm it. */
  | 'ISSUED'
  /** A line on it is disputed; nobody can confirm it until that is settled. */
  | 'DISPUTED'
  /** Confirmed by both sides; it never changes again. */
  | 'CONFIRMED';

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

/** See CouponAudience; without any condition all members of the issuing org are meant. */
export type CouponAudienceInput = {
  /** Tags of the issuing org, of orgs below or above it, at most 100. */
  tagIds?: Array<string>;
  /** Levels, at most 100. */
  levelIds?: Array<string>;
  /** Home stores within the issuing org, at most 100. */
  storeIds?: Array<string>;
  /** Phones (11 digits; others with + and the country's code) and membership numbers, 1 to 5,000; null for no list. */
  listed?: Array<string> | null | undefined;
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

/** What gives a coupon by itself (事件). */
export type CouponEvent =
  /** Nothing. */
  | 'NONE'
  /** A member has bound a phone. */
  | 'REGISTRATION'
  /** The member's birthday. */
  | 'BIRTHDAY'
  /** A top-up was paid. */
  | 'TOP_UP'
  /** A bottle code was scanned. */
  | 'SCAN';

/** Who bears a share of what a coupon takes off. */
export type CouponFunderInput = {
  /** The brand, the issuer, or an org above or below it. */
  orgId: string;
  /** Its share, 1 to 10000; all shares sum to 10000. */
  share: number;
};

/** By what a funnel is divided. */
export type CouponFunnelBy =
  /** Each store. */
  | 'STORE'
  /** The org right above each store: its region. */
  | 'REGION';

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

/** What couponIssueJobCreate needs. */
export type CouponIssueJobCreateInput = {
  /** The template; of an org in the viewer's scope. */
  templateId: string;
  /** Who gets one. */
  audience: CouponAudienceInput;
  /** Why; kept in the audit log. */
  reason: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What couponIssueJobResume needs. */
export type CouponIssueJobResumeInput = {
  /** The job. */
  id: string;
  /** Why; kept in the audit log. */
  reason: string;
};

/** The state of an issue job. */
export type CouponIssueJobState =
  /** Members get their coupons. */
  | 'RUNNING'
  /** Every member of the audience was served or skipped. */
  | 'DONE'
  /** It ended before; it can be resumed. */
  | 'STOPPED';

/** What couponIssueJobStop needs. */
export type CouponIssueJobStopInput = {
  /** The job. */
  id: string;
  /** Why, 1 to 200 characters. */
  reason: string;
};

/** Why an issue job stopped before its end. */
export type CouponIssueStop =
  /** Staff stopped it. */
  | 'STAFF'
  /** The template's stock, or that of the day, ran out. */
  | 'OUT_OF_STOCK'
  /** The template's budget ran out. */
  | 'BUDGET_EXHAUSTED'
  /** The template was paused, ended or withdrawn, or what it gives could not be used any more. */
  | 'TEMPLATE_NOT_ACTIVE';

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

/** What a partial refund does where what is kept falls under a coupon's threshold. */
export type CouponRepricing =
  /** The discount of what is kept stays. */
  | 'KEEP'
  /** The discount of what is kept is deducted from the refund. */
  | 'WITHDRAW';

/** What a full return of an order does to a coupon that was used in it. */
export type CouponReturnPolicy =
  /** It comes back when everything was refunded. */
  | 'ON_FULL_REFUND'
  /** It comes back with the first refund of goods in its scope. */
  | 'ON_ANY'
  /** It stays used. */
  | 'NEVER';

/** What couponTemplateCreate needs. */
export type CouponTemplateCreateInput = {
  /** The org that issues it. */
  orgId: string;
  /** Name, 1 to 64 characters. */
  name: string;
  /** Conditions in words, at most 512 characters. */
  description?: string;
  /** What it gives. */
  kind?: CouponKind;
  /** Amount off in fen, 1 to 10000000: of AMOUNT_OFF, and of FREIGHT where it is not to be all of the freight. */
  amount?: number | null | undefined;
  /** Share that PERCENT_OFF takes off, 1 to 10000. */
  percent?: number | null | undefined;
  /** The most that PERCENT_OFF takes off, in fen, 1 to 10000000; null for no cap. */
  cap?: number | null | undefined;
  /** SKU of which EXCHANGE makes one piece free, or GIFT adds one. */
  goodsSkuId?: string | null | undefined;
  /** How much of the goods in its scope must cost, in fen, 0 to 100000000; 0 for any. */
  threshold?: number;
  /** Stores, or regions and distributors whose stores are meant, at most 100; empty for every store of the issuing org. */
  scopeOrgIds?: Array<string>;
  /** SKUs that count, at most 500; all goods where no SKU, product or category is named. */
  scopeSkuIds?: Array<string>;
  /** Products that count, at most 500. */
  scopeProductIds?: Array<string>;
  /** Categories that count, at most 50. */
  scopeCategories?: Array<string>;
  /** SKUs that never count, at most 500. */
  excludedSkuIds?: Array<string>;
  /** Whether it can be used in orders of the mini-program alone. */
  onlineOnly?: boolean;
  /** Whether it can be used at the till alone. */
  storeOnly?: boolean;
  /** Times of the week at which it can be used, at most 8 a day; empty for always. */
  hours?: Array<OpeningInput>;
  /** Who bears what it takes off, at most 10, of which the viewer may write templates at each; empty for the issuing org alone. */
  funders?: Array<CouponFunderInput>;
  /** Group of which one purchase takes one coupon, or `stackLimit` of them; at most 32 characters. */
  stackGroup?: string;
  /** How many coupons of its group may be used together, itself included, 1 to 20. */
  stackLimit?: number;
  /** Whether it is used alone. */
  exclusive?: boolean;
  /** Which of the coupons used together is taken off first: the highest; -1000 to 1000. */
  priority?: number;
  /** When it comes back after refunds. */
  returnPolicy?: CouponReturnPolicy;
  /** Days for which a coupon that comes back after its end can still be used, 0 to 365. */
  returnGraceDays?: number;
  /** What a partial refund below the threshold does. */
  repricing?: CouponRepricing;
  /** Whether it can be given to a friend. */
  transferable?: boolean;
  /** Coupons that may ever be issued, 1 to 100000000. */
  totalStock: number;
  /** Coupons that may be issued on one day, 1 to 100000000; null for no limit. */
  dayStock?: number | null | undefined;
  /** Coupons one member may get, 1 to 1000; null for no limit. */
  memberLimit?: number | null | undefined;
  /** Coupons one member may get on one day, 1 to 1000; null for no limit. */
  memberDayLimit?: number | null | undefined;
  /** Coupons one human may get, also by leaving and coming back, 1 to 1000; null for no limit. */
  personLimit?: number | null | undefined;
  /** First moment of the claim window. */
  claimStartsAt: string;
  /** First moment after the claim window. */
  claimEndsAt: string;
  /** How the use window is found. */
  validityKind: CouponValidityKind;
  /** First moment of a fixed use window. */
  validFrom?: string | null | undefined;
  /** First moment after a fixed use window. */
  validUntil?: string | null | undefined;
  /** Days a coupon is usable after its claim and delay, 1 to 3650. */
  validDays?: number | null | undefined;
  /** Days from the claim until a coupon is usable, 0 to 365. */
  delayDays?: number | null | undefined;
  /** What all coupons together may take off, in fen, from one coupon's worth to 100000000000; null for no budget. It needs a kind that bounds what one coupon takes off. */
  budget?: number | null | undefined;
  /** Template whose redemption at the issuing org's stores gives a coupon of this one; issued by this org or one above it, and not activated by another itself. */
  activatedById?: string | null | undefined;
  /** What gives it by itself; not together with `activatedById`. */
  event?: CouponEvent;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What couponTemplateDuplicate needs. */
export type CouponTemplateDuplicateInput = {
  /** The template to copy; the viewer may write templates at its org and act for its funders. */
  id: string;
  /** Name of the copy, 1 to 64 characters. */
  name: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What couponTemplateRestock needs. */
export type CouponTemplateRestockInput = {
  /** The template. */
  id: string;
  /** Coupons to add, 1 to 100000000. */
  quantity: number;
  /** Why; kept in the audit log. */
  reason: string;
  /** 8 to 64 letters, digits, - or _. */
  idempotencyKey: string;
};

/** What couponTemplateReview needs. */
export type CouponTemplateReviewInput = {
  /** The template, in state REVIEW. */
  id: string;
  /** The version that the viewer saw. */
  version: number;
  /** True makes it ACTIVE, false sends it back to DRAFT. */
  approve: boolean;
  /** Why; needed to send it back. At most 255 characters. */
  reason?: string;
};

/** The state of a coupon template. */
export type CouponTemplateState =
  /** Being worked on. */
  | 'DRAFT'
  /** Waiting for another person's review. */
  | 'REVIEW'
  /** Can be claimed within its window. */
  | 'ACTIVE'
  /** Cannot be claimed for now; issued coupons stay usable. */
  | 'PAUSED'
  /** Over; issued coupons stay usable. */
  | 'ENDED'
  /** Withdrawn; issued coupons are not usable any more and are taken back, but for those that an order holds. */
  | 'VOID';

/** What couponTemplateStateSet needs. */
export type CouponTemplateStateSetInput = {
  /** The template. */
  id: string;
  /** The version that the viewer saw. */
  version: number;
  /** The new state: DRAFT from REVIEW, PAUSED from ACTIVE, ACTIVE from PAUSED, ENDED from ACTIVE or PAUSED, VOID from any other. */
  state: CouponTemplateState;
  /** Why; needed for PAUSED, ENDED and VOID. At most 255 characters. */
  reason?: string;
};

/** What couponTemplateSubmit needs. */
export type CouponTemplateSubmitInput = {
  /** The template, in state DRAFT. */
  id: string;
  /** The version that the viewer saw. */
  version: number;
};

/**
 * What couponTemplateUpdate needs: the template as it is to be, all of it. A draft may change in everything but its org. One that is ACTIVE or PAUSED changes only in the
 * member's favour: a larger amount, percentage or cap, a lower threshold, a wider scope, longer hours and windows, more stock and budget, higher limits, a
 * friendlier return policy, transferable; name, description, kind, goods, funders, stack group, priority, event and activation stay. Coupons that were issued keep their rule.
 */
export type CouponTemplateUpdateInput = {
  /** The template. */
  id: string;
  /** The version that the viewer saw. */
  version: number;
  /** Name, 1 to 64 characters. */
  name: string;
  /** Conditions in words, at most 512 characters. */
  description?: string;
  /** What it gives. */
  kind?: CouponKind;
  /** Amount off in fen, 1 to 10000000: of AMOUNT_OFF, and of FREIGHT where it is not to be all of the freight. */
  amount?: number | null | undefined;
  /** Share that PERCENT_OFF takes off, 1 to 10000. */
  percent?: number | null | undefined;
  /** The most that PERCENT_OFF takes off, in fen, 1 to 10000000; null for no cap. */
  cap?: number | null | undefined;
  /** SKU of which EXCHANGE makes one piece free, or GIFT adds one. */
  goodsSkuId?: string | null | undefined;
  /** How much of the goods in its scope must cost, in fen, 0 to 100000000; 0 for any. */
  threshold?: number;
  /** Stores, or regions and distributors whose stores are meant, at most 100; empty for every store of the issuing org. */
  scopeOrgIds?: Array<string>;
  /** SKUs that count, at most 500; all goods where no SKU, product or category is named. */
  scopeSkuIds?: Array<string>;
  /** Products that count, at most 500. */
  scopeProductIds?: Array<string>;
  /** Categories that count, at most 50. */
  scopeCategories?: Array<string>;
  /** SKUs that never count, at most 500. */
  excludedSkuIds?: Array<string>;
  /** Whether it can be used in orders of the mini-program alone. */
  onlineOnly?: boolean;
  /** Whether it can be used at the till alone. */
  storeOnly?: boolean;
  /** Times of the week at which it can be used, at most 8 a day; empty for always. */
  hours?: Array<OpeningInput>;
  /** Who bears what it takes off, at most 10, of which the viewer may write templates at each; empty for the issuing org alone. */
  funders?: Array<CouponFunderInput>;
  /** Group of which one purchase takes one coupon, or `stackLimit` of them; at most 32 characters. */
  stackGroup?: string;
  /** How many coupons of its group may be used together, itself included, 1 to 20. */
  stackLimit?: number;
  /** Whether it is used alone. */
  exclusive?: boolean;
  /** Which of the coupons used together is taken off first: the highest; -1000 to 1000. */
  priority?: number;
  /** When it comes back after refunds. */
  returnPolicy?: CouponReturnPolicy;
  /** Days for which a coupon that comes back after its end can still be used, 0 to 365. */
  returnGraceDays?: number;
  /** What a partial refund below the threshold does. */
  repricing?: CouponRepricing;
  /** Whether it can be given to a friend. */
  transferable?: boolean;
  /** Coupons that may ever be issued, 1 to 100000000. */
  totalStock: number;
  /** Coupons that may be issued on one day, 1 to 100000000; null for no limit. */
  dayStock?: number | null | undefined;
  /** Coupons one member may get, 1 to 1000; null for no limit. */
  memberLimit?: number | null | undefined;
  /** Coupons one member may get on one day, 1 to 1000; null for no limit. */
  memberDayLimit?: number | null | undefined;
  /** Coupons one human may get, also by leaving and coming back, 1 to 1000; null for no limit. */
  personLimit?: number | null | undefined;
  /** First moment of the claim window. */
  claimStartsAt: string;
  /** First moment after the claim window. */
  claimEndsAt: string;
  /** How the use window is found. */
  validityKind: CouponValidityKind;
  /** First moment of a fixed use window. */
  validFrom?: string | null | undefined;
  /** First moment after a fixed use window. */
  validUntil?: string | null | undefined;
  /** Days a coupon is usable after its claim and delay, 1 to 3650. */
  validDays?: number | null | undefined;
  /** Days from the claim until a coupon is usable, 0 to 365. */
  delayDays?: number | null | undefined;
  /** What all coupons together may take off, in fen, from one coupon's worth to 100000000000; null for no budget. It needs a kind that bounds what one coupon takes off. */
  budget?: number | null | undefined;
  /** Template whose redemption at the issuing org's stores gives a coupon of this one; issued by this org or one above it, and not activated by another itself. */
  activatedById?: string | null | undefined;
  /** What gives it by itself; not together with `activatedById`. */
  event?: CouponEvent;
};

/** How the use window of a coupon is found. */
export type CouponValidityKind =
  /** The same window for every coupon. */
  | 'FIXED'
  /** A number of days after the claim, with a delay. */
  | 'AFTER_CLAIM';

/** Why a code of an import was not taken. */
export type ExchangeCodeFault =
  /** It has not 6 to 32 letters and digits. */
  | 'MALFORMED'
  /** It stands in the list before. */
  | 'REPEATED'
  /** The brand has this code already. */
  | 'TAKEN';

/** What exchangeCodesGenerate needs. */
export type ExchangeCodesGenerateInput = {
  /** The template that the codes are exchanged for. */
  templateId: string;
  /** Name of the batch, 1 to 64 characters. */
  batch: string;
  /** How many, 1 to 10000. */
  quantity: number;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key makes no new codes and gives another link to the same. */
  idempotencyKey: string;
};

/** What exchangeCodesImport needs. */
export type ExchangeCodesImportInput = {
  /** The template that the codes are exchanged for. */
  templateId: string;
  /** Name of the batch, 1 to 64 characters; several imports may share one. */
  batch: string;
  /** The codes, 1 to 1000, of 6 to 32 letters and digits each; capital or small, blanks and hyphens make no difference. */
  codes: Array<string>;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key takes nothing twice. */
  idempotencyKey: string;
};

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

/** Opening on one weekday. */
export type OpeningInput = {
  /** 0 for Sunday to 6 for Saturday. */
  weekday: number;
  /** HH:MM. */
  open: string;
  /** HH:MM, up to 24:00; before `open` means on the next day. */
  close: string;
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

/** Whether an org takes part. */
export type OrgState =
  /** It does. */
  | 'ACTIVE'
  /** It is closed for good. */
  | 'CLOSED';

/** What phoneBind needs. */
export type PhoneBindInput = {
  /** Code from the getPhoneNumber button (not the wx.login code): 5 minutes, used once. */
  code: string;
  /** 8 to 64 letters, digits, - or _; a repeat with the same key gets the first answer. */
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

/** How much a store matters to its distributor. */
export type StoreTier =
  /** Core (核心). */
  | 'CORE'
  /** With potential (潜力). */
  | 'POTENTIAL'
  /** To be nurtured (培育). */
  | 'NURTURE';

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

/** What tokenRefresh needs. */
export type TokenRefreshInput = {
  /** The refresh token in force; its immediate predecessor gets the same answer for 30 s. */
  refreshToken: string;
};

/** How a shopper came to the mini-program. */
export type TouchInput = {
  /** The channel. */
  channel: AttributionChannel;
  /** The store it happened at. */
  storeId?: string | null | undefined;
  /** The guide (导购) it happened through. */
  guideId?: string | null | undefined;
};

export type ClearingDisputeAcceptMutationVariables = Exact<{
  input: ClearingDisputeInput;
}>;


export type ClearingDisputeAcceptMutation = { clearingDisputeAccept: { line: { id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: ClearingErrorCode, message: string, field: Array<string> | null }> } };

export type ClearingDisputeWithdrawMutationVariables = Exact<{
  input: ClearingDisputeInput;
}>;


export type ClearingDisputeWithdrawMutation = { clearingDisputeWithdraw: { line: { id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: ClearingErrorCode, message: string, field: Array<string> | null }> } };

export type ClearingLineDisputeMutationVariables = Exact<{
  input: ClearingLineDisputeInput;
}>;


export type ClearingLineDisputeMutation = { clearingLineDispute: { line: { id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: ClearingErrorCode, message: string, field: Array<string> | null }> } };

export type ClearingOpenLinesQueryVariables = Exact<{
  orgId: string;
  period?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ClearingOpenLinesQuery = { clearingOpenLines: { nodes: Array<{ id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ClearingStatementQueryVariables = Exact<{
  id: string;
  state?: ClearingLineState | null | undefined;
  after?: string | null | undefined;
}>;


export type ClearingStatementQuery = { clearingStatement: { id: string, period: number, firstOwes: number, secondOwes: number, net: number, lineCount: number, state: ClearingStatementState, firstConfirmedAt: string | null, secondConfirmedAt: string | null, createdAt: string, lines: { nodes: Array<{ id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, firstOrg: { id: string, name: string }, secondOrg: { id: string, name: string } } | null };

export type ClearingStatementConfirmMutationVariables = Exact<{
  input: ClearingStatementConfirmInput;
}>;


export type ClearingStatementConfirmMutation = { clearingStatementConfirm: { statement: { id: string, period: number, firstOwes: number, secondOwes: number, net: number, lineCount: number, state: ClearingStatementState, firstConfirmedAt: string | null, secondConfirmedAt: string | null, createdAt: string, firstOrg: { id: string, name: string }, secondOrg: { id: string, name: string } } | null, userErrors: Array<{ code: ClearingErrorCode, message: string, field: Array<string> | null }> } };

export type ClearingStatementExportMutationVariables = Exact<{
  input: ClearingStatementExportInput;
}>;


export type ClearingStatementExportMutation = { clearingStatementExport: { export: { url: string, expiresAt: string } | null, userErrors: Array<{ code: ClearingErrorCode, message: string, field: Array<string> | null }> } };

export type ClearingStatementsQueryVariables = Exact<{
  orgId?: string | null | undefined;
  period?: number | null | undefined;
  state?: ClearingStatementState | null | undefined;
  after?: string | null | undefined;
}>;


export type ClearingStatementsQuery = { clearingStatements: { nodes: Array<{ id: string, period: number, firstOwes: number, secondOwes: number, net: number, lineCount: number, state: ClearingStatementState, firstConfirmedAt: string | null, secondConfirmedAt: string | null, createdAt: string, firstOrg: { id: string, name: string }, secondOrg: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ConsentDecideMutationVariables = Exact<{
  input: ConsentDecideInput;
}>;


export type ConsentDecideMutation = { consentDecide: { consent: { id: string, kind: ConsentKind, version: string, granted: boolean, decidedAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type CouponAudienceSizeQueryVariables = Exact<{
  templateId: string;
  audience: CouponAudienceInput;
}>;


export type CouponAudienceSizeQuery = { couponAudienceSize: number | null };

export type CouponFunnelQueryVariables = Exact<{
  templateId: string;
  by: CouponFunnelBy;
  first?: number | null | undefined;
}>;


export type CouponFunnelQuery = { couponFunnel: Array<{ claimed: number, used: number, cost: number, revenue: number, org: { id: string, name: string } | null }> };

export type CouponIssueJobQueryVariables = Exact<{
  id: string;
}>;


export type CouponIssueJobQuery = { couponIssueJob: { id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } } | null };

export type CouponIssueJobCreateMutationVariables = Exact<{
  input: CouponIssueJobCreateInput;
}>;


export type CouponIssueJobCreateMutation = { couponIssueJobCreate: { job: { id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponIssueErrorCode, message: string, field: Array<string> | null }> } };

export type CouponIssueJobResumeMutationVariables = Exact<{
  input: CouponIssueJobResumeInput;
}>;


export type CouponIssueJobResumeMutation = { couponIssueJobResume: { job: { id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponIssueErrorCode, message: string, field: Array<string> | null }> } };

export type CouponIssueJobStopMutationVariables = Exact<{
  input: CouponIssueJobStopInput;
}>;


export type CouponIssueJobStopMutation = { couponIssueJobStop: { job: { id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponIssueErrorCode, message: string, field: Array<string> | null }> } };

export type CouponIssueJobsQueryVariables = Exact<{
  state?: CouponIssueJobState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CouponIssueJobsQuery = { couponIssueJobs: { nodes: Array<{ id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CouponReportsQueryVariables = Exact<{
  state?: CouponTemplateState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CouponReportsQuery = { couponReports: { nodes: Array<{ issued: number, used: number, open: number, expired: number, revoked: number, cost: number, revenue: number, template: { id: string, name: string, state: CouponTemplateState }, funders: Array<{ amount: number, org: { id: string, name: string } }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CouponTemplateQueryVariables = Exact<{
  id: string;
}>;


export type CouponTemplateQuery = { managedCouponTemplate: { budget: number | null, budgetLeft: number | null, stateReason: string, template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, percent: number | null, cap: number | null, categories: Array<string>, onlineOnly: boolean, storeOnly: boolean, stackGroup: string, stackLimit: number, exclusive: boolean, priority: number, returnPolicy: CouponReturnPolicy, returnGraceDays: number, repricing: CouponRepricing, transferable: boolean, orgs: Array<{ id: string, name: string }>, goods: { id: string, name: string } | null, skus: Array<{ id: string, name: string }>, products: Array<{ id: string, name: string }>, excludedSkus: Array<{ id: string, name: string }>, hours: Array<{ weekday: number, open: string, close: string }> }, org: { id: string, name: string } }, counts: { issued: number, used: number, open: number, expired: number, discount: number }, funders: Array<{ share: number, org: { id: string, name: string } }>, activatedBy: { id: string, name: string } | null, submittedBy: { id: string, nickname: string } | null, reviewedBy: { id: string, nickname: string } | null } | null };

export type CouponTemplateCreateMutationVariables = Exact<{
  input: CouponTemplateCreateInput;
}>;


export type CouponTemplateCreateMutation = { couponTemplateCreate: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateDuplicateMutationVariables = Exact<{
  input: CouponTemplateDuplicateInput;
}>;


export type CouponTemplateDuplicateMutation = { couponTemplateDuplicate: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateRestockMutationVariables = Exact<{
  input: CouponTemplateRestockInput;
}>;


export type CouponTemplateRestockMutation = { couponTemplateRestock: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateReviewMutationVariables = Exact<{
  input: CouponTemplateReviewInput;
}>;


export type CouponTemplateReviewMutation = { couponTemplateReview: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateStateSetMutationVariables = Exact<{
  input: CouponTemplateStateSetInput;
}>;


export type CouponTemplateStateSetMutation = { couponTemplateStateSet: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateSubmitMutationVariables = Exact<{
  input: CouponTemplateSubmitInput;
}>;


export type CouponTemplateSubmitMutation = { couponTemplateSubmit: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplateUpdateMutationVariables = Exact<{
  input: CouponTemplateUpdateInput;
}>;


export type CouponTemplateUpdateMutation = { couponTemplateUpdate: { template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } } | null, userErrors: Array<{ code: CouponErrorCode, message: string, field: Array<string> | null }> } };

export type CouponTemplatesQueryVariables = Exact<{
  state?: CouponTemplateState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CouponTemplatesQuery = { managedCouponTemplates: { nodes: Array<{ template: { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } }, counts: { issued: number, used: number, open: number, expired: number, discount: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CouponUsersQueryVariables = Exact<{
  templateId: string;
  storeId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CouponUsersQuery = { couponUsers: { nodes: Array<{ id: string, purchase: number, discount: number, createdAt: string, member: { id: string, number: string }, store: { id: string, name: string }, staff: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ExchangeCodeBatchesQueryVariables = Exact<{
  templateId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ExchangeCodeBatchesQuery = { exchangeCodeBatches: { nodes: Array<{ batch: string, codes: number, exchanged: number, createdAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ExchangeCodesGenerateMutationVariables = Exact<{
  input: ExchangeCodesGenerateInput;
}>;


export type ExchangeCodesGenerateMutation = { exchangeCodesGenerate: { export: { url: string, expiresAt: string } | null, userErrors: Array<{ code: ExchangeErrorCode, message: string, field: Array<string> | null }> } };

export type ExchangeCodesImportMutationVariables = Exact<{
  input: ExchangeCodesImportInput;
}>;


export type ExchangeCodesImportMutation = { exchangeCodesImport: { accepted: number | null, refused: Array<{ index: number, fault: ExchangeCodeFault }>, userErrors: Array<{ code: ExchangeErrorCode, message: string, field: Array<string> | null }> } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { viewer: { app: { id: string, name: string, face: Face }, person: { id: string, nickname: string, phone: string | null }, staff: Array<{ id: string, role: Role, name: string, capabilities: Array<Capability>, org: { id: string, kind: OrgKind, name: string } }> } };

export type OrgsQueryVariables = Exact<{
  kind?: OrgKind | null | undefined;
  search?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type OrgsQuery = { orgs: { nodes: Array<{ id: string, kind: OrgKind, code: string, name: string, state: OrgState, city: string, store: { type: StoreType, tier: StoreTier, address: string, phone: string, openNow: boolean, hoursToday: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type PhoneBindMutationVariables = Exact<{
  input: PhoneBindInput;
}>;


export type PhoneBindMutation = { phoneBind: { signInAgain: boolean, person: { id: string, phone: string | null } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

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

export type TerritoriesQueryVariables = Exact<{
  storeId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TerritoriesQuery = { territories: { nodes: Array<{ id: string, skuLine: string, store: { id: string, name: string }, distributor: { id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type TokenRefreshMutationVariables = Exact<{
  input: TokenRefreshInput;
}>;


export type TokenRefreshMutation = { tokenRefresh: { tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string, refreshTokenExpiresAt: string } | null, userErrors: Array<{ code: SessionErrorCode, message: string, field: Array<string> | null }> } };

export type TradeItemsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TradeItemsQuery = { tradeItems: { nodes: Array<{ tradePrice: number | null, ownStock: number, product: { id: string, name: string, imageUrl: string }, sku: { id: string, code: string, name: string, cartonSize: number, mode: SellableMode, price: { price: number } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ClearingLineFieldsFragment = { id: string, kind: ClearingKind, face: number, fee: number, amount: number, period: number, reverses: string | null, state: ClearingLineState, disputeReason: string, createdAt: string, debtor: { id: string, name: string }, creditor: { id: string, name: string }, disputedBy: { id: string, name: string } | null };

export type ClearingStatementFieldsFragment = { id: string, period: number, firstOwes: number, secondOwes: number, net: number, lineCount: number, state: ClearingStatementState, firstConfirmedAt: string | null, secondConfirmedAt: string | null, createdAt: string, firstOrg: { id: string, name: string }, secondOrg: { id: string, name: string } };

export type IssueJobCardFragment = { id: string, state: CouponIssueJobState, total: number, issued: number, skipped: number, stopReason: CouponIssueStop | null, stopNote: string, reason: string, createdAt: string, finishedAt: string | null, template: { id: string, name: string }, org: { id: string, name: string }, staff: { id: string, name: string }, audience: { listed: boolean, tags: Array<{ id: string, name: string }>, levels: Array<{ id: string, name: string }>, stores: Array<{ id: string, name: string }> } };

export type StaffCardFragment = { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } };

export type StoreDayNumbersFragment = { shiftId: string | null, redeemed: number, discount: number, reversed: number, payments: number, value: number, staff: { id: string, name: string } | null, shares: Array<{ amount: number, org: { id: string, name: string } }> };

export type TemplateCardFragment = { id: string, name: string, description: string, state: CouponTemplateState, version: number, totalStock: number, stockLeft: number, dayStock: number | null, memberLimit: number | null, memberDayLimit: number | null, personLimit: number | null, claimStartsAt: string, claimEndsAt: string, validityKind: CouponValidityKind, validFrom: string | null, validUntil: string | null, validDays: number | null, delayDays: number | null, event: CouponEvent, org: { id: string, name: string }, rule: { kind: CouponKind, summary: string, amount: number | null, threshold: number, orgs: Array<{ id: string, name: string }> } };

export type TemplateCountsFragment = { issued: number, used: number, open: number, expired: number, discount: number };

export type TemplateRuleFragment = { percent: number | null, cap: number | null, categories: Array<string>, onlineOnly: boolean, storeOnly: boolean, stackGroup: string, stackLimit: number, exclusive: boolean, priority: number, returnPolicy: CouponReturnPolicy, returnGraceDays: number, repricing: CouponRepricing, transferable: boolean, goods: { id: string, name: string } | null, skus: Array<{ id: string, name: string }>, products: Array<{ id: string, name: string }>, excludedSkus: Array<{ id: string, name: string }>, hours: Array<{ weekday: number, open: string, close: string }> };

export const ClearingDisputeAccept: Operation<ClearingDisputeAcceptMutation, ClearingDisputeAcceptMutationVariables> = {
  id: "a5376cde2db2904f101146bbee4ac2fffc715121aaa377f440152fbe34104684",
  name: "ClearingDisputeAccept",
};

export const ClearingDisputeWithdraw: Operation<ClearingDisputeWithdrawMutation, ClearingDisputeWithdrawMutationVariables> = {
  id: "f1c168674d21879e71a2781f24af5d00b081f47e3e55ecea72370584baa8e6c4",
  name: "ClearingDisputeWithdraw",
};

export const ClearingLineDispute: Operation<ClearingLineDisputeMutation, ClearingLineDisputeMutationVariables> = {
  id: "1ed239397637140fc3689cb8dd011360880af59721d96c6cd5a6d362da188ebf",
  name: "ClearingLineDispute",
};

export const ClearingOpenLines: Operation<ClearingOpenLinesQuery, ClearingOpenLinesQueryVariables> = {
  id: "e6ca8c0248b7611ccbccad2aa8720116af9e327ece0dc925ffa2cd737b55547b",
  name: "ClearingOpenLines",
};

export const ClearingStatement: Operation<ClearingStatementQuery, ClearingStatementQueryVariables> = {
  id: "3ad2a3eff89bb08fdb1b4b1fcf7564e8106a95fcd416067465e3770ed31d6284",
  name: "ClearingStatement",
};

export const ClearingStatementConfirm: Operation<ClearingStatementConfirmMutation, ClearingStatementConfirmMutationVariables> = {
  id: "312c1e328bb8fa269230a35e43fec13191e6148d460826c0d4f7642a0ae53e66",
  name: "ClearingStatementConfirm",
};

export const ClearingStatementExport: Operation<ClearingStatementExportMutation, ClearingStatementExportMutationVariables> = {
  id: "beba0218bafa22a864fde8a45add13f062697d55b8751a8a5b127a169e70b4b3",
  name: "ClearingStatementExport",
};

export const ClearingStatements: Operation<ClearingStatementsQuery, ClearingStatementsQueryVariables> = {
  id: "563a253eec04176466cece0c271a81e23e2f20b4d56798d805fb216aa4c74c05",
  name: "ClearingStatements",
};

export const ConsentDecide: Operation<ConsentDecideMutation, ConsentDecideMutationVariables> = {
  id: "51734fbc4a48646a2b61230350eb4b0e6efd93e79f45b0bf1226f2ac803473bd",
  name: "ConsentDecide",
};

export const CouponAudienceSize: Operation<CouponAudienceSizeQuery, CouponAudienceSizeQueryVariables> = {
  id: "475ec4963e261265ffc760b2c232853fb500b4865334b6ae6d1935c8cae3a278",
  name: "CouponAudienceSize",
};

export const CouponFunnel: Operation<CouponFunnelQuery, CouponFunnelQueryVariables> = {
  id: "ce31bb932651c8ef63e05e4f3cf6b7a380863f82edb39460327c1cb18dbb9512",
  name: "CouponFunnel",
};

export const CouponIssueJob: Operation<CouponIssueJobQuery, CouponIssueJobQueryVariables> = {
  id: "f2b4cb1035159a9d9593d0fa1155f5202b5026a8ff9928cb6f372a033806f191",
  name: "CouponIssueJob",
};

export const CouponIssueJobCreate: Operation<CouponIssueJobCreateMutation, CouponIssueJobCreateMutationVariables> = {
  id: "7537abc1bcaccd2f5ec22619e14c06b98d6f1e2b798a1dea25f12f6030b4753f",
  name: "CouponIssueJobCreate",
};

export const CouponIssueJobResume: Operation<CouponIssueJobResumeMutation, CouponIssueJobResumeMutationVariables> = {
  id: "018cad12fa270b2c907543c0516929bf89f77e3d2a77c133c0ebdd4ce13f1bbe",
  name: "CouponIssueJobResume",
};

export const CouponIssueJobStop: Operation<CouponIssueJobStopMutation, CouponIssueJobStopMutationVariables> = {
  id: "d36aab470e3f1a749d8dccaebed70f36bf9624d26b3b312bfe69210e83bf423b",
  name: "CouponIssueJobStop",
};

export const CouponIssueJobs: Operation<CouponIssueJobsQuery, CouponIssueJobsQueryVariables> = {
  id: "a01171b75d82e2d3a080bfe366019b9ff6833e973c304549c8191b6cf5d36fc6",
  name: "CouponIssueJobs",
};

export const CouponReports: Operation<CouponReportsQuery, CouponReportsQueryVariables> = {
  id: "e8bbc6d759677a8bcb4d0ade13461a77d1ff6d9ebb127d05c6a1a91a2779e0b1",
  name: "CouponReports",
};

export const CouponTemplate: Operation<CouponTemplateQuery, CouponTemplateQueryVariables> = {
  id: "e934dcfa95d6a672f5f21e298abe7a84a5d4fe8bdafb5e600a16dc6480fb839b",
  name: "CouponTemplate",
};

export const CouponTemplateCreate: Operation<CouponTemplateCreateMutation, CouponTemplateCreateMutationVariables> = {
  id: "e74ec74d7a50225fb8b1199d2b95d2d09e660f09fa95748e9ea69865fb9e74ea",
  name: "CouponTemplateCreate",
};

export const CouponTemplateDuplicate: Operation<CouponTemplateDuplicateMutation, CouponTemplateDuplicateMutationVariables> = {
  id: "a8cf4c2ee6100e8ee0e3d38fe5619cdf3fe256bad1c0885237f8ed35152409bc",
  name: "CouponTemplateDuplicate",
};

export const CouponTemplateRestock: Operation<CouponTemplateRestockMutation, CouponTemplateRestockMutationVariables> = {
  id: "d12fa018ee772fce904354de7a11ee41cecf565e74c070c381bb7703993cb840",
  name: "CouponTemplateRestock",
};

export const CouponTemplateReview: Operation<CouponTemplateReviewMutation, CouponTemplateReviewMutationVariables> = {
  id: "45c6f7492a7f100cd2aca47d30578b5d63cfa3c9a5d2ee85d866672065b24c11",
  name: "CouponTemplateReview",
};

export const CouponTemplateStateSet: Operation<CouponTemplateStateSetMutation, CouponTemplateStateSetMutationVariables> = {
  id: "1a0d697035f627e1a24e8e4f334ec3480140fa29d6160f4229e12f6082efd5ac",
  name: "CouponTemplateStateSet",
};

export const CouponTemplateSubmit: Operation<CouponTemplateSubmitMutation, CouponTemplateSubmitMutationVariables> = {
  id: "8cfef5c136c08919b36021c86ce12215e306fc8e2169545f161825185edf0ce8",
  name: "CouponTemplateSubmit",
};

export const CouponTemplateUpdate: Operation<CouponTemplateUpdateMutation, CouponTemplateUpdateMutationVariables> = {
  id: "9b15b91e07cd20524c20f505c979f37147eac48b205b64f3e08b7b0e0e34f0a3",
  name: "CouponTemplateUpdate",
};

export const CouponTemplates: Operation<CouponTemplatesQuery, CouponTemplatesQueryVariables> = {
  id: "6eabdff7c25fa840ce8c5c77c216c1b0f77d5e90f5fef2fc0e16f4262da5e558",
  name: "CouponTemplates",
};

export const CouponUsers: Operation<CouponUsersQuery, CouponUsersQueryVariables> = {
  id: "8ddd60157ab2bd5f719d1fc2bc3ad182caf0382e046ba91d67574ec7c263927a",
  name: "CouponUsers",
};

export const ExchangeCodeBatches: Operation<ExchangeCodeBatchesQuery, ExchangeCodeBatchesQueryVariables> = {
  id: "184c3cd0283afc9159e5f95733c48a4ee79997bff058934136c370718dfbf152",
  name: "ExchangeCodeBatches",
};

export const ExchangeCodesGenerate: Operation<ExchangeCodesGenerateMutation, ExchangeCodesGenerateMutationVariables> = {
  id: "a7970b80a40eaba56e642b93ab435bd2296f49bf2ff98eea0949ad3b9b83be69",
  name: "ExchangeCodesGenerate",
};

export const ExchangeCodesImport: Operation<ExchangeCodesImportMutation, ExchangeCodesImportMutationVariables> = {
  id: "e81ac4b81bb853ee0f59a53b8e8b6319aeca584d7612935e6920d37be58d77ab",
  name: "ExchangeCodesImport",
};

export const Me: Operation<MeQuery, MeQueryVariables> = {
  id: "7555ef89d24929d0b25c776b646641eb35e82062287b1d4f3df415fd09715b89",
  name: "Me",
};

export const Orgs: Operation<OrgsQuery, OrgsQueryVariables> = {
  id: "a24518be55b210e40a92c3cbe1c133b28d924e1354f0ba2f8fa910a3fd9f76d9",
  name: "Orgs",
};

export const PhoneBind: Operation<PhoneBindMutation, PhoneBindMutationVariables> = {
  id: "3818b211cb2f7f7c4b1273075696e7b125a564b81f0104959aab7630303d49df",
  name: "PhoneBind",
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

export const Territories: Operation<TerritoriesQuery, TerritoriesQueryVariables> = {
  id: "4de3d2113086c83e8207b74f0e92f59b6dcdd1a500b8029cdc17df20356c1d05",
  name: "Territories",
};

export const TokenRefresh: Operation<TokenRefreshMutation, TokenRefreshMutationVariables> = {
  id: "eb79fefb9b240bc8c57e9deb8a99f257063b042e15eddf2eac638c062405ad97",
  name: "TokenRefresh",
};

export const TradeItems: Operation<TradeItemsQuery, TradeItemsQueryVariables> = {
  id: "ec9d5a3d245e52328e91f1fec2b0b6f11885c9f170b266ebc46b1b71d92584a1",
  name: "TradeItems",
};
