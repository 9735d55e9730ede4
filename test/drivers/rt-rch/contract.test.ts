// @module-tag heavy
import { describeServices } from '../../contracts/printer-services.ts'
import { describeRtPrinter } from '../../contracts/rt-printer.ts'
import { openRchBench } from './bench.ts'

for (const line of ['tcp', 'pty', 'usb'] as const)
  describeRtPrinter(
    `the RCH driver over ${line}`,
    {
      lineAct: '=R',
      closingAct: '=T',
      voidAct: '=k/',
      closureAct: '=C10',
      firstClosure: 141,
      readsMemory: true,
    },
    () => openRchBench({ line }),
  )

describeServices(
  'the RCH driver',
  {
    report: 'error=ES0001@=C10',
    drawer: 'error=ES0001@=C86',
    duplicate: 'power-cut=60@=C453/$1',
    gift: 'error=ES0001@=C453/$2',
  },
  () => openRchBench({ line: 'tcp' }),
)
