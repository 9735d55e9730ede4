// @module-tag heavy
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyArchive } from '../verified-archive.ts'
import { audited, sellAndClose } from './audited.ts'

const FORMER = { id: 'tse-1', driver: 'tse-simulator' }
const NEXT = { id: 'tse-2', driver: 'tse-simulator' }

/** A register on the former TSE. */
async function formerRegister(bench: Bench, locationId: string): Promise<Register> {
  const given = { location_id: locationId, name: 'Kasse', fiscal_device: FORMER.id }
  const id = String((await bench.office.post('/v1/registers', given))['id'])
  const key = String((await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202))['register_api_key'])
  return { id, key, clientId: '', till: bench.client({ 'X-Register-Api-Key': key }) }
}

test("a retired TSE's signatures are handed over as exported; no archive is missing for its ended register", async () => {
  await using bench = await Bench.open({ config: { devices: [FORMER, NEXT] } })
  const { locationId } = await bench.shop()
  const [ended, { id, key, till }] = [await formerRegister(bench, locationId), await formerRegister(bench, locationId)]
  await bench.office.post(`/v1/registers/${ended.id}/decommission`, {}, 200)
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const sell = async () =>
    till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('card', '1.00')])
  const { administration } = bench.agent
  await sell()
  await administration.deviceAct('tse-1', { act: 'archive', deletes: false })
  await sell()
  const { serial } = (await administration.retireTse('tse-1', 'Zertifikat läuft ab', 'tse-2')) as { serial: string }
  await bench.restart(async () => void Object.assign(bench.config, { devices: [NEXT] }))
  await sellAndClose({ id, key, clientId: '', till: bench.client({ 'X-Register-Api-Key': key }) })
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    const name = expect.stringMatching(new RegExp(`^tse-${serial.slice(0, 16)}-1-\\d+.tar$`))
    expect(parts).toContainEqual(expect.objectContaining({ name, valid: true }))
    expect(await readdir(folder)).toContainEqual(name)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    const compared = parts.find((part) => part.name === 'dsfinvk.zip / TSE')
    // The sale after the archive was lost with the TSE.
    expect(compared?.summary).toMatch(/^5 Signaturen stimmen mit dem Archiv der TSE überein; ohne Archiv 1 der TSE/)
  })
})

/** A session that is closed and read back, and a second one after it that is not. */
async function readBackOnce(bench: Bench): Promise<void> {
  const register = await bench.till('50.00')
  await sellAndClose(register)
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.archived'))
  await bench.fault('unplugged@*')
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await sellAndClose(register)
}

test('an audit of an unreadable TSE hands over the logs read back, and says which logs those are', async () => {
  await using bench = await Bench.open()
  await readBackOnce(bench)
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const archive = parts.find(({ name }) => name === 'tse.tar')
    expect(archive?.valid).toBe(false)
    expect(archive?.findings).toEqual([
      expect.stringMatching(
        /^Die TSE [0-9a-f]{64} ist nicht lesbar \(unavailable\)\. .*Signaturzähler 1 bis \d+, die jüngste vom 20/,
      ),
    ])
    expect((await verifyArchive(await readFile(join(folder, 'tse.tar')))).findings).toEqual([])
    const compared = parts.find(({ name }) => name === 'TSE / Journal')
    expect(compared?.summary).toMatch(
      /^\d+ Absicherungen stimmen im Speicher der TSE und im Journal überein; der Speicher der TSE/,
    )
    expect(compared).toMatchObject({ valid: true, findings: [] })
    // The proven signatures are not an objection, the others are in the journal as outages.
    const books = parts.find(({ name }) => name === 'dsfinvk.zip / TSE')
    expect(books).toMatchObject({ valid: true, findings: [] })
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain('er liegt nicht ganz vor')
  })
})

test('the logs read back from a TSE that another unit replaced are handed over and compared', async () => {
  await using bench = await Bench.open()
  await sellAndClose(await bench.till('50.00'))
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.archived'))
  const serial = String((await bench.office.list('/v1/devices'))[0]?.['serial'])
  await bench.loseTse()
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    const name = expect.stringMatching(new RegExp(`^tse-${serial.slice(0, 16)}-1-\\d+.tar$`))
    expect(parts).toContainEqual(expect.objectContaining({ name, valid: true }))
    // Each bon that was signed is proven: none is left for which an archive is missing.
    const books = parts.find((part) => part.name === 'dsfinvk.zip / TSE')
    expect(books).toMatchObject({ valid: true, findings: [] })
    const compared = parts.find((part) => part.name === 'TSE / Journal')
    expect(compared?.summary).toContain(`der Speicher der TSE ${serial.slice(0, 8)}`)
    // It may have signed more, and is not retired.
    expect(compared?.summary).toMatch(/^1 Beanstandung; /)
    expect(compared?.findings).toEqual([
      expect.stringMatching(
        new RegExp(`^Die TSE ${serial} ist in Betrieb und wurde nicht gelesen: Was sie nach ihrem letzten Archiv`),
      ),
    ])
  })
})

test('the logs read back from a retired TSE are handed over as one file', async () => {
  await using bench = await Bench.open({ config: { devices: [FORMER, NEXT] } })
  const register = await formerRegister(bench, (await bench.shop()).locationId)
  const archived = () => bench.journal().filter(({ kind }) => kind === 'tse.archived').length
  for (const count of [1, 2]) {
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
    await sellAndClose(register)
    await bench.until(() => archived() === count)
  }
  const { serial } = (await bench.agent.administration.retireTse('tse-1', 'defekt', 'tse-2')) as { serial: string }
  await bench.restart(async () => void Object.assign(bench.config, { devices: [NEXT] }))
  await inDirectory(async (directory) => {
    const { folder, parts } = await audited(bench, directory)
    const name = expect.stringMatching(new RegExp(`^tse-${serial.slice(0, 16)}-1-\\d+.tar$`))
    expect(parts.filter((part) => part.name.startsWith(`tse-${serial.slice(0, 16)}`))).toMatchObject([
      { name, valid: true, findings: [] },
    ])
    expect(await readdir(folder)).toContainEqual(name)
    expect(parts.find((part) => part.name === 'dsfinvk.zip / TSE')).toMatchObject({ valid: true, findings: [] })
  })
})
