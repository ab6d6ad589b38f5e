import type { Kafka } from 'kafkajs';

/** Takes a consumer group of the gate's own off the broker; where that fails, it expires. */
export async function deleteGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch {
    // It expires by itself.
  } finally {
    await admin.disconnect();
  }
}
