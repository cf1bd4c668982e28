import type { Reading } from '../../base/reading.ts';
import type { HttpAnswer } from '../../io/http-post.ts';
import type { Outcome } from './sender.ts';

/** The request as such is wrong, and will be next time: bad request, too large, not to be processed. */
const NO_USE_AGAIN = [400, 413, 422];
const MAX_DETAIL = 300;

/** What an answer to a batch of alerts means. */
export function outcomeOf(answer: Reading<HttpAnswer>): Outcome {
  if (!answer.ok) return { kind: 'failed', detail: `${answer.miss.source}: ${answer.miss.detail}` };
  const { status, text, latencyMs } = answer.value;
  if (status >= 200 && status < 300) return { kind: 'accepted', latencySeconds: latencyMs / 1000 };
  const said = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const redirect = status >= 300 && status < 400 ? ', redirects are not followed' : '';
  const detail = `HTTP ${status}${redirect}${said === '' ? '' : `: ${said}`}`.slice(0, MAX_DETAIL);
  return { kind: NO_USE_AGAIN.includes(status) ? 'refused' : 'failed', detail };
}
