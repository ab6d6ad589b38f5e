import type { Kafka } from 'kafkajs';

/** Deletes a consumer group of the gate; if that fails, the group expires. */
export async function deleteGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch {
    // It expires.
  } finally {
    await admin.disconnect();
  }
}
