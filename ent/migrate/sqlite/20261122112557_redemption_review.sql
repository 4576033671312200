-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_redemptions" table
CREATE TABLE `new_redemptions` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `subject_id` integer NOT NULL, `shift_id` integer NULL, `active_subject_id` integer NULL, `member_id` integer NOT NULL, `store_id` integer NOT NULL, `staff_id` integer NOT NULL, `state` text NOT NULL, `purchase_fen` integer NOT NULL, `discount_fen` integer NOT NULL, `distance_metres` integer NOT NULL DEFAULT (-1), `needs_review` bool NOT NULL DEFAULT (false), `idempotency_key` text NOT NULL, `reversed_at` datetime NULL, `reversed_by` integer NULL, `reverse_reason` text NOT NULL DEFAULT (''), `reviewed_at` datetime NULL, `reviewed_by` integer NULL, `review_note` text NOT NULL DEFAULT (''), `unrewarded` json NULL, PRIMARY KEY (`id`));
-- copy rows from old table "redemptions" to new temporary table "new_redemptions"
INSERT INTO `new_redemptions` (`id`, `created_at`, `brand_id`, `kind`, `subject_id`, `shift_id`, `active_subject_id`, `member_id`, `store_id`, `staff_id`, `state`, `purchase_fen`, `discount_fen`, `distance_metres`, `needs_review`, `idempotency_key`, `reversed_at`, `reversed_by`, `reverse_reason`, `unrewarded`) SELECT `id`, `created_at`, `brand_id`, `kind`, `subject_id`, `shift_id`, `active_subject_id`, `member_id`, `store_id`, `staff_id`, `state`, `purchase_fen`, `discount_fen`, `distance_metres`, `needs_review`, `idempotency_key`, `reversed_at`, `reversed_by`, `reverse_reason`, `unrewarded` FROM `redemptions`;
-- drop "redemptions" table after copying rows
DROP TABLE `redemptions`;
-- rename temporary table "new_redemptions" to "redemptions"
ALTER TABLE `new_redemptions` RENAME TO `redemptions`;
-- create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_kind_active_subject_id` ON `redemptions` (`brand_id`, `kind`, `active_subject_id`);
-- create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_staff_id_idempotency_key` ON `redemptions` (`brand_id`, `staff_id`, `idempotency_key`);
-- create index "redemption_brand_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_created_at` ON `redemptions` (`brand_id`, `created_at`);
-- create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_store_id_created_at` ON `redemptions` (`brand_id`, `store_id`, `created_at`);
-- create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_member_id_created_at` ON `redemptions` (`brand_id`, `member_id`, `created_at`);
-- create index "redemption_brand_id_shift_id" to table: "redemptions"
CREATE INDEX `redemption_brand_id_shift_id` ON `redemptions` (`brand_id`, `shift_id`);
-- create index "redemption_brand_id_awaiting_review" to table: "redemptions"
CREATE INDEX `redemption_brand_id_awaiting_review` ON `redemptions` (`brand_id`, `needs_review`, `reviewed_at`, `state`, `created_at`);
-- create index "redemption_brand_id_store_id_awaiting_review" to table: "redemptions"
CREATE INDEX `redemption_brand_id_store_id_awaiting_review` ON `redemptions` (`brand_id`, `store_id`, `needs_review`, `reviewed_at`, `state`, `created_at`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "redemption_brand_id_store_id_awaiting_review" to table: "redemptions"
DROP INDEX `redemption_brand_id_store_id_awaiting_review`;
-- reverse: create index "redemption_brand_id_awaiting_review" to table: "redemptions"
DROP INDEX `redemption_brand_id_awaiting_review`;
-- reverse: create index "redemption_brand_id_shift_id" to table: "redemptions"
DROP INDEX `redemption_brand_id_shift_id`;
-- reverse: create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_member_id_created_at`;
-- reverse: create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_store_id_created_at`;
-- reverse: create index "redemption_brand_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_created_at`;
-- reverse: create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
DROP INDEX `redemption_brand_id_staff_id_idempotency_key`;
-- reverse: create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
DROP INDEX `redemption_brand_id_kind_active_subject_id`;
-- reverse: create "new_redemptions" table
DROP TABLE `new_redemptions`;
