-- +goose Up
-- add column "wallet_payment_id" to table: "member_events"
ALTER TABLE `member_events` ADD COLUMN `wallet_payment_id` integer NULL;
-- add column "top_up_id" to table: "member_events"
ALTER TABLE `member_events` ADD COLUMN `top_up_id` integer NULL;
-- add column "successor_id" to table: "orgs"
ALTER TABLE `orgs` ADD COLUMN `successor_id` integer NULL;
-- create "brand_settings" table
CREATE TABLE `brand_settings` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `document` json NOT NULL, `version` integer NOT NULL DEFAULT (1), PRIMARY KEY (`id`));
-- create index "brandsetting_brand_id_kind" to table: "brand_settings"
CREATE UNIQUE INDEX `brandsetting_brand_id_kind` ON `brand_settings` (`brand_id`, `kind`);
-- create "clearing_lines" table
CREATE TABLE `clearing_lines` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `debtor_org_id` integer NOT NULL, `creditor_org_id` integer NOT NULL, `face_fen` integer NOT NULL, `fee_fen` integer NOT NULL, `amount_fen` integer NOT NULL, `subject_id` integer NOT NULL, `movement_id` integer NULL, `posting_id` integer NOT NULL, `reverses_id` integer NULL, `period` integer NOT NULL, `statement_id` integer NULL, `state` text NOT NULL DEFAULT ('OPEN'), `dispute_reason` text NOT NULL DEFAULT (''), `disputed_by` integer NULL, PRIMARY KEY (`id`));
-- create index "clearingline_brand_id_debtor_org_id_creditor_org_id_period" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_debtor_org_id_creditor_org_id_period` ON `clearing_lines` (`brand_id`, `debtor_org_id`, `creditor_org_id`, `period`);
-- create index "clearingline_brand_id_creditor_org_id_period" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_creditor_org_id_period` ON `clearing_lines` (`brand_id`, `creditor_org_id`, `period`);
-- create index "clearingline_brand_id_statement_id" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_statement_id` ON `clearing_lines` (`brand_id`, `statement_id`);
-- create index "clearingline_brand_id_kind_subject_id" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_kind_subject_id` ON `clearing_lines` (`brand_id`, `kind`, `subject_id`);
-- create index "clearingline_brand_id_posting_id" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_posting_id` ON `clearing_lines` (`brand_id`, `posting_id`);
-- create index "clearingline_brand_id_reverses_id" to table: "clearing_lines"
CREATE INDEX `clearingline_brand_id_reverses_id` ON `clearing_lines` (`brand_id`, `reverses_id`);
-- create "clearing_statements" table
CREATE TABLE `clearing_statements` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `first_org_id` integer NOT NULL, `second_org_id` integer NOT NULL, `period` integer NOT NULL, `first_owes_fen` integer NOT NULL, `second_owes_fen` integer NOT NULL, `lines` integer NOT NULL, `state` text NOT NULL DEFAULT ('ISSUED'), `first_confirmed_at` datetime NULL, `first_confirmed_by` integer NULL, `second_confirmed_at` datetime NULL, `second_confirmed_by` integer NULL, PRIMARY KEY (`id`));
-- create index "clearingstatement_brand_id_first_org_id_second_org_id_period" to table: "clearing_statements"
CREATE UNIQUE INDEX `clearingstatement_brand_id_first_org_id_second_org_id_period` ON `clearing_statements` (`brand_id`, `first_org_id`, `second_org_id`, `period`);
-- create index "clearingstatement_brand_id_second_org_id_period" to table: "clearing_statements"
CREATE INDEX `clearingstatement_brand_id_second_org_id_period` ON `clearing_statements` (`brand_id`, `second_org_id`, `period`);
-- create "ledger_accounts" table
CREATE TABLE `ledger_accounts` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `asset` text NOT NULL, `kind` text NOT NULL, `owner_id` integer NOT NULL, `stripe` integer NOT NULL, `balance` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "ledgeraccount_brand_id_kind_owner_id_stripe" to table: "ledger_accounts"
CREATE UNIQUE INDEX `ledgeraccount_brand_id_kind_owner_id_stripe` ON `ledger_accounts` (`brand_id`, `kind`, `owner_id`, `stripe`);
-- create "ledger_entries" table
CREATE TABLE `ledger_entries` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `posting_id` integer NOT NULL, `account_id` integer NOT NULL, `amount` integer NOT NULL, `balance_after` integer NULL, PRIMARY KEY (`id`));
-- create index "ledgerentry_brand_id_posting_id_account_id" to table: "ledger_entries"
CREATE UNIQUE INDEX `ledgerentry_brand_id_posting_id_account_id` ON `ledger_entries` (`brand_id`, `posting_id`, `account_id`);
-- create index "ledgerentry_account_id_id" to table: "ledger_entries"
CREATE INDEX `ledgerentry_account_id_id` ON `ledger_entries` (`account_id`, `id`);
-- create "ledger_postings" table
CREATE TABLE `ledger_postings` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `business_key` text NOT NULL, `org_id` integer NULL, `member_id` integer NULL, `subject_id` integer NOT NULL, `reverses_id` integer NULL, `occurred_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "ledgerposting_brand_id_business_key" to table: "ledger_postings"
CREATE UNIQUE INDEX `ledgerposting_brand_id_business_key` ON `ledger_postings` (`brand_id`, `business_key`);
-- create index "ledgerposting_brand_id_member_id_id" to table: "ledger_postings"
CREATE INDEX `ledgerposting_brand_id_member_id_id` ON `ledger_postings` (`brand_id`, `member_id`, `id`);
-- create index "ledgerposting_brand_id_kind_subject_id" to table: "ledger_postings"
CREATE INDEX `ledgerposting_brand_id_kind_subject_id` ON `ledger_postings` (`brand_id`, `kind`, `subject_id`);
-- create index "ledgerposting_brand_id_org_id_occurred_at" to table: "ledger_postings"
CREATE INDEX `ledgerposting_brand_id_org_id_occurred_at` ON `ledger_postings` (`brand_id`, `org_id`, `occurred_at`);
-- create "lots" table
CREATE TABLE `lots` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `member_id` integer NOT NULL, `kind` text NOT NULL, `source_id` integer NOT NULL, `issuer_org_id` integer NOT NULL, `scope_org_id` integer NOT NULL, `funders` json NULL, `amount` integer NOT NULL, `remaining` integer NOT NULL, `held` integer NOT NULL DEFAULT (0), `available_at` datetime NULL, `expires_at` datetime NULL, `expired_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "lot_brand_id_member_id_kind_expires_at" to table: "lots"
CREATE INDEX `lot_brand_id_member_id_kind_expires_at` ON `lots` (`brand_id`, `member_id`, `kind`, `expires_at`);
-- create index "lot_brand_id_source_id" to table: "lots"
CREATE INDEX `lot_brand_id_source_id` ON `lots` (`brand_id`, `source_id`);
-- create index "lot_brand_id_issuer_org_id" to table: "lots"
CREATE INDEX `lot_brand_id_issuer_org_id` ON `lots` (`brand_id`, `issuer_org_id`);
-- create index "lot_expired_at_expires_at" to table: "lots"
CREATE INDEX `lot_expired_at_expires_at` ON `lots` (`expired_at`, `expires_at`);
-- create index "lot_kind_available_at" to table: "lots"
CREATE INDEX `lot_kind_available_at` ON `lots` (`kind`, `available_at`);
-- create "lot_movements" table
CREATE TABLE `lot_movements` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `posting_id` integer NOT NULL, `lot_id` integer NOT NULL, `remaining_change` integer NOT NULL, `held_change` integer NOT NULL, `remaining_after` integer NOT NULL, `held_after` integer NOT NULL, `reverses_id` integer NULL, `expires_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "lotmovement_brand_id_lot_id_id" to table: "lot_movements"
CREATE INDEX `lotmovement_brand_id_lot_id_id` ON `lot_movements` (`brand_id`, `lot_id`, `id`);
-- create index "lotmovement_brand_id_posting_id_lot_id" to table: "lot_movements"
CREATE UNIQUE INDEX `lotmovement_brand_id_posting_id_lot_id` ON `lot_movements` (`brand_id`, `posting_id`, `lot_id`);
-- create index "lotmovement_brand_id_reverses_id" to table: "lot_movements"
CREATE INDEX `lotmovement_brand_id_reverses_id` ON `lot_movements` (`brand_id`, `reverses_id`);
-- create "merchant_accounts" table
CREATE TABLE `merchant_accounts` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `merchant_id` text NOT NULL, `name` text NOT NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), `active_org_id` integer NULL, `certificate_serial` text NOT NULL, `private_key_sealed` blob NOT NULL, `api_key_sealed` blob NOT NULL, `public_key_id` text NOT NULL DEFAULT (''), `public_key` blob NULL, `certificates` bool NOT NULL DEFAULT (false), PRIMARY KEY (`id`));
-- create index "merchantaccount_brand_id_merchant_id" to table: "merchant_accounts"
CREATE UNIQUE INDEX `merchantaccount_brand_id_merchant_id` ON `merchant_accounts` (`brand_id`, `merchant_id`);
-- create index "merchantaccount_brand_id_active_org_id" to table: "merchant_accounts"
CREATE UNIQUE INDEX `merchantaccount_brand_id_active_org_id` ON `merchant_accounts` (`brand_id`, `active_org_id`);
-- create index "merchantaccount_brand_id_org_id" to table: "merchant_accounts"
CREATE INDEX `merchantaccount_brand_id_org_id` ON `merchant_accounts` (`brand_id`, `org_id`);
-- create "payments" table
CREATE TABLE `payments` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `merchant_account_id` integer NOT NULL, `org_id` integer NOT NULL, `app_id` integer NOT NULL, `person_id` integer NOT NULL, `member_id` integer NULL, `purpose` text NOT NULL, `subject_id` integer NOT NULL, `out_trade_no` text NOT NULL, `description` text NOT NULL, `amount_fen` integer NOT NULL, `state` text NOT NULL DEFAULT ('PENDING'), `outcome` text NOT NULL DEFAULT ('NONE'), `transaction_id` text NULL, `paid_fen` integer NOT NULL DEFAULT (0), `refunding_fen` integer NOT NULL DEFAULT (0), `refunded_fen` integer NOT NULL DEFAULT (0), `expires_at` datetime NOT NULL, `paid_at` datetime NULL, `closed_at` datetime NULL, `check_at` datetime NULL, `checks` integer NOT NULL DEFAULT (0), `dispute` text NOT NULL DEFAULT (''), `shipped_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "payment_brand_id_out_trade_no" to table: "payments"
CREATE UNIQUE INDEX `payment_brand_id_out_trade_no` ON `payments` (`brand_id`, `out_trade_no`);
-- create index "payment_brand_id_transaction_id" to table: "payments"
CREATE UNIQUE INDEX `payment_brand_id_transaction_id` ON `payments` (`brand_id`, `transaction_id`);
-- create index "payment_brand_id_purpose_subject_id" to table: "payments"
CREATE INDEX `payment_brand_id_purpose_subject_id` ON `payments` (`brand_id`, `purpose`, `subject_id`);
-- create index "payment_brand_id_merchant_account_id_paid_at" to table: "payments"
CREATE INDEX `payment_brand_id_merchant_account_id_paid_at` ON `payments` (`brand_id`, `merchant_account_id`, `paid_at`);
-- create index "payment_brand_id_org_id_created_at" to table: "payments"
CREATE INDEX `payment_brand_id_org_id_created_at` ON `payments` (`brand_id`, `org_id`, `created_at`);
-- create index "payment_check_at" to table: "payments"
CREATE INDEX `payment_check_at` ON `payments` (`check_at`);
-- create "payment_notices" table
CREATE TABLE `payment_notices` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `merchant_account_id` integer NOT NULL, `event_id` text NOT NULL, `event_type` text NOT NULL, `number` text NOT NULL, `content` json NOT NULL, `applied_at` datetime NULL, `attempts` integer NOT NULL DEFAULT (0), `due_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "paymentnotice_brand_id_merchant_account_id_event_id" to table: "payment_notices"
CREATE UNIQUE INDEX `paymentnotice_brand_id_merchant_account_id_event_id` ON `payment_notices` (`brand_id`, `merchant_account_id`, `event_id`);
-- create index "paymentnotice_brand_id_number" to table: "payment_notices"
CREATE INDEX `paymentnotice_brand_id_number` ON `payment_notices` (`brand_id`, `number`);
-- create index "paymentnotice_applied_at_due_at" to table: "payment_notices"
CREATE INDEX `paymentnotice_applied_at_due_at` ON `payment_notices` (`applied_at`, `due_at`);
-- create "payment_refunds" table
CREATE TABLE `payment_refunds` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `payment_id` integer NOT NULL, `merchant_account_id` integer NOT NULL, `org_id` integer NOT NULL, `member_id` integer NULL, `out_refund_no` text NOT NULL, `cause` text NOT NULL, `subject_id` integer NOT NULL, `amount_fen` integer NOT NULL, `state` text NOT NULL DEFAULT ('REQUESTED'), `wechat_refund_id` text NOT NULL DEFAULT (''), `replaced_by` integer NULL, `check_at` datetime NULL, `checks` integer NOT NULL DEFAULT (0), `succeeded_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "paymentrefund_brand_id_out_refund_no" to table: "payment_refunds"
CREATE UNIQUE INDEX `paymentrefund_brand_id_out_refund_no` ON `payment_refunds` (`brand_id`, `out_refund_no`);
-- create index "paymentrefund_brand_id_payment_id" to table: "payment_refunds"
CREATE INDEX `paymentrefund_brand_id_payment_id` ON `payment_refunds` (`brand_id`, `payment_id`);
-- create index "paymentrefund_brand_id_cause_subject_id" to table: "payment_refunds"
CREATE INDEX `paymentrefund_brand_id_cause_subject_id` ON `payment_refunds` (`brand_id`, `cause`, `subject_id`);
-- create index "paymentrefund_brand_id_org_id_state" to table: "payment_refunds"
CREATE INDEX `paymentrefund_brand_id_org_id_state` ON `payment_refunds` (`brand_id`, `org_id`, `state`);
-- create index "paymentrefund_check_at" to table: "payment_refunds"
CREATE INDEX `paymentrefund_check_at` ON `payment_refunds` (`check_at`);
-- create "reconciliations" table
CREATE TABLE `reconciliations` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `merchant_account_id` integer NOT NULL, `org_id` integer NOT NULL, `day` integer NOT NULL, `state` text NOT NULL DEFAULT ('RUNNING'), `payments` integer NOT NULL DEFAULT (0), `refunds` integer NOT NULL DEFAULT (0), `differences` integer NOT NULL DEFAULT (0), `finished_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "reconciliation_brand_id_merchant_account_id_day" to table: "reconciliations"
CREATE UNIQUE INDEX `reconciliation_brand_id_merchant_account_id_day` ON `reconciliations` (`brand_id`, `merchant_account_id`, `day`);
-- create index "reconciliation_brand_id_org_id_day" to table: "reconciliations"
CREATE INDEX `reconciliation_brand_id_org_id_day` ON `reconciliations` (`brand_id`, `org_id`, `day`);
-- create "reconciliation_differences" table
CREATE TABLE `reconciliation_differences` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `reconciliation_id` integer NOT NULL, `org_id` integer NOT NULL, `kind` text NOT NULL, `number` text NOT NULL, `ours_fen` integer NOT NULL, `theirs_fen` integer NOT NULL, `note` text NOT NULL DEFAULT (''), `explained_by` integer NULL, `explained_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "reconciliationdifference_brand_id_reconciliation_id_kind_number" to table: "reconciliation_differences"
CREATE UNIQUE INDEX `reconciliationdifference_brand_id_reconciliation_id_kind_number` ON `reconciliation_differences` (`brand_id`, `reconciliation_id`, `kind`, `number`);
-- create "till_shifts" table
CREATE TABLE `till_shifts` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `store_id` integer NOT NULL, `staff_id` integer NOT NULL, `open_staff_id` integer NULL, `state` text NOT NULL DEFAULT ('OPEN'), `float_fen` integer NOT NULL, `closed_at` datetime NULL, `counted_cash_fen` integer NOT NULL DEFAULT (0), `counted_card_fen` integer NOT NULL DEFAULT (0), `expected_cash_fen` integer NOT NULL DEFAULT (0), `expected_card_fen` integer NOT NULL DEFAULT (0), `explanation` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- create index "tillshift_brand_id_open_staff_id" to table: "till_shifts"
CREATE UNIQUE INDEX `tillshift_brand_id_open_staff_id` ON `till_shifts` (`brand_id`, `open_staff_id`);
-- create index "tillshift_brand_id_store_id_created_at" to table: "till_shifts"
CREATE INDEX `tillshift_brand_id_store_id_created_at` ON `till_shifts` (`brand_id`, `store_id`, `created_at`);
-- create "top_ups" table
CREATE TABLE `top_ups` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `wallet_id` integer NOT NULL, `member_id` integer NOT NULL, `org_id` integer NOT NULL, `tier_id` integer NOT NULL, `tender` text NOT NULL, `state` text NOT NULL, `pay_fen` integer NOT NULL, `bonus_fen` integer NOT NULL, `terms` json NOT NULL, `payment_id` integer NULL, `staff_id` integer NULL, `shift_id` integer NULL, `paid_at` datetime NULL, `bonus_expires_at` datetime NULL, `closed_at` datetime NULL, `refunded_fen` integer NOT NULL DEFAULT (0), `invoice` json NULL, PRIMARY KEY (`id`));
-- create index "topup_brand_id_wallet_id_id" to table: "top_ups"
CREATE INDEX `topup_brand_id_wallet_id_id` ON `top_ups` (`brand_id`, `wallet_id`, `id`);
-- create index "topup_brand_id_org_id_created_at" to table: "top_ups"
CREATE INDEX `topup_brand_id_org_id_created_at` ON `top_ups` (`brand_id`, `org_id`, `created_at`);
-- create index "topup_brand_id_tier_id_state" to table: "top_ups"
CREATE INDEX `topup_brand_id_tier_id_state` ON `top_ups` (`brand_id`, `tier_id`, `state`);
-- create index "topup_brand_id_payment_id" to table: "top_ups"
CREATE UNIQUE INDEX `topup_brand_id_payment_id` ON `top_ups` (`brand_id`, `payment_id`);
-- create index "topup_state_created_at" to table: "top_ups"
CREATE INDEX `topup_state_created_at` ON `top_ups` (`state`, `created_at`);
-- create "top_up_refunds" table
CREATE TABLE `top_up_refunds` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `top_up_id` integer NOT NULL, `open_top_up_id` integer NULL, `member_id` integer NOT NULL, `org_id` integer NOT NULL, `fault` text NOT NULL, `state` text NOT NULL, `amount_fen` integer NOT NULL, `principal_fen` integer NOT NULL, `bonus_fen` integer NOT NULL, `reason` text NOT NULL, `made_by` integer NOT NULL, `checked_by` integer NULL, `checked_at` datetime NULL, `check_note` text NOT NULL DEFAULT (''), `payment_refund_id` integer NULL, `shift_id` integer NULL, `paid_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "topuprefund_brand_id_open_top_up_id" to table: "top_up_refunds"
CREATE UNIQUE INDEX `topuprefund_brand_id_open_top_up_id` ON `top_up_refunds` (`brand_id`, `open_top_up_id`);
-- create index "topuprefund_brand_id_top_up_id" to table: "top_up_refunds"
CREATE INDEX `topuprefund_brand_id_top_up_id` ON `top_up_refunds` (`brand_id`, `top_up_id`);
-- create index "topuprefund_brand_id_org_id_state" to table: "top_up_refunds"
CREATE INDEX `topuprefund_brand_id_org_id_state` ON `top_up_refunds` (`brand_id`, `org_id`, `state`);
-- create index "topuprefund_brand_id_payment_refund_id" to table: "top_up_refunds"
CREATE UNIQUE INDEX `topuprefund_brand_id_payment_refund_id` ON `top_up_refunds` (`brand_id`, `payment_refund_id`);
-- create "top_up_tiers" table
CREATE TABLE `top_up_tiers` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `name` text NOT NULL, `state` text NOT NULL DEFAULT ('DRAFT'), `pay_fen` integer NOT NULL, `terms` json NOT NULL, `member_limit` integer NOT NULL DEFAULT (0), `person_limit` integer NOT NULL DEFAULT (0), `starts_at` datetime NOT NULL, `ends_at` datetime NOT NULL, `version` integer NOT NULL DEFAULT (1), PRIMARY KEY (`id`));
-- create index "topuptier_brand_id_org_id_state" to table: "top_up_tiers"
CREATE INDEX `topuptier_brand_id_org_id_state` ON `top_up_tiers` (`brand_id`, `org_id`, `state`);
-- create index "topuptier_brand_id_state_ends_at" to table: "top_up_tiers"
CREATE INDEX `topuptier_brand_id_state_ends_at` ON `top_up_tiers` (`brand_id`, `state`, `ends_at`);
-- create "wallets" table
CREATE TABLE `wallets` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `member_id` integer NOT NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), `generation` integer NOT NULL DEFAULT (1), `balance_fen` integer NOT NULL DEFAULT (0), `pending_fen` integer NOT NULL DEFAULT (0), `password_hash` text NOT NULL DEFAULT (''), `password_failures` integer NOT NULL DEFAULT (0), `password_locked_until` datetime NULL, `frozen_at` datetime NULL, `frozen_reason` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- create index "wallet_brand_id_member_id" to table: "wallets"
CREATE UNIQUE INDEX `wallet_brand_id_member_id` ON `wallets` (`brand_id`, `member_id`);
-- create "wallet_payments" table
CREATE TABLE `wallet_payments` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `wallet_id` integer NOT NULL, `member_id` integer NOT NULL, `org_id` integer NOT NULL, `state` text NOT NULL, `source` text NOT NULL, `subject_id` integer NULL, `amount_fen` integer NOT NULL, `principal_fen` integer NOT NULL, `bonus_fen` integer NOT NULL, `captured_fen` integer NOT NULL DEFAULT (0), `refunded_fen` integer NOT NULL DEFAULT (0), `staff_id` integer NULL, `shift_id` integer NULL, `actor_id` integer NOT NULL, `idempotency_key` text NOT NULL, `input_hash` text NOT NULL, `expires_at` datetime NULL, `captured_at` datetime NULL, `ended_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "walletpayment_brand_id_actor_id_idempotency_key" to table: "wallet_payments"
CREATE UNIQUE INDEX `walletpayment_brand_id_actor_id_idempotency_key` ON `wallet_payments` (`brand_id`, `actor_id`, `idempotency_key`);
-- create index "walletpayment_brand_id_wallet_id_id" to table: "wallet_payments"
CREATE INDEX `walletpayment_brand_id_wallet_id_id` ON `wallet_payments` (`brand_id`, `wallet_id`, `id`);
-- create index "walletpayment_brand_id_org_id_created_at" to table: "wallet_payments"
CREATE INDEX `walletpayment_brand_id_org_id_created_at` ON `wallet_payments` (`brand_id`, `org_id`, `created_at`);
-- create index "walletpayment_brand_id_source_subject_id" to table: "wallet_payments"
CREATE INDEX `walletpayment_brand_id_source_subject_id` ON `wallet_payments` (`brand_id`, `source`, `subject_id`);
-- create index "walletpayment_state_expires_at" to table: "wallet_payments"
CREATE INDEX `walletpayment_state_expires_at` ON `wallet_payments` (`state`, `expires_at`);
-- create "wallet_refunds" table
CREATE TABLE `wallet_refunds` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `wallet_payment_id` integer NOT NULL, `member_id` integer NOT NULL, `org_id` integer NOT NULL, `amount_fen` integer NOT NULL, `principal_fen` integer NOT NULL, `bonus_fen` integer NOT NULL, `reason` text NOT NULL, `staff_id` integer NULL, PRIMARY KEY (`id`));
-- create index "walletrefund_brand_id_wallet_payment_id" to table: "wallet_refunds"
CREATE INDEX `walletrefund_brand_id_wallet_payment_id` ON `wallet_refunds` (`brand_id`, `wallet_payment_id`);
-- create index "walletrefund_brand_id_org_id_created_at" to table: "wallet_refunds"
CREATE INDEX `walletrefund_brand_id_org_id_created_at` ON `wallet_refunds` (`brand_id`, `org_id`, `created_at`);

-- +goose Down
-- reverse: create index "walletrefund_brand_id_org_id_created_at" to table: "wallet_refunds"
DROP INDEX `walletrefund_brand_id_org_id_created_at`;
-- reverse: create index "walletrefund_brand_id_wallet_payment_id" to table: "wallet_refunds"
DROP INDEX `walletrefund_brand_id_wallet_payment_id`;
-- reverse: create "wallet_refunds" table
DROP TABLE `wallet_refunds`;
-- reverse: create index "walletpayment_state_expires_at" to table: "wallet_payments"
DROP INDEX `walletpayment_state_expires_at`;
-- reverse: create index "walletpayment_brand_id_source_subject_id" to table: "wallet_payments"
DROP INDEX `walletpayment_brand_id_source_subject_id`;
-- reverse: create index "walletpayment_brand_id_org_id_created_at" to table: "wallet_payments"
DROP INDEX `walletpayment_brand_id_org_id_created_at`;
-- reverse: create index "walletpayment_brand_id_wallet_id_id" to table: "wallet_payments"
DROP INDEX `walletpayment_brand_id_wallet_id_id`;
-- reverse: create index "walletpayment_brand_id_actor_id_idempotency_key" to table: "wallet_payments"
DROP INDEX `walletpayment_brand_id_actor_id_idempotency_key`;
-- reverse: create "wallet_payments" table
DROP TABLE `wallet_payments`;
-- reverse: create index "wallet_brand_id_member_id" to table: "wallets"
DROP INDEX `wallet_brand_id_member_id`;
-- reverse: create "wallets" table
DROP TABLE `wallets`;
-- reverse: create index "topuptier_brand_id_state_ends_at" to table: "top_up_tiers"
DROP INDEX `topuptier_brand_id_state_ends_at`;
-- reverse: create index "topuptier_brand_id_org_id_state" to table: "top_up_tiers"
DROP INDEX `topuptier_brand_id_org_id_state`;
-- reverse: create "top_up_tiers" table
DROP TABLE `top_up_tiers`;
-- reverse: create index "topuprefund_brand_id_payment_refund_id" to table: "top_up_refunds"
DROP INDEX `topuprefund_brand_id_payment_refund_id`;
-- reverse: create index "topuprefund_brand_id_org_id_state" to table: "top_up_refunds"
DROP INDEX `topuprefund_brand_id_org_id_state`;
-- reverse: create index "topuprefund_brand_id_top_up_id" to table: "top_up_refunds"
DROP INDEX `topuprefund_brand_id_top_up_id`;
-- reverse: create index "topuprefund_brand_id_open_top_up_id" to table: "top_up_refunds"
DROP INDEX `topuprefund_brand_id_open_top_up_id`;
-- reverse: create "top_up_refunds" table
DROP TABLE `top_up_refunds`;
-- reverse: create index "topup_state_created_at" to table: "top_ups"
DROP INDEX `topup_state_created_at`;
-- reverse: create index "topup_brand_id_payment_id" to table: "top_ups"
DROP INDEX `topup_brand_id_payment_id`;
-- reverse: create index "topup_brand_id_tier_id_state" to table: "top_ups"
DROP INDEX `topup_brand_id_tier_id_state`;
-- reverse: create index "topup_brand_id_org_id_created_at" to table: "top_ups"
DROP INDEX `topup_brand_id_org_id_created_at`;
-- reverse: create index "topup_brand_id_wallet_id_id" to table: "top_ups"
DROP INDEX `topup_brand_id_wallet_id_id`;
-- reverse: create "top_ups" table
DROP TABLE `top_ups`;
-- reverse: create index "tillshift_brand_id_store_id_created_at" to table: "till_shifts"
DROP INDEX `tillshift_brand_id_store_id_created_at`;
-- reverse: create index "tillshift_brand_id_open_staff_id" to table: "till_shifts"
DROP INDEX `tillshift_brand_id_open_staff_id`;
-- reverse: create "till_shifts" table
DROP TABLE `till_shifts`;
-- reverse: create index "reconciliationdifference_brand_id_reconciliation_id_kind_number" to table: "reconciliation_differences"
DROP INDEX `reconciliationdifference_brand_id_reconciliation_id_kind_number`;
-- reverse: create "reconciliation_differences" table
DROP TABLE `reconciliation_differences`;
-- reverse: create index "reconciliation_brand_id_org_id_day" to table: "reconciliations"
DROP INDEX `reconciliation_brand_id_org_id_day`;
-- reverse: create index "reconciliation_brand_id_merchant_account_id_day" to table: "reconciliations"
DROP INDEX `reconciliation_brand_id_merchant_account_id_day`;
-- reverse: create "reconciliations" table
DROP TABLE `reconciliations`;
-- reverse: create index "paymentrefund_check_at" to table: "payment_refunds"
DROP INDEX `paymentrefund_check_at`;
-- reverse: create index "paymentrefund_brand_id_org_id_state" to table: "payment_refunds"
DROP INDEX `paymentrefund_brand_id_org_id_state`;
-- reverse: create index "paymentrefund_brand_id_cause_subject_id" to table: "payment_refunds"
DROP INDEX `paymentrefund_brand_id_cause_subject_id`;
-- reverse: create index "paymentrefund_brand_id_payment_id" to table: "payment_refunds"
DROP INDEX `paymentrefund_brand_id_payment_id`;
-- reverse: create index "paymentrefund_brand_id_out_refund_no" to table: "payment_refunds"
DROP INDEX `paymentrefund_brand_id_out_refund_no`;
-- reverse: create "payment_refunds" table
DROP TABLE `payment_refunds`;
-- reverse: create index "paymentnotice_applied_at_due_at" to table: "payment_notices"
DROP INDEX `paymentnotice_applied_at_due_at`;
-- reverse: create index "paymentnotice_brand_id_number" to table: "payment_notices"
DROP INDEX `paymentnotice_brand_id_number`;
-- reverse: create index "paymentnotice_brand_id_merchant_account_id_event_id" to table: "payment_notices"
DROP INDEX `paymentnotice_brand_id_merchant_account_id_event_id`;
-- reverse: create "payment_notices" table
DROP TABLE `payment_notices`;
-- reverse: create index "payment_check_at" to table: "payments"
DROP INDEX `payment_check_at`;
-- reverse: create index "payment_brand_id_org_id_created_at" to table: "payments"
DROP INDEX `payment_brand_id_org_id_created_at`;
-- reverse: create index "payment_brand_id_merchant_account_id_paid_at" to table: "payments"
DROP INDEX `payment_brand_id_merchant_account_id_paid_at`;
-- reverse: create index "payment_brand_id_purpose_subject_id" to table: "payments"
DROP INDEX `payment_brand_id_purpose_subject_id`;
-- reverse: create index "payment_brand_id_transaction_id" to table: "payments"
DROP INDEX `payment_brand_id_transaction_id`;
-- reverse: create index "payment_brand_id_out_trade_no" to table: "payments"
DROP INDEX `payment_brand_id_out_trade_no`;
-- reverse: create "payments" table
DROP TABLE `payments`;
-- reverse: create index "merchantaccount_brand_id_org_id" to table: "merchant_accounts"
DROP INDEX `merchantaccount_brand_id_org_id`;
-- reverse: create index "merchantaccount_brand_id_active_org_id" to table: "merchant_accounts"
DROP INDEX `merchantaccount_brand_id_active_org_id`;
-- reverse: create index "merchantaccount_brand_id_merchant_id" to table: "merchant_accounts"
DROP INDEX `merchantaccount_brand_id_merchant_id`;
-- reverse: create "merchant_accounts" table
DROP TABLE `merchant_accounts`;
-- reverse: create index "lotmovement_brand_id_reverses_id" to table: "lot_movements"
DROP INDEX `lotmovement_brand_id_reverses_id`;
-- reverse: create index "lotmovement_brand_id_posting_id_lot_id" to table: "lot_movements"
DROP INDEX `lotmovement_brand_id_posting_id_lot_id`;
-- reverse: create index "lotmovement_brand_id_lot_id_id" to table: "lot_movements"
DROP INDEX `lotmovement_brand_id_lot_id_id`;
-- reverse: create "lot_movements" table
DROP TABLE `lot_movements`;
-- reverse: create index "lot_kind_available_at" to table: "lots"
DROP INDEX `lot_kind_available_at`;
-- reverse: create index "lot_expired_at_expires_at" to table: "lots"
DROP INDEX `lot_expired_at_expires_at`;
-- reverse: create index "lot_brand_id_issuer_org_id" to table: "lots"
DROP INDEX `lot_brand_id_issuer_org_id`;
-- reverse: create index "lot_brand_id_source_id" to table: "lots"
DROP INDEX `lot_brand_id_source_id`;
-- reverse: create index "lot_brand_id_member_id_kind_expires_at" to table: "lots"
DROP INDEX `lot_brand_id_member_id_kind_expires_at`;
-- reverse: create "lots" table
DROP TABLE `lots`;
-- reverse: create index "ledgerposting_brand_id_org_id_occurred_at" to table: "ledger_postings"
DROP INDEX `ledgerposting_brand_id_org_id_occurred_at`;
-- reverse: create index "ledgerposting_brand_id_kind_subject_id" to table: "ledger_postings"
DROP INDEX `ledgerposting_brand_id_kind_subject_id`;
-- reverse: create index "ledgerposting_brand_id_member_id_id" to table: "ledger_postings"
DROP INDEX `ledgerposting_brand_id_member_id_id`;
-- reverse: create index "ledgerposting_brand_id_business_key" to table: "ledger_postings"
DROP INDEX `ledgerposting_brand_id_business_key`;
-- reverse: create "ledger_postings" table
DROP TABLE `ledger_postings`;
-- reverse: create index "ledgerentry_account_id_id" to table: "ledger_entries"
DROP INDEX `ledgerentry_account_id_id`;
-- reverse: create index "ledgerentry_brand_id_posting_id_account_id" to table: "ledger_entries"
DROP INDEX `ledgerentry_brand_id_posting_id_account_id`;
-- reverse: create "ledger_entries" table
DROP TABLE `ledger_entries`;
-- reverse: create index "ledgeraccount_brand_id_kind_owner_id_stripe" to table: "ledger_accounts"
DROP INDEX `ledgeraccount_brand_id_kind_owner_id_stripe`;
-- reverse: create "ledger_accounts" table
DROP TABLE `ledger_accounts`;
-- reverse: create index "clearingstatement_brand_id_second_org_id_period" to table: "clearing_statements"
DROP INDEX `clearingstatement_brand_id_second_org_id_period`;
-- reverse: create index "clearingstatement_brand_id_first_org_id_second_org_id_period" to table: "clearing_statements"
DROP INDEX `clearingstatement_brand_id_first_org_id_second_org_id_period`;
-- reverse: create "clearing_statements" table
DROP TABLE `clearing_statements`;
-- reverse: create index "clearingline_brand_id_reverses_id" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_reverses_id`;
-- reverse: create index "clearingline_brand_id_posting_id" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_posting_id`;
-- reverse: create index "clearingline_brand_id_kind_subject_id" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_kind_subject_id`;
-- reverse: create index "clearingline_brand_id_statement_id" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_statement_id`;
-- reverse: create index "clearingline_brand_id_creditor_org_id_period" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_creditor_org_id_period`;
-- reverse: create index "clearingline_brand_id_debtor_org_id_creditor_org_id_period" to table: "clearing_lines"
DROP INDEX `clearingline_brand_id_debtor_org_id_creditor_org_id_period`;
-- reverse: create "clearing_lines" table
DROP TABLE `clearing_lines`;
-- reverse: create index "brandsetting_brand_id_kind" to table: "brand_settings"
DROP INDEX `brandsetting_brand_id_kind`;
-- reverse: create "brand_settings" table
DROP TABLE `brand_settings`;
-- reverse: add column "successor_id" to table: "orgs"
ALTER TABLE `orgs` DROP COLUMN `successor_id`;
-- reverse: add column "top_up_id" to table: "member_events"
ALTER TABLE `member_events` DROP COLUMN `top_up_id`;
-- reverse: add column "wallet_payment_id" to table: "member_events"
ALTER TABLE `member_events` DROP COLUMN `wallet_payment_id`;
