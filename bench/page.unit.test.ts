import { describe, expect, it } from 'vitest';
import { describeMachine, renderSection, withSection } from './page.ts';

const MACHINE = { cores: 2, memoryGb: 24, load: 0.3 };

describe('a section of the page', () => {
  it('is put at the end when it is new', () => {
    expect(withSection('# Performance\n', 'boot', 'figures')).toBe(
      '# Performance\n\n<!-- bench:boot -->\nfigures\n<!-- /bench:boot -->\n',
    );
  });

  it('takes the place of the one before and leaves the others alone', () => {
    const first = withSection(withSection('# Performance\n', 'boot', 'old'), 'saga', 'kept');
    const second = withSection(first, 'boot', 'new');
    expect(second).toBe(first.replace('old', 'new'));
  });

  it('says what was not met', () => {
    const findings = {
      title: 'Boot',
      method: 'Twice.',
      tables: [{ head: ['what', 'time'], rows: [['all', 1]] }],
      targets: [{ claim: 'fast', seen: 'slow', met: false }],
      figures: {},
    };
    const section = renderSection('boot', findings, MACHINE);
    expect(section).toContain('| all | 1 |');
    expect(section).toContain('| fast | slow | **not met** |');
  });
});

describe('the machine', () => {
  it('is called busy when others used it, and quiet when not', () => {
    expect(describeMachine(MACHINE)).toContain('quiet');
    expect(describeMachine({ ...MACHINE, load: 7 })).toContain('busy with other work');
  });
});
