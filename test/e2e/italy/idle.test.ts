// @module-tag heavy
import { expect, test } from 'vitest'
import { shiftedDate } from '../../../base/clock.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { Looks } from './looks.ts'
import type { PrinterBeside } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { closed, italianTill, sell } from './shop.ts'

const LAST = '2026-12-01'
const SERIAL = '72IV6000001'
const TASK = { id: `idle-printer-${SERIAL}-${LAST}`, due: '2026-12-13' }

type Shop = { bench: Bench; looks: Looks; register: Register; beside: PrinterBeside<SimulatedPrinter> }

/** A shop whose last Z is of that day. */
async function afterZ(use: (shop: Shop) => Promise<void>): Promise<void> {
  await using beside = await printerOf('rch')
  const looks = new Looks()
  looks.jump(`${LAST}T09:00:00Z`)
  await using bench = await Bench.open({ config: { devices: [beside.device()] }, clock: looks })
  const register = await italianTill(bench, '0.00')
  await sell(register, '12.20')
  await closed(register)
  await use({ bench, looks, register, beside })
}

function idleTasks(bench: Bench): { id: string; due: string; instructions: string[] }[] {
  const tasks = bench.agent.administration.listTasks() as { id: string; due: string; instructions: string[] }[]
  return tasks.filter(({ id }) => id.startsWith('idle-printer-'))
}

async function isWarned(bench: Bench): Promise<boolean> {
  const [device] = await bench.office.list('/v1/devices')
  const warnings = device?.['warnings'] as { code: string }[]
  return warnings.some(({ code }) => code === 'printer_idle')
}

function jump(looks: Looks, days: number): void {
  looks.jump(`${shiftedDate(LAST, days)}T09:00:00Z`)
}

test('a printer without a Z is warned of from day 10 on, and its state is to be stated on day 12', () =>
  afterZ(async ({ bench, looks, register }) => {
    const seen: unknown[] = []
    for (const days of [9, 10, 11, 12, 13]) {
      jump(looks, days)
      seen.push([days, await isWarned(bench), idleTasks(bench).map(({ id, due }) => ({ id, due }))])
    }
    expect(seen).toEqual([
      [9, false, []],
      [10, true, []],
      [11, true, []],
      [12, true, [TASK]],
      [13, true, [TASK]],
    ])
    const steps = idleTasks(bench)[0]?.instructions
    expect(steps?.at(-1)).toContain('The first transmission ends that state')
    expect(steps?.join('\n')).toContain('code 608: it announces the beginning of a pause')
    await sell(register, '1.22')
    await closed(register)
    expect([await isWarned(bench), idleTasks(bench)]).toEqual([false, []])
  }))

test('a confirmation ends task and warning, and the next Z begins another count', () =>
  afterZ(async ({ bench, looks, register }) => {
    jump(looks, 12)
    await bench.agent.administration.confirmTask(TASK.id, 'portal, code 608')
    expect([await isWarned(bench), idleTasks(bench)]).toEqual([false, []])
    await sell(register, '1.22')
    await closed(register)
    jump(looks, 24)
    expect(idleTasks(bench)).toMatchObject([{ id: `idle-printer-${SERIAL}-2026-12-13`, due: '2026-12-25' }])
  }))

test('a pause stated on the last day of trade is confirmed then: no warning and no task until the next Z', () =>
  afterZ(async ({ bench, looks, register }) => {
    const { administration } = bench.agent
    const other = administration.confirmTask(`idle-printer-${SERIAL}-2026-11-30`, 'holidays')
    await expect(other).rejects.toMatchObject({ code: 'not_found' })
    await administration.confirmTask(TASK.id, 'holidays until 7 January, code 608')
    await expect(administration.confirmTask(TASK.id, 'again')).rejects.toMatchObject({ code: 'not_found' })
    await bench.restart()
    for (const days of [10, 12, 30]) {
      jump(looks, days)
      expect([days, await isWarned(bench), idleTasks(bench)]).toEqual([days, false, []])
    }
    await sell(register, '1.22')
    await closed(register)
    jump(looks, 42)
    expect(idleTasks(bench)).toMatchObject([{ id: `idle-printer-${SERIAL}-2026-12-31`, due: '2027-01-12' }])
  }))

test('a Z that the printer made itself is found by its count at the next look, and noted once', () =>
  afterZ(async ({ bench, looks, beside }) => {
    jump(looks, 12)
    beside.simulator.closeByItself()
    looks.rest()
    const counted = () => bench.journal().filter(({ kind }) => kind === 'printer.z_counted').length
    const before = counted()
    await bench.until(() => {
      looks.look()
      return counted() > before
    })
    looks.look()
    jump(looks, 21)
    expect([await isWarned(bench), idleTasks(bench)]).toEqual([false, []])
    jump(looks, 24)
    expect(idleTasks(bench)).toMatchObject([{ id: `idle-printer-${SERIAL}-2026-12-13` }])
    expect(counted()).toBe(before + 1)
  }))

test('the first start after a longer pause lists the task, unless the printer has a newer Z', () =>
  afterZ(async ({ bench, looks, beside }) => {
    await bench.restart(async () => jump(looks, 30))
    expect(idleTasks(bench)).toMatchObject([TASK])
    await bench.restart(async () => beside.simulator.closeByItself())
    await bench.until(() => idleTasks(bench).length === 0)
  }))

test('a printer that is silent for days keeps warning and task until it is back and has made a Z', () =>
  afterZ(async ({ bench, looks, beside }) => {
    await beside.unplug()
    looks.rest()
    await bench.until(() => {
      looks.look()
      return bench.agent.application.devices().some(({ state }) => state === 'down')
    })
    jump(looks, 13)
    expect([await isWarned(bench), idleTasks(bench)]).toMatchObject([true, [TASK]])
    expect(idleTasks(bench)[0]?.instructions.join('\n')).toContain('while it did not answer')
    await beside.plugIn()
    beside.simulator.closeByItself()
    await bench.until(() => {
      looks.look()
      return idleTasks(bench).length === 0
    })
    expect(await isWarned(bench)).toBe(false)
  }))
