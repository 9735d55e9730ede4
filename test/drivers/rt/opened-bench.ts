import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SerialLinkOptions } from '../../../drivers/links/serial.ts'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { UsbLink } from '../../../drivers/links/usb.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { romeTime } from '../../../drivers/rt/civil-time.ts'
import type { MemoryRecord, PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { factsOf } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { patientClock, patientWithProcesses } from '../../patient-clock.ts'
import { IDS, socketsOf, standIn } from '../links/usb-stand-in.ts'

type Served = {
  serveTcp(port: number): Promise<number>
  servePty(link: string): Promise<void>
}
type Device = {
  documents(): readonly Pick<PrintedRecord, 'kind' | 'z' | 'number' | 'totalCents' | 'lines' | 'taxCode'>[]
  records: FaultBench['records']
  keyInSale(cents: number): void
  inject(fault: string): void
  close(): Promise<void>
}

/** The folder of a device that has such a memory already. */
export async function benchFolder(history: readonly MemoryRecord[] = []): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rt-printer-'))
  if (history.length > 0)
    await writeFile(join(directory, 'memory.jsonl'), history.map((record) => `${JSON.stringify(record)}\n`).join(''))
  return directory
}

/** A memory with that many documents in the period after a closure, all of that time. */
export function historyOf(
  z: number,
  documents: number,
  at = `${romeTime(patientClock.now()).slice(0, 10)}T00:00:00`,
): readonly MemoryRecord[] {
  const amounts = { totalCents: 100, cashCents: 100 }
  const sale = { type: 'document', kind: 'sale', z: z + 1, at, lines: [], original: undefined, ...amounts } as const
  const sales = Array.from({ length: documents }, (_, index) => ({ ...sale, number: index + 1 }))
  return [{ type: 'closure', z, at, documents: 0 }, ...sales]
}

/** The driver's end of a line that the device serves: a new one for each driver. */
export async function servedLine(
  device: Served,
  line: 'tcp' | 'pty' | 'usb',
  directory: string,
  serial: Omit<SerialLinkOptions, 'clock' | 'path'>,
): Promise<() => TcpLink | SerialLink | UsbLink> {
  const path = join(directory, 'printer')
  if (line === 'pty') {
    await device.servePty(path)
    return () => new SerialLink({ ...serial, path, clock: patientClock })
  }
  const port = await device.serveTcp(0)
  if (line === 'usb') {
    standIn({ port })
    const { sysfs, plug } = socketsOf()
    plug('1-2', 5)
    return () => new UsbLink({ ids: IDS, clock: patientWithProcesses, sysfs })
  }
  return () => new TcpLink({ host: '127.0.0.1', port, clock: patientClock })
}

/** A driver and a device that keeps its record in a separate folder. */
export function openedBench<P extends RtPrinter>(
  directory: string,
  device: Device,
  make: () => P,
): FaultBench & { printer: P } {
  const printer = make()
  const printers: RtPrinter[] = [printer]
  return {
    printer,
    reopen: async () => {
      await printer.close()
      const next = make()
      printers.push(next)
      return next
    },
    records: () => device.records(),
    printed: () => factsOf(device.documents()),
    keyInSale: (cents) => device.keyInSale(cents),
    inject: (fault) => device.inject(fault),
    destroy: async () => {
      for (const each of printers) await each.close()
      await device.close()
      await rm(directory, { recursive: true })
    },
  }
}
