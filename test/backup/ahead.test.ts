// @module-tag heavy
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isOurs } from '../../agent/laws/germany/ours.ts'
import { SOFTHSM, tokenBench } from '../drivers/native/soft-token.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, restore } from './parts.ts'

test('a TSE that signed more after the backup signs at once after the restore, and its signatures are journalled', async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register, '1.00')
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  const lost = [await sell({ ...register, till: keyed(bench, register) }, '2.00')]
  lost.push(await sell({ ...register, till: keyed(bench, register) }, '3.00'))
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file)
  // The TSE is a device: it was not set back with the disk.
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })

  await using other = await Bench.open({ config: { state } })
  const moved = { ...register, till: keyed(other, register) }
  const device = async () => (await other.office.get('/v1/devices'))['data'] as { [member: string]: unknown }[]
  expect(await device()).toMatchObject([{ state: 'ready' }])
  const facts = other
    .journal()
    .filter(({ kind }) => kind === 'transaction.lost')
    .map(({ body }) => (JSON.parse(body) as { facts: unknown }).facts)
  expect(facts).toMatchObject(
    lost.map(({ fiscal_information }, at) => ({
      transaction: at + 3,
      register_id: register.id,
      process_type: 'Kassenbeleg-V1',
      finished: {
        signature: isOurs(fiscal_information) ? fiscal_information.end_event.signature : '',
      },
    })),
  )
  expect(other.journal().filter(({ kind }) => kind === 'transaction.lost')).toHaveLength(2)
  await expect(other.agent.administration.deviceAct('tse-1', 'adopt')).rejects.toMatchObject({
    code: 'unprocessable_entity',
  })
  expect((await sell(moved, '5.00')).fiscal?.state).toBe('succeeded')
  await other.restart()
  expect(await device()).toMatchObject([{ state: 'ready' }])
  await other.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

function keyed(bench: Bench, { key }: Register) {
  return bench.client({ 'X-Register-Api-Key': key })
}

test('a token that signed after the backup continues above its mark, and the numbers of its lost logs are set aside', async () => {
  const folder = await temporaryDirectory()
  const tokens = await tokenBench()
  try {
    await tokens.makeToken('edge', '123456')
    const pinFile = join(folder, 'pin')
    await writeFile(pinFile, '123456', { mode: 0o600 })
    const devices = [{ id: 'tse-1', driver: 'tse-pkcs11', module: SOFTHSM, token: 'edge', pinFile }]
    await using bench = await Bench.open({ config: { devices } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    const register = await bench.till()
    await sell(register, '1.00')
    await bench.stop()
    const { file } = await backUp(bench.config.state, folder)
    await bench.start()
    await sell({ ...register, till: keyed(bench, register) }, '2.00')
    await bench.stop()
    const state = join(folder, 'state')
    await restore(state, file)

    await using other = await Bench.open({ config: { devices, state } })
    await other.untilDevice('ready')
    const moved = { ...register, till: keyed(other, register) }
    const next = await sell(moved, '3.00')
    expect(next.fiscal?.state).toBe('succeeded')
    // Its logs were on the lost disk: no one knows how many receipts they were.
    expect(next.fiscal_information).toMatchObject({ receipt_number: '1003' })
    expect((await sell(moved, '4.00')).fiscal?.state).toBe('succeeded')
  } finally {
    await tokens.remove()
  }
})
