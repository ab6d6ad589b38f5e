import { FORMATS } from '../finding.ts';
import type { Answer } from './answer.ts';

/** The answer as JUnit XML: one test case per format, one failure per finding. */
export function toJunit({ sentence, answer, findings }: Answer): string {
  const cases = FORMATS.map((format) => {
    const own = findings.filter((finding) => finding.format === format);
    const problems = own.map(({ rule, breaks, fails, what, file, line, fix, certainty }) => {
      const tag = certainty === 'breaks' ? 'failure' : 'error';
      const message = `${breaks.join(', ')} ${fails}: ${what}`;
      const text = `${file}:${line}\n${fix}`;
      return `      <${tag} type="${xml(rule)}" message="${xml(message)}">${xml(text)}</${tag}>`;
    });
    const opening = `    <testcase classname="sagaproof.gate" name="${format}"`;
    return problems.length === 0
      ? `${opening}/>`
      : [`${opening}>`, ...problems, '    </testcase>'].join('\n');
  });
  const count = (tag: 'breaks' | 'unknown'): number =>
    FORMATS.filter((format) => findings.some((it) => it.format === format && it.certainty === tag))
      .length;
  const numbers = `tests="${FORMATS.length}" failures="${count('breaks')}" errors="${count('unknown')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sagaproof gate" ${numbers}>`,
    `  <testsuite name="${xml(sentence)}" ${numbers}>`,
    `    <properties><property name="answer" value="${answer}"/></properties>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const xml = (text: string): string => text.replaceAll(/[&<>"]/g, (it) => ENTITIES[it] ?? it);
