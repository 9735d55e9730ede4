import { createReadStream } from 'node:fs'
import { formatCents } from '../../../../base/money.ts'
import { readMaterial } from '../../../../verify/rksv/material.ts'
import { verifyCode } from '../../../../verify/rksv/verify-code.ts'
import { verifyDep7 } from '../../../../verify/rksv/verify-dep7.ts'
import type { Answer, DemoShift, Proof, ShiftStep, Shown, Signed } from '../../demo-shift.ts'
import { at, demand, JOURNAL } from '../../demo-shift.ts'

const [DEP7, MATERIAL] = ['dep7.json', 'rksv_crypto.json']

/** The files of an Austrian shift for an auditor. */
export const EXPORTS = [['dep7', DEP7], ['dep131', 'dep131.csv'], JOURNAL] as const

export const registeredUnit: DemoShift['registered'] = ({ fiscalization }) => [
  ['Kassen-ID', at(fiscalization, 'client_id')],
  ['Certificate', at(fiscalization, 'tse_serial')],
]

/** Number, kind and the five amounts of the machine-readable code. */
export function signedByCard({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const [, , , , , ...amounts] = at(fiscal, 'machine_code').split('_')
  const facts = `receipt ${at(fiscal, 'receipt_number')}, ${at(fiscal, 'document_type')}`
  const label = (fiscal as Answer)['security_device_failed'] === true ? 'marked' : 'signed'
  return { label, facts, content: `${amounts.slice(0, 5).join(' | ')} | counter ${at(fiscal, 'encrypted_turnover')}` }
}

/** Checks the DEP7 and its turnover counter. Throws DemoError. */
export async function proveReceipts(
  { file, exportSecret }: Pick<Shown, 'file' | 'exportSecret'>,
  counterCents: bigint,
): Promise<Proof> {
  await exportSecret('rksv_crypto', file(MATERIAL))
  const { aesKey } = await readMaterial(file(MATERIAL))
  const report = await verifyDep7(createReadStream(file(DEP7)), aesKey === undefined ? {} : { aesKey })
  demand(report.valid, `${file(DEP7)}: ${report.findings[0]?.message}`)
  const { receipts, signaturesVerified, outageReceipts, turnoverCents = 0n } = report
  const counter = formatCents(turnoverCents)
  demand(turnoverCents === counterCents, `the turnover counter is ${counter}, it must be ${formatCents(counterCents)}`)
  const signed = `${receipts} receipts, ${signaturesVerified} signatures, ${outageReceipts} in the outage`
  return { what: 'DEP7', found: `${signed}, counter ${counter}` }
}

/** Checks the code of each receipt alone, as a customer scans it. Called after {@link proveReceipts}. Throws DemoError. */
export async function proveCodes({ steps, file }: Pick<Shown, 'steps' | 'file'>): Promise<Proof> {
  const { certificates, publicKeys } = await readMaterial(file(MATERIAL))
  const codes = steps
    .map(({ operation }) => at(operation, 'fiscal_information', 'machine_code'))
    .filter((code) => code !== '')
  let signed = 0
  for (const code of codes) {
    const report = await verifyCode(code, { certificates, publicKeys })
    demand(report?.valid === true, `${code}: ${report?.findings[0]?.message ?? 'is no code'}`)
    signed += report?.signaturesVerified ?? 0
  }
  demand(signed > 0, 'no code has a signature')
  return { what: 'Codes', found: `${codes.length} codes verify alone, ${signed} with their signature` }
}
