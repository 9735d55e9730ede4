import { appendFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TseSimulatorOptions } from '../../../drivers/tse-simulator/driver.ts'
import { TseSimulator } from '../../../drivers/tse-simulator/driver.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { ManualClock } from '../../manual-clock.ts'

const data = Buffer.from('Beleg^7.00_0.00_0.00_0.00_0.00^7.00:Bar')

describe('the TSE simulator', () => {
  let directory: string
  let clock: ManualClock
  const open: TseSimulator[] = []

  const make = (options: Partial<TseSimulatorOptions> = {}): TseSimulator => {
    const tse = new TseSimulator({ directory, clock, ...options })
    open.push(tse)
    return tse
  }
  const registered = async (options?: Partial<TseSimulatorOptions>): Promise<TseSimulator> => {
    const tse = make(options)
    await tse.registerClient('till-1')
    return tse
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tse-simulator-'))
    clock = new ManualClock()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((tse) => tse.close()))
    await rm(directory, { recursive: true })
  })

  test('initialises itself at first use and keeps its key readable only for its owner', async () => {
    const tse = await registered()
    expect((await tse.start('till-1')).transaction).toBe(1)
    expect((await stat(join(directory, 'key.pem'))).mode & 0o777).toBe(0o600)
  })

  test('continues above numbers that its memory has lost, also after it was switched off', async () => {
    const tse = await registered()
    const kept: unknown[] = []
    const keep = async (counters: unknown): Promise<void> => void kept.push(counters)
    expect(await tse.adopt({ signatureCounter: 2, transaction: 0 }, keep)).toBeUndefined()
    const { given } = await tse.health()
    const failing = tse.adopt({ signatureCounter: 40, transaction: 17 }, () => Promise.reject(new Error('no disk')))
    await expect(failing).rejects.toThrowError('no disk')
    const skipped = await tse.adopt({ signatureCounter: 40, transaction: 17 }, keep)
    expect(kept).toEqual([skipped])
    expect(skipped?.from).toBe((given?.signatureCounter ?? 0) + 1)
    expect(skipped?.to).toBeGreaterThan(40)
    await tse.close()
    const again = make()
    const { transaction, signatureCounter } = await again.start('till-1')
    expect([transaction > 17, signatureCounter > (skipped?.to ?? 0)]).toEqual([true, true])
    // The gap has its audit log, so that the archive can be handed over and the logs be deleted.
    const report = await verifyTar(again.exportLogs({}))
    expect(report).toMatchObject({ sound: true, findings: [{ rule: 'TR-03153-1 §9.2' }] })
    expect(report.findings[0]?.file).toMatch(new RegExp(`_Sig-${(skipped?.to ?? 0) + 1}_Log-Aud.log$`))
  })

  test('a unit switched on with a memory older than the journal signs nothing on its own', async () => {
    const tse = await registered()
    const before = (await tse.health()).given
    await tse.close()
    const known = { signatureCounter: 40, transaction: 17 }
    const setBack = make({ journalledNumbers: () => known })
    await setBack.open()
    expect((await setBack.health()).given).toEqual(before)
    await setBack.adopt(known, async () => undefined)
    expect((await setBack.start('till-1')).transaction).toBeGreaterThan(known.transaction)
    await setBack.close()

    await rm(join(directory, 'memory'), { recursive: true })
    const emptied = make({ journalledNumbers: () => known })
    expect((await emptied.health()).given).toEqual({ signatureCounter: 0, transaction: 0 })
    await emptied.adopt(known, async () => undefined)
    await emptied.registerClient('till-1')
    expect((await emptied.start('till-1')).transaction).toBeGreaterThan(known.transaction)
    expect(await verifyTar(emptied.exportLogs({}))).toMatchObject({ sound: true, findings: [], firstCounter: 141 })
  })

  test('a memory of another key, as after the key was deleted, stays unchanged', async () => {
    const tse = await registered()
    await tse.start('till-1')
    await tse.close()
    await rename(join(directory, 'key.pem'), join(directory, 'saved.pem'))
    const [own, others] = await Promise.all(
      [0, 1].map((level) => readFile(join(directory, `certificate-${level}.cer`))),
    )
    await expect(make().open()).rejects.toMatchObject({ code: 'foreign', effect: 'none' })

    await rename(join(directory, 'saved.pem'), join(directory, 'key.pem'))
    for (const [level, der] of [own, others].entries())
      await writeFile(join(directory, `certificate-${level}.cer`), der ?? '')
    const back = make()
    await back.start('till-1')
    expect((await verifyTar(back.exportLogs({}))).sound).toBe(true)
  })

  test('says everywhere that it is not certified', async () => {
    const tse = await registered()
    expect((await tse.health()).description).toContain('NOT CERTIFIED')
    expect((await verifyTar(tse.exportLogs({}))).info).toContain('NOT CERTIFIED')
  })

  test('takes its latency inside the queue: commands wait for each other', async () => {
    const tse = await registered()
    const slow = make({ latencyMs: 150 })
    await tse.close()
    const opened = slow.open()
    await clock.advance(150)
    await opened
    const startMs = clock.now()
    const ends: number[] = []
    const starts = [1, 2, 3].map(() => slow.start('till-1').then(() => ends.push(clock.now() - startMs)))
    await clock.advance(50)
    expect(slow.load().waiting).toBe(2)
    await clock.advance(600)
    await Promise.all(starts)
    expect(ends).toEqual([150, 300, 450])
  })

  test('a slow command past its deadline is executed late: the reconciling question waits for it', async () => {
    const tse = await registered({ replyMs: 1000 })
    tse.inject('slow=1500@start')
    const late = tse.start('till-1').catch((error: unknown) => error)
    await clock.advance(1000)
    expect(await late).toMatchObject({ code: 'timeout', effect: 'unknown' })
    const question = tse.openTransactions()
    await clock.advance(500)
    expect(await question).toEqual([1])
  })

  test('a client of a unit that is busy for longer times out at each deadline, and finds the result later', async () => {
    const tse = await registered({ replyMs: 1000 })
    tse.inject('slow=3500@start')
    const asked = [tse.start('till-1'), tse.openTransactions(), tse.health()]
    const outcomes = Promise.allSettled(asked)
    await clock.advance(1000)
    await clock.advance(1000)
    await clock.advance(1000)
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'timeout', effect: 'unknown' } })
    const question = tse.openTransactions()
    await clock.advance(500)
    expect(await question).toEqual([1])
    expect((await tse.start('till-1')).transaction).toBe(2)
  })

  test('closing waits for no slow or silent command', async () => {
    for (const fault of ['slow=60000@start', 'lost-request@start']) {
      const tse = await registered()
      tse.inject(fault)
      const late = tse.start('till-1').catch((error: unknown) => error)
      await clock.advance(10)
      await tse.close()
      expect(await late).toMatchObject({ name: 'DeviceError' })
    }
    expect(await make().openTransactions()).toEqual([])
  })

  test('a power cut between signing and storing leaves no log, and the unit powers up again', async () => {
    const tse = await registered()
    const before = await tse.start('till-1')
    tse.inject('power-cut@finish')
    await expect(tse.finish(before.transaction, 'till-1', 'Kassenbeleg-V1', data)).rejects.toMatchObject({
      code: 'unavailable',
      effect: 'unknown',
    })
    expect(await tse.openTransactions()).toEqual([before.transaction])
    expect((await tse.recall(before.transaction))?.finish).toBeUndefined()
    await tse.finish(before.transaction, 'till-1', 'Kassenbeleg-V1', data)
    expect((await verifyTar(tse.exportLogs({}))).findings).toEqual([])
  })

  test('a torn log after a power cut is cut off and its counter used again', async () => {
    const tse = await registered()
    await tse.start('till-1')
    await tse.close()
    await appendFile(join(directory, 'memory', 'logs-1.bin'), Buffer.from([0, 0, 1, 40, 1, 2, 3]))
    const again = make()
    await again.start('till-1')
    expect(await again.openTransactions()).toEqual([1, 2])
    expect((await verifyTar(again.exportLogs({}))).findings).toEqual([])
  })

  test('a wrong signature is found by the verification of the archive', async () => {
    const tse = await registered()
    tse.inject('wrong-signature@start#2')
    await tse.start('till-1')
    const wrong = await tse.start('till-1')
    const { findings } = await verifyTar(tse.exportLogs({}))
    expect(findings).toHaveLength(1)
    expect(findings[0]?.file).toContain(`_Sig-${wrong.signatureCounter}_`)
  })

  test('a garbled answer is unknown and was executed', async () => {
    const tse = await registered()
    tse.inject('garbled@start')
    await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
    expect(await tse.openTransactions()).toEqual([1])
  })

  test('a full memory did nothing', async () => {
    const tse = await registered()
    tse.inject('memory-full@start')
    await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'memory_full', effect: 'none' })
    expect(await tse.openTransactions()).toEqual([])
  })

  test('runs the self-test that is due every 25 hours automatically', async () => {
    const tse = await registered()
    await clock.advance(26 * 3_600_000)
    expect((await tse.health()).selfTestDueInMs).toBe(0)
    await tse.start('till-1')
    expect((await tse.health()).selfTestDueInMs).toBe(90_000_000)
  })

  test('a host clock that is set back is neither signed nor sent; one set ahead is sent before the next act', async () => {
    const tse = await registered()
    const before = await tse.start('till-1')
    clock.jump(-86_400_000)
    expect((await tse.health()).clockSkewMs).toBe(86_400_000)
    const suspect = { code: 'clock_suspect', effect: 'none' }
    await expect(tse.start('till-1')).rejects.toMatchObject(suspect)
    await expect(tse.finish(before.transaction, 'till-1', 'Kassenbeleg-V1', Buffer.of())).rejects.toMatchObject(suspect)
    await expect(tse.setTime()).rejects.toMatchObject(suspect)
    clock.jump(86_400_000 + 3_600_000)
    expect((await tse.start('till-1')).logTimeMs).toBe(before.logTimeMs + 3_600_000)
    expect((await verifyTar(tse.exportLogs({}))).findings).toEqual([])
  })

  test('a key on another curve than the one configured is refused', async () => {
    await (await registered({ curve: 'P-384' })).close()
    await expect(make({ curve: 'P-256' }).open()).rejects.toMatchObject({ code: 'refused', effect: 'none' })
    expect((await make().identity()).algorithm).toBe('ecdsa-plain-SHA384')
  })

  test('an export can be cancelled and blocks nothing', async () => {
    const tse = await registered()
    const giveUp = new AbortController()
    const chunks = tse.exportLogs({}, giveUp.signal)
    giveUp.abort()
    await expect(chunks.next()).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
    await tse.start('till-1')
  })
})
