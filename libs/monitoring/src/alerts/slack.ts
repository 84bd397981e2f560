import type { AlertChannel, Incident } from '@mettle/contracts';
import { headline, story } from './news.ts';
import type { News } from './news.ts';
import { post } from './post.ts';

/** Slack's three reserved characters. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Slack's incoming-webhook format: a text for notifications, blocks for the channel. */
export const slackMessage = (incident: Incident, news: News): { text: string; blocks: unknown[] } => ({
  text: escape(headline(incident, news)),
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: headline(incident, news).slice(0, 150) } },
    { type: 'section', text: { type: 'mrkdwn', text: escape(story(incident, news)).slice(0, 3000) } },
  ],
});

export const sendSlack = (channel: Extract<AlertChannel, { kind: 'slack' }>, incident: Incident, news: News): Promise<void> => post(channel.name, channel.url, {}, JSON.stringify(slackMessage(incident, news)));
