import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'
import { lookAtTse } from '../../drivers/recording/look-tse.ts'
import { isUnanswered } from '../../drivers/recording/recording.ts'
import { serialOfPoint } from '../../drivers/tr03151/ecdsa.ts'
import { heavy } from '../tags.ts'
import { verifyArchive } from '../verified-archive.ts'
import { describeBlips } from './tse-blips.ts'
import {
  collect,
  collectPortions,
  expectRefused,
  expectSigned,
  listed,
  PROCESS_TYPE,
  plain,
  processData,
  sell,
} from './tse-checks.ts'
import { describeDeletion } from './tse-deletion.ts'
import { describeLimits } from './tse-limits.ts'
import { describeLostAnswers } from './tse-lost-answers.ts'
import { describeRecorded } from './tse-recorded.ts'
import { describeUnreadable } from './tse-unreadable.ts'

/** A virgin unit with its driver, not yet opened. */
export type TseBench = {
  tse: Tse
  /** Closes nothing: gives another driver over the same unit, as after a restart of the agent. */
  reopen(): Promise<Tse>
  /** `NAME[=ARG]@ACT[#WHICH]`; only if `faults` is given. */
  inject?(fault: string): void
  clearFaults?(): void
  /** Pulls the unit out and puts it back, if there is no such fault to inject. */
  unplug?(): Promise<void>
  plugIn?(): Promise<void>
  /** How many transactions the unit takes before it refuses. */
  maxOpenTransactions: number
  destroy(): Promise<void>
}

export type TseCapabilities = {
  /** The bench can inject `lost-answer`, `lost-request`, `busy`, `unplugged`, `clock-lost`, `self-test-due`, `certificate-expired`. */
  faults: boolean
  /** False: clients once registered stay so; deregistering is harmless. */
  deregisters?: boolean
  /** False: while it exports the unit does nothing else; a sale ends the export. */
  exportsBesideSales?: boolean
  /** False: the unit deletes all it holds or nothing; a sale after the archive keeps it from deleting. */
  deletesApart?: boolean
  /** False: its line is shared, and no fault of this unit breaks it. */
  blips?: boolean
  /** False: a busy unit delays the caller. */
  refusesWhenBusy?: boolean
  /** The deadline of a command with an injected loss; keep it short. */
  replyMs: number
}

const nothing = new Uint8Array()
type Part = (unit: () => TseBench, capabilities: TseCapabilities) => void

/**
 * The rules for every driver of a TSE. Its parts wait for deadlines most of the time, and so run concurrently, each on
 * separate units; a SoftHSM2 has one folder of tokens for all.
 */
export function describeTse(name: string, capabilities: TseCapabilities, factory: () => Promise<TseBench>): void {
  const parts: Readonly<Record<string, Part>> = {
    transactions: describeTransactions,
    limits: describeLimits,
    exports: describeExports,
    deletion: describeDeletion,
    restart: describeRestart,
    recorded: describeRecorded,
    ...(capabilities.faults && { faults: describeLostAnswers, unreadable: describeUnreadable }),
    ...(capabilities.faults && capabilities.blips !== false && { blips: describeBlips }),
  }
  const sideBySide = { concurrent: capabilities.faults }
  for (const [part, describePart] of Object.entries(parts)) {
    describe(`${name} as a TSE`, sideBySide, () => {
      describe(part, { concurrent: false }, () => {
        let bench: TseBench

        beforeEach(async () => {
          bench = await factory()
          await bench.tse.open()
          await bench.tse.initialise()
          await bench.tse.registerClient('till-1')
          await bench.tse.registerClient('till-2')
        })
        afterEach(() => bench.destroy())

        describePart(() => bench, capabilities)
      })
    })
  }
}

