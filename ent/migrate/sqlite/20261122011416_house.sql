-- +goose Up
-- create "apps" table
CREATE TABLE `apps` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `face` text NOT NULL, `wechat_app_id` text NOT NULL, `name` text NOT NULL, `secret_sealed` blob NOT NULL, `push_token` text NOT NULL DEFAULT (''), `push_key_sealed` blob NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), PRIMARY KEY (`id`));
-- create index "app_wechat_app_id" to table: "apps"
CREATE UNIQUE INDEX `app_wechat_app_id` ON `apps` (`wechat_app_id`);
-- create index "app_brand_id_face" to table: "apps"
CREATE INDEX `app_brand_id_face` ON `apps` (`brand_id`, `face`);
-- create "audit_entries" table
CREATE TABLE `audit_entries` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `person_id` integer NOT NULL, `action` text NOT NULL, `subject` text NOT NULL, `before` json NULL, `after` json NULL, `reason` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- create index "auditentry_brand_id_org_id_created_at" to table: "audit_entries"
CREATE INDEX `auditentry_brand_id_org_id_created_at` ON `audit_entries` (`brand_id`, `org_id`, `created_at`);
-- create index "auditentry_brand_id_created_at" to table: "audit_entries"
CREATE INDEX `auditentry_brand_id_created_at` ON `audit_entries` (`brand_id`, `created_at`);
-- create "brands" table
CREATE TABLE `brands` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), `time_zone` text NOT NULL DEFAULT ('Asia/Shanghai'), `protection_days` integer NOT NULL DEFAULT (180), `reversal_minutes` integer NOT NULL DEFAULT (30), PRIMARY KEY (`id`));
-- create index "brand_code" to table: "brands"
CREATE UNIQUE INDEX `brand_code` ON `brands` (`code`);
-- create "consents" table
CREATE TABLE `consents` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `person_id` integer NOT NULL, `kind` text NOT NULL, `version` text NOT NULL, `granted` bool NOT NULL, `app_id` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "consent_brand_id_person_id_kind" to table: "consents"
CREATE INDEX `consent_brand_id_person_id_kind` ON `consents` (`brand_id`, `person_id`, `kind`);
-- create "coupons" table
CREATE TABLE `coupons` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `template_id` integer NOT NULL, `rule_id` integer NOT NULL, `member_id` integer NOT NULL, `code` text NOT NULL, `state` text NOT NULL, `source` text NOT NULL, `claim_key` text NOT NULL, `usable_from` datetime NOT NULL, `expires_at` datetime NOT NULL, `used_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "coupon_brand_id_member_id_claim_key" to table: "coupons"
CREATE UNIQUE INDEX `coupon_brand_id_member_id_claim_key` ON `coupons` (`brand_id`, `member_id`, `claim_key`);
-- create index "coupon_brand_id_code" to table: "coupons"
CREATE UNIQUE INDEX `coupon_brand_id_code` ON `coupons` (`brand_id`, `code`);
-- create index "coupon_brand_id_member_id_state_expires_at" to table: "coupons"
CREATE INDEX `coupon_brand_id_member_id_state_expires_at` ON `coupons` (`brand_id`, `member_id`, `state`, `expires_at`);
-- create index "coupon_brand_id_template_id_state" to table: "coupons"
CREATE INDEX `coupon_brand_id_template_id_state` ON `coupons` (`brand_id`, `template_id`, `state`);
-- create index "coupon_state_expires_at" to table: "coupons"
CREATE INDEX `coupon_state_expires_at` ON `coupons` (`state`, `expires_at`);
-- create "coupon_rules" table
CREATE TABLE `coupon_rules` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `rule` json NOT NULL, PRIMARY KEY (`id`));
-- create "coupon_templates" table
CREATE TABLE `coupon_templates` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `name` text NOT NULL, `description` text NOT NULL DEFAULT (''), `state` text NOT NULL DEFAULT ('DRAFT'), `rule_id` integer NOT NULL, `total_stock` integer NOT NULL, `stock_left` integer NOT NULL, `day_stock` integer NOT NULL DEFAULT (0), `member_limit` integer NOT NULL DEFAULT (1), `member_day_limit` integer NOT NULL DEFAULT (0), `person_limit` integer NOT NULL DEFAULT (0), `claim_starts_at` datetime NOT NULL, `claim_ends_at` datetime NOT NULL, `validity_kind` text NOT NULL, `valid_from` datetime NULL, `valid_until` datetime NULL, `valid_days` integer NOT NULL DEFAULT (0), `delay_days` integer NOT NULL DEFAULT (0), `version` integer NOT NULL DEFAULT (1), PRIMARY KEY (`id`));
-- create index "coupontemplate_brand_id_org_id_state" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_org_id_state` ON `coupon_templates` (`brand_id`, `org_id`, `state`);
-- create index "coupontemplate_brand_id_state_claim_ends_at" to table: "coupon_templates"
CREATE INDEX `coupontemplate_brand_id_state_claim_ends_at` ON `coupon_templates` (`brand_id`, `state`, `claim_ends_at`);
-- create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `actor_id` integer NOT NULL, `operation` text NOT NULL, `key` text NOT NULL, `input_hash` text NOT NULL, `result_id` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "idempotencykey_brand_id_actor_id_operation_key" to table: "idempotency_keys"
CREATE UNIQUE INDEX `idempotencykey_brand_id_actor_id_operation_key` ON `idempotency_keys` (`brand_id`, `actor_id`, `operation`, `key`);
-- create index "idempotencykey_created_at" to table: "idempotency_keys"
CREATE INDEX `idempotencykey_created_at` ON `idempotency_keys` (`created_at`);
-- create "identities" table
CREATE TABLE `identities` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `person_id` integer NOT NULL, `app_id` integer NOT NULL, `openid_sealed` blob NULL, `openid_hash` text NULL, `unionid_hash` text NULL, `former_openid_hash` text NULL, `session_key_sealed` blob NULL, PRIMARY KEY (`id`));
-- create index "identity_brand_id_app_id_openid_hash" to table: "identities"
CREATE UNIQUE INDEX `identity_brand_id_app_id_openid_hash` ON `identities` (`brand_id`, `app_id`, `openid_hash`);
-- create index "identity_brand_id_unionid_hash" to table: "identities"
CREATE INDEX `identity_brand_id_unionid_hash` ON `identities` (`brand_id`, `unionid_hash`);
-- create index "identity_brand_id_former_openid_hash" to table: "identities"
CREATE INDEX `identity_brand_id_former_openid_hash` ON `identities` (`brand_id`, `former_openid_hash`);
-- create index "identity_brand_id_person_id" to table: "identities"
CREATE INDEX `identity_brand_id_person_id` ON `identities` (`brand_id`, `person_id`);
-- create "keys" table
CREATE TABLE `keys` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `purpose` text NOT NULL, `key_id` text NOT NULL, `sealed` blob NOT NULL, `state` text NOT NULL, `retires_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "key_key_id" to table: "keys"
CREATE UNIQUE INDEX `key_key_id` ON `keys` (`key_id`);
-- create index "key_purpose_state" to table: "keys"
CREATE INDEX `key_purpose_state` ON `keys` (`purpose`, `state`);
-- create "leases" table
CREATE TABLE `leases` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `name` text NOT NULL, `holder` text NOT NULL, `expires_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "lease_name" to table: "leases"
CREATE UNIQUE INDEX `lease_name` ON `leases` (`name`);
-- create "levels" table
CREATE TABLE `levels` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `rank` integer NOT NULL, `name` text NOT NULL, `threshold` integer NOT NULL, `period_days` integer NOT NULL DEFAULT (365), `benefits` json NOT NULL, PRIMARY KEY (`id`));
-- create index "level_brand_id_rank" to table: "levels"
CREATE UNIQUE INDEX `level_brand_id_rank` ON `levels` (`brand_id`, `rank`);
-- create "limit_counters" table
CREATE TABLE `limit_counters` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `scope_id` integer NOT NULL, `subject_id` integer NOT NULL, `period` integer NOT NULL, `count` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "limitcounter_brand_id_kind_scope_id_subject_id_period" to table: "limit_counters"
CREATE UNIQUE INDEX `limitcounter_brand_id_kind_scope_id_subject_id_period` ON `limit_counters` (`brand_id`, `kind`, `scope_id`, `subject_id`, `period`);
-- create "members" table
CREATE TABLE `members` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `person_id` integer NOT NULL, `number` integer NOT NULL, `state` text NOT NULL DEFAULT ('VISITOR'), `home_store_id` integer NULL, `guide_id` integer NULL, `home_store_protected_until` datetime NULL, `first_channel` text NOT NULL DEFAULT ('DIRECT'), `first_store_id` integer NULL, `last_channel` text NOT NULL DEFAULT ('DIRECT'), `last_store_id` integer NULL, `last_touched_at` datetime NULL, `level_id` integer NULL, `growth_value` integer NOT NULL DEFAULT (0), `level_period_ends_at` datetime NULL, `event_sequence` integer NOT NULL DEFAULT (0), `registered_at` datetime NULL, `cancelled_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "member_brand_id_person_id" to table: "members"
CREATE UNIQUE INDEX `member_brand_id_person_id` ON `members` (`brand_id`, `person_id`);
-- create index "member_number" to table: "members"
CREATE UNIQUE INDEX `member_number` ON `members` (`number`);
-- create index "member_brand_id_home_store_id" to table: "members"
CREATE INDEX `member_brand_id_home_store_id` ON `members` (`brand_id`, `home_store_id`);
-- create index "member_level_period_ends_at" to table: "members"
CREATE INDEX `member_level_period_ends_at` ON `members` (`level_period_ends_at`);
-- create "member_events" table
CREATE TABLE `member_events` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `member_id` integer NOT NULL, `sequence` integer NOT NULL, `kind` text NOT NULL, `coupon_id` integer NULL, `redemption_id` integer NULL, PRIMARY KEY (`id`));
-- create index "memberevent_brand_id_member_id_sequence" to table: "member_events"
CREATE UNIQUE INDEX `memberevent_brand_id_member_id_sequence` ON `member_events` (`brand_id`, `member_id`, `sequence`);
-- create index "memberevent_created_at" to table: "member_events"
CREATE INDEX `memberevent_created_at` ON `member_events` (`created_at`);
-- create "member_tags" table
CREATE TABLE `member_tags` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `member_id` integer NOT NULL, `tag_id` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "membertag_brand_id_member_id_tag_id" to table: "member_tags"
CREATE UNIQUE INDEX `membertag_brand_id_member_id_tag_id` ON `member_tags` (`brand_id`, `member_id`, `tag_id`);
-- create index "membertag_brand_id_tag_id" to table: "member_tags"
CREATE INDEX `membertag_brand_id_tag_id` ON `member_tags` (`brand_id`, `tag_id`);
-- create "orgs" table
CREATE TABLE `orgs` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `parent_id` integer NULL, `kind` text NOT NULL, `path` text NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), `store_type` text NULL, `tier` text NULL, `city` text NULL, `address` text NULL, `phone` text NULL, `latitude` real NULL, `longitude` real NULL, `cell` integer NOT NULL DEFAULT (0), `radius_metres` integer NOT NULL DEFAULT (0), `polygon` json NULL, `hours` json NULL, PRIMARY KEY (`id`));
-- create index "org_brand_id_code" to table: "orgs"
CREATE UNIQUE INDEX `org_brand_id_code` ON `orgs` (`brand_id`, `code`);
-- create index "org_brand_id_path" to table: "orgs"
CREATE INDEX `org_brand_id_path` ON `orgs` (`brand_id`, `path`);
-- create index "org_brand_id_kind_state_cell" to table: "orgs"
CREATE INDEX `org_brand_id_kind_state_cell` ON `orgs` (`brand_id`, `kind`, `state`, `cell`);
-- create "outbox_messages" table
CREATE TABLE `outbox_messages` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `topic` text NOT NULL, `partition` text NOT NULL DEFAULT (''), `payload` json NOT NULL, `state` text NOT NULL DEFAULT ('PENDING'), `attempts` integer NOT NULL DEFAULT (0), `due_at` datetime NOT NULL, `last_error` text NOT NULL DEFAULT (''), `done_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "outboxmessage_state_due_at" to table: "outbox_messages"
CREATE INDEX `outboxmessage_state_due_at` ON `outbox_messages` (`state`, `due_at`);
-- create "pages" table
CREATE TABLE `pages` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `slug` text NOT NULL, `title` text NOT NULL, `blocks` json NOT NULL, `state` text NOT NULL, `version` integer NOT NULL DEFAULT (1), PRIMARY KEY (`id`));
-- create index "page_brand_id_org_id_slug" to table: "pages"
CREATE UNIQUE INDEX `page_brand_id_org_id_slug` ON `pages` (`brand_id`, `org_id`, `slug`);
-- create "persons" table
CREATE TABLE `persons` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `state` text NOT NULL DEFAULT ('ACTIVE'), `epoch` integer NOT NULL DEFAULT (1), `nickname` text NOT NULL DEFAULT (''), `avatar_url` text NOT NULL DEFAULT (''), `gender` text NOT NULL DEFAULT (''), `birthday` text NOT NULL DEFAULT (''), `phone_sealed` blob NULL, `phone_hash` text NULL, `phone_tail` text NULL, `former_phone_hash` text NULL, `limit_subject` integer NOT NULL, `erased_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "person_brand_id_phone_hash" to table: "persons"
CREATE UNIQUE INDEX `person_brand_id_phone_hash` ON `persons` (`brand_id`, `phone_hash`);
-- create index "person_brand_id_phone_tail" to table: "persons"
CREATE INDEX `person_brand_id_phone_tail` ON `persons` (`brand_id`, `phone_tail`);
-- create index "person_brand_id_former_phone_hash" to table: "persons"
CREATE INDEX `person_brand_id_former_phone_hash` ON `persons` (`brand_id`, `former_phone_hash`);
-- create "prices" table
CREATE TABLE `prices` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `sku_id` integer NOT NULL, `org_id` integer NOT NULL, `kind` text NOT NULL, `price_fen` integer NOT NULL, `list_price_fen` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "price_brand_id_sku_id_org_id_kind" to table: "prices"
CREATE UNIQUE INDEX `price_brand_id_sku_id_org_id_kind` ON `prices` (`brand_id`, `sku_id`, `org_id`, `kind`);
-- create "products" table
CREATE TABLE `products` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `subtitle` text NOT NULL DEFAULT (''), `category` text NOT NULL, `sku_line` text NOT NULL, `image_url` text NOT NULL DEFAULT (''), `description` text NOT NULL DEFAULT (''), `state` text NOT NULL, `position` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "product_brand_id_code" to table: "products"
CREATE UNIQUE INDEX `product_brand_id_code` ON `products` (`brand_id`, `code`);
-- create index "product_brand_id_state_position_id" to table: "products"
CREATE INDEX `product_brand_id_state_position_id` ON `products` (`brand_id`, `state`, `position`, `id`);
-- create "redemptions" table
CREATE TABLE `redemptions` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `kind` text NOT NULL, `subject_id` integer NOT NULL, `active_subject_id` integer NULL, `member_id` integer NOT NULL, `store_id` integer NOT NULL, `staff_id` integer NOT NULL, `state` text NOT NULL, `purchase_fen` integer NOT NULL, `discount_fen` integer NOT NULL, `distance_metres` integer NOT NULL DEFAULT (-1), `needs_review` bool NOT NULL DEFAULT (false), `idempotency_key` text NOT NULL, `reversed_at` datetime NULL, `reversed_by` integer NULL, `reverse_reason` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_kind_active_subject_id` ON `redemptions` (`brand_id`, `kind`, `active_subject_id`);
-- create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
CREATE UNIQUE INDEX `redemption_brand_id_staff_id_idempotency_key` ON `redemptions` (`brand_id`, `staff_id`, `idempotency_key`);
-- create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_store_id_created_at` ON `redemptions` (`brand_id`, `store_id`, `created_at`);
-- create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_brand_id_member_id_created_at` ON `redemptions` (`brand_id`, `member_id`, `created_at`);
-- create "skus" table
CREATE TABLE `skus` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `product_id` integer NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `barcode` text NOT NULL DEFAULT (''), `carton_size` integer NOT NULL DEFAULT (1), `mode` text NOT NULL, PRIMARY KEY (`id`));
-- create index "sku_brand_id_code" to table: "skus"
CREATE UNIQUE INDEX `sku_brand_id_code` ON `skus` (`brand_id`, `code`);
-- create index "sku_brand_id_product_id" to table: "skus"
CREATE INDEX `sku_brand_id_product_id` ON `skus` (`brand_id`, `product_id`);
-- create "sessions" table
CREATE TABLE `sessions` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `person_id` integer NOT NULL, `app_id` integer NOT NULL, `refresh_hash` text NOT NULL, `previous_hash` text NULL, `rotated_at` datetime NOT NULL, `expires_at` datetime NOT NULL, `revoked_at` datetime NULL, `revoked_reason` text NOT NULL DEFAULT (''), `device` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`));
-- create index "session_brand_id_person_id" to table: "sessions"
CREATE INDEX `session_brand_id_person_id` ON `sessions` (`brand_id`, `person_id`);
-- create index "session_expires_at" to table: "sessions"
CREATE INDEX `session_expires_at` ON `sessions` (`expires_at`);
-- create "staff" table
CREATE TABLE `staff` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `role` text NOT NULL, `person_id` integer NULL, `name` text NOT NULL, `state` text NOT NULL, `invitation_hash` text NULL, `invited_phone_hash` text NULL, `invited_phone_tail` text NULL, `invitation_expires_at` datetime NULL, `invited_by` integer NULL, PRIMARY KEY (`id`));
-- create index "staff_brand_id_person_id_org_id_role" to table: "staff"
CREATE UNIQUE INDEX `staff_brand_id_person_id_org_id_role` ON `staff` (`brand_id`, `person_id`, `org_id`, `role`);
-- create index "staff_brand_id_org_id_state" to table: "staff"
CREATE INDEX `staff_brand_id_org_id_state` ON `staff` (`brand_id`, `org_id`, `state`);
-- create index "staff_invitation_hash" to table: "staff"
CREATE UNIQUE INDEX `staff_invitation_hash` ON `staff` (`invitation_hash`);
-- create "stocks" table
CREATE TABLE `stocks` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `sku_id` integer NOT NULL, `org_id` integer NOT NULL, `quantity` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "stock_brand_id_sku_id_org_id" to table: "stocks"
CREATE UNIQUE INDEX `stock_brand_id_sku_id_org_id` ON `stocks` (`brand_id`, `sku_id`, `org_id`);
-- create "tags" table
CREATE TABLE `tags` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `org_id` integer NOT NULL, `name` text NOT NULL, PRIMARY KEY (`id`));
-- create index "tag_brand_id_org_id_name" to table: "tags"
CREATE UNIQUE INDEX `tag_brand_id_org_id_name` ON `tags` (`brand_id`, `org_id`, `name`);
-- create "territories" table
CREATE TABLE `territories` (`id` integer NOT NULL, `created_at` datetime NOT NULL, `brand_id` integer NOT NULL, `store_id` integer NOT NULL, `sku_line` text NOT NULL, `distributor_id` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "territory_brand_id_store_id_sku_line" to table: "territories"
CREATE UNIQUE INDEX `territory_brand_id_store_id_sku_line` ON `territories` (`brand_id`, `store_id`, `sku_line`);
-- create index "territory_brand_id_distributor_id" to table: "territories"
CREATE INDEX `territory_brand_id_distributor_id` ON `territories` (`brand_id`, `distributor_id`);

-- +goose Down
-- reverse: create index "territory_brand_id_distributor_id" to table: "territories"
DROP INDEX `territory_brand_id_distributor_id`;
-- reverse: create index "territory_brand_id_store_id_sku_line" to table: "territories"
DROP INDEX `territory_brand_id_store_id_sku_line`;
-- reverse: create "territories" table
DROP TABLE `territories`;
-- reverse: create index "tag_brand_id_org_id_name" to table: "tags"
DROP INDEX `tag_brand_id_org_id_name`;
-- reverse: create "tags" table
DROP TABLE `tags`;
-- reverse: create index "stock_brand_id_sku_id_org_id" to table: "stocks"
DROP INDEX `stock_brand_id_sku_id_org_id`;
-- reverse: create "stocks" table
DROP TABLE `stocks`;
-- reverse: create index "staff_invitation_hash" to table: "staff"
DROP INDEX `staff_invitation_hash`;
-- reverse: create index "staff_brand_id_org_id_state" to table: "staff"
DROP INDEX `staff_brand_id_org_id_state`;
-- reverse: create index "staff_brand_id_person_id_org_id_role" to table: "staff"
DROP INDEX `staff_brand_id_person_id_org_id_role`;
-- reverse: create "staff" table
DROP TABLE `staff`;
-- reverse: create index "session_expires_at" to table: "sessions"
DROP INDEX `session_expires_at`;
-- reverse: create index "session_brand_id_person_id" to table: "sessions"
DROP INDEX `session_brand_id_person_id`;
-- reverse: create "sessions" table
DROP TABLE `sessions`;
-- reverse: create index "sku_brand_id_product_id" to table: "skus"
DROP INDEX `sku_brand_id_product_id`;
-- reverse: create index "sku_brand_id_code" to table: "skus"
DROP INDEX `sku_brand_id_code`;
-- reverse: create "skus" table
DROP TABLE `skus`;
-- reverse: create index "redemption_brand_id_member_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_member_id_created_at`;
-- reverse: create index "redemption_brand_id_store_id_created_at" to table: "redemptions"
DROP INDEX `redemption_brand_id_store_id_created_at`;
-- reverse: create index "redemption_brand_id_staff_id_idempotency_key" to table: "redemptions"
DROP INDEX `redemption_brand_id_staff_id_idempotency_key`;
-- reverse: create index "redemption_brand_id_kind_active_subject_id" to table: "redemptions"
DROP INDEX `redemption_brand_id_kind_active_subject_id`;
-- reverse: create "redemptions" table
DROP TABLE `redemptions`;
-- reverse: create index "product_brand_id_state_position_id" to table: "products"
DROP INDEX `product_brand_id_state_position_id`;
-- reverse: create index "product_brand_id_code" to table: "products"
DROP INDEX `product_brand_id_code`;
-- reverse: create "products" table
DROP TABLE `products`;
-- reverse: create index "price_brand_id_sku_id_org_id_kind" to table: "prices"
DROP INDEX `price_brand_id_sku_id_org_id_kind`;
-- reverse: create "prices" table
DROP TABLE `prices`;
-- reverse: create index "person_brand_id_former_phone_hash" to table: "persons"
DROP INDEX `person_brand_id_former_phone_hash`;
-- reverse: create index "person_brand_id_phone_tail" to table: "persons"
DROP INDEX `person_brand_id_phone_tail`;
-- reverse: create index "person_brand_id_phone_hash" to table: "persons"
DROP INDEX `person_brand_id_phone_hash`;
-- reverse: create "persons" table
DROP TABLE `persons`;
-- reverse: create index "page_brand_id_org_id_slug" to table: "pages"
DROP INDEX `page_brand_id_org_id_slug`;
-- reverse: create "pages" table
DROP TABLE `pages`;
-- reverse: create index "outboxmessage_state_due_at" to table: "outbox_messages"
DROP INDEX `outboxmessage_state_due_at`;
-- reverse: create "outbox_messages" table
DROP TABLE `outbox_messages`;
-- reverse: create index "org_brand_id_kind_state_cell" to table: "orgs"
DROP INDEX `org_brand_id_kind_state_cell`;
-- reverse: create index "org_brand_id_path" to table: "orgs"
DROP INDEX `org_brand_id_path`;
-- reverse: create index "org_brand_id_code" to table: "orgs"
DROP INDEX `org_brand_id_code`;
-- reverse: create "orgs" table
DROP TABLE `orgs`;
-- reverse: create index "membertag_brand_id_tag_id" to table: "member_tags"
DROP INDEX `membertag_brand_id_tag_id`;
-- reverse: create index "membertag_brand_id_member_id_tag_id" to table: "member_tags"
DROP INDEX `membertag_brand_id_member_id_tag_id`;
-- reverse: create "member_tags" table
DROP TABLE `member_tags`;
-- reverse: create index "memberevent_created_at" to table: "member_events"
DROP INDEX `memberevent_created_at`;
-- reverse: create index "memberevent_brand_id_member_id_sequence" to table: "member_events"
DROP INDEX `memberevent_brand_id_member_id_sequence`;
-- reverse: create "member_events" table
DROP TABLE `member_events`;
-- reverse: create index "member_level_period_ends_at" to table: "members"
DROP INDEX `member_level_period_ends_at`;
-- reverse: create index "member_brand_id_home_store_id" to table: "members"
DROP INDEX `member_brand_id_home_store_id`;
-- reverse: create index "member_number" to table: "members"
DROP INDEX `member_number`;
-- reverse: create index "member_brand_id_person_id" to table: "members"
DROP INDEX `member_brand_id_person_id`;
-- reverse: create "members" table
DROP TABLE `members`;
-- reverse: create index "limitcounter_brand_id_kind_scope_id_subject_id_period" to table: "limit_counters"
DROP INDEX `limitcounter_brand_id_kind_scope_id_subject_id_period`;
-- reverse: create "limit_counters" table
DROP TABLE `limit_counters`;
-- reverse: create index "level_brand_id_rank" to table: "levels"
DROP INDEX `level_brand_id_rank`;
-- reverse: create "levels" table
DROP TABLE `levels`;
-- reverse: create index "lease_name" to table: "leases"
DROP INDEX `lease_name`;
-- reverse: create "leases" table
DROP TABLE `leases`;
-- reverse: create index "key_purpose_state" to table: "keys"
DROP INDEX `key_purpose_state`;
-- reverse: create index "key_key_id" to table: "keys"
DROP INDEX `key_key_id`;
-- reverse: create "keys" table
DROP TABLE `keys`;
-- reverse: create index "identity_brand_id_person_id" to table: "identities"
DROP INDEX `identity_brand_id_person_id`;
-- reverse: create index "identity_brand_id_former_openid_hash" to table: "identities"
DROP INDEX `identity_brand_id_former_openid_hash`;
-- reverse: create index "identity_brand_id_unionid_hash" to table: "identities"
DROP INDEX `identity_brand_id_unionid_hash`;
-- reverse: create index "identity_brand_id_app_id_openid_hash" to table: "identities"
DROP INDEX `identity_brand_id_app_id_openid_hash`;
-- reverse: create "identities" table
DROP TABLE `identities`;
-- reverse: create index "idempotencykey_created_at" to table: "idempotency_keys"
DROP INDEX `idempotencykey_created_at`;
-- reverse: create index "idempotencykey_brand_id_actor_id_operation_key" to table: "idempotency_keys"
DROP INDEX `idempotencykey_brand_id_actor_id_operation_key`;
-- reverse: create "idempotency_keys" table
DROP TABLE `idempotency_keys`;
-- reverse: create index "coupontemplate_brand_id_state_claim_ends_at" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_state_claim_ends_at`;
-- reverse: create index "coupontemplate_brand_id_org_id_state" to table: "coupon_templates"
DROP INDEX `coupontemplate_brand_id_org_id_state`;
-- reverse: create "coupon_templates" table
DROP TABLE `coupon_templates`;
-- reverse: create "coupon_rules" table
DROP TABLE `coupon_rules`;
-- reverse: create index "coupon_state_expires_at" to table: "coupons"
DROP INDEX `coupon_state_expires_at`;
-- reverse: create index "coupon_brand_id_template_id_state" to table: "coupons"
DROP INDEX `coupon_brand_id_template_id_state`;
-- reverse: create index "coupon_brand_id_member_id_state_expires_at" to table: "coupons"
DROP INDEX `coupon_brand_id_member_id_state_expires_at`;
-- reverse: create index "coupon_brand_id_code" to table: "coupons"
DROP INDEX `coupon_brand_id_code`;
-- reverse: create index "coupon_brand_id_member_id_claim_key" to table: "coupons"
DROP INDEX `coupon_brand_id_member_id_claim_key`;
-- reverse: create "coupons" table
DROP TABLE `coupons`;
-- reverse: create index "consent_brand_id_person_id_kind" to table: "consents"
DROP INDEX `consent_brand_id_person_id_kind`;
-- reverse: create "consents" table
DROP TABLE `consents`;
-- reverse: create index "brand_code" to table: "brands"
DROP INDEX `brand_code`;
-- reverse: create "brands" table
DROP TABLE `brands`;
-- reverse: create index "auditentry_brand_id_created_at" to table: "audit_entries"
DROP INDEX `auditentry_brand_id_created_at`;
-- reverse: create index "auditentry_brand_id_org_id_created_at" to table: "audit_entries"
DROP INDEX `auditentry_brand_id_org_id_created_at`;
-- reverse: create "audit_entries" table
DROP TABLE `audit_entries`;
-- reverse: create index "app_brand_id_face" to table: "apps"
DROP INDEX `app_brand_id_face`;
-- reverse: create index "app_wechat_app_id" to table: "apps"
DROP INDEX `app_wechat_app_id`;
-- reverse: create "apps" table
DROP TABLE `apps`;
