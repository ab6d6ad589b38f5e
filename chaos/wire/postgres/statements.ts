/** What a text of SQL statements asks for, as far as its words tell. */

export interface Statement {
  readonly kind: 'begin' | 'commit' | 'rollback' | 'query';
  /** `INSERT`, `SELECT`, `CREATE`: the word that the server puts into its command tag, mostly. */
  readonly command: string;
  /** The table, where it follows a word that says so. */
  readonly table?: string;
  /** Whether it changes rows. */
  readonly writes: boolean;
}

const WRITES: ReadonlySet<string> = new Set([
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'TRUNCATE', 'CALL', 'DO'],
]);
/** Texts differ by prepared statement, not by value; what is more is read again. */
const KNOWN_MAX = 2_000;
const TEXT_MAX = 16_384;

const NAME = '(?:only\\s+)?((?:"[^"]+"|[\\w$]+)(?:\\.(?:"[^"]+"|[\\w$]+))?)';
const WRITE = new RegExp(`\\b(insert\\s+into|update|delete\\s+from|merge\\s+into)\\s+${NAME}`, 'i');
const READ = new RegExp(`\\bfrom\\s+${NAME}`, 'i');
/** Quoted texts and comments: nothing in them is a word of the statement. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;/g;

export class Statements {
  readonly #known = new Map<string, readonly Statement[]>();

  /** The statements of a text; an empty one has none. */
  of(text: string): readonly Statement[] {
    const known = this.#known.get(text);
    if (known) return known;
    const statements = split(text.slice(0, TEXT_MAX)).map(statementOf);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(text, statements);
    return statements;
  }
}

/** At semicolons that are not quoted; comments are left out. */
function split(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  let from = 0;
  for (const match of text.matchAll(OPAQUE)) {
    current += text.slice(from, match.index);
    from = match.index + match[0].length;
    if (match[0] === ';') {
      statements.push(current);
      current = '';
    } else {
      current += /^(--|\/\*)/.test(match[0]) ? ' ' : match[0];
    }
  }
  statements.push(current + text.slice(from));
  return statements.map((one) => one.trim()).filter((one) => one !== '');
}

function statementOf(text: string): Statement {
  const [first = '', second = ''] = text.toUpperCase().match(/[A-Z_]+/g) ?? [];
  switch (first) {
    case 'BEGIN':
      return { kind: 'begin', command: 'BEGIN', writes: false };
    case 'START':
      return { kind: 'begin', command: 'BEGIN', writes: false };
    case 'COMMIT':
      if (second === 'PREPARED') break;
      return { kind: 'commit', command: 'COMMIT', writes: false };
    case 'END':
      return { kind: 'commit', command: 'COMMIT', writes: false };
    case 'ABORT':
      return { kind: 'rollback', command: 'ROLLBACK', writes: false };
    case 'ROLLBACK':
      if (second === 'PREPARED' || /^\w+\s+(\w+\s+)?to\b/i.test(text)) break;
      return { kind: 'rollback', command: 'ROLLBACK', writes: false };
    default:
  }
  return queryOf(first, text);
}

function queryOf(first: string, text: string): Statement {
  const write = WRITE.exec(text);
  if (first === 'WITH' && write) {
    const command = (write[1] ?? '').split(/\s/)[0] ?? '';
    return { kind: 'query', command: command.toUpperCase(), ...tableOf(write[2]), writes: true };
  }
  const writes = WRITES.has(first);
  const table = writes ? write?.[2] : READ.exec(text)?.[1];
  return { kind: 'query', command: first, ...tableOf(table), writes };
}

/** Without quotes and without `public`. */
const tableOf = (name: string | undefined): { readonly table?: string } =>
  name === undefined ? {} : { table: name.replaceAll('"', '').replace(/^public\./, '') };
