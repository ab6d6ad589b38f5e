/** Inventory, payment and shipping as a model: one effect per message, safe in any order. */

import { SAID, type Said } from './domain.testkit.ts';
import type { ParticipantEvent, Reply, StoredEvent } from './domain.ts';

/** What the participants will say no to. */
export interface Script {
  readonly stock: 'there' | 'short';
  readonly card: 'good' | 'declined';
  readonly address: 'deliverable' | 'undeliverable';
  readonly capturesFailing: number;
}

interface Command {
  readonly id: string;
  readonly to: string;
  readonly type: string;
}

export class ParticipantsModel {
  readonly #script: Script;
  readonly #commands: Command[] = [];
  readonly #replies: Reply[] = [];
  readonly #inbox = new Set<string>();
  #stock: 'none' | 'held' | 'free' = 'none';
  #money: 'none' | 'held' | 'taken' | 'free' = 'none';
  #parcel: 'none' | 'coming' | 'dispatched' | 'cancelled' = 'none';
  #capturesFailing: number;

  constructor(script: Script) {
    this.#script = script;
    this.#capturesFailing = script.capturesFailing;
  }

  get hasCommands(): boolean {
    return this.#commands.length > 0;
  }
  get hasReplies(): boolean {
    return this.#replies.length > 0;
  }
  get isBusy(): boolean {
    return this.hasCommands || this.hasReplies;
  }

  /** What the order service stored is on its way, if it is a command. */
  post({ id, fact }: StoredEvent): void {
    if (fact.kind !== 'command') return;
    this.#commands.push({ id, to: fact.command.to, type: fact.command.payload.type });
  }

  /**
   * The oldest command of one of the participants arrives: a topic keeps the order of one order's
   * records. It may come again, and then at any time.
   */
  takeCommand(pick: number, comesAgain: boolean): void {
    const to = this.#commands[pick % Math.max(1, this.#commands.length)]?.to;
    const command = this.#commands.find((candidate) => candidate.to === to);
    if (command === undefined) return;
    this.#commands.splice(this.#commands.indexOf(command), 1);
    if (comesAgain) this.#commands.push(command);
    if (this.#inbox.has(command.id)) return;
    this.#inbox.add(command.id);
    const said = this.#obey(command.type);
    const event: ParticipantEvent = SAID[said];
    const messageId = `r-${command.id}`;
    this.#replies.push({ kind: 'Reply', messageId, causationId: command.id, event });
  }

  takeReply(pick: number, comesAgain: boolean): Reply | undefined {
    return take(this.#replies, pick, comesAgain);
  }

  dispatch(): void {
    if (this.#parcel === 'coming') this.#parcel = 'dispatched';
  }

  standing(): object {
    return {
      stock: this.#stock === 'held' ? 'held' : 'free',
      money: this.#money === 'none' ? 'free' : this.#money,
      parcel: ['coming', 'dispatched'].includes(this.#parcel) ? 'coming' : 'none',
    };
  }

  #obey(type: string): Said {
    switch (type) {
      case 'ReserveStock':
        if (this.#stock === 'none' && this.#script.stock === 'there') this.#stock = 'held';
        return this.#stock === 'held' ? 'StockReserved' : 'StockReservationRefused';
      case 'ReleaseStock':
        this.#stock = 'free';
        return 'StockReleased';
      case 'RestockItems':
        this.#stock = 'free';
        return 'StockRestocked';
      case 'AuthorizePayment':
        if (this.#money === 'none' && this.#script.card === 'good') this.#money = 'held';
        return this.#money === 'held' ? 'PaymentAuthorized' : 'PaymentDeclined';
      case 'VoidPayment':
        this.#money = 'free';
        return 'PaymentVoided';
      case 'RefundPayment':
        this.#money = 'free';
        return 'PaymentRefunded';
      case 'CapturePayment':
        return this.#capture();
      case 'ScheduleShipment':
        if (this.#parcel === 'none' && this.#script.address === 'deliverable') {
          this.#parcel = 'coming';
        }
        return this.#parcel === 'coming' ? 'ShipmentScheduled' : 'ShipmentRefused';
      case 'CancelShipment':
        if (this.#parcel === 'dispatched') return 'ShipmentCancellationRefused';
        this.#parcel = 'cancelled';
        return 'ShipmentCancelled';
      default:
        throw new Error(`no participant knows ${type}`);
    }
  }

  #capture(): Said {
    if (this.#money === 'taken') return 'PaymentCaptured';
    if (this.#money !== 'held') throw new Error('a capture came without an authorisation');
    if (this.#capturesFailing > 0) {
      this.#capturesFailing -= 1;
      return 'PaymentCaptureFailed';
    }
    this.#money = 'taken';
    return 'PaymentCaptured';
  }
}

function take<T>(from: T[], pick: number, keep: boolean): T | undefined {
  if (from.length === 0) return undefined;
  const at = pick % from.length;
  const [taken] = keep ? from.slice(at, at + 1) : from.splice(at, 1);
  return taken;
}
