import { expect, onTestFinished, test } from 'vitest'
import { stateRecord } from '../../agent/journal/books/state-record.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { Duty } from '../../agent/laws/duty.ts'
import { DutyDesk } from '../../agent/till/duty-desk.ts'
import { progressSet } from '../../agent/till/duty-records.ts'
import { dutyListsOf } from '../../agent/till/reading/duty-list.ts'
import { sendDuty } from '../../agent/till/technician/duty-sending.ts'
import type { Authority, AuthorityAccount } from '../../drivers/ports/authority.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'
import { heavy } from '../tags.ts'
import { account, answer, known, timing, unitDuty } from './duty-bench.ts'

const DUTIES = 5_000
/** Those that were sent, and that the law no longer names. */
const FORMER = 1_000
const READ_NS = 100_000n
/** Reads of 0.1 ms until 5 ms are over. */
const READS_IN_SLICE = 51
/** What one duty reads. */
const READS_OF_DUTY = 8

function failing(error: unknown): void {
  expect.fail(String(error))
}

/** Counts reads, each of which takes 0.1 ms of its clock: all of them, and the most in one turn of the event loop. */
class CountedReads {
  readonly clock = Object.assign(new ManualClock(), { mono: () => BigInt(this.all) * READ_NS })
  all = 0
  most = 0
  #inTurn = 0
  #isOver = false

  constructor() {
    const turn = (): void => {
      this.#inTurn = 0
      if (!this.#isOver) setImmediate(turn)
    }
    turn()
    onTestFinished(() => {
      this.#isOver = true
    })
  }

  note(): void {
    this.all += 1
    this.#inTurn += 1
    this.most = Math.max(this.most, this.#inTurn)
  }

  *noting<Item>(items: Iterable<Item>): Iterable<Item> {
    for (const item of items) {
      this.note()
      yield item
    }
  }

  /** The journal, whose reads count. */
  of(journal: Journal): Journal {
    const view = new Proxy(journal.view, {
      get: (target, name) => {
        if (name === 'duty' || name === 'confirmedTask' || name === 'eventsOf') this.note()
        return Reflect.get(target, name, target) as unknown
      },
    })
    return new Proxy(journal, {
      get: (target, name) => {
        const value: unknown = name === 'view' ? view : Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }
}

async function manyDuties(changed: Partial<AuthorityAccount> = {}) {
  const own = await openJournal(await temporaryDirectory())
  onTestFinished(() => own.close())
  const all = Array.from({ length: DUTIES }, (_, number) => unitDuty(number.toString(16)))
  await own.record((view) =>
    all.map(({ task }) => {
      const { op, body } = progressSet(view, task, 'P', { state: 'unclear', attempts: 1, reason: 'no_effect' })
      return { kind: 'duty.changed', op, body: { ...body, facts: { mode: 'P', by: 'person' } } }
    }),
  )
  const reads = new CountedReads()
  const authority: Authority = { mode: 'P', timing, accounts: [account(changed).account] }
  const journal = reads.of(own)
  const parts = { journal, clock: reads.clock, authority, unitsOf: () => [], onError: failing }
  const read = (duties: readonly Duty[]) => dutyListsOf({ ...parts, duties: () => reads.noting(duties) })
  return { own, reads, read, journal, authority, all }
}

test('a list of 5,000 duties is read in slices of 5 ms, those that the law no longer names too', heavy(), async () => {
  const { reads, read, all } = await manyDuties()
  const listed = all.slice(0, DUTIES - FORMER)
  const items = await read(listed).dutyList.read()
  expect(items.filter(({ state }) => state === 'withdrawn')).toHaveLength(FORMER)
  expect(items).toHaveLength(DUTIES)
  expect(reads.all).toBeGreaterThan(2 * DUTIES)
  expect(reads.most).toBeLessThanOrEqual(READS_IN_SLICE + READS_OF_DUTY)
})

test('a list of duties is not read again for sales and the state recorded after them, but for a register', async () => {
  const journal = await openJournal(await temporaryDirectory())
  onTestFinished(() => journal.close())
  let readings = 0
  const { dutyList } = dutyListsOf({
    ...{ journal, clock: new ManualClock(), authority: undefined, unitsOf: () => [], onError: failing },
    duties: () => {
      readings += 1
      return []
    },
  })
  const readAfter = async (event: NewEvent): Promise<number> => {
    await journal.record(() => [event])
    await dutyList.read()
    return readings
  }
  await dutyList.read()
  expect(await readAfter({ kind: 'operation.completed', op: '', body: {} })).toBe(1)
  expect(await readAfter(stateRecord('{}'))).toBe(1)
  expect(await readAfter({ kind: 'register.updated', op: '', body: {} })).toBe(2)
})

test('the desk looks through 5,000 duties in slices of 5 ms', heavy(), async () => {
  let note: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    note = resolve
  })
  const { journal, reads, read, authority, all } = await manyDuties({
    ask: async () => {
      note()
      return answer({ effect: 'none', status: known })
    },
  })
  const desk = new DutyDesk({
    ...{ journal, clock: reads.clock, authority, log: silentLog, random: () => 0.5, onError: failing },
    ...{ newId: (name: string) => `${name}_1`, fault: () => undefined },
    duties: read([...all, unitDuty('zz')]).duties,
  })
  onTestFinished(() => desk.stop())
  desk.start()
  await asked
  expect(reads.all).toBeGreaterThan(2 * DUTIES)
  expect(reads.most).toBeLessThanOrEqual(READS_IN_SLICE + READS_OF_DUTY)
})

test('of 5,000 duties a person sends one in slices of 5 ms', async () => {
  const { own, journal, reads, read, authority, all } = await manyDuties()
  const [first] = all
  if (first === undefined) throw new Error('no duty')
  await sendDuty({ journal, authority, duties: read(all).duties }, first.task.id)
  expect(own.view.duty(`duty_${first.task.id}`)?.shown.P?.state).toBe('queued')
  expect(reads.all).toBeGreaterThanOrEqual(DUTIES)
  expect(reads.most).toBeLessThanOrEqual(READS_IN_SLICE + READS_OF_DUTY)
})
