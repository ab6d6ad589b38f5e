import type { AvroNode } from '../../harness/gate/avro/schema.ts';

/** Values at the edges of each type, and every symbol and branch. */
const PRIMITIVES: Readonly<Record<string, readonly unknown[]>> = {
  null: [null],
  boolean: [true, false],
  int: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 16_777_217],
  long: [0, 1, -1, 2 ** 31, 2 ** 52, -(2 ** 52)],
  float: [0, 1.5, -2.25],
  double: [0, 1.5, 1e300],
  string: ['', 'text', 'ä漢'],
  bytes: [Buffer.from([]), Buffer.from([1, 2]), Buffer.from([0xff, 0xfe])],
};
const UUID = '018f3c1e-7b2a-7c3d-8e4f-5a6b7c8d9e0f';
const DEPTH_MAX = 5;

/** Messages of a schema that together have every sample of every part. */
export function avroSamples(node: AvroNode, depth = 0): unknown[] {
  switch (node.kind) {
    case 'primitive':
      if (node.logical?.name === 'uuid') return [UUID];
      return [...(PRIMITIVES[node.type] ?? [])];
    case 'enum':
      return [...node.symbols];
    case 'fixed':
      return [Buffer.alloc(node.size, 7)];
    case 'array':
      return depth > DEPTH_MAX ? [[]] : [[], avroSamples(node.items, depth + 1)];
    case 'map':
      return depth > DEPTH_MAX
        ? [{}]
        : [{}, ...avroSamples(node.items, depth + 1).map((value) => ({ key: value }))];
    case 'union':
      return branchesAt(node.branches, depth).flatMap((branch) =>
        avroSamples(branch, depth + 1).map((value) =>
          value === null ? null : { [nameOf(branch)]: value },
        ),
      );
    case 'record': {
      const samples = node.fields.map((field) => avroSamples(field.type, depth + 1));
      const count = Math.max(1, ...samples.map(({ length }) => length));
      return Array.from({ length: count }, (_, index) =>
        Object.fromEntries(
          node.fields.map(({ name }, at) => {
            const values = samples[at] ?? [];
            return [name, values[index % values.length]];
          }),
        ),
      );
    }
  }
}

/** A type that contains itself ends where it need not go on. */
function branchesAt(branches: readonly AvroNode[], depth: number): readonly AvroNode[] {
  const ends = branches.filter(({ kind }) => kind !== 'record');
  return depth > DEPTH_MAX && ends.length > 0 ? ends : branches;
}

const nameOf = (node: AvroNode): string => {
  if (node.kind === 'primitive') return node.type;
  return 'fullName' in node ? node.fullName : node.kind;
};
