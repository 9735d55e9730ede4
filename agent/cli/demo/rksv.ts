import { createSecretKey } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localDate } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import type { Administration } from '../../till/administration.ts'
import { EVER } from '../arguments/range.ts'
import type { Answer, Pos, PosPlace } from './pos.ts'
import { at, pos } from './pos.ts'
import type { Proof } from './proof.ts'
import { demand, exported, proveChain, proveExport, writeReceipts } from './proof.ts'
import { openAustrianShop, workAustrianShift } from './rksv-shift.ts'
import type { Signed } from './screen.ts'
import { showDone, showReceipt, showSection, showStep } from './screen.ts'
import type { ShiftStep, Shop } from './shift.ts'

/** Where the demo's agent is and where its files go. */
export type DemoPlace = PosPlace & { key: string; folder: string; state: string }

/** Plays the Austrian shift and proves it. Throws DemoError. */
export async function showAustrianShift(place: DemoPlace, technician: Administration): Promise<Shop> {
  const { key, folder, state } = place
  const office = pos(place, { authorization: `Bearer ${key}` })
  showSection('Set-up, as a back office does it once')
  const shop = await openAustrianShop(office)
  const register = at(shop.register, 'id')
  showDone('Merchant', at(shop.merchant, 'legal_name'))
  showDone('Register', `${at(shop.register, 'name')}, ${register}`)
  showDone('Kassen-ID', at(shop.register, 'fiscalization', 'client_id'))
  showDone('Certificate', at(shop.register, 'fiscalization', 'tse_serial'))

  showSection('The shift, as a till sends it')
  const till = pos(place, { 'x-register-api-key': shop.registerKey })
  const steps: ShiftStep[] = []
  for await (const step of workAustrianShift(till, register, localDate(Date.now(), 'Europe/Vienna'), technician)) {
    steps.push(step)
    showStep(step, receiptLines(step))
  }

  showSection('The receipt of the last sale')
  const operations = steps.filter(({ operation }) => at(operation, 'id').startsWith('op_'))
  showReceipt(await writeReceipts(till, operations, join(folder, 'receipts')))

  showSection('The proof')
  for (const { what, found } of await proofs(office, technician, state, join(folder, 'exports'))) showDone(what, found)
  return shop
}

/** Number, kind and the five amounts of the machine-readable code. */
function receiptLines({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const [, , , , , ...amounts] = at(fiscal, 'machine_code').split('_')
  const facts = `receipt ${at(fiscal, 'receipt_number')}, ${at(fiscal, 'document_type')}`
  const label = (fiscal as Answer)['security_device_failed'] === true ? 'marked' : 'signed'
  return { label, facts, content: `${amounts.slice(0, 5).join(' | ')} | counter ${at(fiscal, 'encrypted_turnover')}` }
}

async function proofs(office: Pos, technician: Administration, state: string, folder: string): Promise<Proof[]> {
  await mkdir(folder, { recursive: true })
  const [dep7, dep131, journal] = ['dep7.json', 'dep131.csv', 'journal.ndjson'].map((name) => join(folder, name))
  const material = join(folder, 'rksv_crypto.json')
  await writeFile(dep7 ?? '', await exported(office, 'dep7'))
  await writeFile(dep131 ?? '', await exported(office, 'dep131'))
  await writeFile(journal ?? '', await exported(office, 'journal'))
  await technician.exportTo('rksv_crypto', EVER, material)
  return [await proveDep7(dep7 ?? '', material), await proveExport(journal ?? ''), await proveChain(state)]
}

async function proveDep7(file: string, material: string): Promise<Proof> {
  const { base64AESKey } = JSON.parse(await readFile(material, 'utf8')) as { base64AESKey: string }
  const report = await verifyDep7(createReadStream(file), { aesKey: createSecretKey(base64AESKey, 'base64') })
  demand(report.valid, `${file}: ${report.findings[0]?.message}`)
  const { receipts, signaturesVerified, outageReceipts, turnoverCents = 0n } = report
  demand(turnoverCents === 3930n, `the turnover counter is ${formatCents(turnoverCents)}, it must be 39.30`)
  const signed = `${receipts} receipts, ${signaturesVerified} signatures, ${outageReceipts} in the outage`
  return { what: 'DEP7', found: `${signed}, counter ${formatCents(turnoverCents)}` }
}
