import { createReadStream } from 'node:fs'
import { verifyQr } from '../../../../drivers/tr03151/qr.ts'
import { describeFinding } from '../../../../verify/dsfinvk/finding.ts'
import { verifyDsfinvk } from '../../../../verify/dsfinvk/verify-package.ts'
import { verifyTar } from '../../../../verify/tse/verify-tar.ts'
import type { Proof, ShiftStep, Shown, Signed } from '../../demo-shift.ts'
import { at, demand, JOURNAL } from '../../demo-shift.ts'

const ARCHIVE = 'tse.tar'
export const PACKAGE = 'dsfinvk.zip'

/** The files of a German shift for an auditor. */
export const EXPORTS = [['tse_tar', ARCHIVE], JOURNAL, ['dsfinvk', PACKAGE]] as const

/** Checks them and the codes of the receipts. Throws DemoError. */
export async function proveShift({ steps, file }: Pick<Shown, 'steps' | 'file'>): Promise<Proof[]> {
  return [await proveArchive(file(ARCHIVE)), proveCodes(steps), await provePackage(file(PACKAGE))]
}

export function signedByTse({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const numbers = `transaction ${at(fiscal, 'transaction_number')}, signature counter ${at(fiscal, 'end_event', 'transaction_counter')}`
  return {
    label: 'signed',
    facts: `${at(fiscal, 'end_event', 'process_type')}, ${numbers}`,
    content: at(fiscal, 'end_event', 'process_data'),
  }
}

async function proveArchive(file: string): Promise<Proof> {
  const report = await verifyTar(createReadStream(file))
  demand(report.valid, `${file}: ${report.findings[0]?.file} ${report.findings[0]?.what}`)
  return {
    what: 'TSE archive',
    found: `${report.logs} logs, every signature, counters ${report.firstCounter} to ${report.lastCounter}`,
  }
}

function proveCodes(steps: readonly ShiftStep[]): Proof {
  const codes = steps
    .map(({ operation }) => at(operation, 'fiscal_information', 'verification', 'qr_data'))
    .filter((code) => code !== '')
  for (const code of codes) {
    const { valid, findings } = verifyQr(code)
    demand(valid, `${code}: ${findings.join('; ')}`)
  }
  demand(codes.length > 0, 'no receipt carries a QR code')
  return { what: 'QR codes', found: `${codes.length} of ${codes.length} receipts verify with their own public key` }
}

async function provePackage(file: string): Promise<Proof> {
  const report = await verifyDsfinvk(file)
  demand(report.valid, `${file}: ${report.findings.map(describeFinding)[0]}`)
  const { closings, bons, signatures } = report
  return {
    what: 'DSFinV-K',
    found: `${closings} ${closings === 1 ? 'closing' : 'closings'}, ${bons} bons, every sum, ${signatures} signatures`,
  }
}
