-- +goose Up
-- modify "coupons" table
ALTER TABLE `coupons` ADD COLUMN `locked_by_id` bigint NULL, ADD COLUMN `origin_id` bigint NULL, ADD COLUMN `issue_job_id` bigint NULL, ADD COLUMN `reminded_at` datetime(6) NULL;
-- modify "coupon_templates" table
ALTER TABLE `coupon_templates` ADD COLUMN `budget_fen` bigint NOT NULL DEFAULT 0, ADD COLUMN `budget_left_fen` bigint NOT NULL DEFAULT 0, ADD COLUMN `activated_by_id` bigint NULL, ADD COLUMN `event` varchar(32) NOT NULL DEFAULT 'NONE', ADD COLUMN `submitted_by` bigint NULL, ADD COLUMN `reviewed_by` bigint NULL, ADD COLUMN `state_reason` varchar(255) NOT NULL DEFAULT '', ADD INDEX `coupontemplate_brand_id_activated_by_id_org_id` (`brand_id`, `activated_by_id`, `org_id`), ADD INDEX `coupontemplate_brand_id_event_state` (`brand_id`, `event`, `state`);
-- modify "redemptions" table
ALTER TABLE `redemptions` ADD COLUMN `shift_id` bigint NULL, ADD INDEX `redemption_brand_id_shift_id` (`brand_id`, `shift_id`);
-- create "coupon_transfers" table
CREATE TABLE `coupon_transfers` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `coupon_id` bigint NOT NULL, `open_coupon_id` bigint NULL, `from_member_id` bigint NOT NULL, `token_hash` varchar(64) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'OFFERED', `expires_at` datetime(6) NOT NULL, `to_member_id` bigint NULL, `accepted_coupon_id` bigint NULL, `ended_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `coupontransfer_brand_id_from_member_id_id` (`brand_id`, `from_member_id`, `id`), UNIQUE INDEX `coupontransfer_brand_id_open_coupon_id` (`brand_id`, `open_coupon_id`), UNIQUE INDEX `coupontransfer_brand_id_token_hash` (`brand_id`, `token_hash`), INDEX `coupontransfer_state_expires_at` (`state`, `expires_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "coupon_uses" table
CREATE TABLE `coupon_uses` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `coupon_id` bigint NOT NULL, `active_coupon_id` bigint NULL, `member_id` bigint NOT NULL, `order_id` bigint NOT NULL, `org_id` bigint NOT NULL, `discount_fen` bigint NOT NULL, `lines` json NOT NULL, `returned_fen` bigint NOT NULL DEFAULT 0, `returned_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `couponuse_brand_id_active_coupon_id` (`brand_id`, `active_coupon_id`), INDEX `couponuse_brand_id_coupon_id` (`brand_id`, `coupon_id`), INDEX `couponuse_brand_id_order_id` (`brand_id`, `order_id`), INDEX `couponuse_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "exchange_codes" table
CREATE TABLE `exchange_codes` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `template_id` bigint NOT NULL, `org_id` bigint NOT NULL, `batch` varchar(64) NOT NULL, `code_hash` varchar(64) NOT NULL, `member_id` bigint NULL, `coupon_id` bigint NULL, `exchanged_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `exchangecode_brand_id_code_hash` (`brand_id`, `code_hash`), UNIQUE INDEX `exchangecode_brand_id_coupon_id` (`brand_id`, `coupon_id`), INDEX `exchangecode_brand_id_template_id_batch` (`brand_id`, `template_id`, `batch`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "issue_jobs" table
CREATE TABLE `issue_jobs` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `template_id` bigint NOT NULL, `org_id` bigint NOT NULL, `staff_id` bigint NOT NULL, `audience` json NOT NULL, `reason` varchar(255) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'RUNNING', `total` bigint NOT NULL DEFAULT 0, `issued` bigint NOT NULL DEFAULT 0, `skipped` bigint NOT NULL DEFAULT 0, `last_member_id` bigint NOT NULL DEFAULT 0, `stop_reason` varchar(255) NOT NULL DEFAULT '', `finished_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `issuejob_brand_id_org_id_id` (`brand_id`, `org_id`, `id`), INDEX `issuejob_brand_id_template_id` (`brand_id`, `template_id`), INDEX `issuejob_state_id` (`state`, `id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "issue_recipients" table
CREATE TABLE `issue_recipients` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `job_id` bigint NOT NULL, `member_id` bigint NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `issuerecipient_brand_id_job_id_member_id` (`brand_id`, `job_id`, `member_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "message_permissions" table
CREATE TABLE `message_permissions` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `person_id` bigint NOT NULL, `app_id` bigint NOT NULL, `topic` varchar(32) NOT NULL, `remaining` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `messagepermission_brand_id_person_id_app_id_topic` (`brand_id`, `person_id`, `app_id`, `topic`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
-- reverse: create "message_permissions" table
DROP TABLE `message_permissions`;
-- reverse: create "issue_recipients" table
DROP TABLE `issue_recipients`;
-- reverse: create "issue_jobs" table
DROP TABLE `issue_jobs`;
-- reverse: create "exchange_codes" table
DROP TABLE `exchange_codes`;
-- reverse: create "coupon_uses" table
DROP TABLE `coupon_uses`;
-- reverse: create "coupon_transfers" table
DROP TABLE `coupon_transfers`;
-- reverse: modify "redemptions" table
ALTER TABLE `redemptions` DROP INDEX `redemption_brand_id_shift_id`, DROP COLUMN `shift_id`;
-- reverse: modify "coupon_templates" table
ALTER TABLE `coupon_templates` DROP INDEX `coupontemplate_brand_id_event_state`, DROP INDEX `coupontemplate_brand_id_activated_by_id_org_id`, DROP COLUMN `state_reason`, DROP COLUMN `reviewed_by`, DROP COLUMN `submitted_by`, DROP COLUMN `event`, DROP COLUMN `activated_by_id`, DROP COLUMN `budget_left_fen`, DROP COLUMN `budget_fen`;
-- reverse: modify "coupons" table
ALTER TABLE `coupons` DROP COLUMN `reminded_at`, DROP COLUMN `issue_job_id`, DROP COLUMN `origin_id`, DROP COLUMN `locked_by_id`;
