-- +goose Up
-- create "apps" table
CREATE TABLE `apps` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `face` varchar(32) NOT NULL, `wechat_app_id` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `secret_sealed` blob NOT NULL, `push_token` varchar(64) NOT NULL DEFAULT '', `push_key_sealed` blob NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', PRIMARY KEY (`id`), INDEX `app_brand_id_face` (`brand_id`, `face`), UNIQUE INDEX `app_wechat_app_id` (`wechat_app_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "audit_entries" table
CREATE TABLE `audit_entries` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `person_id` bigint NOT NULL, `action` varchar(48) NOT NULL, `subject` varchar(64) NOT NULL, `before` json NULL, `after` json NULL, `reason` varchar(255) NOT NULL DEFAULT '', `request_id` varchar(64) NOT NULL DEFAULT '', PRIMARY KEY (`id`), INDEX `auditentry_brand_id_created_at` (`brand_id`, `created_at`), INDEX `auditentry_brand_id_org_id_created_at` (`brand_id`, `org_id`, `created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "brands" table
CREATE TABLE `brands` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `code` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', `time_zone` varchar(64) NOT NULL DEFAULT 'Asia/Shanghai', `protection_days` bigint NOT NULL DEFAULT 180, `reversal_minutes` bigint NOT NULL DEFAULT 30, PRIMARY KEY (`id`), UNIQUE INDEX `brand_code` (`code`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "consents" table
CREATE TABLE `consents` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `person_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `version` varchar(32) NOT NULL, `granted` bool NOT NULL, `app_id` bigint NOT NULL, PRIMARY KEY (`id`), INDEX `consent_brand_id_person_id_kind` (`brand_id`, `person_id`, `kind`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "coupons" table
CREATE TABLE `coupons` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `template_id` bigint NOT NULL, `rule_id` bigint NOT NULL, `member_id` bigint NOT NULL, `code` varchar(16) NOT NULL, `state` varchar(32) NOT NULL, `source` varchar(32) NOT NULL, `claim_key` varchar(64) NOT NULL, `usable_from` datetime(6) NOT NULL, `expires_at` datetime(6) NOT NULL, `used_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `coupon_brand_id_code` (`brand_id`, `code`), UNIQUE INDEX `coupon_brand_id_member_id_claim_key` (`brand_id`, `member_id`, `claim_key`), INDEX `coupon_brand_id_member_id_state_expires_at` (`brand_id`, `member_id`, `state`, `expires_at`), INDEX `coupon_brand_id_template_id_state` (`brand_id`, `template_id`, `state`), INDEX `coupon_state_expires_at` (`state`, `expires_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "coupon_rules" table
CREATE TABLE `coupon_rules` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `rule` json NOT NULL, PRIMARY KEY (`id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "coupon_templates" table
CREATE TABLE `coupon_templates` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `name` varchar(64) NOT NULL, `description` varchar(512) NOT NULL DEFAULT '', `state` varchar(32) NOT NULL DEFAULT 'DRAFT', `rule_id` bigint NOT NULL, `total_stock` bigint NOT NULL, `stock_left` bigint NOT NULL, `day_stock` bigint NOT NULL DEFAULT 0, `member_limit` bigint NOT NULL DEFAULT 1, `member_day_limit` bigint NOT NULL DEFAULT 0, `person_limit` bigint NOT NULL DEFAULT 0, `claim_starts_at` datetime(6) NOT NULL, `claim_ends_at` datetime(6) NOT NULL, `validity_kind` varchar(32) NOT NULL, `valid_from` datetime(6) NULL, `valid_until` datetime(6) NULL, `valid_days` bigint NOT NULL DEFAULT 0, `delay_days` bigint NOT NULL DEFAULT 0, `version` bigint NOT NULL DEFAULT 1, PRIMARY KEY (`id`), INDEX `coupontemplate_brand_id_org_id_state` (`brand_id`, `org_id`, `state`), INDEX `coupontemplate_brand_id_state_claim_ends_at` (`brand_id`, `state`, `claim_ends_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `actor_id` bigint NOT NULL, `operation` varchar(48) NOT NULL, `key` varchar(80) NOT NULL, `input_hash` varchar(64) NOT NULL, `result_id` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `idempotencykey_brand_id_actor_id_operation_key` (`brand_id`, `actor_id`, `operation`, `key`), INDEX `idempotencykey_created_at` (`created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "identities" table
CREATE TABLE `identities` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `person_id` bigint NOT NULL, `app_id` bigint NOT NULL, `openid_sealed` blob NULL, `openid_hash` varchar(64) NULL, `unionid_hash` varchar(64) NULL, `former_openid_hash` varchar(64) NULL, `session_key_sealed` blob NULL, PRIMARY KEY (`id`), UNIQUE INDEX `identity_brand_id_app_id_openid_hash` (`brand_id`, `app_id`, `openid_hash`), INDEX `identity_brand_id_former_openid_hash` (`brand_id`, `former_openid_hash`), INDEX `identity_brand_id_person_id` (`brand_id`, `person_id`), INDEX `identity_brand_id_unionid_hash` (`brand_id`, `unionid_hash`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "keys" table
CREATE TABLE `keys` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `purpose` varchar(32) NOT NULL, `key_id` varchar(32) NOT NULL, `sealed` blob NOT NULL, `state` varchar(16) NOT NULL, `retires_at` datetime(6) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `key_key_id` (`key_id`), INDEX `key_purpose_state` (`purpose`, `state`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "leases" table
CREATE TABLE `leases` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `name` varchar(64) NOT NULL, `holder` varchar(64) NOT NULL, `expires_at` datetime(6) NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `lease_name` (`name`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "levels" table
CREATE TABLE `levels` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `rank` bigint NOT NULL, `name` varchar(32) NOT NULL, `threshold` bigint NOT NULL, `period_days` bigint NOT NULL DEFAULT 365, `benefits` json NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `level_brand_id_rank` (`brand_id`, `rank`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "limit_counters" table
CREATE TABLE `limit_counters` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `scope_id` bigint NOT NULL, `subject_id` bigint NOT NULL, `period` bigint NOT NULL, `count` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `limitcounter_brand_id_kind_scope_id_subject_id_period` (`brand_id`, `kind`, `scope_id`, `subject_id`, `period`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "members" table
CREATE TABLE `members` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `person_id` bigint NOT NULL, `number` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'VISITOR', `home_store_id` bigint NULL, `guide_id` bigint NULL, `home_store_protected_until` datetime(6) NULL, `first_channel` varchar(32) NOT NULL DEFAULT 'DIRECT', `first_store_id` bigint NULL, `last_channel` varchar(32) NOT NULL DEFAULT 'DIRECT', `last_store_id` bigint NULL, `last_touched_at` datetime(6) NULL, `level_id` bigint NULL, `growth_value` bigint NOT NULL DEFAULT 0, `level_period_ends_at` datetime(6) NULL, `event_sequence` bigint NOT NULL DEFAULT 0, `registered_at` datetime(6) NULL, `cancelled_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `member_brand_id_home_store_id` (`brand_id`, `home_store_id`), UNIQUE INDEX `member_brand_id_person_id` (`brand_id`, `person_id`), INDEX `member_level_period_ends_at` (`level_period_ends_at`), UNIQUE INDEX `member_number` (`number`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "member_events" table
CREATE TABLE `member_events` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `member_id` bigint NOT NULL, `sequence` bigint NOT NULL, `kind` varchar(32) NOT NULL, `coupon_id` bigint NULL, `redemption_id` bigint NULL, PRIMARY KEY (`id`), UNIQUE INDEX `memberevent_brand_id_member_id_sequence` (`brand_id`, `member_id`, `sequence`), INDEX `memberevent_created_at` (`created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "member_tags" table
CREATE TABLE `member_tags` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `member_id` bigint NOT NULL, `tag_id` bigint NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `membertag_brand_id_member_id_tag_id` (`brand_id`, `member_id`, `tag_id`), INDEX `membertag_brand_id_tag_id` (`brand_id`, `tag_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "orgs" table
CREATE TABLE `orgs` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `parent_id` bigint NULL, `kind` varchar(32) NOT NULL, `path` varchar(255) NOT NULL, `code` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', `store_type` varchar(32) NULL, `tier` varchar(32) NULL, `city` varchar(32) NULL, `address` varchar(255) NULL, `phone` varchar(32) NULL, `latitude` double NULL, `longitude` double NULL, `cell` bigint NOT NULL DEFAULT 0, `radius_metres` bigint NOT NULL DEFAULT 0, `polygon` json NULL, `hours` json NULL, PRIMARY KEY (`id`), UNIQUE INDEX `org_brand_id_code` (`brand_id`, `code`), INDEX `org_brand_id_kind_state_cell` (`brand_id`, `kind`, `state`, `cell`), INDEX `org_brand_id_path` (`brand_id`, `path`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "outbox_messages" table
CREATE TABLE `outbox_messages` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `topic` varchar(48) NOT NULL, `partition` varchar(64) NOT NULL DEFAULT '', `payload` json NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'PENDING', `attempts` bigint NOT NULL DEFAULT 0, `due_at` datetime(6) NOT NULL, `last_error` varchar(255) NOT NULL DEFAULT '', `done_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `outboxmessage_state_due_at` (`state`, `due_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "pages" table
CREATE TABLE `pages` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `slug` varchar(32) NOT NULL, `title` varchar(64) NOT NULL, `blocks` json NOT NULL, `state` varchar(32) NOT NULL, `version` bigint NOT NULL DEFAULT 1, PRIMARY KEY (`id`), UNIQUE INDEX `page_brand_id_org_id_slug` (`brand_id`, `org_id`, `slug`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "persons" table
CREATE TABLE `persons` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `state` varchar(32) NOT NULL DEFAULT 'ACTIVE', `epoch` bigint NOT NULL DEFAULT 1, `nickname` varchar(64) NOT NULL DEFAULT '', `avatar_url` varchar(512) NOT NULL DEFAULT '', `gender` varchar(8) NOT NULL DEFAULT '', `birthday` varchar(10) NOT NULL DEFAULT '', `phone_sealed` blob NULL, `phone_hash` varchar(64) NULL, `phone_tail` varchar(4) NULL, `former_phone_hash` varchar(64) NULL, `limit_subject` bigint NOT NULL, `erased_at` datetime(6) NULL, PRIMARY KEY (`id`), INDEX `person_brand_id_former_phone_hash` (`brand_id`, `former_phone_hash`), UNIQUE INDEX `person_brand_id_phone_hash` (`brand_id`, `phone_hash`), INDEX `person_brand_id_phone_tail` (`brand_id`, `phone_tail`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "prices" table
CREATE TABLE `prices` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `sku_id` bigint NOT NULL, `org_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `price_fen` bigint NOT NULL, `list_price_fen` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `price_brand_id_sku_id_org_id_kind` (`brand_id`, `sku_id`, `org_id`, `kind`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "products" table
CREATE TABLE `products` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `code` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `subtitle` varchar(128) NOT NULL DEFAULT '', `category` varchar(32) NOT NULL, `sku_line` varchar(32) NOT NULL, `image_url` varchar(512) NOT NULL DEFAULT '', `description` longtext NOT NULL DEFAULT '', `state` varchar(32) NOT NULL, `position` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `product_brand_id_code` (`brand_id`, `code`), INDEX `product_brand_id_state_position_id` (`brand_id`, `state`, `position`, `id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "redemptions" table
CREATE TABLE `redemptions` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `kind` varchar(32) NOT NULL, `subject_id` bigint NOT NULL, `active_subject_id` bigint NULL, `member_id` bigint NOT NULL, `store_id` bigint NOT NULL, `staff_id` bigint NOT NULL, `state` varchar(32) NOT NULL, `purchase_fen` bigint NOT NULL, `discount_fen` bigint NOT NULL, `distance_metres` bigint NOT NULL DEFAULT -1, `needs_review` bool NOT NULL DEFAULT 0, `idempotency_key` varchar(64) NOT NULL, `reversed_at` datetime(6) NULL, `reversed_by` bigint NULL, `reverse_reason` varchar(255) NOT NULL DEFAULT '', PRIMARY KEY (`id`), UNIQUE INDEX `redemption_brand_id_kind_active_subject_id` (`brand_id`, `kind`, `active_subject_id`), INDEX `redemption_brand_id_member_id_created_at` (`brand_id`, `member_id`, `created_at`), UNIQUE INDEX `redemption_brand_id_staff_id_idempotency_key` (`brand_id`, `staff_id`, `idempotency_key`), INDEX `redemption_brand_id_store_id_created_at` (`brand_id`, `store_id`, `created_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "skus" table
CREATE TABLE `skus` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `product_id` bigint NOT NULL, `code` varchar(32) NOT NULL, `name` varchar(64) NOT NULL, `barcode` varchar(14) NOT NULL DEFAULT '', `carton_size` bigint NOT NULL DEFAULT 1, `mode` varchar(32) NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `sku_brand_id_code` (`brand_id`, `code`), INDEX `sku_brand_id_product_id` (`brand_id`, `product_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "sessions" table
CREATE TABLE `sessions` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `person_id` bigint NOT NULL, `app_id` bigint NOT NULL, `refresh_hash` varchar(64) NOT NULL, `previous_hash` varchar(64) NULL, `rotated_at` datetime(6) NOT NULL, `expires_at` datetime(6) NOT NULL, `revoked_at` datetime(6) NULL, `revoked_reason` varchar(32) NOT NULL DEFAULT '', `device` varchar(128) NOT NULL DEFAULT '', PRIMARY KEY (`id`), INDEX `session_brand_id_person_id` (`brand_id`, `person_id`), INDEX `session_expires_at` (`expires_at`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "staff" table
CREATE TABLE `staff` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `role` varchar(32) NOT NULL, `person_id` bigint NULL, `name` varchar(32) NOT NULL, `state` varchar(32) NOT NULL, `invitation_hash` varchar(64) NULL, `invited_phone_hash` varchar(64) NULL, `invited_phone_tail` varchar(4) NULL, `invitation_expires_at` datetime(6) NULL, `invited_by` bigint NULL, PRIMARY KEY (`id`), INDEX `staff_brand_id_org_id_state` (`brand_id`, `org_id`, `state`), UNIQUE INDEX `staff_brand_id_person_id_org_id_role` (`brand_id`, `person_id`, `org_id`, `role`), UNIQUE INDEX `staff_invitation_hash` (`invitation_hash`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "stocks" table
CREATE TABLE `stocks` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `sku_id` bigint NOT NULL, `org_id` bigint NOT NULL, `quantity` bigint NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE INDEX `stock_brand_id_sku_id_org_id` (`brand_id`, `sku_id`, `org_id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "tags" table
CREATE TABLE `tags` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `org_id` bigint NOT NULL, `name` varchar(32) NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `tag_brand_id_org_id_name` (`brand_id`, `org_id`, `name`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- create "territories" table
CREATE TABLE `territories` (`id` bigint NOT NULL, `created_at` datetime(6) NOT NULL, `brand_id` bigint NOT NULL, `store_id` bigint NOT NULL, `sku_line` varchar(32) NOT NULL, `distributor_id` bigint NOT NULL, PRIMARY KEY (`id`), INDEX `territory_brand_id_distributor_id` (`brand_id`, `distributor_id`), UNIQUE INDEX `territory_brand_id_store_id_sku_line` (`brand_id`, `store_id`, `sku_line`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
-- reverse: create "territories" table
DROP TABLE `territories`;
-- reverse: create "tags" table
DROP TABLE `tags`;
-- reverse: create "stocks" table
DROP TABLE `stocks`;
-- reverse: create "staff" table
DROP TABLE `staff`;
-- reverse: create "sessions" table
DROP TABLE `sessions`;
-- reverse: create "skus" table
DROP TABLE `skus`;
-- reverse: create "redemptions" table
DROP TABLE `redemptions`;
-- reverse: create "products" table
DROP TABLE `products`;
-- reverse: create "prices" table
DROP TABLE `prices`;
-- reverse: create "persons" table
DROP TABLE `persons`;
-- reverse: create "pages" table
DROP TABLE `pages`;
-- reverse: create "outbox_messages" table
DROP TABLE `outbox_messages`;
-- reverse: create "orgs" table
DROP TABLE `orgs`;
-- reverse: create "member_tags" table
DROP TABLE `member_tags`;
-- reverse: create "member_events" table
DROP TABLE `member_events`;
-- reverse: create "members" table
DROP TABLE `members`;
-- reverse: create "limit_counters" table
DROP TABLE `limit_counters`;
-- reverse: create "levels" table
DROP TABLE `levels`;
-- reverse: create "leases" table
DROP TABLE `leases`;
-- reverse: create "keys" table
DROP TABLE `keys`;
-- reverse: create "identities" table
DROP TABLE `identities`;
-- reverse: create "idempotency_keys" table
DROP TABLE `idempotency_keys`;
-- reverse: create "coupon_templates" table
DROP TABLE `coupon_templates`;
-- reverse: create "coupon_rules" table
DROP TABLE `coupon_rules`;
-- reverse: create "coupons" table
DROP TABLE `coupons`;
-- reverse: create "consents" table
DROP TABLE `consents`;
-- reverse: create "brands" table
DROP TABLE `brands`;
-- reverse: create "audit_entries" table
DROP TABLE `audit_entries`;
-- reverse: create "apps" table
DROP TABLE `apps`;
