import { expect, test } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TarReport } from '../../verify/tse/verify-tar.ts'
import { verifyTar } from '../../verify/tse/verify-tar.ts'
import { heavy } from '../tags.ts'
import { verifyArchive } from '../verified-archive.ts'
import { collect, expectRefused, expectSigned, PROCESS_TYPE, plain, processData, sell } from './tse-checks.ts'

type Bench = { tse: Tse; inject?(fault: string): void; clearFaults?(): void }

type Capabilities = { faults: boolean; deletesApart?: boolean }

/** Logs that a unit deletes were kept before, whatever happens in between. */
export function describeDeletion(unit: () => Bench, { faults, deletesApart = true }: Capabilities): void {
  test('the kept logs are deleted, later ones stay, and the counters continue', async () => {
    const { tse } = unit()
    const first = await sell(tse, 3)
    const keptArchive = await archived(tse)
    expect(keptArchive.findings).toEqual([])
    expect(await tse.recall(first)).toBeUndefined()
    expect(await tse.recall(first + 2)).toBeUndefined()
    expect(await sell(tse, 2)).toBe(first + 3)
    const rest = await verifyArchive(await collect(tse, {}))
    expect(rest.findings).toEqual([])
    expect(rest.firstCounter).toBe((keptArchive.lastCounter ?? 0) + 1)
    expect((await tse.recall(first + 4))?.finish).toBeDefined()
    // And again: the second archive follows the first without a gap.
    expect(await archived(tse)).toMatchObject({ valid: true, firstCounter: rest.firstCounter })
  })

  test('nothing is deleted if it could not be kept', async () => {
    const { tse } = unit()
    const first = await sell(tse, 2)
    const full = new Error('the disk is full')
    const refused = tse.archiveAndDelete(async (archive) => {
      for await (const _chunk of archive) throw full
      throw new Error('an archive was expected')
    })
    await expect(refused).rejects.toBe(full)
    const late = tse.archiveAndDelete(async (archive) => {
      await verifyTar(archive)
      throw full
    })
    await expect(late).rejects.toBe(full)
    expect((await tse.recall(first))?.finish).toBeDefined()
    expect(await archived(tse)).toMatchObject({ valid: true, firstCounter: 1 })
  })

  test('an open transaction survives the deletion of its start, and is finished with the old number', async () => {
    const { tse } = unit()
    const first = await sell(tse, 1)
    const { transaction } = await tse.start('till-1')
    const keptArchive = await archived(tse)
    expect(await tse.recall(first)).toBeUndefined()
    expect(await tse.openTransactions('till-1')).toEqual([transaction])
    expect((await tse.recall(transaction))?.start).toBeUndefined()
    const finish = await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    await expectSigned(tse, 'Finish', 'till-1', finish, PROCESS_TYPE, processData)
    expect(await tse.openTransactions()).toEqual([])
    const recall = await tse.recall(transaction)
    expect(recall).toMatchObject({ clientId: 'till-1', start: undefined, finish: { ...plain(finish) } })
    const { findings, firstCounter } = await verifyArchive(await collect(tse, {}))
    expect([findings, firstCounter]).toEqual([[], (keptArchive.lastCounter ?? 0) + 1])
  })

  test('a sale between the archive and its deletion is never deleted with it', async () => {
    const { tse } = unit()
    const first = await sell(tse, 2)
    const outcome = await archived(tse, () => sell(tse, 1, 'till-2')).catch((error: unknown) => error)
    expect((await tse.recall(first + 2))?.finish).toBeDefined()
    const { findings, firstCounter, lastCounter } = await verifyArchive(await collect(tse, {}))
    expect(findings).toEqual([])
    if (deletesApart) {
      expect(await tse.recall(first)).toBeUndefined()
      expect(outcome).toMatchObject({ lastCounter: (firstCounter ?? 0) - 1 })
    } else {
      expect(outcome).toMatchObject({ effect: 'none' })
      expect(firstCounter).toBe(1)
    }
    expect(lastCounter).toBeGreaterThan(4)
  })

  if (!faults) return
  test('a unit that does not delete while a transaction is open refuses with its own code, and deletes later', async () => {
    const { tse, inject, clearFaults } = unit()
    const first = await sell(tse, 1)
    const { transaction } = await tse.start('till-1')
    inject?.('refuse-open@delete#*')
    await expectRefused(archived(tse), 'transactions_open')
    await tse.open()
    expect((await tse.recall(transaction))?.start).toBeDefined()
    await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    // Nothing is open: it deletes.
    await archived(tse)
    expect(await tse.recall(first)).toBeUndefined()
    clearFaults?.()
  })

  test(
    'a deletion whose answer or request was lost is reconciled by a transaction of the archive',
    heavy(),
    async () => {
      const { tse, inject } = unit()
      const first = await sell(tse, 2)
      inject?.('lost-request@delete')
      await expect(archived(tse)).rejects.toMatchObject({ effect: 'unknown' })
      await tse.open()
      expect((await tse.recall(first + 1))?.finish).toBeDefined()
      inject?.('lost-answer@delete')
      await expect(archived(tse)).rejects.toMatchObject({ effect: 'unknown' })
      await tse.open()
      expect(await tse.recall(first + 1)).toBeUndefined()
      expect(await sell(tse, 1)).toBe(first + 2)
    },
  )
}

/** Deletes after a look at the whole archive; returns its content. */
async function archived(tse: Tse, meanwhile: () => Promise<unknown> = async () => undefined): Promise<TarReport> {
  const seen: TarReport[] = []
  await tse.archiveAndDelete(async (archive) => {
    const report = await verifyTar(archive)
    seen.push(report)
    await meanwhile()
    return { lastCounter: report.lastCounter ?? 0 }
  })
  const [report] = seen
  if (report === undefined) throw new Error('an archive was expected')
  return report
}
