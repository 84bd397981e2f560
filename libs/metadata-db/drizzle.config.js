import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name <what>` here writes the next migration from the schema. */
export default defineConfig({ dialect: 'postgresql', schema: './src/schema/index.ts', out: './migrations' });
