import type { Database } from 'better-sqlite3'
import type { EventKind } from './event-kinds.ts'
import type { StoredEvent } from './events.ts'
import { bodyOf, factsOf } from './events.ts'

/** Events that an agent writes without being asked, and that nothing depends on. */
const IDLE: ReadonlySet<string> = new Set<EventKind>([
  'alert.abandoned',
  'alert.raised',
  'alert.resolved',
  'alert.sent',
  'backup.made',
  'clock.confirmed',
  'clock.stepped',
  'device.changed',
  'journal.opened',
  'journal.sealed',
  'journal.state_recorded',
  'machine.noted',
  'program.changed',
  'sync.target_added',
  'sync.target_removed',
])
/** The certificate of a TSE as the journal recorded it, DER in base64. */
type CertifiedRecord = { readonly uncertified?: unknown; readonly certificate?: unknown }

/** `isSimulator`: the configuration has one under that id. `wasSimulator`: the state has the memory of one under that id. */
export type Simulators = {
  readonly isSimulator: (device: string) => boolean
  readonly wasSimulator: (device: string) => boolean
  readonly isUncertified: (tse: CertifiedRecord) => boolean
}

/**
 * True if the journal was never used: no merchant, no key, no unit but a simulator. A kind that this
 * program does not know counts as done.
 */
export function isNothingDone(db: Database, simulators: Simulators): boolean {
  const events = db.prepare<[], Pick<StoredEvent, 'kind' | 'body'>>('SELECT kind, body FROM event ORDER BY seq')
  for (const event of events.iterate()) if (!IDLE.has(event.kind) && !isOfSimulator(event, simulators)) return false
  return true
}

function isOfSimulator(
  event: Pick<StoredEvent, 'kind' | 'body'>,
  { isSimulator, wasSimulator, isUncertified }: Simulators,
): boolean {
  const { set, enrolled } = bodyOf(event)
  switch (event.kind) {
    case 'device.serviced':
      return isSimulator(factsOf(event, 'device.serviced')?.device ?? '')
    case 'unit.enrolled':
    case 'printer.enrolled':
      return isSimulator(enrolled?.device ?? '')
    case 'tse.facts_recorded': {
      const device = String(set?.['device'])
      // A new machine begins on a simulator, until its own devices are configured.
      // The configuration may have had a certified TSE under that id.
      return isUncertified(set ?? {}) && (isSimulator(device) || wasSimulator(device))
    }
    default:
      return false
  }
}
