import { createSecretKey } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { formatCents } from '../../../../base/money.ts'
import { verifyDep7 } from '../../../../verify/rksv/verify-dep7.ts'
import type { Answer, DemoShift, Proof, ShiftStep, Signed } from '../../demo-shift.ts'
import { at, demand, JOURNAL } from '../../demo-shift.ts'
import { DUTY_KINDS } from '../duty-kinds.ts'
import { CARD, SHOP, workShift } from './shift.ts'

const [DEP7, MATERIAL] = ['dep7.json', 'rksv_crypto.json']

export const DEMO: DemoShift = {
  title: "An Austrian bakery's shift, signed by the embedded card simulator",
  hasDisplay: true,
  device: { id: CARD, driver: 'card-simulator' },
  shop: SHOP,
  authority: {
    service: 'finanzonline',
    title: 'FinanzOnline',
    fault: 'lost-answer@registrierung_kasse',
    duties: [
      [DUTY_KINDS.unitRegistration.kind, 'Signature unit', 'registered'],
      [DUTY_KINDS.registerRegistration.kind, 'Register', 'registered'],
      [DUTY_KINDS.startReceiptCheck.kind, 'Startbeleg', 'checked'],
    ],
    lost: [
      'The answer was lost on the way. The agent asked for the status before',
      'it sent again: the register was known, so nothing was sent twice.',
    ],
    after: ['A test fulfils nothing: in production these three would be done now.'],
  },
  registered: ({ fiscalization }) => [
    ['Kassen-ID', at(fiscalization, 'client_id')],
    ['Certificate', at(fiscalization, 'tse_serial')],
  ],
  headings: { shift: 'The shift, as a till sends it', receipt: 'The receipt of the last sale' },
  work: workShift,
  signed: receiptLines,
  exports: [['dep7', DEP7], ['dep131', 'dep131.csv'], JOURNAL],
  prove: async ({ file, exportSecret }) => {
    await exportSecret('rksv_crypto', file(MATERIAL))
    return [await proveDep7(file(DEP7), file(MATERIAL))]
  },
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

async function proveDep7(file: string, material: string): Promise<Proof> {
  const { base64AESKey } = JSON.parse(await readFile(material, 'utf8')) as { base64AESKey: string }
  const report = await verifyDep7(createReadStream(file), { aesKey: createSecretKey(base64AESKey, 'base64') })
  demand(report.valid, `${file}: ${report.findings[0]?.message}`)
  const { receipts, signaturesVerified, outageReceipts, turnoverCents = 0n } = report
  demand(turnoverCents === 3930n, `the turnover counter is ${formatCents(turnoverCents)}, it must be 39.30`)
  const signed = `${receipts} receipts, ${signaturesVerified} signatures, ${outageReceipts} in the outage`
  return { what: 'DEP7', found: `${signed}, counter ${formatCents(turnoverCents)}` }
}
