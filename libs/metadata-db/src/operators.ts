// The query operators of the one ORM, so that the rooms that query name one dependency.
export { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, ne, or, sql } from 'drizzle-orm';
