// @module-tag heavy
import { readdirSync, readFileSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { pay } from '../e2e/goods.ts'
import { until } from '../e2e/italy/killed-shop.ts'
import { movement } from '../e2e/italy/shop.ts'
import { today } from '../today.ts'
import { ArmedShop } from './armed-shop.ts'
import { administer } from './daemon.ts'

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const STEPS = ['opened', 'written', 'synced', 'renamed'] as const
const SIMULATOR = { id: 'rt-1', driver: 'rt-simulator' }
/** As the command names a file that it fetches. */
const FETCHED = 'hand-over-1'

type Exported = { lines: number; file: string }

function exportTo(shop: ArmedShop, type: string, file: string): Promise<Exported> {
  return administer(shop.state, 'exportTo', type, EVER, file) as Promise<unknown> as Promise<Exported>
}

function leftIn(shop: ArmedShop): string[] {
  return readdirSync(join(shop.state, 'exports'))
}

test('killed at each step of the sheet of links, the agent leaves a whole file or none, and after its start none', async () => {
  await using shop = await ArmedShop.open(SIMULATOR)
  const common = { location_id: shop.location, register_ids: [shop.register], active_from: '2026-06-15' }
  const acquirer = { tax_number: '12345678903', name: 'Acquirer S.p.A.' }
  const body = { ...common, kind: 'physical', tid: '50123456', acquirer }
  await shop.office.post('/v1/payment-terminals', body)
  const file = join(shop.state, 'exports', FETCHED)
  await exportTo(shop, 'pos_links', file)
  const whole = readFileSync(file, 'utf8')
  expect(whole.split('\n')).toHaveLength(3)
  shop.kill()
  await shop.ended()
  for (const step of STEPS) {
    await shop.live({ points: [`links.file.${step}`], hit: 1, from: 'ready' })
    expect(leftIn(shop)).toEqual([])
    await expect(exportTo(shop, 'pos_links', file)).rejects.toThrow()
    expect(await shop.ended()).toBe('SIGKILL')
    expect(leftIn(shop)).toEqual([step === 'renamed' ? FETCHED : `${FETCHED}.tmp`])
    if (step === 'renamed') expect(readFileSync(file, 'utf8')).toBe(whole)
  }
  await shop.live()
  expect(leftIn(shop)).toEqual([])
  expect(await exportTo(shop, 'pos_links', file)).toMatchObject({ lines: 1 })
  expect(readFileSync(file, 'utf8')).toBe(whole)
})

test('the process that writes a sheet of a month removes its half file when the agent is killed', async () => {
  await using shop = await ArmedShop.open(SIMULATOR)
  const tids = Array.from({ length: 60 }, (_, number) => `T${number}`)
  const amount = (tids.length / 100).toFixed(2)
  const open = await shop.office.create(movement('sale', { id: shop.register }, [{ title: 'Caffè', amount }]))
  await shop.office.complete(
    open,
    tids.map((tid) => pay('card', '0.01', { tid })),
  )
  const file = join(shop.state, 'exports', FETCHED)
  expect(await exportTo(shop, 'pos_sheet', file)).toMatchObject({ lines: tids.length })
  const whole = readFileSync(file, 'utf8')
  shop.kill()
  await shop.ended()
  await shop.live()
  const lost = exportTo(shop, 'pos_sheet', file).catch((error: unknown) => error)
  const writer = await stoppedInMiddle(shop)
  shop.kill()
  await shop.ended()
  expect(await lost).toBeInstanceOf(Error)
  process.kill(writer, 'SIGCONT')
  await until(async () => !isAlive(writer))
  expect(leftIn(shop)).toEqual([])
  await shop.live()
  const fetched = join(dirname(shop.config), 'sheet.csv')
  const month = ['--month', today().slice(0, 7)]
  const { code, out } = await fiskalEdge('export', 'pos_sheet', ...month, '--out', fetched, '--config', shop.config)
  expect([code, out]).toEqual([0, expect.stringContaining('The month is not over: run this command again when it is.')])
  expect(readFileSync(fetched, 'utf8')).toBe(whole)
  expect(leftIn(shop)).toEqual([])
})

/** The process that writes the file, stopped as soon as that appears. */
async function stoppedInMiddle(shop: ArmedShop): Promise<number> {
  const folder = join(shop.state, 'exports')
  const appeared = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name?.endsWith('.tmp') !== true) return
      watcher.close()
      resolve()
    })
  })
  let writer: number | undefined
  await until(async () => {
    writer = shop.childOf('pos-sheet-child.ts')
    return writer !== undefined
  })
  await appeared
  process.kill(writer ?? 0, 'SIGSTOP')
  expect(readdirSync(folder)).toEqual([`${FETCHED}.tmp`])
  return writer ?? 0
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
