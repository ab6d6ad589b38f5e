// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested.
import { describe, expect, it } from 'vitest';
import { replacePlaceholders } from './placeholders.ts';

const VALUES = new Map([
  ['instance.id', 'order-1'],
  ['port.grpc', '4001'],
  ['port.admin', '4002'],
  ['link.kafka', '127.0.0.1:4003'],
  ['link.eventstore', '127.0.0.1:4004'],
]);
const replace = (text: string) => replacePlaceholders(text, VALUES, 'm.yaml: env.X');

describe('placeholders', () => {
  it('are replaced wherever they appear', () => {
    expect(replace('esdb://${link.eventstore}?tls=false&n=${port.grpc}')).toBe(
      'esdb://127.0.0.1:4004?tls=false&n=4001',
    );
  });

  it('are left as text when the dollar is doubled', () => {
    expect(replace('$${port.grpc} ${port.grpc} $5')).toBe('${port.grpc} 4001 $5');
  });

  it.each([
    [
      '${link.redis}',
      'env.X: this service has no ${link.redis}; its links: ${link.kafka} ${link.eventstore}',
    ],
    ['${port.http}', '${port.http} is not listed under `ports`; there are: port.grpc, port.admin'],
    ['${instance.ip}', 'there is no ${instance.ip}; did you mean ${instance.id}?'],
    ['${}', 'there is no ${}'],
  ])('that are unknown are refused: %s', (text, message) => {
    expect(() => replace(text)).toThrow(message);
  });
});
