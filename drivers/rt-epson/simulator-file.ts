import type { Tag } from './simulator-elements.ts'
import { attributeOf, ENTRIES, REFUSED } from './simulator-elements.ts'
import type { SimulatedEpsonPrinter } from './simulator-printer.ts'
import { JOURNAL_END } from './simulator-printer.ts'

/** A file of elements: the service hands them to the printer one by one, and stops at the first that fails. */

export type Failure = { code: string; status: number }
type Info = { info: readonly (readonly [string, string])[] }
export type Outcome = Failure | Info

/** A fault of an element: instead of it, or after it was executed. */
type ElementFault = { when: 'before' | 'after'; outcome: Failure | 'power-cut' } | undefined

type Step = (printer: SimulatedEpsonPrinter, tag: Tag) => Outcome | undefined

const NO_PAPER: Failure = { code: 'EPTR_REC_EMPTY', status: 0 }
/** Limit of one document (list of codes). */
const OPERATIONS_MAX = 1000
const INCOMPLETE: Failure = { code: 'INCOMPLETE FILE', status: 0 }

/** The last element of each kind of file. If it is missing, the printer executes the elements that it got. */
const ENDS: Readonly<Record<string, string | undefined>> = {
  printerFiscalReceipt: 'endFiscalReceipt',
  printerNonFiscal: 'endNonFiscal',
  printerFiscalReport: undefined,
  printerCommand: undefined,
}

/** Elements that print nothing, so that they need no paper. */
const COMMANDS: Readonly<Record<string, Step>> = {
  openDrawer: () => undefined,
  queryPrinterStatus: (printer, tag) => queryStatus(printer, tag),
  directIO: (printer, tag) => {
    const attribute = attributeOf(tag)
    const answer = printer.directIo(attribute('command'), attribute('data'))
    if (typeof answer === 'number') return refused(answer)
    // After the last line of the journal the printer answers with another command than 3100.
    const command = answer === JOURNAL_END ? '0000' : attribute('command')
    return {
      info: [
        ['responseCommand', command],
        ['responseData', answer],
      ],
    }
  },
}

const PRINTING: Readonly<Record<string, Step>> = {
  resetPrinter: (printer) => {
    printer.reset()
    return undefined
  },
  beginFiscalReceipt: (printer) => refused(printer.beginReceipt()),
  endFiscalReceipt: (printer) => refused(printer.endReceipt()),
  beginNonFiscal: (printer) => refused(printer.beginSlip()),
  printNormal: (printer, tag) => refused(printer.printLine(attributeOf(tag)('data'))),
  endNonFiscal: (printer) => refused(printer.endSlip()),
  printXReport: (printer) => refused(printer.printReport()),
  printDuplicateReceipt: (printer) => refused(printer.printDuplicate()),
  printZReport: (printer) => {
    if (printer.isOpen) return refused(REFUSED.notNow)
    printer.closeDay()
    return undefined
  },
}

/** The elements of a receipt or slip, at each of which a fault may strike. */
export const ELEMENTS = [
  ...['beginFiscalReceipt', 'endFiscalReceipt', 'printNormal', 'endNonFiscal'],
  ...Object.keys(ENTRIES),
]

/** `faultAt` is asked before each element. */
export function executeFile(
  printer: SimulatedEpsonPrinter,
  tags: readonly Tag[],
  faultAt: (element: string) => ElementFault,
): Outcome | 'power-cut' {
  const [root, ...elements] = tags
  if (root === undefined) return { code: 'NO_DATA', status: 0 }
  if (!Object.hasOwn(ENDS, root.name)) return { code: 'PARSER_ERROR', status: 0 }
  if (elements.length === 0) return { code: 'NO_DATA', status: 0 }
  const info: (readonly [string, string])[] = []
  for (const element of elements) {
    const fault = faultAt(element.name)
    const outcome = fault?.when === 'before' ? fault.outcome : (execute(printer, element) ?? fault?.outcome)
    if (outcome === 'power-cut' || (outcome !== undefined && 'code' in outcome)) return outcome
    if (outcome !== undefined) info.push(...outcome.info)
  }
  const end = ENDS[root.name]
  if (end === undefined || elements.at(-1)?.name === end) return { info }
  printer.printVoid()
  return INCOMPLETE
}

function execute(printer: SimulatedEpsonPrinter, tag: Tag): Outcome | undefined {
  const command = stepIn(COMMANDS, tag.name)
  if (command) return command(printer, tag)
  if (!printer.hasPaper) return NO_PAPER
  const step = stepIn(PRINTING, tag.name)
  return step ? step(printer, tag) : enter(printer, tag)
}

function stepIn(steps: Readonly<Record<string, Step>>, name: string): Step | undefined {
  return Object.hasOwn(steps, name) ? steps[name] : undefined
}

/** An element of an open receipt, or the reference and the bare total of a void before one. */
function enter(printer: SimulatedEpsonPrinter, tag: Tag): Outcome | undefined {
  const attribute = attributeOf(tag)
  if (tag.name === 'printRecMessage' && attribute('messageType') === '4')
    return refused(printer.nameOriginal(attribute('message')))
  const entry = Object.hasOwn(ENTRIES, tag.name) ? ENTRIES[tag.name] : undefined
  if (!entry) return { code: 'Non valid XML command', status: 0 }
  const { open } = printer
  if (!open) return refused(tag.name === 'printRecTotal' ? printer.totalOfVoid() : REFUSED.sequence)
  open.operations += 1
  if (open.operations > OPERATIONS_MAX) return refused(REFUSED.tooMany)
  const status = entry(open, attribute)
  if (status !== undefined || printer.isWithinOriginal()) return refused(status)
  open.document.cancelLast()
  return refused(REFUSED.limit)
}

/** Type 0 has the state of the printer, type 1 that of the RT; neither has a closure or matricola. */
function queryStatus(printer: SimulatedEpsonPrinter, tag: Tag): Outcome {
  const type = attributeOf(tag)('statusType') || '0'
  if (type === '0')
    return {
      info: [
        ['cpuRel', '07.00'],
        ['mfRel', '04.3'],
        ['mfStatus', '0'],
        ['fpStatus', printer.fpStatus],
      ],
    }
  const info = type === '1' ? printer.rtElements() : undefined
  return info ? { info } : { code: 'PRINTER ERROR', status: REFUSED.unknown }
}

function refused(status: number | undefined): Failure | undefined {
  return status === undefined ? undefined : { code: 'PRINTER ERROR', status }
}
