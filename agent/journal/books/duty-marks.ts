import { membersIn, textIn } from '../checked.ts'
import { packetOf } from '../duty-packets.ts'
import type { EventBody } from '../events.ts'
import { claimedFacts } from '../events.ts'

type Noted = { readonly seq: number; readonly kind: string; readonly op: string }

const KINDS: ReadonlySet<string> = new Set(['duty.sent', 'duty.answered', 'duty.changed'])
const STATES: ReadonlySet<unknown> = new Set(['queued', 'sent', 'confirmed', 'refused', 'unclear'])

/**
 * Compares each event of a duty with its facts. An event replaces one mode alone, under the id of the duty; a packet has
 * the number of its event; an answer belongs to a packet that was sent.
 */
export class DutyMarks {
  #chain = { epoch: 1, chain: '' }
  /** Packets by request. */
  readonly #sent = new Map<unknown, unknown>()
  /** Confirmations by the host that answered for the office, with the newest event. */
  readonly relays = new Map<string, { readonly seq: number; readonly count: number }>()

  /** The contradiction in words; undefined without one. */
  note({ seq, kind, op }: Noted, body: EventBody): string | undefined {
    if (kind === 'journal.opened') {
      const { epoch, chain_id: chainId } = claimedFacts<'journal.opened'>({ body })
      this.#chain = { epoch: Number(epoch), chain: String(chainId) }
    }
    if (kind === 'duty.confirmed') this.#noteRelay(seq, textIn(body.set?.['relay']))
    if (!KINDS.has(kind)) return undefined
    const { set = {} } = body
    const facts = membersIn(body.facts) ?? {}
    if (op !== `duty_${String(set['id'])}`) return 'its id'
    const modes = ['T', 'P'].filter((mode) => set[mode] !== undefined)
    if (modes.length !== 1 || modes[0] !== facts['mode']) return 'its mode'
    const progress = membersIn(set[modes[0] ?? '']) ?? {}
    if (!STATES.has(progress['state']) || !Number.isSafeInteger(progress['attempts'])) return 'its state'
    if (kind === 'duty.sent') return this.#noteSent(seq, facts)
    if (kind === 'duty.answered' && this.#sent.get(facts['request_id']) !== facts['packet']) return 'its packet'
    return undefined
  }

  #noteRelay(seq: number, relay: string | undefined): void {
    if (relay !== undefined) this.relays.set(relay, { seq, count: (this.relays.get(relay)?.count ?? 0) + 1 })
  }

  #noteSent(seq: number, facts: Readonly<Record<string, unknown>>): string | undefined {
    this.#sent.set(facts['request_id'], facts['packet'])
    return facts['packet'] === packetOf(seq, this.#chain) ? undefined : 'its packet'
  }
}
