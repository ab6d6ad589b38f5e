import type { Node } from './document.ts';
import { isDisjoint } from './emptiness.ts';
import type { Condition, Flat, Group } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined, sameSchema } from './inline.ts';
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
    if (accepting === 0) {
      const cases = casesOf(sender, group);
      if (cases.length === 0) return [...closestProblems(tried, sender, place)];
      return cases.flatMap((one) =>
        alternativeProblems(comparer, { ...to, groups: [group] }, one, place),
      );
    }
    if (group.kind === 'anyOf') return [];
    const overlapping = group.branches.filter(
      (it) => !isDisjoint(sender, flatten(it)) && !isExcluded(comparer, sender, it),
    ).length;
    if (accepting === 1 && overlapping <= 1) return [];
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

const CASES_MAX = 16;

/** The sender once per value of a property that tells the alternatives apart. */
function casesOf(sender: Flat, { branches }: Group): Flat[] {
  const alternatives = branches.map(flatten);
  for (const name of sender.required) {
    const property = sender.properties.get(name);
    const values = property && valuesOf(flatten(property));
    if (property === undefined || values === undefined) continue;
    if (values.length < 2 || values.length > CASES_MAX) continue;
    const isTag = alternatives.some((branch) => {
      const own = branch.properties.get(name);
      return own !== undefined && valuesOf(flatten(own)) !== undefined;
    });
    if (!isTag) continue;
    return values.map((value) =>
      merged(sender, flatten({ ...property, json: { properties: { [name]: { const: value } } } })),
    );
  }
  return [];
}

const valuesOf = ({ values, types }: Flat): readonly unknown[] | undefined =>
  values ?? (types?.size === 1 && types.has('boolean') ? [true, false] : undefined);

/** Whether what the sender excludes has every value of a branch. */
const isExcluded = (comparer: Comparer, sender: Flat, branch: Node): boolean =>
  sender.negations.some((excluded) => comparer.includes(excluded, branch));

/** Values that the receiver excludes and the sender does not. */
export function negationProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  return to.negations
    .filter(
      (refused) => !isDisjoint(sender, flatten(refused)) && !isExcluded(comparer, sender, refused),
    )
    .map(() => ({
      rule: 'undecidable',
      what: `"not" of ${place} has changed, and it is undecidable whether that narrows it`,
      path: to.path,
      in: 'receiver',
      certain: false,
    }));
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

/** What the sender's schema guarantees need not be compared branch by branch. */
export function withoutSatisfied(to: Flat, { satisfied, conditions }: Flat): Flat {
  const groups = to.groups.filter((group) => !satisfied.some((known) => isSameGroup(known, group)));
  const open = to.conditions.filter(
    (condition) => !conditions.some((known) => isSameCondition(known, condition)),
  );
  const isWhole = groups.length === to.groups.length && open.length === to.conditions.length;
  return isWhole ? to : { ...to, groups, conditions: open };
}

const isSameGroup = (one: Group, other: Group): boolean =>
  one.kind === other.kind &&
  one.branches.length === other.branches.length &&
  one.branches.every((branch, index) => isSame(branch, other.branches[index]));

export const isSameCondition = (one: Condition, other: Condition): boolean =>
  isSame(one.when, other.when) && isSame(one.met, other.met) && isSame(one.unmet, other.unmet);

const isSame = (one: Node | undefined, other: Node | undefined): boolean =>
  one === undefined || other === undefined ? one === other : sameSchema(one, other);

/** The sender once per branch of a group, each combined with the keywords next to the group. */
export function branchesOf(sender: Flat, group: Group): Flat[] {
  const siblings: Flat = {
    ...sender,
    groups: sender.groups.filter((other) => other !== group),
    satisfied: [...sender.satisfied, group],
  };
  return group.branches.map((branch, index) => {
    const own = merged(siblings, flatten(branch));
    // Exactly one of `oneOf` is valid, so what is sent is in none of the others.
    const others = group.branches.filter((_, at) => group.kind === 'oneOf' && at !== index);
    return { ...own, negations: [...own.negations, ...others] };
  });
}
