import { expect, test } from 'vitest'
import type { DeviceError } from '../../drivers/errors.ts'
import type { Remedy } from '../../drivers/ports/remedy.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { heavy } from '../tags.ts'
import { turnedMs } from '../turning-clock.ts'
import { verifyArchive } from '../verified-archive.ts'
import {
  collect,
  expectRefused,
  expectSigned,
  expectUnknown,
  PROCESS_TYPE,
  plain,
  processData,
  sell,
} from './tse-checks.ts'

const nothing = new Uint8Array()
const REMEDIES: readonly Remedy[] = [
  ...(['release', 'log_in_time_admin', 'log_in_admin', 'log_out', 'client', 'reopen', 'self_test', 'time'] as const),
]

type Bench = {
  tse: Tse
  inject?(fault: string): void
  clearFaults?(): void
  unplug?(): Promise<void>
  plugIn?(): Promise<void>
}
type Capabilities = { replyMs: number; refusesWhenBusy?: boolean }

/** Answers and requests that are lost, a unit that is busy or away: reported, and asked about. */
export function describeLostAnswers(unit: () => Bench, { replyMs, refusesWhenBusy = true }: Capabilities): void {
  test('a lost answer to start is found among the open transactions', heavy(), async () => {
    const { tse, inject } = unit()
    const known = [(await tse.start('till-1')).transaction]
    inject?.('lost-answer@start')
    await expectUnknown(tse.start('till-1'), 'timeout')
    const mine = (await tse.openTransactions('till-1')).filter((number) => !known.includes(number))
    expect(mine).toHaveLength(1)
    const recall = await tse.recall(mine[0] ?? 0)
    expect(recall?.clientId).toBe('till-1')
    if (!recall?.start) throw new Error('the start log was expected')
    await expectSigned(tse, 'Start', 'till-1', recall.start, '', nothing)
  })

  test('a lost request to start left nothing behind', heavy(), async () => {
    const { tse, inject } = unit()
    inject?.('lost-request@start')
    await expectUnknown(tse.start('till-1'), 'timeout')
    expect(await tse.openTransactions()).toEqual([])
    expect((await tse.start('till-1')).transaction).toBe(1)
  })

  test('a lost answer to finish is recalled, a lost request left the transaction open', heavy(), async () => {
    const { tse, inject } = unit()
    const { transaction } = await tse.start('till-1')
    inject?.('lost-request@finish')
    await expectUnknown(tse.finish(transaction, 'till-1', PROCESS_TYPE, processData), 'timeout')
    expect(await tse.openTransactions()).toContain(transaction)
    inject?.('lost-answer@finish')
    await expectUnknown(tse.finish(transaction, 'till-1', PROCESS_TYPE, processData), 'timeout')
    expect(await tse.openTransactions()).not.toContain(transaction)
    const finish = (await tse.recall(transaction))?.finish
    if (!finish) throw new Error('the finish log was expected')
    expect(Buffer.from(finish.processData).equals(processData)).toBe(true)
    await expectSigned(tse, 'Finish', 'till-1', finish, PROCESS_TYPE, processData)
  })

  test('a call to a silent unit ends within the deadline, and the next command goes through', heavy(), async () => {
    const { tse, inject } = unit()
    inject?.('lost-request@start')
    const before = turnedMs()
    await expectUnknown(tse.start('till-1'), 'timeout')
    expect(turnedMs() - before).toBeLessThan(replyMs * 3 + 500)
    await tse.start('till-1')
  })

  test('an undocumented code at a signature is not believed: the unit reports whether it signed', async () => {
    const { tse, inject } = unit()
    inject?.('error@start')
    await expectUnknown(tse.start('till-1'), 'refused')
    expect(await tse.openTransactions()).toEqual([])
    inject?.('error-done@start')
    await expectUnknown(tse.start('till-1'), 'refused')
    const [transaction = 0] = await tse.openTransactions('till-1')
    expect((await tse.recall(transaction, 'till-1'))?.start).toBeDefined()
    inject?.('error-done@finish')
    await expectUnknown(tse.finish(transaction, 'till-1', PROCESS_TYPE, processData), 'refused')
    expect((await tse.recall(transaction, 'till-1'))?.finish).toMatchObject({ processType: PROCESS_TYPE })
  })

  test('an undocumented code instead of an answer did nothing, and carries the code', async () => {
    const { tse, inject } = unit()
    const { transaction } = await tse.start('till-1')
    inject?.('error@*')
    const refusal = await tse.openTransactions().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'refused', effect: 'none', refusalClass: 'unknown' })
    expect(String((refusal as DeviceError).message)).toContain((refusal as DeviceError).deviceCode)
    expect(await tse.openTransactions()).toEqual([transaction])
  })

  test('the newest log is reported in another way than by the archive, and matches the request', async () => {
    const { tse } = unit()
    if (tse.lastLog === undefined) return
    const { transaction } = await tse.start('till-1')
    const finish = await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    const last = await tse.lastLog(transaction, 'till-1')
    expect(last).toMatchObject(plain(finish))
    if (last !== undefined) await expectSigned(tse, 'Finish', 'till-1', last, PROCESS_TYPE, processData)
    expect(await tse.lastLog(transaction + 1, 'till-1')).toBeUndefined()
  })

  test('no step by which a unit is helped to answer signs a transaction or closes one', heavy(), async () => {
    const { tse } = unit()
    if (tse.remedy === undefined) return
    const { transaction } = await tse.start('till-1')
    for (const remedy of REMEDIES) await tse.remedy(remedy, 'till-1')
    expect(await tse.openTransactions('till-1')).toContain(transaction)
    expect((await tse.start('till-1')).transaction).toBe(transaction + 1)
    expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
  })

  test('an expired certificate: the log is still stored and can be recalled', async () => {
    const { tse, inject } = unit()
    inject?.('certificate-expired@start')
    await expectUnknown(tse.start('till-1'), 'certificate_expired')
    const [transaction] = await tse.openTransactions()
    expect((await tse.recall(transaction ?? 0))?.start).toBeDefined()
  })

  test('an ended certificate ends signing alone: login, time and archive continue', async () => {
    const { tse, inject, clearFaults } = unit()
    await sell(tse, 1)
    inject?.('certificate-expired@*#*')
    await tse.setTime()
    await tse.registerClient('till-3')
    expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
    expect((await tse.recall(1, 'till-1'))?.finish).toMatchObject({ processType: PROCESS_TYPE })
    await expectUnknown(tse.start('till-3'), 'certificate_expired')
    clearFaults?.()
  })

  test('a lost clock and a due self-test are fixed by the driver: the cashier notices nothing', async () => {
    const { tse, inject } = unit()
    inject?.('clock-lost@start')
    const { transaction } = await tse.start('till-1')
    inject?.('self-test-due@finish')
    await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    expect(await tse.openTransactions()).toEqual([])
    expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
  })

  test('a busy or pulled unit did nothing, and works again when it is back', heavy(), async () => {
    const { tse, inject, clearFaults, unplug, plugIn } = unit()
    if (refusesWhenBusy) {
      inject?.('busy@start')
      await expectRefused(tse.start('till-1'), 'busy')
    }
    if (unplug) await unplug()
    else inject?.('unplugged@*')
    await expectRefused(tse.start('till-1'), 'unavailable')
    await expectRefused(tse.open(), 'unavailable')
    if (plugIn) await plugIn()
    else clearFaults?.()
    await tse.open()
    expect((await tse.start('till-1')).transaction).toBe(1)
  })
}
