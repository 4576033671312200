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
  | 'ISSUE_INVOICES';

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

export type StaffCardFragment = { id: string, name: string, role: Role, state: StaffState, phone: string | null, invitationExpiresAt: string | null, org: { id: string, name: string } };

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
