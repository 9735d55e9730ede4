import type { Common } from '../arguments/options.ts'
import { asTechnician } from '../daemon/technician.ts'
import { print, printJson, printTable, styled } from '../terminal/output.ts'

/** The answer of the agent (agent/laws/italy/last-document.ts). */
type LastDocument = Readonly<Record<'printer' | 'journal' | 'newer' | 'in_doubt' | 'agrees', unknown>> &
  Readonly<Record<'advice' | 'code' | 'level', unknown>>

const COLUMNS = ['document_number', 'document_type', 'total_amount', 'printed_at']

/** Everything on one screen: the printer's last document, the journal's last one, and what to do. */
export async function showLastDocument({ config, json }: Common, id: string): Promise<void> {
  const answer = (await asTechnician(config, (technician) => technician.deviceAct(id, 'last-document'))) as LastDocument
  const { printer, journal, newer, in_doubt: inDoubt, agrees, advice, code, level } = answer
  if (level === 'error') process.exitCode = 1
  if (json) return printJson(answer)
  printTable(
    ['', 'NUMBER', 'TYPE', 'TOTAL', 'PRINTED', 'OF'],
    [
      row('printer', printer, 'reference'),
      row('journal', journal, 'operation_id'),
      ...documentsIn(newer).map((document) => row('newer', document, 'reference')),
    ],
  )
  if (typeof inDoubt === 'string') print(`in doubt: ${inDoubt}`)
  const [style, sign] =
    agrees === true
      ? (['green', '✔'] as const)
      : level === 'error'
        ? (['red', '✖'] as const)
        : (['yellow', '!'] as const)
  print(`${styled(style, sign)} ${String(advice)}${typeof code === 'string' ? ` (${code})` : ''}`)
}

/** The documents of the printer after the journal's last record. */
function documentsIn(newer: unknown): readonly unknown[] {
  const { documents = [] } = Object(newer) as { documents?: readonly unknown[] }
  return documents
}

function row(name: string, document: unknown, source: string): string[] {
  const members = new Map<string, unknown>(Object.entries(document ?? {}))
  return [name, ...[...COLUMNS, source].map((column) => String(members.get(column) ?? '-'))]
}