function describeTransactions(unit: () => TseBench): void {
  test('a look is answered while a transaction is open', async () => {
    const { tse } = unit()
    await tse.start('till-1')
    const words: string[] = []
    const { identity, health } = await lookAtTse(tse, (line) => words.push(line))
    expect([identity?.serial, health?.openTransactions]).toEqual([(await tse.identity()).serial, 1])
    expect(words.filter(isUnanswered)).toEqual([])
  })

  test('start and finish are signed with the key of the serial number, counters without a gap', async () => {
    const { tse } = unit()
    const start = await tse.start('till-1')
    const finish = await tse.finish(start.transaction, 'till-1', PROCESS_TYPE, processData)
    expect(finish.transaction).toBe(start.transaction)
    expect(finish.signatureCounter).toBe(start.signatureCounter + 1)
    expect(finish.logTimeMs).toBeGreaterThanOrEqual(start.logTimeMs)
    await expectSigned(tse, 'Start', 'till-1', start, '', nothing)
    await expectSigned(tse, 'Finish', 'till-1', finish, PROCESS_TYPE, processData)
    const next = await tse.start('till-2')
    expect(next.transaction).toBe(start.transaction + 1)
    expect(next.signatureCounter).toBe(finish.signatureCounter + 1)
  })

  test('the identity is the hash of the public key, with certificates and an algorithm', async () => {
    const { serial, publicKey, certificates, algorithm } = await unit().tse.identity()
    expect(serial).toMatch(/^[0-9a-f]{64}$/)
    expect(serialOfPoint(publicKey).toString('hex')).toBe(serial)
    expect(certificates.length).toBeGreaterThanOrEqual(1)
    expect(algorithm).toMatch(/^ecdsa-plain-SHA/)
  })

  test('open transactions are listed in ascending order, of one client too', async () => {
    const { tse } = unit()
    const first = (await tse.start('till-1')).transaction
    const second = (await tse.start('till-2')).transaction
    const third = (await tse.start('till-1')).transaction
    expect(await tse.openTransactions()).toEqual([first, second, third])
    expect(await tse.openTransactions('till-1')).toEqual(expect.arrayContaining([first, third]))
    await tse.finish(first, 'till-1', PROCESS_TYPE, processData)
    expect(await tse.openTransactions()).toEqual([second, third])
  })

  test('both logs of a transaction can be recalled as they were answered', async () => {
    const { tse } = unit()
    const start = await tse.start('till-1')
    const open = await tse.recall(start.transaction)
    expect(open).toMatchObject({ clientId: 'till-1', start: plain(start), finish: undefined })
    expect(open?.start?.signedPart).toBeDefined()
    const finish = await tse.finish(start.transaction, 'till-1', PROCESS_TYPE, processData)
    const recall = await tse.recall(start.transaction)
    expect(recall).toMatchObject({ clientId: 'till-1', start: plain(start) })
    expect(recall?.finish).toMatchObject({ ...plain(finish), processType: PROCESS_TYPE })
    expect(Buffer.from(recall?.finish?.processData ?? []).equals(processData)).toBe(true)
    expect(await tse.recall(start.transaction + 100)).toBeUndefined()
  })

  test('calls may overlap: each gets its own transaction', async () => {
    const { tse } = unit()
    const starts = await Promise.all(['till-1', 'till-2', 'till-1', 'till-2'].map((client) => tse.start(client)))
    const numbers = starts.map((start) => start.transaction).sort((a, b) => a - b)
    expect(new Set(numbers).size).toBe(4)
    const counters = starts.map((start) => start.signatureCounter).sort((a, b) => a - b)
    expect((counters[3] ?? 0) - (counters[0] ?? 0)).toBe(3)
  })

  test('an unknown or finished transaction is refused without effect', async () => {
    const { tse } = unit()
    const { transaction } = await tse.start('till-1')
    await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    await expectRefused(tse.finish(transaction, 'till-1', PROCESS_TYPE, processData), 'transaction_unknown')
    await expectRefused(tse.finish(999_999, 'till-1', PROCESS_TYPE, processData), 'transaction_unknown')
  })
}

