/** The metrics of the scripts, by the names that thresholds have (`load/model/slo.ts`). */
import { Counter, Rate, Trend } from 'k6/metrics';
import { K6_METRIC } from '../model/slo.ts';

const time = (name: string): Trend => new Trend(name, true);

export const times = {
  delivery: time(K6_METRIC.delivery),
  connect: time(K6_METRIC.connect),
  reconnect: time(K6_METRIC.reconnect),
  accept: time(K6_METRIC.accept),
  saga: time(K6_METRIC.saga),
};

export const anomalies = {
  gap: new Counter(K6_METRIC.gap),
  duplicate: new Counter(K6_METRIC.duplicate),
  reorder: new Counter(K6_METRIC.reorder),
  leak: new Counter(K6_METRIC.leak),
};

/** Commands that were accepted and had no final update. */
export const unfinished = new Counter(K6_METRIC.unfinished);

/** Handshakes and commands that were refused or broke. */
export const errors = new Rate(K6_METRIC.errors);
