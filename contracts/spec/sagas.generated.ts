// Generated from sagas.yaml by `pnpm generate`. Edit that file instead.
import type { SagaFacts } from './sagas.ts';

export const SAGAS = [
  {
    "name": "PLACE_ORDER",
    "orchestrator": "order",
    "trigger": {
      "rpc": "PlaceOrder",
      "http": "POST /v1/orders"
    },
    "status": "PENDING",
    "started": {
      "event": "OrderPlaced",
      "job": {
        "update": "STARTED",
        "level": "PROGRESS",
        "state": "RUNNING"
      }
    },
    "events": "order.events",
    "updates": "job.updates",
    "participantEvents": {
      "update": "DOMAIN_EVENT",
      "level": "DETAIL",
      "state": "RUNNING"
    },
    "progress": {
      "stepCompleted": {
        "event": "SagaStepCompleted",
        "job": {
          "update": "STEP_COMPLETED",
          "level": "PROGRESS",
          "state": "RUNNING"
        }
      },
      "stepFailed": {
        "event": "SagaStepFailed",
        "job": {
          "update": "STEP_FAILED",
          "level": "PROGRESS",
          "state": "RUNNING"
        }
      },
      "stepRetried": {
        "event": "SagaStepRetried",
        "job": {
          "update": "STEP_RETRIED",
          "level": "DETAIL",
          "state": "RUNNING"
        }
      },
      "compensationStarted": {
        "event": "SagaCompensationStarted",
        "job": {
          "update": "COMPENSATING",
          "level": "DETAIL",
          "state": "COMPENSATING"
        }
      },
      "stepCompensated": {
        "event": "SagaStepCompensated",
        "job": {
          "update": "STEP_COMPENSATED",
          "level": "DETAIL",
          "state": "COMPENSATING"
        }
      }
    },
    "steps": [
      {
        "name": "RESERVE_STOCK",
        "participant": "inventory",
        "pivot": false,
        "retriedUntilDone": false,
        "onTimeout": "compensate",
        "timeoutMs": 15000,
        "command": {
          "topic": "inventory.commands",
          "type": "ReserveStock"
        },
        "replies": {
          "topic": "inventory.events",
          "done": "StockReserved",
          "refused": "StockReservationRefused"
        },
        "compensation": {
          "command": "ReleaseStock",
          "done": "StockReleased"
        }
      },
      {
        "name": "AUTHORIZE_PAYMENT",
        "participant": "payment",
        "pivot": false,
        "retriedUntilDone": false,
        "onTimeout": "compensate",
        "timeoutMs": 15000,
        "command": {
          "topic": "payment.commands",
          "type": "AuthorizePayment"
        },
        "replies": {
          "topic": "payment.events",
          "done": "PaymentAuthorized",
          "refused": "PaymentDeclined"
        },
        "compensation": {
          "command": "VoidPayment",
          "done": "PaymentVoided"
        }
      },
      {
        "name": "SCHEDULE_SHIPMENT",
        "participant": "shipping",
        "pivot": true,
        "retriedUntilDone": false,
        "onTimeout": "compensate",
        "timeoutMs": 15000,
        "command": {
          "topic": "shipping.commands",
          "type": "ScheduleShipment"
        },
        "replies": {
          "topic": "shipping.events",
          "done": "ShipmentScheduled",
          "refused": "ShipmentRefused"
        },
        "compensation": {
          "command": "CancelShipment",
          "done": "ShipmentCancelled",
          "tooLate": "ShipmentCancellationRefused"
        }
      },
      {
        "name": "CAPTURE_PAYMENT",
        "participant": "payment",
        "pivot": false,
        "retriedUntilDone": true,
        "onTimeout": "resend",
        "timeoutMs": 15000,
        "command": {
          "topic": "payment.commands",
          "type": "CapturePayment"
        },
        "replies": {
          "topic": "payment.events",
          "done": "PaymentCaptured",
          "failed": "PaymentCaptureFailed"
        }
      }
    ],
    "outcomes": {
      "succeeded": {
        "event": "OrderApproved",
        "job": {
          "update": "SUCCEEDED",
          "level": "OUTCOME",
          "state": "SUCCEEDED"
        },
        "status": "APPROVED"
      },
      "failed": {
        "event": "OrderRejected",
        "job": {
          "update": "FAILED",
          "level": "OUTCOME",
          "state": "FAILED"
        },
        "status": "REJECTED"
      }
    }
  },
  {
    "name": "CANCEL_ORDER",
    "orchestrator": "order",
    "trigger": {
      "rpc": "CancelOrder",
      "http": "POST /v1/orders/{orderId}/cancel"
    },
    "undoes": "PLACE_ORDER",
    "status": "CANCELLING",
    "started": {
      "event": "OrderCancellationRequested",
      "job": {
        "update": "STARTED",
        "level": "PROGRESS",
        "state": "RUNNING"
      }
    },
    "events": "order.events",
    "updates": "job.updates",
    "participantEvents": {
      "update": "DOMAIN_EVENT",
      "level": "DETAIL",
      "state": "RUNNING"
    },
    "progress": {
      "stepCompleted": {
        "event": "SagaStepCompleted",
        "job": {
          "update": "STEP_COMPLETED",
          "level": "PROGRESS",
          "state": "RUNNING"
        }
      },
      "stepFailed": {
        "event": "SagaStepFailed",
        "job": {
          "update": "STEP_FAILED",
          "level": "PROGRESS",
          "state": "RUNNING"
        }
      },
      "stepRetried": {
        "event": "SagaStepRetried",
        "job": {
          "update": "STEP_RETRIED",
          "level": "DETAIL",
          "state": "RUNNING"
        }
      },
      "compensationStarted": {
        "event": "SagaCompensationStarted",
        "job": {
          "update": "COMPENSATING",
          "level": "DETAIL",
          "state": "COMPENSATING"
        }
      },
      "stepCompensated": {
        "event": "SagaStepCompensated",
        "job": {
          "update": "STEP_COMPENSATED",
          "level": "DETAIL",
          "state": "COMPENSATING"
        }
      }
    },
    "steps": [
      {
        "name": "CANCEL_SHIPMENT",
        "participant": "shipping",
        "pivot": true,
        "retriedUntilDone": false,
        "onTimeout": "resend",
        "timeoutMs": 15000,
        "command": {
          "topic": "shipping.commands",
          "type": "CancelShipment"
        },
        "replies": {
          "topic": "shipping.events",
          "done": "ShipmentCancelled",
          "refused": "ShipmentCancellationRefused"
        }
      },
      {
        "name": "REFUND_PAYMENT",
        "participant": "payment",
        "pivot": false,
        "retriedUntilDone": true,
        "onTimeout": "resend",
        "timeoutMs": 15000,
        "command": {
          "topic": "payment.commands",
          "type": "RefundPayment"
        },
        "replies": {
          "topic": "payment.events",
          "done": "PaymentRefunded"
        }
      },
      {
        "name": "RESTOCK_ITEMS",
        "participant": "inventory",
        "pivot": false,
        "retriedUntilDone": true,
        "onTimeout": "resend",
        "timeoutMs": 15000,
        "command": {
          "topic": "inventory.commands",
          "type": "RestockItems"
        },
        "replies": {
          "topic": "inventory.events",
          "done": "StockRestocked"
        }
      }
    ],
    "outcomes": {
      "succeeded": {
        "event": "OrderCancelled",
        "job": {
          "update": "SUCCEEDED",
          "level": "OUTCOME",
          "state": "SUCCEEDED"
        },
        "status": "CANCELLED"
      },
      "failed": {
        "event": "OrderCancellationRefused",
        "job": {
          "update": "FAILED",
          "level": "OUTCOME",
          "state": "FAILED"
        }
      }
    }
  }
] as const satisfies readonly SagaFacts[];
