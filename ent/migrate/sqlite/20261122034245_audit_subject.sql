-- +goose Up
-- create index "auditentry_brand_id_subject_created_at" to table: "audit_entries"
CREATE INDEX `auditentry_brand_id_subject_created_at` ON `audit_entries` (`brand_id`, `subject`, `created_at`);

-- +goose Down
-- reverse: create index "auditentry_brand_id_subject_created_at" to table: "audit_entries"
DROP INDEX `auditentry_brand_id_subject_created_at`;
