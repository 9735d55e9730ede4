import { four } from '../rt/document-number.ts'
import { euros } from '../rt/simulated-document.ts'
import type { SimulatedMemory } from '../rt/simulated-memory.ts'
import type { Tag } from './simulator-elements.ts'
import type { Failure } from './simulator-file.ts'
import type { SimulatedEpsonPrinter } from './simulator-printer.ts'

/** Forms of the answer in which firmwares differ. */
export type AnswerForms = {
  /** Day and time: as newer ones write it, without an element in ISO form, or with digits padded by zeros. */
  dates?: 'iso' | 'plain' | 'padded'
  /** Closure and number are left out or empty, although the document was printed. */
  numbers?: 'present' | 'missing' | 'empty'
}

type Receipt = { memory: SimulatedMemory; printer: SimulatedEpsonPrinter; forms: AnswerForms }
type Element = readonly [name: string, value: string]

/** The elements of the answer to a receipt or report. */
export function receiptInfo({ memory, printer, forms }: Receipt): readonly Element[] {
  const { dates = 'iso', numbers = 'present' } = forms
  const { at, totalCents } = printer.last()
  const padded = (text: string): string => (dates === 'padded' ? text : String(Number(text)))
  const number = memory.documents().at(-1)?.number ?? 0
  const z = memory.z + 1
  const numbered: readonly Element[] = [
    ['zRepNumber', dates === 'padded' ? four(z) : String(z)],
    ['fiscalReceiptNumber', String(number)],
  ]
  return [
    ['fiscalReceiptAmount', euros(totalCents)],
    ['fiscalReceiptDate', `${padded(at.slice(8, 10))}/${padded(at.slice(5, 7))}/${at.slice(0, 4)}`],
    ['fiscalReceiptTime', at.slice(11, 16)],
    ...(dates === 'iso' ? [['receiptISODateTime', at.replaceAll(/[-:]/g, '')] as const] : []),
    ...(numbers === 'missing' ? [] : numbers === 'empty' ? numbered.map(([name]) => [name, ''] as const) : numbered),
    ['serialNumber', printer.serial],
  ]
}

export function answerOf(
  tags: readonly Tag[],
  failure: Failure | undefined,
  info: readonly Element[],
  fpStatus: string,
): string {
  const names = new Set(info.map(([name]) => name))
  const isQuery = tags.some(({ name }) => name === 'queryPrinterStatus')
  const all: readonly Element[] = [
    ['elementList', [...(isQuery ? [] : ['lastCommand', 'printerStatus']), ...names].join(',')],
    ['lastCommand', String(tags.length)],
    ...(isQuery ? [] : [['printerStatus', fpStatus] as const]),
    ...info,
  ]
  const elements = all.map(([name, value]) => `<${name}>${value}</${name}>`).join('')
  const attributes = failure
    ? `success="false" code="${failure.code}" status="${failure.status}"`
    : 'success="true" code="" status="2"'
  return `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><response ${attributes}><addInfo>${elements}</addInfo></response></soapenv:Body></soapenv:Envelope>`
}