function describeExports(unit: () => TseBench, { exportsBesideSales = true }: TseCapabilities): void {
  test('the whole archive verifies and opens with GNU tar', async () => {
    const { tse } = unit()
    await sell(tse, 3)
    const archive = await collect(tse, {})
    const report = await verifyArchive(archive)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, firstCounter: 1, serial: (await tse.identity()).serial })
    const names = await listed(archive)
    expect(names[0]).toBe('info.csv')
    expect(names.filter((name) => name.includes('_Log-Tra_'))).toHaveLength(6)
  })

  test('an archive made while transactions run is whole up to its beginning', heavy(), async () => {
    const { tse } = unit()
    await sell(tse, 20)
    if (!exportsBesideSales) {
      const outcome = collect(tse, {}).catch((error: unknown) => error)
      await Promise.all([sell(tse, 20), sell(tse, 5, 'till-2')])
      expect(await outcome).toMatchObject({ code: 'export_running', effect: 'none' })
      expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
      return
    }
    const outcome = collect(tse, {}).catch((error: unknown) => error)
    await Promise.all([sell(tse, 20), sell(tse, 5, 'till-2')])
    const archive = await outcome
    if (tse.exportsExclusively === true && !(archive instanceof Buffer)) {
      // On a busy machine a sale has waited for long enough.
      expect(archive).toMatchObject({ code: 'export_running', effect: 'none' })
      return
    }
    const report = await verifyArchive(archive as Buffer)
    expect(report.findings).toEqual([])
    expect(report.logs).toBeGreaterThanOrEqual(40)
  })

  test('an archive in portions is the same as a single one, with the signatures made in between', heavy(), async () => {
    const { tse } = unit()
    if (tse.exportInPortions === undefined) return
    await sell(tse, 90)
    const { transaction } = await tse.start('till-2')
    const inOneGo = new Set(await listed(await collect(tse, {})))
    const [archive] = await Promise.all([collectPortions(tse, {}), sell(tse, 20)])
    const report = await verifyArchive(archive)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, firstCounter: 1 })
    const names = await listed(archive)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining([...inOneGo]))
    await tse.finish(transaction, 'till-2', PROCESS_TYPE, processData)
    const ofClient = (await listed(await collectPortions(tse, { clientId: 'till-2' }))).filter((name) =>
      name.includes('_Log-Tra_'),
    )
    expect(ofClient.map((name) => /_(Start|Finish)_/.exec(name)?.[1])).toEqual(['Start', 'Finish'])
    await expectRefused(collectPortions(tse, {}, 5), 'garbled')
  })

  test('filters by client and by transaction numbers, bounds included', async () => {
    const { tse } = unit()
    const first = await sell(tse, 3)
    await sell(tse, 2, 'till-2')
    const ofClient = await listed(await collect(tse, { clientId: 'till-2' }))
    expect(ofClient.filter((name) => name.includes('_Log-Tra_'))).toHaveLength(4)
    expect(ofClient.some((name) => name.includes('Client-till-1'))).toBe(false)
    const range = await collect(tse, { transactionFrom: first + 1, transactionTo: first + 2 })
    expect((await verifyArchive(range, { filtered: true })).findings).toEqual([])
    const numbers = (await listed(range)).flatMap((name) => /_No-(\d+)_/.exec(name)?.[1] ?? [])
    expect(numbers.map(Number)).toEqual([first + 1, first + 1, first + 2, first + 2])
  })

  test('a filter that finds nothing is no_data', async () => {
    const { tse } = unit()
    await sell(tse, 1)
    await expectRefused(collect(tse, { transactionFrom: 1000, transactionTo: 1001 }), 'no_data')
  })
}

function describeRestart(unit: () => TseBench): void {
  test('a restart keeps key, counters, clients, logs and open transactions', heavy(), async () => {
    const bench = unit()
    const { tse } = bench
    const identity = await tse.identity()
    const open = await tse.start('till-1')
    const sold = await tse.start('till-2')
    const finish = await tse.finish(sold.transaction, 'till-2', PROCESS_TYPE, processData)
    await tse.close()

    const again = await bench.reopen()
    await again.open()
    expect(await again.identity()).toEqual(identity)
    expect(await again.openTransactions()).toEqual([open.transaction])
    expect(await again.clients()).toEqual(expect.arrayContaining(['till-1', 'till-2']))
    expect((await again.recall(sold.transaction))?.finish).toMatchObject(plain(finish))
    expect((await again.recall(open.transaction))?.start).toMatchObject(plain(open))
    const late = await again.finish(open.transaction, 'till-1', PROCESS_TYPE, processData)
    expect(late.signatureCounter).toBeGreaterThan(finish.signatureCounter)
    expect((await again.start('till-1')).transaction).toBe(sold.transaction + 1)
    expect((await verifyArchive(await collect(again, {}))).findings).toEqual([])
    await again.close()
  })

  test('a closed driver begins nothing more', async () => {
    const { tse } = unit()
    await tse.close()
    await expectRefused(tse.start('till-1'), 'aborted')
    await expectRefused(tse.open(), 'aborted')
  })
}
