-- +goose Up
-- modify "redemptions" table
ALTER TABLE `redemptions` ADD COLUMN `reviewed_at` datetime(6) NULL, ADD COLUMN `reviewed_by` bigint NULL, ADD COLUMN `review_note` varchar(255) NOT NULL DEFAULT '', ADD INDEX `redemption_brand_id_awaiting_review` (`brand_id`, `needs_review`, `reviewed_at`, `state`, `created_at`), ADD INDEX `redemption_brand_id_store_id_awaiting_review` (`brand_id`, `store_id`, `needs_review`, `reviewed_at`, `state`, `created_at`);

-- +goose Down
-- reverse: modify "redemptions" table
ALTER TABLE `redemptions` DROP INDEX `redemption_brand_id_store_id_awaiting_review`, DROP INDEX `redemption_brand_id_awaiting_review`, DROP COLUMN `review_note`, DROP COLUMN `reviewed_by`, DROP COLUMN `reviewed_at`;
