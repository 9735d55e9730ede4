import type { RtBaseline, RtClosure, RtDocument, RtPrinted } from '../ports/fiscal-printer.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { PrinterCalls } from './printer-calls.ts'

/** What is the same in every driver: its acts go through {@link PrinterCalls}. */
export abstract class CalledPrinter<Plan> {
  readonly kind = 'fiscal-printer'
  protected readonly calls: PrinterCalls<Plan>

  constructor(calls: PrinterCalls<Plan>) {
    this.calls = calls
  }

  load(): QueueLoad {
    return this.calls.load()
  }

  close(): Promise<void> {
    return this.calls.close()
  }

  identity(): Promise<{ serial: string }> {
    return this.calls.identity()
  }

  baseline(): Promise<RtBaseline> {
    return this.calls.baseline()
  }

  print(document: RtDocument, baseline: RtBaseline): Promise<RtPrinted> {
    return this.calls.print(document, baseline)
  }

  settle(document: RtDocument, baseline: RtBaseline): Promise<RtPrinted | undefined> {
    return this.calls.settle(document, baseline)
  }

  closeDay(baseline: RtBaseline): Promise<RtClosure> {
    return this.calls.closeDay(baseline)
  }

  settleClosure(baseline: RtBaseline): Promise<RtClosure | undefined> {
    return this.calls.settleClosure(baseline)
  }
}
