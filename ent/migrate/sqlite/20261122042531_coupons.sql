-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- add column "locked_by_id" to table: "coupons"
ALTER TABLE `coupons` ADD COLUMN `locked_by_id` integer NULL;
-- add column "origin_id" to table: "coupons"
ALTER TABLE `coupons` ADD COLUMN `origin_id` integer NULL;
-- add column "issue_job_id" to table: "coupons"
ALTER TABLE `coupons` ADD COLUMN `issue_job_id` integer NULL;
-- add column "reminded_at" to table: "coupons"
ALTER TABLE `coupons` ADD COLUMN `reminded_at` datetime NULL;
-- create "new_coupon_templates" table
CREATE TABLE `new_coupon_templates` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `name` text NOT NULL, `description` text NOT NULL DEFAULT (''), `state` text NOT NULL DEFAULT ('DRAFT'), `rule_id` integer NOT NULL, `total_stock` integer NOT NULL, `stock_left` integer NOT NULL, `day_stock` integer NOT NULL DEFAULT (0), `member_limit` integer NOT NULL DEFAULT (1), `member_day_limit` integer NOT NULL DEFAULT (0), `person_limit` integer NOT NULL DEFAULT (0), `claim_starts_at` datetime NOT NULL, `claim_ends_at` datetime NOT NULL, `validity_kind` text NOT NULL, `valid_from` datetime NULL, `valid_until` datetime NULL, `valid_days` integer NOT NULL DEFAULT (0), `delay_days` integer NOT NULL DEFAULT (0), `budget_fen` integer NOT NULL DEFAULT (0), `budget_left_fen` integer NOT NULL DEFAULT (0), `activated_by_id` integer NULL, `event` text NOT NULL DEFAULT ('NONE'), `submitted_by` integer NULL, `reviewed_by` integer NULL, `state_reason` text NOT NULL DEFAULT (''), `version` integer NOT NULL DEFAULT (1), PRIMARY KEY (`id`));
-- copy rows from old table "coupon_templates" to new temporary table "new_coupon_templates"
INSERT INTO `new_coupon_templates` (`id`, `created_at`, `brand_id`, `org_id`, `name`, `description`, `state`, `rule_id`, `total_stock`, `stock_left`, `day_stock`, `member_limit`, `member_day_limit`, `person_limit`, `claim_starts_at`, `claim_ends_at`, `validity_kind`, `valid_from`, `valid_until`, `valid_days`, `delay_days`, `version`) SELECT `id`, `created_at`, `brand_id`, `org_id`, `name`, `description`, `state`, `rule_id`, `total_stock`, `stock_left`, `day_stock`, `member_limit`, `member_day_limit`, `person_limit`, `claim_starts_at`, `claim_ends_at`, `validity_kind`, `valid_from`, `valid_until`, `valid_days`, `delay_days`, `version` FROM `coupon_templates`;
-- drop "coupon_templates" table after copying rows
DROP TABLE `coupon_templates`;
-- rename temporary table "new_coupon_templates" to "coupon_templates"
ALTER TABLE `new_coupon_templates` RENAME TO `coupon_templates`;
-- create index "coupontemplate_brand_id_org_id_state" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_org_id_state` ON `coupon_templates` (`brand_id`, `org_id`, `state`);
-- create index "coupontemplate_brand_id_activated_by_id_org_id" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_activated_by_id_org_id` ON `coupon_templates` (`brand_id`, `activated_by_id`, `org_id`);
-- create index "coupontemplate_brand_id_event_state" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_event_state` ON `coupon_templates` (`brand_id`, `event`, `state`);
-- create index "coupontemplate_brand_id_state_claim_ends_at" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_state_claim_ends_at` ON `coupon_templates` (`brand_id`, `state`, `claim_ends_at`);
-- create "new_redemptions" table
CREATE TABLE `new_redemptions` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `subject_id` integer NOT NULL, `shift_id` integer NULL, `active_subject_id` integer NULL, `member_id` integer NOT NULL, `store_id` integer NOT NULL, `staff_id` integer NOT NULL, `state` text NOT NULL, `purchase_fen` integer NOT NULL, `discount_fen` integer NOT NULL, `distance_metres` integer NOT NULL DEFAULT (-1), `needs_review` bool NOT NULL DEFAULT (false), `idempotency_key` text NOT NULL, `reversed_at` datetime NULL, `reversed_by` integer NULL, `reverse_reason` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- copy rows from old table "redemptions" to new temporary table "new_redemptions"
INSERT INTO `new_redemptions` (`id`, `created_at`, `brand_id`, `kind`, `subject_id`, `active_subject_id`, `member_id`, `store_id`, `staff_id`, `state`, `purchase_fen`, `discount_fen`, `distance_metres`, `needs_review`, `idempotency_key`, `reversed_at`, `reversed_by`, `reverse_reason`) SELECT `id`, `created_at`, `brand_id`, `kind`, `subject_id`, `active_subject_id`, `member_id`, `store_id`, `staff_id`, `state`, `purchase_fen`, `discount_fen`, `distance_metres`, `needs_review`, `idempotency_key`, `reversed_at`, `reversed_by`, `reverse_reason` FROM `redemptions`;
-- drop "redemptions" table after copying rows
DROP TABLE `redemptions`;
-- rename temporary table "new_redemptions" to "redemptions"
ALTER TABLE `new_redemptions` RENAME TO `redemptions`;
-- create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_kind_active_subject_id` ON `redemptions` (`brand_id`, `kind`, `active_subject_id`);
-- create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_staff_id_idempotency_key` ON `redemptions` (`brand_id`, `staff_id`, `idempotency_key`);
-- create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_store_id_created_at` ON `redemptions` (`brand_id`, `store_id`, `created_at`);
-- create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_member_id_created_at` ON `redemptions` (`brand_id`, `member_id`, `created_at`);
-- create index "redemption_brand_id_shift_id" to table: "redemptions"
CREATE INDEX `redemption_brand_id_shift_id` ON `redemptions` (`brand_id`, `shift_id`);
-- create "coupon_transfers" table
CREATE TABLE `coupon_transfers` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `coupon_id` integer NOT NULL, `open_coupon_id` integer NULL, `from_member_id` integer NOT NULL, `token_hash` text NOT NULL, `state` text NOT NULL DEFAULT ('OFFERED'), `expires_at` datetime NOT NULL, `to_member_id` integer NULL, `accepted_coupon_id` integer NULL, `ended_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "coupontransfer_brand_id_open_coupon_id" to table: "coupon_transfers"
CREATE UNIQUE INDEX `coupontransfer_brand_id_open_coupon_id` ON `coupon_transfers` (`brand_id`, `open_coupon_id`);
-- create index "coupontransfer_brand_id_token_hash" to table: "coupon_transfers"
CREATE UNIQUE INDEX `coupontransfer_brand_id_token_hash` ON `coupon_transfers` (`brand_id`, `token_hash`);
-- create index "coupontransfer_brand_id_from_member_id_id" to table: "coupon_transfers"
CREATE INDEX `coupontransfer_brand_id_from_member_id_id` ON `coupon_transfers` (`brand_id`, `from_member_id`, `id`);
-- create index "coupontransfer_state_expires_at" to table: "coupon_transfers"
CREATE INDEX `coupontransfer_state_expires_at` ON `coupon_transfers` (`state`, `expires_at`);
-- create "coupon_uses" table
CREATE TABLE `coupon_uses` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `coupon_id` integer NOT NULL, `active_coupon_id` integer NULL, `member_id` integer NOT NULL, `order_id` integer NOT NULL, `org_id` integer NOT NULL, `discount_fen` integer NOT NULL, `lines` json NOT NULL, `returned_fen` integer NOT NULL DEFAULT (0), `returned_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "couponuse_brand_id_active_coupon_id" to table: "coupon_uses"
CREATE UNIQUE INDEX `couponuse_brand_id_active_coupon_id` ON `coupon_uses` (`brand_id`, `active_coupon_id`);
-- create index "couponuse_brand_id_order_id" to table: "coupon_uses"
CREATE INDEX `couponuse_brand_id_order_id` ON `coupon_uses` (`brand_id`, `order_id`);
-- create index "couponuse_brand_id_coupon_id" to table: "coupon_uses"
CREATE INDEX `couponuse_brand_id_coupon_id` ON `coupon_uses` (`brand_id`, `coupon_id`);
-- create index "couponuse_brand_id_org_id_created_at" to table: "coupon_uses"
CREATE INDEX `couponuse_brand_id_org_id_created_at` ON `coupon_uses` (`brand_id`, `org_id`, `created_at`);
-- create "exchange_codes" table
CREATE TABLE `exchange_codes` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `template_id` integer NOT NULL, `org_id` integer NOT NULL, `batch` text NOT NULL, `code_hash` text NOT NULL, `member_id` integer NULL, `coupon_id` integer NULL, `exchanged_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "exchangecode_brand_id_code_hash" to table: "exchange_codes"
CREATE UNIQUE INDEX `exchangecode_brand_id_code_hash` ON `exchange_codes` (`brand_id`, `code_hash`);
-- create index "exchangecode_brand_id_template_id_batch" to table: "exchange_codes"
CREATE INDEX `exchangecode_brand_id_template_id_batch` ON `exchange_codes` (`brand_id`, `template_id`, `batch`);
-- create index "exchangecode_brand_id_coupon_id" to table: "exchange_codes"
CREATE UNIQUE INDEX `exchangecode_brand_id_coupon_id` ON `exchange_codes` (`brand_id`, `coupon_id`);
-- create "issue_jobs" table
CREATE TABLE `issue_jobs` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `template_id` integer NOT NULL, `org_id` integer NOT NULL, `staff_id` integer NOT NULL, `audience` json NOT NULL, `reason` text NOT NULL, `state` text NOT NULL DEFAULT ('RUNNING'), `total` integer NOT NULL DEFAULT (0), `issued` integer NOT NULL DEFAULT (0), `skipped` integer NOT NULL DEFAULT (0), `last_member_id` integer NOT NULL DEFAULT (0), `stop_reason` text NOT NULL DEFAULT (''), `finished_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "issuejob_brand_id_org_id_id" to table: "issue_jobs"
CREATE INDEX `issuejob_brand_id_org_id_id` ON `issue_jobs` (`brand_id`, `org_id`, `id`);
-- create index "issuejob_brand_id_template_id" to table: "issue_jobs"
CREATE INDEX `issuejob_brand_id_template_id` ON `issue_jobs` (`brand_id`, `template_id`);
-- create index "issuejob_state_id" to table: "issue_jobs"
CREATE INDEX `issuejob_state_id` ON `issue_jobs` (`state`, `id`);
-- create "issue_recipients" table
CREATE TABLE `issue_recipients` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `job_id` integer NOT NULL, `member_id` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "issuerecipient_brand_id_job_id_member_id" to table: "issue_recipients"
CREATE UNIQUE INDEX `issuerecipient_brand_id_job_id_member_id` ON `issue_recipients` (`brand_id`, `job_id`, `member_id`);
-- create "message_permissions" table
CREATE TABLE `message_permissions` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `person_id` integer NOT NULL, `app_id` integer NOT NULL, `topic` text NOT NULL, `remaining` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "messagepermission_brand_id_person_id_app_id_topic" to table: "message_permissions"
CREATE UNIQUE INDEX `messagepermission_brand_id_person_id_app_id_topic` ON `message_permissions` (`brand_id`, `person_id`, `app_id`, `topic`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "messagepermission_brand_id_person_id_app_id_topic" to table: "message_permissions"
DROP INDEX `messagepermission_brand_id_person_id_app_id_topic`;
-- reverse: create "message_permissions" table
DROP TABLE `message_permissions`;
-- reverse: create index "issuerecipient_brand_id_job_id_member_id" to table: "issue_recipients"
DROP INDEX `issuerecipient_brand_id_job_id_member_id`;
-- reverse: create "issue_recipients" table
DROP TABLE `issue_recipients`;
-- reverse: create index "issuejob_state_id" to table: "issue_jobs"
DROP INDEX `issuejob_state_id`;
-- reverse: create index "issuejob_brand_id_template_id" to table: "issue_jobs"
DROP INDEX `issuejob_brand_id_template_id`;
-- reverse: create index "issuejob_brand_id_org_id_id" to table: "issue_jobs"
DROP INDEX `issuejob_brand_id_org_id_id`;
-- reverse: create "issue_jobs" table
DROP TABLE `issue_jobs`;
-- reverse: create index "exchangecode_brand_id_coupon_id" to table: "exchange_codes"
DROP INDEX `exchangecode_brand_id_coupon_id`;
-- reverse: create index "exchangecode_brand_id_template_id_batch" to table: "exchange_codes"
DROP INDEX `exchangecode_brand_id_template_id_batch`;
-- reverse: create index "exchangecode_brand_id_code_hash" to table: "exchange_codes"
DROP INDEX `exchangecode_brand_id_code_hash`;
-- reverse: create "exchange_codes" table
DROP TABLE `exchange_codes`;
-- reverse: create index "couponuse_brand_id_org_id_created_at" to table: "coupon_uses"
DROP INDEX `couponuse_brand_id_org_id_created_at`;
-- reverse: create index "couponuse_brand_id_coupon_id" to table: "coupon_uses"
DROP INDEX `couponuse_brand_id_coupon_id`;
-- reverse: create index "couponuse_brand_id_order_id" to table: "coupon_uses"
DROP INDEX `couponuse_brand_id_order_id`;
-- reverse: create index "couponuse_brand_id_active_coupon_id" to table: "coupon_uses"
DROP INDEX `couponuse_brand_id_active_coupon_id`;
-- reverse: create "coupon_uses" table
DROP TABLE `coupon_uses`;
-- reverse: create index "coupontransfer_state_expires_at" to table: "coupon_transfers"
DROP INDEX `coupontransfer_state_expires_at`;
-- reverse: create index "coupontransfer_brand_id_from_member_id_id" to table: "coupon_transfers"
DROP INDEX `coupontransfer_brand_id_from_member_id_id`;
-- reverse: create index "coupontransfer_brand_id_token_hash" to table: "coupon_transfers"
DROP INDEX `coupontransfer_brand_id_token_hash`;
-- reverse: create index "coupontransfer_brand_id_open_coupon_id" to table: "coupon_transfers"
DROP INDEX `coupontransfer_brand_id_open_coupon_id`;
-- reverse: create "coupon_transfers" table
DROP TABLE `coupon_transfers`;
-- reverse: create index "redemption_brand_id_shift_id" to table: "redemptions"
DROP INDEX `redemption_brand_id_shift_id`;
-- reverse: create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_member_id_created_at`;
-- reverse: create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_store_id_created_at`;
-- reverse: create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
DROP INDEX `redemption_brand_id_staff_id_idempotency_key`;
-- reverse: create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
DROP INDEX `redemption_brand_id_kind_active_subject_id`;
-- reverse: create "new_redemptions" table
DROP TABLE `new_redemptions`;
-- reverse: create index "coupontemplate_brand_id_state_claim_ends_at" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_state_claim_ends_at`;
-- reverse: create index "coupontemplate_brand_id_event_state" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_event_state`;
-- reverse: create index "coupontemplate_brand_id_activated_by_id_org_id" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_activated_by_id_org_id`;
-- reverse: create index "coupontemplate_brand_id_org_id_state" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_org_id_state`;
-- reverse: create "new_coupon_templates" table
DROP TABLE `new_coupon_templates`;
-- reverse: add column "reminded_at" to table: "coupons"
ALTER TABLE `coupons` DROP COLUMN `reminded_at`;
-- reverse: add column "issue_job_id" to table: "coupons"
ALTER TABLE `coupons` DROP COLUMN `issue_job_id`;
-- reverse: add column "origin_id" to table: "coupons"
ALTER TABLE `coupons` DROP COLUMN `origin_id`;
-- reverse: add column "locked_by_id" to table: "coupons"
ALTER TABLE `coupons` DROP COLUMN `locked_by_id`;
