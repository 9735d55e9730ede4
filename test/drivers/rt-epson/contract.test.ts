import { describeFiscalPrinter } from '../../contracts/fiscal-printer.ts'
import { openEpsonBench } from './bench.ts'

const capabilities = {
  lineAct: 'printerFiscalReceipt',
  closingAct: 'printerFiscalReceipt',
  voidAct: 'printerFiscalReceipt',
  closureAct: 'printZReport',
  firstClosure: 141,
  readsMemory: false,
}

describeFiscalPrinter('the Epson driver', capabilities, openEpsonBench)
