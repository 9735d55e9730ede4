// @module-tag heavy
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import type { Portion, PortionSource } from '../../drivers/portioned-export.ts'
import { portionedArchive } from '../../drivers/portioned-export.ts'
import type { TseExportFilter, TseSignature } from '../../drivers/ports/tse.ts'
import { rawEntries } from '../../drivers/tr03151/tar.ts'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { UnitTime } from '../../drivers/unit-time.ts'
import { collect, PROCESS_TYPE, processData, sell } from '../contracts/tse-checks.ts'
import { ManualClock } from '../manual-clock.ts'
import { verifyArchive } from '../verified-archive.ts'

/** The same numbers for the same seed. */
function drawn(seed: number) {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A unit in a shop whose tills do something, and its clock. */
async function shopIn(directory: string, seed: number, jumpsMs = 0) {
  const clock = new ManualClock()
  let jumps = 0
  const unknown = (): undefined => undefined
  // Each jump is vouched for: else no unit gets a time before its own newest one.
  const host = {
    serial: unknown,
    newestEventMs: unknown,
    newestLogMs: unknown,
    vouchedAt: () => jumps,
    vouchedMs: () => undefined,
    partedNs: () => 0n,
  }
  const time = new UnitTime(clock, host)
  const unit = new TseSimulator({ directory: join(directory, `unit-${seed}`), clock, time })
  const draw = drawn(seed)
  const open: TseSignature[] = []
  let last: TseSignature | undefined
  const clientId = 'till-1'
  await unit.registerClient(clientId)
  const act = async (): Promise<void> => {
    await clock.advance(1000 * draw(300))
    const kind = draw(10)
    if (kind === 0) {
      clock.jump(draw(2 * jumpsMs + 1) - jumpsMs)
      jumps++
      return unit.setTime()
    }
    if (kind < 6 || open.length === 0) {
      last = await unit.start(clientId)
      open.push(last)
    } else {
      const [{ transaction } = { transaction: 0 }] = open.splice(draw(open.length), 1)
      last = await unit.finish(transaction, clientId, PROCESS_TYPE, processData)
    }
  }
  /** Answers like an idle unit: a portion has the logs of that moment. */
  const portion = async (filter: TseExportFilter): Promise<Portion> => {
    try {
      return await collect(unit, filter)
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'no_data') return 'none'
      throw error
    }
  }
  const source: PortionSource = {
    clock,
    signal: undefined,
    last: async () => last && { transaction: last.transaction, logTimeMs: last.logTimeMs },
    portion,
  }
  return { clock, unit, draw, act, source, lastCounter: () => last?.signatureCounter ?? 0 }
}

async function gathered(source: PortionSource, after = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of portionedArchive(source, {}, after)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Names with content, each log separately; the time at which an archive was made is not part of it. */
function contentOf(archive: Buffer): Map<string, string> {
  return new Map([...rawEntries(archive)].map(({ name, bytes }) => [name, bytes.subarray(512).toString('base64')]))
}

test('with sales between any two portions, the archive is complete and equals a single export', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'portions-'))
  for (let seed = 1; seed <= 15; seed += 1) {
    const { unit, draw, act, source, lastCounter } = await shopIn(place.path, seed)
    for (let acts = draw(400); acts > 0; acts -= 1) await act()
    const firstCounter = lastCounter()
    const archive = await gathered({
      ...source,
      portion: async (filter, heldMs) => {
        for (let acts = draw(6); acts > 0; acts -= 1) await act()
        return source.portion(filter, heldMs)
      },
    })
    const report = await verifyArchive(archive)
    expect([seed, report.findings, report.firstCounter]).toEqual([seed, [], 1])
    expect(report.lastCounter).toBeGreaterThanOrEqual(firstCounter)
    const whole = contentOf(await collect(unit, {}))
    const names = [...rawEntries(archive)].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const [name, content] of contentOf(archive)) expect(whole.get(name)).toBe(content)
    await unit.close()
  }
})

test('if the clock of the unit jumps during an export, the archive is complete or reported as invalid', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'portions-'))
  let wholes = 0
  for (let seed = 101; seed <= 115; seed += 1) {
    const { unit, draw, act, source } = await shopIn(place.path, seed, 3_600_000)
    for (let acts = draw(300); acts > 0; acts -= 1) await act()
    const portion: PortionSource['portion'] = async (filter, heldMs) => {
      for (let acts = draw(6); acts > 0; acts -= 1) await act()
      return source.portion(filter, heldMs)
    }
    const outcome = await gathered({ ...source, portion }).catch((error: unknown) => error)
    if (outcome instanceof Buffer) {
      wholes += 1
      expect((await verifyArchive(outcome)).findings).toEqual([])
    } else expect(outcome).toMatchObject({ code: 'garbled', effect: 'none' })
    await unit.close()
  }
  expect(wholes).toBeGreaterThan(2)
})

