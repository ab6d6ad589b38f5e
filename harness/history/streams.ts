/** Which order a stream of the event store is about: streams are named `order-<orderId>`. */
export function orderOfStream(stream: string): string | undefined {
  return stream.startsWith('order-') ? stream.slice('order-'.length) : undefined;
}
