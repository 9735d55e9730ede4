import { formatCents, toCents } from '../../../../../base/money.ts'
import type { PackagedClosing } from '../../../../../verify/dsfinvk/closings.ts'
import { closingsIn } from '../../../../../verify/dsfinvk/closings.ts'
import type { Proof, Shown } from '../../../demo-shift.ts'
import { demand } from '../../../demo-shift.ts'
import { PACKAGE } from '../proofs.ts'

type Case = PackagedClosing['businessCases'][number]

/**
 * Reads in the package what the counter took: the agency apart from the own turnover, tips, and nothing left of claims,
 * vouchers and the miscount. Throws DemoError.
 */
export async function proveCounter({ file }: Pick<Shown, 'file'>): Promise<Proof> {
  const cases: Case[] = []
  for await (const closing of closingsIn(file(PACKAGE))) cases.push(...closing.businessCases)
  const sumOf = (isCounted: (one: Case) => boolean): bigint =>
    cases.filter(isCounted).reduce((sum, { amount }) => sum + toCents(amount), 0n)
  const agency = sumOf(({ agencyId }) => agencyId !== undefined)
  const claims = sumOf(({ name }) => name === 'Forderungsentstehung' || name === 'Forderungsaufloesung')
  const tips = sumOf(({ name }) => name === 'TrinkgeldAN' || name === 'TrinkgeldAG')
  const vouchers = sumOf(({ name }) => name.startsWith('Einzweckgutschein'))
  const difference = sumOf(({ name }) => name === 'DifferenzSollIst')
  demand(agency > 0n && tips > 0n, 'the package has no sale of an agency, or no tip')
  const left = [claims, vouchers, difference].map(formatCents).join(', ')
  demand(left === '0.00, 0.00, 0.00', `claims, vouchers and the miscount come to ${left}`)
  const [sold, given] = [formatCents(agency), formatCents(tips)]
  return { what: 'Counter', found: `agency ${sold}, tips ${given}; claims, vouchers, miscount 0.00` }
}
