import { describeServices } from '../../contracts/printer-services.ts'
import { describeRtPrinter } from '../../contracts/rt-printer.ts'
import { openEpsonBench } from './bench.ts'

const capabilities = {
  lineAct: 'printerFiscalReceipt',
  closingAct: 'printerFiscalReceipt',
  voidAct: 'printerFiscalReceipt',
  closureAct: 'printZReport',
  firstClosure: 141,
  readsMemory: false,
}

describeRtPrinter('the Epson driver', capabilities, openEpsonBench)

describeServices(
  'the Epson driver',
  { report: 'busy@printXReport', drawer: 'busy@openDrawer', duplicate: 'lost-answer@printDuplicateReceipt' },
  openEpsonBench,
)
