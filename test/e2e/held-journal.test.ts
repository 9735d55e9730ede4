import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { writingProgram } from '../journal/other-program.ts'
import { heavy } from '../tags.ts'
import { turnedMs } from '../turning-clock.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { BenchOptions, Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Call, Members } from './client.ts'
import { completion } from './client.ts'
import { FastClock } from './fast-clock.ts'
import { goods, pay } from './goods.ts'

function cash(amount: string) {
  return [pay('cash', amount)]
}

function sale({ id }: Register, key: string): Call {
  return {
    path: '/v1/operations',
    body: goods('sale', id, [['3.00', '0.07']]),
    key,
  }
}

/** The write lock, taken in the same turn as a fault point; SQLite keeps two connections of one process apart as two processes. */
function lockOf(bench: Bench): { take: () => void; release: () => void } {
  const db = new Database(journalPath(bench.config.state), { timeout: 0 })
  onTestFinished(() => void db.close())
  return { take: () => void db.exec('BEGIN IMMEDIATE'), release: () => void db.exec('ROLLBACK') }
}

/** An agent whose journal another connection takes at the next fault point of that name. */
async function heldAt(point: string, options: BenchOptions) {
  let onPoint = (_point: string): void => undefined
  const bench = await Bench.open({ ...options, atPoint: (reached) => onPoint(reached) })
  const hold = (): { release: () => void } => {
    const lock = lockOf(bench)
    onPoint = (reached) => {
      if (reached !== point) return
      onPoint = () => undefined
      lock.take()
    }
    return lock
  }
  return { bench, hold }
}

test(
  'while another program holds the journal a sale is refused in time with its process, and sold once afterwards',
  heavy(),
  async () => {
    await using bench = await Bench.open({ clock: new FastClock(5) })
    const register = await bench.till()
    const { till } = register
    await till.complete(await till.create(goods('sale', register.id, [['2.00', '0.07']])), cash('2.00'))
    const open = await till.create(goods('sale', register.id, [['1.00', '0.07']]))
    const head = bench.head()
    const program = await writingProgram(bench.config.state)
    const refused = await till.refused(sale(register, 'one'))
    expect(refused).toMatchObject({
      code: 'storage_unavailable',
      details: { reason: 'journal_held', pid: program.pid },
      fiscal_effect: 'none',
      retryable: true,
    })
    const end = completion(open, cash('1.00'))
    expect(await till.refused(end)).toMatchObject({ details: { reason: 'journal_held' }, fiscal_effect: 'none' })
    const asked = turnedMs()
    expect((await fetch(`${bench.url}/healthz`)).status).toBe(200)
    expect(turnedMs() - asked).toBeLessThan(1000)
    const warnings = await bench.until(async () => {
      const ready = (await (await fetch(`${bench.url}/readyz`)).json()) as { warnings: Members[] }
      return ready.warnings.some(({ code }) => code === 'journal_held') && ready.warnings
    })
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'journal_held', severity: 'alarm' }))
    expect(await till.refused({ path: '/v1/operations' })).toMatchObject({
      code: 'storage_unavailable',
      details: { reason: 'journal_held' },
    })
    expect(await till.get('/v1/overview')).toMatchObject({ warnings: [{ code: 'journal_held' }], documents: [] })
    await program.says('ROLLBACK')
    const sold = await bench.until(async () => {
      const answer = await till.call(sale(register, 'one'))
      return answer.status === 201 && answer.json
    })
    expect(await till.read(String(sold['id']))).toMatchObject({ status: 'open', fiscal: { state: 'pending' } })
    const since = bench.journal(head)
    expect(new Set(since.filter(({ kind }) => kind.startsWith('operation.')).map(({ op }) => op)).size).toBe(1)
    expect((await till.call(end)).json).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    expect(bench.lines.filter(({ message }) => message.includes('holds the journal'))).toMatchObject([
      { level: 'warn', fields: { code: 'journal_held', pid: program.pid } },
    ])
    expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([])
  },
)

test.each([
  { law: 'Germany', config: {}, point: 'device.after-finish' },
  { law: 'Austria', config: ONE_CARD, point: 'device.after-sign' },
])(
  'an act that cannot be journalled is answered reconciling at the deadline, and once by its key: $law',
  heavy(),
  async (law) => {
    const { bench, hold } = await heldAt(law.point, { clock: new FastClock(10), config: law.config })
    await using _bench = bench
    const register = law.law === 'Austria' ? await austrianTill(bench) : await bench.till()
    const { till } = register
    const rate = law.law === 'Austria' ? '0.10' : '0.07'
    const open = await till.create(goods('sale', register.id, [['3.00', rate]]))
    const lock = hold()
    const call = { ...completion(open, cash('3.00')), key: 'finish' }
    const undecided = await till.refused(call)
    expect(undecided).toMatchObject({
      code: 'reconciling',
      fiscal_effect: 'unknown',
      details: { reason: 'journal_held' },
    })
    const again = await till.refused(call)
    expect(['reconciling', 'idempotency_key_in_use']).toContain(again.code)
    expect(again.fiscal_effect).toBe('unknown')
    lock.release()
    const done = await bench.until(async () => {
      const answer = await till.call(call)
      return answer.status === 200 && answer.json
    })
    expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    const next = await till.create(goods('sale', register.id, [['3.00', rate]]))
    expect((await till.complete(next, cash('3.00'))).fiscal.state).toBe('succeeded')
    expect(bench.journal().filter(({ op, kind }) => op === open.id && kind === 'operation.completed')).toHaveLength(1)
  },
)

test(
  'an agent that stops while a program holds the journal ends in time; the next start reconciles',
  heavy(),
  async () => {
    const { bench, hold } = await heldAt('device.after-finish', { clock: new FastClock(10) })
    await using _bench = bench
    const register = await bench.till()
    const { till } = register
    const open = await till.create(goods('sale', register.id, [['3.00', '0.07']]))
    const lock = hold()
    const call = { ...completion(open, cash('3.00')), key: 'finish' }
    const answer = till.call(call).catch(() => undefined)
    await bench.until(() => bench.lines.some(({ fields }) => fields['code'] === 'journal_held'))
    const began = turnedMs()
    await bench.stop()
    expect(turnedMs() - began).toBeLessThan(20_000)
    expect((await answer)?.status ?? 503).toBe(503)
    lock.release()
    await bench.start()
    const done = await bench.until(async () => {
      const seen = await till.call(call)
      return seen.status === 200 && seen.json
    })
    expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
  },
)
