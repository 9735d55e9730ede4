// @module-tag heavy
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyDsfinvk } from '../../verify/dsfinvk/verify-package.ts'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { goods, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, restore } from './parts.ts'

function keyed(bench: Bench, register: Register): Register {
  return { ...register, till: bench.client({ 'X-Register-Api-Key': register.key }) }
}

function act({ agent }: Bench, what: 'abort-foreign' | { act: 'archive'; deletes: true }): Promise<Members> {
  return agent.administration.deviceAct('tse-1', what) as Promise<Members>
}

/** The shop restored from a backup that is older than what `lose` does; its TSE is a device and keeps what it has. */
async function restored(bench: Bench, lose: (bench: Bench) => Promise<void>): Promise<{ shop: Bench; folder: string }> {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await lose(bench)
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file)
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  return { shop: await Bench.open({ config: { state }, clock: new FastClock(20) }), folder }
}

test('a lost basket whose start the TSE has deleted is named with its client and ended by abort-foreign', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  const { location_id: location } = await sell(register, '1.00')
  await bench.register(String(location))
  const lost = await restored(bench, async () => {
    const { id, till } = keyed(bench, register)
    await till.create(goods('sale', id, [['9.00', '0.07']]))
    await act(bench, { act: 'archive', deletes: true })
  })
  await using shop = lost.shop
  const [device] = await shop.office.list('/v1/devices')
  expect(device?.['warnings']).toMatchObject([
    {
      code: 'tse_foreign_transactions',
      message: expect.stringContaining(`3 (client ${register.clientId}, of a lost part`),
    },
  ])
  await expect(act(shop, { act: 'archive', deletes: true })).rejects.toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining(`3 (client ${register.clientId})`),
  })
  expect(await act(shop, 'abort-foreign')).toEqual({ device: 'tse-1', ended: 1, left: [] })
  const { id, till } = keyed(shop, register)
  await sell({ id, till }, '5.00')
  expect(await act(shop, { act: 'archive', deletes: true })).toMatchObject({ deleted_at: expect.any(String) })
  await counted({ ...register, till }, '6.00')
  await till.create(closing(register, '0.00'))
  const path = join(lost.folder, 'books.zip')
  await writeFile(path, await shop.exported('dsfinvk'))
  expect((await verifyDsfinvk(path)).findings).toEqual([])
  await shop.stop()
  expect(await verifyJournal(shop.config.state)).toMatchObject({ valid: true, projections: 'equal' })
  // The logs before the deletion are lost with the journal; the end that a person commanded is explained.
  const { parts } = await audited(shop, lost.folder)
  const match = parts.find(({ name }) => name === 'TSE / Journal')
  expect(match?.findings.join('\n')).toContain('tse_logs_deleted')
  expect(match?.findings.join('\n')).not.toContain('tse_log_without_bon')
})

test('lost receipts that the TSE still has are taken over, after numbers for those that it has deleted', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  await sell(register, '1.00')
  const lost = await restored(bench, async () => {
    const before = keyed(bench, register)
    await sell(before, '2.00')
    await act(bench, { act: 'archive', deletes: true })
    await sell(before, '3.00')
    await sell(before, '4.00')
  })
  await using shop = lost.shop
  const taken = shop.journal().filter(({ kind }) => kind === 'transaction.lost')
  const numbers = taken.map(({ body }) => (JSON.parse(body) as { receipt: { number: number } }).receipt.number)
  expect(numbers).toEqual([1003, 1004])
  const { till } = keyed(shop, register)
  expect((await sell({ ...register, till }, '5.00')).fiscal_information).toMatchObject({ receipt_number: '1005' })
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${register.id}/session`)
  expect(expected).toBe('13.00')
  await counted({ ...register, till }, '13.00')
  await till.create(closing(register, '0.00'))
  const path = join(lost.folder, 'books.zip')
  await writeFile(path, await shop.exported('dsfinvk'))
  expect((await verifyDsfinvk(path)).findings).toEqual([])
  await shop.restart()
  expect(shop.journal().filter(({ kind }) => kind === 'transaction.lost')).toHaveLength(2)
  await shop.stop()
  expect(await verifyJournal(shop.config.state)).toMatchObject({ valid: true, projections: 'equal' })
  const { parts } = await audited(shop, lost.folder)
  const match = parts.find(({ name }) => name === 'TSE / Journal')
  expect(match?.findings.join('\n')).not.toContain('tse_log_without_bon')
  expect(match?.findings.join('\n')).not.toContain('tse_start_unknown')
})
