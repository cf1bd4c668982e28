import { describe, expect, it } from 'vitest';
import { escapeHtml, landingPage } from '../../src/agent/landing.ts';
import type { Finding } from '../../src/rules/types.ts';
import { baseModel, FINDING, snapshotOf } from '../export/base-model.ts';

const { model } = baseModel();
const page = (findings: readonly Finding[]) =>
  landingPage({
    version: '1.2.3',
    telemetryPath: '/metrics',
    cycle: { snapshot: snapshotOf(model, findings), evaluation: { findings, unjudged: [] } },
  });

describe('the page', () => {
  it('says what it saw and what fires', () => {
    const text = page([FINDING, { ...FINDING, state: 'pending', rule: 'OomKilled' }]);
    expect(text).toContain('1 workloads, 1 Go processes, 1 findings.');
    expect(text).toContain('<td>CpuThrottled</td><td>shop/web-0/web</td>');
    expect(text).not.toContain('OomKilled');
    expect(page([])).toContain('Nothing fires.');
  });

  it('says so before the first cycle', () => {
    const text = landingPage({ version: '1', telemetryPath: '/metrics', cycle: undefined });
    expect(text).toContain('The first look at the node is under way.');
  });

  it('shows hostile names as text', () => {
    const evil = `<script>alert("1")</script><img src=x onerror='y'>&`;
    const subject = { ...FINDING.subject, namespace: evil, pod: evil, container: evil };
    const text = page([{ ...FINDING, subject, summary: evil, remedy: { text: evil } }]);
    expect(text).not.toMatch(/<script|<img|onerror='/);
    expect(text.split(escapeHtml(evil))).toHaveLength(6);
  });

  it('escapes the five characters of HTML', () => {
    expect(escapeHtml(`<a href="b">'&amp;`)).toBe('&lt;a href=&quot;b&quot;&gt;&#39;&amp;amp;');
  });
});
