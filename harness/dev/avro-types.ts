import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Generates TypeScript types from `avro/*.avsc`. A union of records becomes a discriminated union
 * on `type`, as the kit's codec returns it; other types are as avsc decodes them.
 */

type Avro = string | readonly Avro[] | AvroComplex;
interface AvroComplex {
  readonly type: string | AvroComplex;
  readonly name?: string;
  readonly doc?: string;
  readonly fields?: ReadonlyArray<{ name: string; type: Avro; doc?: string }>;
  readonly symbols?: readonly string[];
  readonly items?: Avro;
  readonly values?: Avro;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

const pascal = (topic: string): string =>
  topic
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

const isRecord = (schema: Avro): schema is AvroComplex =>
  typeof schema === 'object' && 'type' in schema && schema.type === 'record';

class Emitter {
  readonly declarations: string[] = [];
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  typeOf(schema: Avro): string {
    if (typeof schema === 'string') return PRIMITIVES[schema] ?? this.#prefix + schema;
    if (!('type' in schema)) return this.#union(schema);
    if (schema.type === 'record') return this.#record(schema, undefined);
    if (schema.type === 'enum') return this.#enum(schema);
    if (schema.type === 'array') return `ReadonlyArray<${this.typeOf(schema.items ?? 'null')}>`;
    if (schema.type === 'map') {
      return `Readonly<Record<string, ${this.typeOf(schema.values ?? 'null')}>>`;
    }
    return this.typeOf(schema.type);
  }

  #union(branches: readonly Avro[]): string {
    const tagged = branches.filter(isRecord).length > 1;
    return branches
      .map((branch) =>
        tagged && isRecord(branch) ? this.#record(branch, branch.name) : this.typeOf(branch),
      )
      .join(' | ');
  }

  #record(schema: AvroComplex, tag: string | undefined): string {
    const name = this.#prefix + schema.name;
    const fields = (schema.fields ?? []).map(
      (field) =>
        `  /** ${field.doc ?? ''} */\n  readonly ${field.name}: ${this.typeOf(field.type)};`,
    );
    if (tag !== undefined) fields.unshift(`  readonly type: '${tag}';`);
    this.declarations.push(
      `/** ${schema.doc ?? ''} */\nexport interface ${name} {\n${fields.join('\n')}\n}`,
    );
    return name;
  }

  #enum(schema: AvroComplex): string {
    const name = this.#prefix + schema.name;
    const symbols = (schema.symbols ?? []).map((symbol) => `'${symbol}'`).join(' | ');
    this.declarations.push(`/** ${schema.doc ?? ''} */\nexport type ${name} = ${symbols};`);
    return name;
  }
}

/** The text of `avro/types.generated.ts` for the schemas in a folder. */
export function avroTypes(folder: string): string {
  const topics: string[] = [];
  const parts = readdirSync(folder)
    .filter((file) => file.endsWith('.avsc'))
    .sort()
    .map((file) => {
      const topic = basename(file, '.avsc');
      const schema = JSON.parse(readFileSync(join(folder, file), 'utf8')) as AvroComplex;
      const prefix = pascal(topic);
      const emitter = new Emitter(prefix);
      const root = emitter.typeOf(schema);
      topics.push(`  readonly '${topic}': ${root};`);
      return emitter.declarations.join('\n\n');
    });
  const header = '// Generated from avro/*.avsc by `pnpm generate`. Do not edit.';
  const map = `/** The value of a record, by topic. */\nexport interface TopicValues {\n${topics.join('\n')}\n}`;
  return `${[header, ...parts, map].join('\n\n')}\n`;
}
