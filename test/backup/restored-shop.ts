import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RestoreOptions } from '../../agent/backup/restore.ts'
import { matchPackages } from '../../agent/laws/germany/verify-together.ts'
import { verifyDsfinvk } from '../../verify/dsfinvk/verify-package.ts'
import type { BenchOptions, Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { filesOf } from '../laws/germany/dsfinvk/package.ts'
import { backUp, restore } from './parts.ts'

type Loss = {
  /** What the shop does after its backup. */
  lose: (register: Register) => Promise<unknown>
  /** The devices of the restored state; without it the unit of the shop. */
  devices?: readonly Members[]
  options?: (register: string) => Partial<RestoreOptions>
  /** Of the restored shop; its clock runs 20 times as fast by default. */
  opened?: BenchOptions
}

export function keyed(shop: Bench, register: Register): Register {
  return { ...register, till: shop.client({ 'X-Register-Api-Key': register.key }) }
}

/** The shop after its restore on another machine; its TSE is a device, and is not set back with the disk. */
export async function restored(bench: Bench, register: Register, { lose, devices, options, opened }: Loss) {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await lose(keyed(bench, register))
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file, options?.(register.id))
  await rm(join(state, 'devices'), { recursive: true })
  if (devices === undefined) await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  const config = devices === undefined ? { state } : { state, devices }
  const shop = await Bench.open({ config, clock: new FastClock(20), ...opened })
  return { shop, folder, state, register: keyed(shop, register) }
}

export function numberOf(operation: Members | { fiscal_information?: unknown }): number {
  return Number((operation.fiscal_information as Members)['receipt_number'])
}

export async function packageOf(shop: Bench, folder: string): Promise<ReadonlyMap<string, string>> {
  const [file, journal] = [join(folder, 'package.zip'), join(folder, 'journal.ndjson')]
  await writeFile(file, await shop.exported('dsfinvk'))
  const report = await verifyDsfinvk(file)
  expect(report).toMatchObject({ valid: true, findings: [] })
  await writeFile(journal, await shop.exported('journal'))
  expect(await matchPackages(journal, [file], { untilSeq: Number.MAX_SAFE_INTEGER })).toMatchObject({
    findings: [],
    found: report.bons,
  })
  return filesOf(file)
}

export function bonsOf(files: ReadonlyMap<string, string>): { z: number; bon: number; type: string; note: string }[] {
  return (files.get('transactions.csv') ?? '')
    .split('\r\n')
    .slice(1, -1)
    .map((row) => row.split(';'))
    .map((row) => ({ z: Number(row[2]), bon: Number(row[4]), type: row[5] ?? '', note: row.slice(22).join(';') }))
}

export function asidesOf(shop: Bench): Members[] {
  return shop
    .journal()
    .filter(({ kind }) => kind === 'numbers.set_aside')
    .map(({ body }) => (JSON.parse(body) as { facts: Members }).facts)
}

export async function close(register: Register, expected: string): Promise<void> {
  await counted(register, expected)
  await register.till.create(closing(register, '0.00'))
}

export function lastReceiptOf(shop: Bench): number | undefined {
  const bodies = shop.journal().map(({ body }) => JSON.parse(body) as { receipt?: { number: number } })
  return bodies.findLast(({ receipt }) => receipt !== undefined)?.receipt?.number
}

export function shopSale(register: Register) {
  return sell(register, '5.00')
}

export function lostNumbers(shop: Bench): unknown[] {
  const lost = shop.journal().filter(({ kind }) => kind === 'transaction.lost')
  return lost.map(({ body }) => (JSON.parse(body) as { facts: Members }).facts['receipt_number'])
}
