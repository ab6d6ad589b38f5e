/** `${…}` in a manifest: values that the harness chooses and a process needs. */
import { unknownKeyMessage } from '../../kernel/suggestion.ts';
import { ManifestError } from './manifest.ts';

/** Every placeholder that this instance may use, with its value. */
export type PlaceholderValues = ReadonlyMap<string, string>;

/** `$${` is a literal `${`. */
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * @param where file and path in it, for the error
 * @throws when the text names something that this service has not
 */
export function replacePlaceholders(
  text: string,
  values: PlaceholderValues,
  where: string,
): string {
  return text.replace(PLACEHOLDER, (whole, name: string | undefined) => {
    if (name === undefined) return '${';
    const value = values.get(name.trim());
    if (value === undefined)
      throw new ManifestError(`${where}: ${unknown(whole, name.trim(), values)}`);
    return value;
  });
}

function unknown(whole: string, name: string, values: PlaceholderValues): string {
  const known = [...values.keys()];
  const [kind] = name.split('.');
  const kin = known.filter((key) => key.split('.')[0] === kind);
  if (kind === 'link' && kin.length > 0) {
    return `this service has no ${whole}; its links: ${kin.map((key) => `\${${key}}`).join(' ')}`;
  }
  if (kind === 'port') {
    const listed = kin.length > 0 ? `; there are: ${kin.join(', ')}` : '';
    return `${whole} is not listed under \`ports\`${listed}`;
  }
  return unknownKeyMessage(
    whole,
    known.map((key) => `\${${key}}`),
    '',
  );
}
