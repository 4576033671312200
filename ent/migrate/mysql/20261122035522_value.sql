-- +goose Up
-- modify "member_events" table
ALTER TABLE `member_events` ADD COLUMN `wallet_payment_id` bigint NULL, ADD COLUMN `top_up_id` bigint NULL;
-- modify "orgs" table
ALTER TABLE `orgs` ADD COLUMN `successor_id` bigint NULL;
-- create "brand_settings" table
CREATE TABLE `brand_settings` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `document` json NOT NULL, `version` bigint NOT NULL DEFAULT 1, PRIMARY KEY (`id`), UNIQUE INDEX `brandsetting_brand_id_kind` (`brand_id`, `kind`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "clearing_lines" table
CREATE TABLE `clearing_lines` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `debtor_org_id` bigint NOT NULL, `creditor_org_id` bigint NOT NULL, `face_fen` bigint NOT NULL, `fee_fen` bigint NOT NULL, `amount_fen` bigint NOT NULL, `subject_id` bigint NOT NULL, `movement_id` bigint NULL, `posting_id` bigint NOT NULL, `reverses_id` bigint NULL, `period` bigint NOT NULL, `statement_id` bigint NULL, `state` varchar(32) NOT NULL DEFAULT 'OPEN', `dispute_reason` varchar(255) NOT NULL DEFAULT '', `disputed_by` bigint NULL, PRIMARY KEY (`id`), INDEX `clearingline_brand_id_creditor_org_id_period` (`brand_id`, `creditor_org_id`, `period`), INDEX `clearingline_brand_id_debtor_org_id_creditor_org_id_period` (`brand_id`, `debtor_org_id`, `creditor_org_id`, `period`), INDEX `clearingline_brand_id_kind_subject_id` (`brand_id`, `kind`, `subject_id`), INDEX `clearingline_brand_id_posting_id` (`brand_id`, `posting_id`), INDEX `clearingline_brand_id_reverses_id` (`brand_id`, `reverses_id`), INDEX `clearingline_brand_id_statement_id` (`brand_id`, `statement_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "clearing_statements" table
CREATE TABLE `clearing_statements` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `first_org_id` bigint NOT NULL, `second_org_id` bigint NOT NULL, `period` bigint NOT NULL, `first_owes_fen` bigint NOT NULL, `second_owes_fen` bigint NOT NULL, `lines` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ISSUED', `first_confirmed_at` datetime(6) NULL, `first_confirmed_by` bigint NULL, `second_confirmed_at` datetime(6) NULL, `second_confirmed_by` bigint NULL, PRIMARY KEY (`id`), UNIQUE INDEX `clearingstatement_brand_id_first_org_id_second_org_id_period` (`brand_id`, `first_org_id`, `second_org_id`, `period`), INDEX `clearingstatement_brand_id_second_org_id_period` (`brand_id`, `second_org_id`, `period`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "ledger_accounts" table
CREATE TABLE `ledger_accounts` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `asset` varchar(32) NOT NULL, `kind` varchar(32) NOT NULL, `owner_id` bigint NOT NULL, `stripe` bigint NOT NULL, `balance` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `ledgeraccount_brand_id_kind_owner_id_stripe` (`brand_id`, `kind`, `owner_id`, `stripe`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "ledger_entries" table
CREATE TABLE `ledger_entries` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `posting_id` bigint NOT NULL, `account_id` bigint NOT NULL, `amount` bigint NOT NULL, `balance_after` bigint NULL, PRIMARY KEY (`id`), INDEX `ledgerentry_account_id_id` (`account_id`, `id`), UNIQUE INDEX `ledgerentry_brand_id_posting_id_account_id` (`brand_id`, `posting_id`, `account_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "ledger_postings" table
CREATE TABLE `ledger_postings` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `business_key` varchar(96) NOT NULL, `org_id` bigint NULL, `member_id` bigint NULL, `subject_id` bigint NOT NULL, `reverses_id` bigint NULL, `occurred_at` datetime(6) NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `ledgerposting_brand_id_business_key` (`brand_id`, `business_key`), INDEX `ledgerposting_brand_id_kind_subject_id` (`brand_id`, `kind`, `subject_id`), INDEX `ledgerposting_brand_id_member_id_id` (`brand_id`, `member_id`, `id`), INDEX `ledgerposting_brand_id_org_id_occurred_at` (`brand_id`, `org_id`, `occurred_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "lots" table
CREATE TABLE `lots` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `member_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `source_id` bigint NOT NULL, `issuer_org_id` bigint NOT NULL, `scope_org_id` bigint NOT NULL, `funders` json NULL, `amount` bigint NOT NULL, `remaining` bigint NOT NULL, `held` bigint NOT NULL DEFAULT 0, `available_at` datetime(6) NULL, `expires_at` datetime(6) NULL, `expired_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `lot_brand_id_issuer_org_id` (`brand_id`, `issuer_org_id`), INDEX `lot_brand_id_member_id_kind_expires_at` (`brand_id`, `member_id`, `kind`, `expires_at`), INDEX `lot_brand_id_source_id` (`brand_id`, `source_id`), INDEX `lot_expired_at_expires_at` (`expired_at`, `expires_at`), INDEX `lot_kind_available_at` (`kind`, `available_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "lot_movements" table
CREATE TABLE `lot_movements` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `posting_id` bigint NOT NULL, `lot_id` bigint NOT NULL, `remaining_change` bigint NOT NULL, `held_change` bigint NOT NULL, `remaining_after` bigint NOT NULL, `held_after` bigint NOT NULL, `reverses_id` bigint NULL, `expires_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `lotmovement_brand_id_lot_id_id` (`brand_id`, `lot_id`, `id`), UNIQUE INDEX `lotmovement_brand_id_posting_id_lot_id` (`brand_id`, `posting_id`, `lot_id`), INDEX `lotmovement_brand_id_reverses_id` (`brand_id`, `reverses_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "merchant_accounts" table
CREATE TABLE `merchant_accounts` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `merchant_id` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', `active_org_id` bigint NULL, `certificate_serial` varchar(64) NOT NULL, `private_key_sealed` blob NOT NULL, `api_key_sealed` blob NOT NULL, `public_key_id` varchar(64) NOT NULL DEFAULT '', `public_key` blob NULL, `certificates` bool NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `merchantaccount_brand_id_active_org_id` (`brand_id`, `active_org_id`), UNIQUE INDEX `merchantaccount_brand_id_merchant_id` (`brand_id`, `merchant_id`), INDEX `merchantaccount_brand_id_org_id` (`brand_id`, `org_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "payments" table
CREATE TABLE `payments` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `merchant_account_id` bigint NOT NULL, `org_id` bigint NOT NULL, `app_id` bigint NOT NULL, `person_id` bigint NOT NULL, `member_id` bigint NULL, `purpose` varchar(32) NOT NULL, `subject_id` bigint NOT NULL, `out_trade_no` varchar(32) NOT NULL, `description` varchar(127) NOT NULL, `amount_fen` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'PENDING', `outcome` varchar(32) NOT NULL DEFAULT 'NONE', `transaction_id` varchar(32) NULL, `paid_fen` bigint NOT NULL DEFAULT 0, `refunding_fen` bigint NOT NULL DEFAULT 0, `refunded_fen` bigint NOT NULL DEFAULT 0, `expires_at` datetime(6) NOT NULL, `paid_at` datetime(6) NULL, `closed_at` datetime(6) NULL, `check_at` datetime(6) NULL, `checks` bigint NOT NULL DEFAULT 0, `dispute` varchar(255) NOT NULL DEFAULT '', `shipped_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `payment_brand_id_merchant_account_id_paid_at` (`brand_id`, `merchant_account_id`, `paid_at`), INDEX `payment_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`), UNIQUE INDEX `payment_brand_id_out_trade_no` (`brand_id`, `out_trade_no`), INDEX `payment_brand_id_purpose_subject_id` (`brand_id`, `purpose`, `subject_id`), UNIQUE INDEX `payment_brand_id_transaction_id` (`brand_id`, `transaction_id`), INDEX `payment_check_at` (`check_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "payment_notices" table
CREATE TABLE `payment_notices` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `merchant_account_id` bigint NOT NULL, `event_id` varchar(64) NOT NULL, `event_type` varchar(48) NOT NULL, `number` varchar(64) NOT NULL, `content` json NOT NULL, `applied_at` datetime(6) NULL, `attempts` bigint NOT NULL DEFAULT 0, `due_at` datetime(6) NOT NULL, PRIMARY KEY (`id`), INDEX `paymentnotice_applied_at_due_at` (`applied_at`, `due_at`), UNIQUE INDEX `paymentnotice_brand_id_merchant_account_id_event_id` (`brand_id`, `merchant_account_id`, `event_id`), INDEX `paymentnotice_brand_id_number` (`brand_id`, `number`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "payment_refunds" table
CREATE TABLE `payment_refunds` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `payment_id` bigint NOT NULL, `merchant_account_id` bigint NOT NULL, `org_id` bigint NOT NULL, `member_id` bigint NULL, `out_refund_no` varchar(64) NOT NULL, `cause` varchar(32) NOT NULL, `subject_id` bigint NOT NULL, `amount_fen` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'REQUESTED', `wechat_refund_id` varchar(64) NOT NULL DEFAULT '', `replaced_by` bigint NULL, `check_at` datetime(6) NULL, `checks` bigint NOT NULL DEFAULT 0, `succeeded_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `paymentrefund_brand_id_cause_subject_id` (`brand_id`, `cause`, `subject_id`), INDEX `paymentrefund_brand_id_org_id_state` (`brand_id`, `org_id`, `state`), UNIQUE INDEX `paymentrefund_brand_id_out_refund_no` (`brand_id`, `out_refund_no`), INDEX `paymentrefund_brand_id_payment_id` (`brand_id`, `payment_id`), INDEX `paymentrefund_check_at` (`check_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "reconciliations" table
CREATE TABLE `reconciliations` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `merchant_account_id` bigint NOT NULL, `org_id` bigint NOT NULL, `day` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'RUNNING', `payments` bigint NOT NULL DEFAULT 0, `refunds` bigint NOT NULL DEFAULT 0, `differences` bigint NOT NULL DEFAULT 0, `finished_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `reconciliation_brand_id_merchant_account_id_day` (`brand_id`, `merchant_account_id`, `day`), INDEX `reconciliation_brand_id_org_id_day` (`brand_id`, `org_id`, `day`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "reconciliation_differences" table
CREATE TABLE `reconciliation_differences` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `reconciliation_id` bigint NOT NULL, `org_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `number` varchar(64) NOT NULL, `ours_fen` bigint NOT NULL, `theirs_fen` bigint NOT NULL, `note` varchar(255) NOT NULL DEFAULT '', `explained_by` bigint NULL, `explained_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `reconciliationdifference_brand_id_reconciliation_id_kind_number` (`brand_id`, `reconciliation_id`, `kind`, `number`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "till_shifts" table
CREATE TABLE `till_shifts` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `store_id` bigint NOT NULL, `staff_id` bigint NOT NULL, `open_staff_id` bigint NULL, `state` varchar(32) NOT NULL DEFAULT 'OPEN', `float_fen` bigint NOT NULL, `closed_at` datetime(6) NULL, `counted_cash_fen` bigint NOT NULL DEFAULT 0, `counted_card_fen` bigint NOT NULL DEFAULT 0, `expected_cash_fen` bigint NOT NULL DEFAULT 0, `expected_card_fen` bigint NOT NULL DEFAULT 0, `explanation` varchar(255) NOT NULL DEFAULT '', PRIMARY KEY (`id`), UNIQUE INDEX `tillshift_brand_id_open_staff_id` (`brand_id`, `open_staff_id`), INDEX `tillshift_brand_id_store_id_created_at` (`brand_id`, `store_id`, `created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "top_ups" table
CREATE TABLE `top_ups` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `wallet_id` bigint NOT NULL, `member_id` bigint NOT NULL, `org_id` bigint NOT NULL, `tier_id` bigint NOT NULL, `tender` varchar(32) NOT NULL, `state` varchar(32) NOT NULL, `pay_fen` bigint NOT NULL, `bonus_fen` bigint NOT NULL, `terms` json NOT NULL, `payment_id` bigint NULL, `staff_id` bigint NULL, `shift_id` bigint NULL, `paid_at` datetime(6) NULL, `bonus_expires_at` datetime(6) NULL, `closed_at` datetime(6) NULL, `refunded_fen` bigint NOT NULL DEFAULT 0, `invoice` json NULL, PRIMARY KEY (`id`), INDEX `topup_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`), UNIQUE INDEX `topup_brand_id_payment_id` (`brand_id`, `payment_id`), INDEX `topup_brand_id_tier_id_state` (`brand_id`, `tier_id`, `state`), INDEX `topup_brand_id_wallet_id_id` (`brand_id`, `wallet_id`, `id`), INDEX `topup_state_created_at` (`state`, `created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "top_up_refunds" table
CREATE TABLE `top_up_refunds` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `top_up_id` bigint NOT NULL, `open_top_up_id` bigint NULL, `member_id` bigint NOT NULL, `org_id` bigint NOT NULL, `fault` varchar(32) NOT NULL, `state` varchar(32) NOT NULL, `amount_fen` bigint NOT NULL, `principal_fen` bigint NOT NULL, `bonus_fen` bigint NOT NULL, `reason` varchar(255) NOT NULL, `made_by` bigint NOT NULL, `checked_by` bigint NULL, `checked_at` datetime(6) NULL, `check_note` varchar(255) NOT NULL DEFAULT '', `payment_refund_id` bigint NULL, `shift_id` bigint NULL, `paid_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `topuprefund_brand_id_open_top_up_id` (`brand_id`, `open_top_up_id`), INDEX `topuprefund_brand_id_org_id_state` (`brand_id`, `org_id`, `state`), UNIQUE INDEX `topuprefund_brand_id_payment_refund_id` (`brand_id`, `payment_refund_id`), INDEX `topuprefund_brand_id_top_up_id` (`brand_id`, `top_up_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "top_up_tiers" table
CREATE TABLE `top_up_tiers` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `name` varchar(64) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'DRAFT', `pay_fen` bigint NOT NULL, `terms` json NOT NULL, `member_limit` bigint NOT NULL DEFAULT 0, `person_limit` bigint NOT NULL DEFAULT 0, `starts_at` datetime(6) NOT NULL, `ends_at` datetime(6) NOT NULL, `version` bigint NOT NULL DEFAULT 1, PRIMARY KEY (`id`), INDEX `topuptier_brand_id_org_id_state` (`brand_id`, `org_id`, `state`), INDEX `topuptier_brand_id_state_ends_at` (`brand_id`, `state`, `ends_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "wallets" table
CREATE TABLE `wallets` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `member_id` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', `generation` bigint NOT NULL DEFAULT 1, `balance_fen` bigint NOT NULL DEFAULT 0, `pending_fen` bigint NOT NULL DEFAULT 0, `password_hash` varchar(255) NOT NULL DEFAULT '', `password_failures` bigint NOT NULL DEFAULT 0, `password_locked_until` datetime(6) NULL, `frozen_at` datetime(6) NULL, `frozen_reason` varchar(255) NOT NULL DEFAULT '', PRIMARY KEY (`id`), UNIQUE INDEX `wallet_brand_id_member_id` (`brand_id`, `member_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "wallet_payments" table
CREATE TABLE `wallet_payments` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `wallet_id` bigint NOT NULL, `member_id` bigint NOT NULL, `org_id` bigint NOT NULL, `state` varchar(32) NOT NULL, `source` varchar(32) NOT NULL, `subject_id` bigint NULL, `amount_fen` bigint NOT NULL, `principal_fen` bigint NOT NULL, `bonus_fen` bigint NOT NULL, `captured_fen` bigint NOT NULL DEFAULT 0, `refunded_fen` bigint NOT NULL DEFAULT 0, `staff_id` bigint NULL, `shift_id` bigint NULL, `actor_id` bigint NOT NULL, `idempotency_key` varchar(64) NOT NULL, `input_hash` varchar(64) NOT NULL, `expires_at` datetime(6) NULL, `captured_at` datetime(6) NULL, `ended_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `walletpayment_brand_id_actor_id_idempotency_key` (`brand_id`, `actor_id`, `idempotency_key`), INDEX `walletpayment_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`), INDEX `walletpayment_brand_id_source_subject_id` (`brand_id`, `source`, `subject_id`), INDEX `walletpayment_brand_id_wallet_id_id` (`brand_id`, `wallet_id`, `id`), INDEX `walletpayment_state_expires_at` (`state`, `expires_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "wallet_refunds" table
CREATE TABLE `wallet_refunds` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `wallet_payment_id` bigint NOT NULL, `member_id` bigint NOT NULL, `org_id` bigint NOT NULL, `amount_fen` bigint NOT NULL, `principal_fen` bigint NOT NULL, `bonus_fen` bigint NOT NULL, `reason` varchar(255) NOT NULL, `staff_id` bigint NULL, PRIMARY KEY (`id`), INDEX `walletrefund_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`), INDEX `walletrefund_brand_id_wallet_payment_id` (`brand_id`, `wallet_payment_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
-- reverse: create "wallet_refunds" table
DROP TABLE `wallet_refunds`;
-- reverse: create "wallet_payments" table
DROP TABLE `wallet_payments`;
-- reverse: create "wallets" table
DROP TABLE `wallets`;
-- reverse: create "top_up_tiers" table
DROP TABLE `top_up_tiers`;
-- reverse: create "top_up_refunds" table
DROP TABLE `top_up_refunds`;
-- reverse: create "top_ups" table
DROP TABLE `top_ups`;
-- reverse: create "till_shifts" table
DROP TABLE `till_shifts`;
-- reverse: create "reconciliation_differences" table
DROP TABLE `reconciliation_differences`;
-- reverse: create "reconciliations" table
DROP TABLE `reconciliations`;
-- reverse: create "payment_refunds" table
DROP TABLE `payment_refunds`;
-- reverse: create "payment_notices" table
DROP TABLE `payment_notices`;
-- reverse: create "payments" table
DROP TABLE `payments`;
-- reverse: create "merchant_accounts" table
DROP TABLE `merchant_accounts`;
-- reverse: create "lot_movements" table
DROP TABLE `lot_movements`;
-- reverse: create "lots" table
DROP TABLE `lots`;
-- reverse: create "ledger_postings" table
DROP TABLE `ledger_postings`;
-- reverse: create "ledger_entries" table
DROP TABLE `ledger_entries`;
-- reverse: create "ledger_accounts" table
DROP TABLE `ledger_accounts`;
-- reverse: create "clearing_statements" table
DROP TABLE `clearing_statements`;
-- reverse: create "clearing_lines" table
DROP TABLE `clearing_lines`;
-- reverse: create "brand_settings" table
DROP TABLE `brand_settings`;
-- reverse: modify "orgs" table
ALTER TABLE `orgs` DROP COLUMN `successor_id`;
-- reverse: modify "member_events" table
ALTER TABLE `member_events` DROP COLUMN `top_up_id`, DROP COLUMN `wallet_payment_id`;
