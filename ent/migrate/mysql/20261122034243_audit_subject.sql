-- +goose Up
-- modify "audit_entries" table
ALTER TABLE `audit_entries` ADD INDEX `auditentry_brand_id_subject_created_at` (`brand_id`, `subject`, `created_at`);

-- +goose Down
-- reverse: modify "audit_entries" table
ALTER TABLE `audit_entries` DROP INDEX `auditentry_brand_id_subject_created_at`;
