/**
 * A service may compress its records with any codec, and many clients do so by default; kafkajs
 * alone reads gzip only.
 */
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Only the algorithms are shared with the client of the services, and only once one is needed. */
const codecOf = (name: 'snappy' | 'lz4' | 'zstd') => () => ({
  async compress({ buffer }: { readonly buffer: Buffer }): Promise<Buffer> {
    return (await algorithm(name)).compressSync(buffer);
  },
  async decompress(buffer: Buffer): Promise<Buffer> {
    return (await algorithm(name)).decompressSync(buffer);
  },
});

async function algorithm(name: 'snappy' | 'lz4' | 'zstd') {
  const { compressionsAlgorithms } = await import('@platformatic/kafka');
  return compressionsAlgorithms[name];
}

/** Lets every kafkajs client of this process read, and write, every compression of Kafka. */
export function readEveryCompression(): void {
  CompressionCodecs[CompressionTypes.Snappy] = codecOf('snappy');
  CompressionCodecs[CompressionTypes.LZ4] = codecOf('lz4');
  CompressionCodecs[CompressionTypes.ZSTD] = codecOf('zstd');
}
