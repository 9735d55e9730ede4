import type { EventKind } from '../../agent/journal/event-kinds.ts'

/** Tests whose benches together leave nearly each kind of event and each member: the fewest files of `test/e2e`. */
export const KEPT_TESTS = [
  'alert-causes',
  'austria/reported-outages',
  'austria/sent-duties',
  'austria/trade',
  'germany/agencies',
  'germany/books',
  'germany/clock',
  'germany/emptied-while-open',
  'germany/foreign-counts',
  'germany/moved-till',
  'germany/read-back',
  'germany/settlements',
  'germany/tables',
  'germany/tse-exchange',
  'italy/emergency',
  'italy/operation-end',
  'italy/outage',
  'italy/period',
  'italy/till-life',
  'italy/vouchers',
  'key-ids',
  'set-up',
  'sync/rollback',
].map((name) => `test/e2e/${name}.test.ts`)

/** Kinds of events that no kept journal has. */
export const KINDS_WITHOUT_JOURNAL: Partial<Record<EventKind, string>> = {
  'backup.made': 'after an upload to a target, which no later start has',
  'journal.moved': 'the last event on its machine: no program continues it there',
  'journal.sealed': 'after the events of a month',
  'journal.state_recorded': 'after a long time of sales',
  'machine.noted': 'a later start is on another machine, and would ask for a person',
  'register.chain_lost': 'after a restore without the newest receipts, by a command',
  'register.fiscalize_failed': 'by a card that refuses its first signature',
  'register.fiscalize_refused': 'by a device that refuses a new register',
  'sync.dismissed': 'by a person, with answers of a target that no later start has',
  'sync.target_removed': 'with a target that no later start has',
  'transaction.foreign_abort_intended': 'with transactions of a till that is not this agent, by a command',
  'transaction.foreign_aborted': 'with transactions of a till that is not this agent, by a command',
}
