import type {
  ContainerContext,
  NodeContext,
  PodContext,
  ProcessContext,
  Rule,
  Verdict,
} from '../../src/rules/types.ts';

type AnyContext = ProcessContext | ContainerContext | PodContext | NodeContext;

/** The verdict after the last of these looks at one subject, ten seconds apart unless a look says when it was. */
export function overTime(rule: Rule, looks: readonly AnyContext[], stepMs = 10_000): Verdict {
  const judging = rule as unknown as {
    detect: (context: AnyContext, remembered?: unknown) => Verdict;
    observe?: (before: unknown, context: AnyContext) => unknown;
  };
  let remembered: unknown;
  let verdict: Verdict | undefined;
  looks.forEach((look, index) => {
    const { wallMs, monotonicMs } = look.at;
    const context = { ...look, at: { wallMs: wallMs + index * stepMs, monotonicMs: monotonicMs + index * stepMs } };
    remembered = judging.observe?.(remembered, context);
    verdict = judging.detect(context, remembered);
  });
  if (verdict === undefined) throw new Error('no look');
  return verdict;
}

/** The same look so many times. */
export function times<C>(count: number, look: C): C[] {
  return Array.from({ length: count }, () => look);
}
