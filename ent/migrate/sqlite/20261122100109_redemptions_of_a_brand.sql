-- +goose Up
-- add column "unrewarded" to table: "redemptions"
ALTER TABLE `redemptions` ADD COLUMN `unrewarded` json NULL;
-- create index "redemption_brand_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_created_at` ON `redemptions` (`brand_id`, `created_at`);

-- +goose Down
-- reverse: create index "redemption_brand_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_created_at`;
-- reverse: add column "unrewarded" to table: "redemptions"
ALTER TABLE `redemptions` DROP COLUMN `unrewarded`;
