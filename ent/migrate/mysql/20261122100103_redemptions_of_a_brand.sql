-- +goose Up
-- modify "redemptions" table
ALTER TABLE `redemptions` ADD COLUMN `unrewarded` json NULL, ADD INDEX `redemption_brand_id_created_at` (`brand_id`, `created_at`);

-- +goose Down
-- reverse: modify "redemptions" table
ALTER TABLE `redemptions` DROP INDEX `redemption_brand_id_created_at`, DROP COLUMN `unrewarded`;
