CREATE TABLE "batches" (
	"hash" text PRIMARY KEY NOT NULL,
	"batch" text NOT NULL,
	"log" text NOT NULL,
	"writer" text NOT NULL,
	"bytes" bigint NOT NULL,
	"rows" integer NOT NULL,
	"sequence_from" bigint NOT NULL,
	"sequence_to" bigint NOT NULL,
	"registered" boolean NOT NULL
);
--> statement-breakpoint
CREATE INDEX "batches_batch" ON "batches" USING btree ("batch");--> statement-breakpoint
INSERT INTO "batches" ("hash", "batch", "log", "writer", "bytes", "rows", "sequence_from", "sequence_to", "registered")
SELECT DISTINCT ON ("hash") "hash", "hash", "log", "writer", "bytes", "rows", "sequence_from", "sequence_to", true FROM "raws" WHERE "log" <> 'predictions';