test('a log that is in no portion is reported, also one at the beginning that the unit should hold', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'portions-'))
  const { clock, unit, source } = await shopIn(place.path, 1)
  await clock.advance(600_000)
  // After the last transaction of the first portion, and before the first of the next.
  await sell(unit, 1)
  await clock.advance(600_000)
  await sell(unit, 63)
  await unit.setTime()
  await sell(unit, 20)
  await clock.advance(600_000)
  const [{ transaction, logTimeMs } = { transaction: 0, logTimeMs: 0 }] = [await unit.start('till-1')]
  const known: PortionSource = { ...source, last: async () => ({ transaction, logTimeMs }) }
  expect((await verifyArchive(await gathered(known))).findings).toEqual([])
  // As by a unit that gives no system logs with numbers, and forgets how it was made.
  const ofTransactions: PortionSource = {
    ...known,
    portion: async (filter, heldMs) => (filter.timeToMs === undefined ? known.portion(filter, heldMs) : 'none'),
  }
  await expect(gathered(ofTransactions)).rejects.toMatchObject({ code: 'garbled', effect: 'none' })
  // A unit that deleted them must report that.
  await expect(gathered(known, 2)).rejects.toMatchObject({ code: 'garbled', effect: 'none' })
  await unit.close()
})

test('a portion that a till ended is made smaller, until one comes through or no size does', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'portions-'))
  const { clock, unit, source } = await shopIn(place.path, 1)
  await sell(unit, 150)
  const { transaction, logTimeMs } = await unit.start('till-1')
  const widths: number[] = []
  const upTo = (most: number): PortionSource => ({
    ...source,
    last: async () => ({ transaction, logTimeMs }),
    portion: async (filter, heldMs) => {
      const { transactionFrom: from, transactionTo: to = 0 } = filter
      if (from === undefined) return source.portion(filter, heldMs)
      const width = Math.min(to, transaction) - from + 1
      widths.push(width)
      if (width <= most) return source.portion(filter, heldMs)
      // Time passes while the caller pauses.
      setImmediate(() => void clock.advance(10_000))
      return { waitedMs: heldMs }
    },
  })
  expect((await verifyArchive(await gathered(upTo(40)))).findings).toEqual([])
  expect(widths.slice(0, 3)).toEqual([64, 32, 40])
  expect(Math.min(...widths.slice(0, -1))).toBeGreaterThanOrEqual(20)
  await expect(gathered(upTo(10))).rejects.toMatchObject({ code: 'export_running', effect: 'none' })
  await unit.close()
})

test('a unit that admits tills though it should end is left to them: an archive must not delay tills', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'portions-'))
  const { clock, unit, source } = await shopIn(place.path, 1)
  await sell(unit, 150)
  const { transaction, logTimeMs } = await unit.start('till-1')
  /** Which of the portions a till waits for, and how much longer than it is to. */
  const asked = async (waits: (nth: number) => number | undefined, isOf = (_: TseExportFilter) => true) => {
    let count = 0
    const slow: PortionSource = {
      ...source,
      last: async () => ({ transaction, logTimeMs }),
      portion: async (filter, heldMs) => {
        const overdueMs = isOf(filter) ? waits(count++) : undefined
        if (overdueMs === undefined) return source.portion(filter, heldMs)
        setImmediate(() => void clock.advance(10_000))
        return { waitedMs: heldMs + overdueMs }
      },
    }
    const archive = await gathered(slow).catch((error: unknown) => error)
    return { count, archive }
  }
  const refusal = { code: 'export_running', effect: 'none' }
  expect(await asked(() => 5000)).toMatchObject({ count: 1, archive: refusal })
  expect(await asked(() => 1500)).toMatchObject({ count: 3, archive: refusal })
  const behindAll = ({ transactionFrom: from }: TseExportFilter): boolean => from === undefined
  expect(await asked(() => 3000, behindAll)).toMatchObject({ count: 2, archive: refusal })
  // The portions received between two failures were worth the retry.
  const { archive } = await asked((nth) => (nth % 2 === 0 ? 3000 : undefined))
  expect((await verifyArchive(archive as Buffer)).findings).toEqual([])
  await unit.close()
})
