import type { AddressBook, Infrastructure } from '../kernel/address-book.ts';
import { withoutPassword } from '../terminal/output.ts';
import { newTable } from '../terminal/table.ts';

/** Renders the address book for a terminal: components, providers and addresses. */
export function renderAddressBook(book: AddressBook): string {
  const components = newTable(['component', 'provider', 'version', 'address'], { compact: true });
  for (const [name, { provider, version }] of Object.entries(book.providers)) {
    components.push([name, provider, version, addressOf(book, name as Infrastructure)]);
  }
  const services = newTable(['service', 'instance', 'version', 'ports'], { compact: true });
  for (const { service, version, subject, instances } of Object.values(book.services)) {
    for (const { id, host, ports } of instances) {
      const listed = Object.entries(ports).map(([port, number]) => `${port} ${host}:${number}`);
      services.push([subject ? `${service} (subject)` : service, id, version, listed.join(', ')]);
    }
  }
  const parts = [components.toString()];
  if (services.length > 0) parts.push(services.toString());
  if (book.links.length > 0) {
    parts.push(`${book.links.length} links (service→dependency), each through its own proxy`);
  }
  return parts.join('\n');
}

function addressOf(book: AddressBook, name: Infrastructure): string {
  switch (name) {
    case 'kafka':
      return book.kafka.bootstrap;
    case 'postgres':
      return withoutPassword(Object.values(book.postgres.databases)[0]?.url ?? '');
    case 'eventstore':
      return book.eventstore.connectionString;
    case 'oidc':
      return book.oidc.issuer;
    case 'smtp':
      return `${book.smtp.host}:${book.smtp.port}`;
    case 'otlp':
      return book.otlp.tracesUrl;
    default:
      return withoutPassword(book[name].url);
  }
}
