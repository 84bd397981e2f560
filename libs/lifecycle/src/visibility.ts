import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, isoDate, isoTime, type TimeUs } from '@mettle/contracts';

type Attribute = (typeof SEARCH_ATTRIBUTES)[number];
type Shown = Partial<Record<Attribute, string>>;

/** Keys of the search attributes, for servers that must register them and clients that list by them. */
export const searchAttributeKeys = SEARCH_ATTRIBUTES.map((name) => defineSearchAttributeKey(name, 'KEYWORD'));
const keyOf = (name: Attribute) => defineSearchAttributeKey(name, 'KEYWORD');
const pairs = (shown: Shown) => (Object.entries(shown) as [Attribute, string][]).map(([name, value]) => ({ key: keyOf(name), value }));

/** Search attributes to start a workflow with. */
export const attributes = (shown: Shown): TypedSearchAttributes => new TypedSearchAttributes(pairs(shown));

/** What an operator sees of a workflow in Temporal's UI. A search attribute is sent only when it changed. */
export function createSign(): (shown: Shown, details: string) => void {
  const sent: Shown = {};
  return (shown, details) => {
    const news: Shown = {};
    for (const [name, value] of Object.entries(shown) as [Attribute, string][]) if (sent[name] !== value) news[name] = sent[name] = value;
    if (Object.keys(news).length > 0) upsertSearchAttributes(pairs(news));
    setCurrentDetails(details);
  };
}

/** A watermark for people: the date alone at midnight UTC. */
export const moment = (at: TimeUs): string => (isoTime(at).endsWith('T00:00:00.000Z') ? isoDate(at) : `${isoTime(at).slice(0, 16).replace('T', ' ')} UTC`);
