import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { unmapped } from '../../base/listening.ts'
import type { Log } from '../../base/log.ts'
import type { Rate } from './rate.ts'
import { RateLimit } from './rate.ts'

/** For a page with its files, a display that asks each second, and what measures the agent. */
const STRANGERS: Rate = { perSecond: 50, burst: 200 }
/** One line of the log in a minute. */
const LOGGED: Rate = { perSecond: 1 / 60, burst: 1 }
const GROUPS_OF_NETWORK = 4
const GROUPS = 8

/**
 * The gate for all who show no valid key: one bucket of an address for all routes, known or not, apart from those of
 * keys. A till never waits for a stranger of its address.
 */
export class Strangers {
  readonly #buckets: RateLimit
  readonly #lines: RateLimit
  readonly #log: Pick<Log, 'warn'>
  readonly #perSecond: number

  constructor({ clock, log, strangers = STRANGERS }: { clock: Clock; log: Pick<Log, 'warn'>; strangers?: Rate }) {
    this.#buckets = new RateLimit(strangers, clock)
    this.#lines = new RateLimit(LOGGED, clock)
    this.#log = log
    this.#perSecond = strangers.perSecond
  }

  /** Undefined if a request of that address is let through; else the seconds until the next one is. */
  waitSeconds({ remoteAddress = '' }: Socket): number | undefined {
    const host = networkOf(remoteAddress)
    const seconds = this.#buckets.take(host)
    // Without a line for each one: a flood would push all other lines out of the log.
    if (seconds !== undefined && this.#lines.take('') === undefined)
      this.#log.warn({ host, count: this.#perSecond }, 'requests without a key are refused: too many of an address')
    return seconds
  }
}

/** The first half of an IPv6 address: one host may have all addresses of that network (RFC 4291 §2.5.1). */
export function networkOf(address: string): string {
  const plain = unmapped(address)
  if (!plain.includes(':')) return plain
  const [head = [], tail = []] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(GROUPS - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].slice(0, GROUPS_OF_NETWORK).join(':')
}
