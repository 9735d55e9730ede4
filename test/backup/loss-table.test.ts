// @module-tag heavy
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import type { RestoreOptions } from '../../agent/backup/restore.ts'

import type { Bench, Register } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { sell } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Unit } from './lost-states.ts'
import { AWAY, opened, putBack, shifted, untilKept } from './lost-states.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// The rule of numbers after a loss, for each way back: the next receipt number, what was set aside, and who must act.

const DAY_MS = 86_400_000

type Lost = 'signed' | 'unsigned'
type Way = {
  readonly way: 'restore' | 'tail' | 'folder' | 'unmarked folder'
  readonly lost: Lost
  readonly unit: Unit
  /** A file target that has the lost events. */
  readonly hasTarget?: boolean
  /** What the clock of the lost shop, and that of the next one, are off by. */
  readonly clocks?: readonly [number, number]
  readonly next: number
  readonly bons: readonly (readonly [from: number, to: number])[]
  readonly why?: 'restore' | 'rollback'
  readonly tasks?: readonly string[]
}

/** Three numbers were given before the backup or the copy; 4 and 5 are on paper. */
const WAYS: readonly Way[] = [
  { way: 'restore', lost: 'signed', unit: 'there', next: 1004, bons: [[6, 1003]] },
  { way: 'restore', lost: 'unsigned', unit: 'there', next: 1004, bons: [[4, 1003]] },
  { way: 'restore', lost: 'signed', unit: 'away', next: 1004, bons: [[4, 1003]] },
  { way: 'restore', lost: 'signed', unit: 'replaced', next: 1004, bons: [[4, 1003]] },
  { way: 'tail', lost: 'signed', unit: 'there', hasTarget: true, next: 1006, bons: [[6, 1005]] },
  { way: 'tail', lost: 'unsigned', unit: 'away', hasTarget: true, next: 1006, bons: [[6, 1005]] },
  { way: 'restore', lost: 'signed', unit: 'away', clocks: [2 * DAY_MS, 0], next: 30_004, bons: [[4, 30_003]] },
  { way: 'restore', lost: 'signed', unit: 'away', clocks: [0, -2 * DAY_MS], next: 30_004, bons: [[4, 30_003]] },
  { way: 'restore', lost: 'signed', unit: 'away', clocks: [0, 2 * DAY_MS], next: 3004, bons: [[4, 3003]] },
  { way: 'folder', lost: 'signed', unit: 'there', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', lost: 'unsigned', unit: 'there', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', lost: 'signed', unit: 'away', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', lost: 'signed', unit: 'replaced', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', lost: 'signed', unit: 'away', clocks: [0, 2 * DAY_MS], next: 3004, bons: [[4, 3003]] },
  { way: 'unmarked folder', lost: 'signed', unit: 'there', next: 1004, bons: [[4, 1003]] },
  { way: 'unmarked folder', lost: 'unsigned', unit: 'there', hasTarget: true, next: 1004, bons: [[4, 1003]] },
  { way: 'unmarked folder', lost: 'signed', unit: 'away', hasTarget: true, next: 1004, bons: [[4, 1003]] },
  // Nothing is left that could show it.
  { way: 'unmarked folder', lost: 'unsigned', unit: 'there', next: 4, bons: [], tasks: [] },
]

async function lose(bench: Bench, register: Register, lost: Lost): Promise<void> {
  if (lost === 'unsigned') await bench.fault('unplugged@*')
  await sell(register, '512.34')
  await sell(register, '512.34')
  await untilKept(bench)
}

async function restoredShop(bench: Bench, register: Register, { way, lost, unit, clocks }: Way, config: Members) {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await lose(bench, keyed(bench, register), lost)
  await bench.stop()
  const state = join(folder, 'state')
  const [target] = bench.config.sync.targets
  const clock = shifted(clocks?.[1])
  const tails = way === 'tail' && target?.kind === 'file' ? [target.folder] : []
  await restore(state, file, { tails, clock, earlierRestores: openEarlierRestores(file) })
  await rm(join(state, 'devices'), { recursive: true })
  if (unit !== 'replaced') await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  const devices = unit === 'away' ? { devices: [AWAY] } : {}
  const shop = await opened({ config: { ...config, ...devices, state }, clock })
  return { shop, register: keyed(shop, register) }
}

test.each(WAYS)(
  'Germany: after $way, $lost receipts lost, unit $unit, target $hasTarget, clocks $clocks: next is $next',
  async (row) => {
    const disk = join(await temporaryDirectory(), 'disk')
    await mkdir(disk)
    const config = row.hasTarget === true ? { sync: { targets: [{ id: 'disk', kind: 'file', folder: disk }] } } : {}
    await using bench = await opened({ config, clock: shifted(row.clocks?.[0]) })
    const register = await bench.till()
    await sell(register, '1.00')
    await sell(register, '2.00')
    const isRestore = row.way === 'restore' || row.way === 'tail'
    const back = isRestore
      ? await restoredShop(bench, register, row, config)
      : await putBack(bench, register, {
          lose: (till) => lose(bench, till, row.lost),
          unit: row.unit,
          isMarked: row.way === 'folder',
          config,
          clock: shifted(row.clocks?.[1]),
        })
    const { shop } = back
    await using _ = shop
    await sell(back.register, '5.00')
    const asides = asidesOf(shop)
    const isSet = asides.length > 0
    expect([lastReceiptOf(shop), asides.filter(({ kind }) => kind === 'bon')]).toMatchObject([
      row.next,
      row.bons.map(([from, to]) => ({ from, to, why: isRestore ? 'restore' : 'rollback' })),
    ])
    expect(asides.filter(({ kind }) => kind === 'z')).toHaveLength(isSet ? 1 : 0)
    const tasks = shop.agent.administration.listTasks() as { id: string }[]
    const epochs = tasks.map(({ id }) => id).filter((id) => id.startsWith('epoch-'))
    expect(epochs).toEqual(row.tasks ?? ['epoch-2'])
    // A shop never waits for a unit once events were brought that came after the backup.
    if (row.way === 'tail') expect(shop.lines.filter(({ message }) => message.startsWith('waits for'))).toEqual([])
    await shop.restart()
    expect(asidesOf(shop)).toHaveLength(asides.length)
    await shop.stop()
    const { valid, codes } = await verifyJournal(shop.config.state)
    expect([valid, codes.filter(({ level }) => level === 'error')]).toEqual([true, []])
    await bench.start()
  },
)

test.each([
  { what: 'a backup', isFinal: false, numbers: [1004, 2004] },
  { what: 'a final backup', isFinal: true, numbers: [4, 2004] },
])(
  'Germany: of $what that is restored twice the second shop gives no number of the first',
  async ({ isFinal, numbers }) => {
    await using bench = await opened()
    const register = await bench.till()
    await sell(register, '1.00')
    await sell(register, '2.00')
    await bench.stop()
    const folder = await temporaryDirectory()
    const path = join(folder, 'shop.backup')
    const { file } = isFinal
      ? await handOver({ ...PARTS, stateDirectory: bench.config.state, path, passphrase: PASSPHRASE })
      : await backUp(bench.config.state, folder)
    const given: unknown[] = []
    for (const name of ['first', 'second']) {
      const state = join(folder, name)
      const options: Partial<RestoreOptions> = { earlierRestores: openEarlierRestores(file) }
      await restore(state, file, options)
      await using shop = await opened({ config: { devices: [AWAY], state } })
      await sell(keyed(shop, register), '5.00')
      given.push(lastReceiptOf(shop))
    }
    expect(given).toEqual(numbers)
  },
)
