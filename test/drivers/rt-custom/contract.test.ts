// @module-tag heavy
import { describeServices } from '../../contracts/printer-services.ts'
import { describeRtPrinter } from '../../contracts/rt-printer.ts'
import { openCustomBench } from './bench.ts'

for (const line of ['tcp', 'pty', 'usb'] as const)
  describeRtPrinter(
    `the Custom driver over ${line}`,
    { lineAct: '3301', closingAct: '3011', voidAct: '7101A', closureAct: '2002', firstClosure: 141, readsMemory: true },
    () => openCustomBench(line),
  )

describeServices(
  'the Custom driver',
  { report: 'error=ERR05@2003', drawer: 'error=ERR05@7008', duplicate: 'power-cut=60@4007', gift: 'error=ERR05@4007' },
  () => openCustomBench('tcp'),
)
