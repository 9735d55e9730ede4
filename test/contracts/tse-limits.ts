import { expect, test } from 'vitest'
import type { Tse, TseSignature } from '../../drivers/ports/tse.ts'
import { expectRefused, PROCESS_TYPE, processData } from './tse-checks.ts'

type Bench = { tse: Tse; maxOpenTransactions: number }

/** The limits of a unit, and its own report of them. */
export function describeLimits(unit: () => Bench, { deregisters = true }: { deregisters?: boolean }): void {
  test('a client must be registered; registering and deregistering may be repeated', async () => {
    const { tse } = unit()
    await expectRefused(tse.start('till-9'), 'client_unknown')
    await tse.registerClient('till-9')
    await tse.registerClient('till-9')
    expect((await tse.clients()).filter((client) => client === 'till-9')).toHaveLength(1)
    const { transaction } = await tse.start('till-9')
    if (deregisters) await expect(tse.deregisterClient('till-9')).rejects.toMatchObject({ effect: 'none' })
    await tse.finish(transaction, 'till-9', PROCESS_TYPE, processData)
    await tse.deregisterClient('till-9')
    await tse.deregisterClient('till-9')
    if (!deregisters) return
    expect(await tse.clients()).not.toContain('till-9')
    await expectRefused(tse.start('till-9'), 'client_unknown')
  })

  test('one transaction more than the unit takes is refused, and finishing one makes room', async () => {
    const { tse, maxOpenTransactions } = unit()
    const starts: TseSignature[] = []
    for (let i = 0; i < maxOpenTransactions; i += 1) starts.push(await tse.start('till-1'))
    await expectRefused(tse.start('till-1'), 'open_transactions_full')
    expect(await tse.openTransactions()).toHaveLength(maxOpenTransactions)
    await tse.finish(starts[0]?.transaction ?? 0, 'till-1', PROCESS_TYPE, processData)
    await tse.start('till-1')
  })

  test('the health reports limits, clock and the kind of unit', async () => {
    const { tse, maxOpenTransactions } = unit()
    await tse.start('till-1')
    const askedAt = performance.now()
    const health = await tse.health()
    const tookMs = performance.now() - askedAt
    expect(health).toMatchObject({ initialised: true, openTransactions: 1, maxOpenTransactions })
    // Its answer may have been on its way for all of that time, on a machine that is busy.
    expect(Math.abs(health.clockSkewMs ?? Number.NaN) - tookMs).toBeLessThan(2000)
    expect(health.signaturesLeft).toBeGreaterThan(0)
    expect(health.description.length).toBeGreaterThan(0)
  })

  test('the health reports how much of memory and signatures is used', async () => {
    const { tse } = unit()
    const before = await tse.health()
    for (let sales = 0; sales < 4; sales += 1) {
      const { transaction } = await tse.start('till-1')
      await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
    }
    const after = await tse.health()
    expect(after.memoryUsedPercent).toBeGreaterThan(before.memoryUsedPercent)
    expect(after.memoryUsedPercent).toBeLessThan(1)
    expect(after.signaturesLeft).toBeLessThanOrEqual(before.signaturesLeft - 8)
  })

  test('self-test, time and initialisation may be repeated', async () => {
    const { tse } = unit()
    for (let i = 0; i < 2; i += 1) {
      await tse.initialise()
      await tse.selfTest()
      await tse.setTime()
      await tse.open()
    }
    await tse.start('till-1')
  })
}
