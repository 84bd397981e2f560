CREATE TABLE "aliases" (
	"model" text NOT NULL,
	"alias" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "aliases_model_alias_pk" PRIMARY KEY("model","alias")
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"endpoint" text NOT NULL,
	"sequence" integer NOT NULL,
	"key" text NOT NULL,
	"hash" text NOT NULL,
	"previous" text NOT NULL,
	"action" text NOT NULL,
	"version" text NOT NULL,
	"at" bigint NOT NULL,
	"epoch_before" integer NOT NULL,
	"epoch_after" integer,
	"record" text NOT NULL,
	CONSTRAINT "decisions_endpoint_sequence_pk" PRIMARY KEY("endpoint","sequence"),
	CONSTRAINT "decisions_key" UNIQUE("endpoint","key"),
	CONSTRAINT "decisions_epoch" UNIQUE("endpoint","epoch_after")
);
--> statement-breakpoint
CREATE TABLE "definitions" (
	"hash" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"json" text,
	"blob" text,
	"by" text NOT NULL,
	"registered_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"incident_id" text NOT NULL,
	"channel" text NOT NULL,
	"news" text NOT NULL,
	"key" text NOT NULL,
	"delivered_at" bigint NOT NULL,
	CONSTRAINT "deliveries_incident_id_channel_news_key_pk" PRIMARY KEY("incident_id","channel","news","key")
);
--> statement-breakpoint
CREATE TABLE "endpoint_heads" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"sequence" integer NOT NULL,
	"hash" text NOT NULL,
	"champion" text
);
--> statement-breakpoint
CREATE TABLE "endpoint_plans" (
	"endpoint" text NOT NULL,
	"revision" integer NOT NULL,
	"hash" text NOT NULL,
	"plan" text NOT NULL,
	"declared_at" bigint NOT NULL,
	CONSTRAINT "endpoint_plans_endpoint_revision_pk" PRIMARY KEY("endpoint","revision")
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"key" text PRIMARY KEY NOT NULL,
	"result" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"incident_id" text PRIMARY KEY NOT NULL,
	"endpoint" text NOT NULL,
	"state" text NOT NULL,
	"opened_at" bigint NOT NULL,
	"incident" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"endpoint" text NOT NULL,
	"server" text NOT NULL,
	"renewed_at" bigint NOT NULL,
	"lease" text NOT NULL,
	CONSTRAINT "leases_endpoint_server_pk" PRIMARY KEY("endpoint","server")
);
--> statement-breakpoint
CREATE TABLE "lifecycles" (
	"id" text PRIMARY KEY NOT NULL,
	"endpoint" text NOT NULL,
	"state" text NOT NULL,
	"started_at" bigint NOT NULL,
	"status" text NOT NULL,
	"spec" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"model" text NOT NULL,
	"version" integer NOT NULL,
	"key" text NOT NULL,
	"manifest" text NOT NULL,
	"manifest_hash" text NOT NULL,
	"missing" text NOT NULL,
	"stage" text NOT NULL,
	"qualified" text,
	"registered_at" bigint NOT NULL,
	CONSTRAINT "model_versions_model_version_pk" PRIMARY KEY("model","version"),
	CONSTRAINT "model_versions_key" UNIQUE("model","key")
);
--> statement-breakpoint
CREATE TABLE "monitor_results" (
	"endpoint" text NOT NULL,
	"at" bigint NOT NULL,
	"monitor" text NOT NULL,
	"version" text NOT NULL,
	"metric" text NOT NULL,
	"column" text NOT NULL,
	"segment" text NOT NULL,
	"result" text NOT NULL,
	CONSTRAINT "monitor_results_endpoint_at_monitor_version_metric_column_segment_pk" PRIMARY KEY("endpoint","at","monitor","version","metric","column","segment")
);
--> statement-breakpoint
CREATE TABLE "qualifications" (
	"model" text NOT NULL,
	"version" integer NOT NULL,
	"key" text NOT NULL,
	"verdict" text NOT NULL,
	"parity" text,
	"holdout" text NOT NULL,
	"note" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "qualifications_model_version_key_pk" PRIMARY KEY("model","version","key")
);
--> statement-breakpoint
CREATE TABLE "raws" (
	"endpoint" text NOT NULL,
	"hash" text NOT NULL,
	"log" text NOT NULL,
	"writer" text NOT NULL,
	"bytes" bigint NOT NULL,
	"rows" integer NOT NULL,
	"sequence_from" bigint NOT NULL,
	"sequence_to" bigint NOT NULL,
	"watermark" bigint NOT NULL,
	CONSTRAINT "raws_endpoint_hash_pk" PRIMARY KEY("endpoint","hash")
);
--> statement-breakpoint
CREATE TABLE "registered_models" (
	"name" text PRIMARY KEY NOT NULL,
	"description" text NOT NULL,
	"by" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "routes" (
	"endpoint" text NOT NULL,
	"epoch" integer NOT NULL,
	"hash" text NOT NULL,
	"effective_from" bigint NOT NULL,
	"champion" text,
	"champion_by" integer,
	"table" text NOT NULL,
	CONSTRAINT "routes_endpoint_epoch_pk" PRIMARY KEY("endpoint","epoch")
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"endpoint" text NOT NULL,
	"table" text NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"bytes" bigint NOT NULL,
	"rows" integer NOT NULL,
	"range_from" bigint NOT NULL,
	"range_to" bigint NOT NULL,
	"sequence_from" bigint NOT NULL,
	"sequence_to" bigint NOT NULL,
	"watermark" bigint NOT NULL,
	CONSTRAINT "segments_endpoint_table_name_hash_pk" PRIMARY KEY("endpoint","table","name","hash")
);
--> statement-breakpoint
CREATE TABLE "snapshots" (
	"manifest" text PRIMARY KEY NOT NULL,
	"endpoint" text,
	"service" text,
	"as_of" bigint NOT NULL,
	"snapshot" text NOT NULL,
	"registered_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watermarks" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"watermark" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "aliases" ADD CONSTRAINT "aliases_to_version" FOREIGN KEY ("model","version") REFERENCES "public"."model_versions"("model","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_endpoint_endpoint_heads_endpoint_fk" FOREIGN KEY ("endpoint") REFERENCES "public"."endpoint_heads"("endpoint") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_model_registered_models_name_fk" FOREIGN KEY ("model") REFERENCES "public"."registered_models"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qualifications" ADD CONSTRAINT "qualifications_version" FOREIGN KEY ("model","version") REFERENCES "public"."model_versions"("model","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_endpoint_endpoint_heads_endpoint_fk" FOREIGN KEY ("endpoint") REFERENCES "public"."endpoint_heads"("endpoint") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "aliases_version" ON "aliases" USING btree ("model","version");--> statement-breakpoint
CREATE INDEX "definitions_name" ON "definitions" USING btree ("kind","name");--> statement-breakpoint
CREATE INDEX "endpoint_heads_champion" ON "endpoint_heads" USING btree ("champion");--> statement-breakpoint
CREATE INDEX "incidents_endpoint" ON "incidents" USING btree ("endpoint","opened_at");--> statement-breakpoint
CREATE INDEX "lifecycles_endpoint" ON "lifecycles" USING btree ("endpoint","started_at");--> statement-breakpoint
CREATE INDEX "raws_watermark" ON "raws" USING btree ("endpoint","watermark");--> statement-breakpoint
CREATE INDEX "routes_effective" ON "routes" USING btree ("endpoint","effective_from");--> statement-breakpoint
CREATE INDEX "segments_watermark" ON "segments" USING btree ("endpoint","watermark");--> statement-breakpoint
CREATE INDEX "snapshots_endpoint" ON "snapshots" USING btree ("endpoint","as_of");