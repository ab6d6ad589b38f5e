// Generated from topology.yaml by `pnpm generate`. Edit that file instead.
import type { Topology } from './topology.ts';

export const TOPOLOGY = {
  "infrastructure": {
    "kafka": {
      "needs": [],
      "linkedBy": "topics"
    },
    "connect": {
      "needs": [
        "kafka",
        "postgres"
      ],
      "runsWith": "outboxes"
    },
    "registry": {
      "needs": [],
      "linkedBy": "topics"
    },
    "postgres": {
      "needs": []
    },
    "redis": {
      "needs": []
    },
    "mongodb": {
      "needs": []
    },
    "eventstore": {
      "needs": []
    },
    "toxiproxy": {
      "needs": [],
      "runsWith": "services"
    },
    "oidc": {
      "needs": [],
      "runsWith": "services"
    },
    "smtp": {
      "needs": []
    },
    "otlp": {
      "needs": [],
      "runsWith": "services"
    }
  },
  "services": {
    "api-gateway": {
      "ports": [
        "http",
        "admin"
      ],
      "instances": 1,
      "openapi": "contracts/spec/openapi.yaml",
      "calls": [
        "auth",
        "job-management",
        "order",
        "inventory",
        "payment",
        "shipping",
        "query"
      ],
      "stores": [],
      "uses": [],
      "outbox": false
    },
    "auth": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.auth.v1.AuthService",
      "calls": [],
      "stores": [],
      "uses": [
        "oidc"
      ],
      "outbox": false
    },
    "job-management": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.jobs.v1.JobService",
      "calls": [],
      "stores": [
        "redis"
      ],
      "uses": [],
      "outbox": false
    },
    "websocket": {
      "ports": [
        "ws",
        "admin"
      ],
      "instances": 2,
      "asyncapi": "contracts/spec/asyncapi.yaml",
      "calls": [
        "auth"
      ],
      "stores": [
        "redis"
      ],
      "uses": [],
      "outbox": false
    },
    "order": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.order.v1.OrderService",
      "calls": [],
      "stores": [
        "eventstore"
      ],
      "uses": [],
      "outbox": false
    },
    "inventory": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.inventory.v1.InventoryService",
      "calls": [],
      "stores": [
        "postgres"
      ],
      "uses": [],
      "outbox": true
    },
    "payment": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.payment.v1.PaymentService",
      "calls": [],
      "stores": [
        "postgres"
      ],
      "uses": [],
      "outbox": true
    },
    "shipping": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.shipping.v1.ShippingService",
      "calls": [],
      "stores": [
        "postgres"
      ],
      "uses": [],
      "outbox": true
    },
    "query": {
      "ports": [
        "grpc",
        "admin"
      ],
      "instances": 1,
      "grpc": "sagaproof.query.v1.QueryService",
      "calls": [],
      "stores": [
        "mongodb"
      ],
      "uses": [],
      "outbox": false
    },
    "notification": {
      "ports": [
        "admin"
      ],
      "instances": 1,
      "calls": [],
      "stores": [
        "postgres"
      ],
      "uses": [
        "smtp"
      ],
      "outbox": false
    }
  },
  "links": {
    "api-gateway": [
      "auth",
      "job-management",
      "order",
      "inventory",
      "payment",
      "shipping",
      "query"
    ],
    "auth": [
      "oidc"
    ],
    "job-management": [
      "redis",
      "kafka",
      "registry"
    ],
    "websocket": [
      "auth",
      "redis",
      "kafka",
      "registry"
    ],
    "order": [
      "eventstore",
      "kafka",
      "registry"
    ],
    "inventory": [
      "postgres",
      "kafka",
      "registry"
    ],
    "payment": [
      "postgres",
      "kafka",
      "registry"
    ],
    "shipping": [
      "postgres",
      "kafka",
      "registry"
    ],
    "query": [
      "mongodb",
      "kafka",
      "registry"
    ],
    "notification": [
      "postgres",
      "kafka",
      "registry",
      "smtp"
    ]
  }
} as const satisfies Topology;
