CREATE TABLE "log_homes" (
	"log" text PRIMARY KEY NOT NULL,
	"home" text NOT NULL,
	"host" text NOT NULL,
	"since" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lost_logs" (
	"endpoint" text NOT NULL,
	"server" text NOT NULL,
	"declared_at" bigint NOT NULL,
	"watermark" bigint,
	"unsealed" integer,
	"by" text NOT NULL,
	"note" text NOT NULL,
	"returned_at" bigint,
	CONSTRAINT "lost_logs_endpoint_server_declared_at_pk" PRIMARY KEY("endpoint","server","declared_at")
);
