-- What a service publishes: written with its effect in one transaction, taken from the log by Debezium's outbox
-- event router. A row is kept for a while after it was published, so that it can be looked at.
create table if not exists outbox (
  id uuid primary key,
  -- The topic without its suffix: `inventory` becomes `inventory.events`.
  aggregatetype text not null,
  -- The record's key.
  aggregateid text not null,
  -- The name of what happened.
  type text not null,
  -- The record's value in the Confluent wire format.
  payload bytea not null,
  traceparent text,
  created_at timestamptz not null default now()
);
create index if not exists outbox_created_at on outbox (created_at);
