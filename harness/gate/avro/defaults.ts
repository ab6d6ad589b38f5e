import type { AvroProblem } from './problem.ts';
import type { AvroNode } from './schema.ts';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

/**
 * Defaults that no reader can use. Registries do not check them: the schema is registered, and the
 * first reader that needs the default fails.
 */
export function brokenDefaults(root: AvroNode): AvroProblem[] {
  const problems: AvroProblem[] = [];
  const seen = new Set<AvroNode>();
  const visit = (node: AvroNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    switch (node.kind) {
      case 'record':
        for (const field of node.fields) {
          visit(field.type);
          if (field.hasDefault && !fits(field.type, field.default)) {
            const first = field.type.kind === 'union' ? ', whose first branch it must be of' : '';
            problems.push({
              rule: 'avro/default-invalid',
              what: `the default of field "${field.name}" is not of its type${first}`,
              path: field.path,
              in: 'reader',
              fix: `give "${field.name}" a default of its type (of a union: of its first branch)`,
            });
          }
        }
        return;
      case 'enum':
        if (node.default !== undefined && !node.symbols.includes(node.default)) {
          problems.push({
            rule: 'avro/default-invalid',
            what: `the default "${node.default}" is no symbol of its enum`,
            path: node.path,
            in: 'reader',
            fix: 'make the default one of the symbols',
          });
        }
        return;
      case 'array':
      case 'map':
        visit(node.items);
        return;
      case 'union':
        for (const branch of node.branches) visit(branch);
        return;
      default:
        return;
    }
  };
  visit(root);
  return problems;
}

function fits(node: AvroNode, value: unknown): boolean {
  switch (node.kind) {
    case 'primitive':
      return fitsPrimitive(node.type, value);
    case 'enum':
      return typeof value === 'string' && node.symbols.includes(value);
    case 'fixed':
      return typeof value === 'string' && value.length === node.size;
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(node.items, item));
    case 'map':
      return isObject(value) && Object.values(value).every((item) => fits(node.items, item));
    case 'union': {
      const [first] = node.branches;
      return first !== undefined && fits(first, value);
    }
    case 'record':
      return (
        isObject(value) &&
        node.fields.every(({ name, type, hasDefault }) =>
          name in value ? fits(type, value[name]) : hasDefault,
        )
      );
  }
}

function fitsPrimitive(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value) && Number(value) >= INT_MIN && Number(value) <= INT_MAX;
    case 'long':
      return Number.isInteger(value);
    case 'float':
    case 'double':
      return typeof value === 'number';
    default:
      return typeof value === 'string';
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
