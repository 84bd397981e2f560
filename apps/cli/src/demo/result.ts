/** What a run leaves in `demo/result.json`. */
export interface DemoResult {
  readonly seed: number;
  readonly seconds: number;
  readonly kills: number;
  /** Mean log loss April to December, null when none of it was lived; wonBack is the share of the frozen-to-monthly gap. */
  readonly logLoss: Readonly<Record<'frozen' | 'managed' | 'monthly' | 'blind' | 'wonBack', number | null>>;
  readonly byMonth: readonly MonthRow[];
  readonly byWeek: readonly WeekRow[];
  readonly counts: { served: number; logged: number; duplicated: number; labelled: number; audited: number; parityMismatches: number };
  readonly decisions: readonly DecisionRow[];
  readonly incidents: readonly IncidentRow[];
  readonly sabotage: readonly { cause: string; version: string; stoppedIn: string; reasons: readonly string[]; servedResponses: number }[];
  readonly rollback: { version: string; ms: number } | null;
  readonly drift: readonly { column: string; at: number; value: number | null; threshold: number | null }[];
}

export interface MonthRow {
  readonly month: string;
  readonly rows: number;
  readonly frozen: number | null;
  readonly managed: number | null;
  readonly monthly: number | null;
  readonly blind: number | null;
}
export interface WeekRow {
  readonly week: string;
  readonly frozen: number | null;
  readonly managed: number | null;
  readonly monthly: number | null;
  readonly blind: number | null;
}
export interface DecisionRow {
  readonly at: string;
  readonly action: string;
  readonly version: string;
  readonly verdict: string | null;
  readonly reasons: readonly string[];
}
export interface IncidentRow {
  readonly id: string;
  readonly kind: string;
  readonly metric: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly suspects: readonly string[];
}
