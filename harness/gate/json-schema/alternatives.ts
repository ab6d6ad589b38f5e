import { isDeepStrictEqual } from 'node:util';
import type { Node } from './document.ts';
import { isDisjoint } from './emptiness.ts';
import type { Flat, Group } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined } from './inline.ts';
import { merged } from './merge.ts';
import { schemaOf } from './schema-of.ts';
import { nameOf } from './types.ts';

/** What is sent must be accepted by `anyOf` in one branch, and by `oneOf` in exactly one. */
export function alternativeProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  return to.groups.flatMap((group) => {
    const tried = group.branches.map((branch) => comparer.compare(branch, sender, place));
    const accepting = tried.filter((problems) => problems.length === 0).length;
    if (accepting === 0) return [...closestProblems(tried, sender, place)];
    if (group.kind === 'anyOf') return [];
    const overlapping = group.branches.filter((it) => !isDisjoint(sender, flatten(it))).length;
    if (accepting === 1 && overlapping === 1) return [];
    const others = group.branches.filter((_, index) => tried[index]?.length !== 0);
    const certain = accepting > 1 || others.some((it) => sharesValue(comparer, sender, it));
    return [
      {
        rule: certain ? 'alternatives-overlap' : 'undecidable',
        what: certain
          ? `${place} matches more than one of the alternatives`
          : `${place} matches one of the alternatives, and possibly others as well`,
        path: to.path,
        in: 'receiver' as const,
        certain,
      },
    ];
  });
}

/** Whether a listed value of a branch that does not accept all that is sent can be sent. */
function sharesValue(comparer: Comparer, sender: Flat, branch: Node): boolean {
  const accepts = [schemaOf(sender), inlined(branch)].map((schema) => comparer.accepts(schema));
  const { values = [] } = merged(sender, flatten(branch));
  return values.some((value) => accepts.every((isValid) => isValid(value)));
}

/** The single problem of the closest branch, or that no branch accepts it. */
function closestProblems(
  tried: ReadonlyArray<readonly Incompatibility[]>,
  sender: Flat,
  place: string,
): readonly Incompatibility[] {
  const closest = tried.toSorted((a, b) => a.length - b.length)[0] ?? [];
  const [only] = closest;
  if (closest.length === 1 && only !== undefined && only.rule !== 'type') return closest;
  const what = `${place} may be ${nameOf(sender)}, and none of the alternatives accepts it`;
  return [{ rule: 'no-alternative', what, path: sender.path, in: 'sender', certain: true }];
}

const writtenOut = ({ branches }: Group): unknown => branches.map(inlined);

/** What the sender's schema guarantees need not be compared branch by branch. */
export function withoutSatisfied(to: Flat, { opaque }: Flat): Flat {
  const groups = to.groups.filter(
    (group) =>
      !(opaque.get(group.kind) ?? []).some((known) => isDeepStrictEqual(known, writtenOut(group))),
  );
  return groups.length === to.groups.length ? to : { ...to, groups };
}

/** The sender once per branch of a group, each combined with the keywords next to the group. */
export function branchesOf(sender: Flat, group: Group): Flat[] {
  const satisfied = [...(sender.opaque.get(group.kind) ?? []), writtenOut(group)];
  const siblings: Flat = {
    ...sender,
    groups: sender.groups.filter((other) => other !== group),
    opaque: new Map([...sender.opaque, [group.kind, satisfied]]),
  };
  return group.branches.map((branch) => merged(siblings, flatten(branch)));
}
