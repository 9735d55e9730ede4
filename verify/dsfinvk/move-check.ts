import type { BonRows, Fault } from './closing-context.ts'

/** The begin of the signed text of a move of orders between two groups. */
const MOVE = 'Umbuchung;"'
const TWO_GROUPS = 2
/** BON_NOTIZ of a bon of which only the record of the TSE is left: its groups are in the text alone. */
const ADOPTED = 'übernommen aus der TSE'

/** Compares the groups that the TSE signed with those in allocation_groups.csv: from where and to where orders moved. */
export function checkMove({ head, groups }: BonRows, signed: string, fault: Fault): void {
  if (!signed.startsWith(MOVE)) return
  if (groups.length === 0 && head.text('BON_NOTIZ').includes(ADOPTED)) return
  const named = groups.map((row) => `"${row.text('ABRECHNUNGSKREIS').replaceAll('"', '""')}"`)
  const expected = ['Umbuchung', ...named].join(';')
  if (groups.length === TWO_GROUPS && `${signed}\r`.startsWith(`${expected}\r`)) return
  const [record] = signed.split('\r')
  fault(groups[0] ?? head, 'ABRECHNUNGSKREIS', `the TSE signed ${record}, the rows say ${expected}`, '§ 12.6')
}
