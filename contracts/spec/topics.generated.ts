// Generated from topics.yaml by `pnpm generate`. Edit that file instead.
import type { Topic } from './topics.ts';

export const TOPICS = [
  {
    "name": "inventory.commands",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "order"
    ],
    "consumers": [
      "inventory"
    ]
  },
  {
    "name": "payment.commands",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "order"
    ],
    "consumers": [
      "payment"
    ]
  },
  {
    "name": "shipping.commands",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "order"
    ],
    "consumers": [
      "shipping"
    ]
  },
  {
    "name": "inventory.events",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "inventory"
    ],
    "consumers": [
      "order",
      "job-management"
    ]
  },
  {
    "name": "payment.events",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "payment"
    ],
    "consumers": [
      "order",
      "job-management"
    ]
  },
  {
    "name": "shipping.events",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": 604800000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "shipping"
    ],
    "consumers": [
      "order",
      "job-management"
    ]
  },
  {
    "name": "order.events",
    "key": "orderId",
    "partitions": 3,
    "retentionMs": -1,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "order"
    ],
    "consumers": [
      "job-management",
      "query",
      "notification"
    ]
  },
  {
    "name": "job.updates",
    "key": "jobId",
    "partitions": 3,
    "retentionMs": 86400000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "job-management"
    ],
    "consumers": [
      "websocket"
    ]
  },
  {
    "name": "websocket.connections",
    "key": "userId",
    "partitions": 3,
    "retentionMs": 86400000,
    "compatibility": "FULL_TRANSITIVE",
    "producers": [
      "websocket"
    ],
    "consumers": []
  }
] as const satisfies readonly Topic[];
