// Generated from limits.yaml by `pnpm generate`. Edit that file instead.
import type { LimitValues } from './limits.ts';

export const LIMITS = {
  "api-gateway": {
    "bodyBytes": 65536,
    "headBytes": 16384,
    "tokenChars": 8192,
    "answerMs": 4200,
    "requestsPerMinute": 6000,
    "requestsPerAddressPerMinute": 60000
  },
  "auth": {
    "tokenChars": 8192,
    "userIdChars": 128,
    "emailChars": 320,
    "roles": 100,
    "roleChars": 128,
    "clockToleranceMs": 5000,
    "keysAgeMs": 600000
  },
  "job-management": {
    "issuedMs": 30000,
    "jobMs": 3600000,
    "keyMemoryMs": 86400000,
    "expiryMs": 500,
    "jobsPerUser": 10000
  },
  "websocket": {
    "socketsPerUser": 10,
    "subscriptionsPerSocket": 100,
    "frameBytes": 65536,
    "messagesAtOnce": 40,
    "messagesPerSecond": 20,
    "messagesRefused": 60,
    "jobWaitMs": 30000,
    "unreadBytes": 1048576,
    "unreadFrames": 1000,
    "replayWaitMs": 5000,
    "pingMs": 10000,
    "entryMs": 10000,
    "renewalMs": 3000,
    "resumeMs": 7200000,
    "resumeUpdates": 1000,
    "socketsPerNode": 10000
  },
  "order": {
    "lines": 50,
    "quantity": 1000,
    "stepMs": 5000
  },
  "inventory": {
    "receiptPieces": 1000000
  },
  "payment": {
    "cardTokenChars": 128,
    "amount": 1000000000000
  },
  "query": {
    "page": 100
  },
  "notification": {
    "attemptMs": 10000,
    "retryMs": 30000
  }
} as const satisfies LimitValues;
