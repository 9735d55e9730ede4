import { documentOf } from '../../../agent/laws/italy/document-json.ts'
import type { PrintAct } from '../../../agent/laws/italy/printer-act.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import type { MemoryRecord, PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { planDocument as custom } from '../../../drivers/rt-custom/document-commands.ts'
import { profileWith } from '../../../drivers/rt-custom/profile.ts'
import { planDocument as epson } from '../../../drivers/rt-epson/document-xml.ts'
import { defaultProfile as epsonProfile } from '../../../drivers/rt-epson/profile.ts'
import { planDocument as rch } from '../../../drivers/rt-rch/document-commands.ts'
import { defaultProfile as rchProfile } from '../../../drivers/rt-rch/profile.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members } from '../client.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill } from './shop.ts'

/** A second department of 22 %, as for services, and others with a code. */
export const DEPARTMENTS = { ...departments, '0.22/servizi': 12, '0.10/asporto': 13, 'N1/mance': 16, 'N2/buoni': 17 }

export const FAMILIES: readonly FamilyName[] = ['rch', 'custom', 'epson']

export type Trade = {
  family: FamilyName
  bench: Bench
  register: Register
  documents: () => readonly PrintedRecord[]
  records: () => readonly MemoryRecord[]
  inject: (fault: string) => void
  clearFaults: () => void
  /** What was sent for each document, without frames, marker and end. */
  sent: () => string[][]
  /** Findings of `journal verify`. */
  findings: () => Promise<string[]>
}

/** A register with an open session at a printer of the family, whose departments have codes, too. */
export async function atPrinter(
  family: FamilyName,
  use: (trade: Trade) => Promise<void>,
  { rt = {}, profile = {} }: { rt?: Members; profile?: Members } = {},
): Promise<void> {
  await using printer = await printerOf(family)
  const { profile: own, ...device } = printer.device() as Members & { profile?: Members }
  const entry = { ...device, departments: DEPARTMENTS, profile: { ...own, ...profile } }
  await using bench = await printer.agent({ devices: [entry], rt })
  await use({
    family,
    bench,
    register: await italianTill(bench, '100.00'),
    documents: () => printer.documents,
    records: () => printer.simulator.records(),
    inject: (fault) => printer.simulator.inject(fault),
    clearFaults: () => printer.simulator.clearFaults(),
    sent: () => requested(bench).map((document) => partsOf(family, document)),
    findings: async () => (await verifyJournal(bench.config.state)).codes.map(({ code }) => code),
  })
}

/** The fiscal documents that the journal asked a printer for, by its intents. */
function requested(bench: Bench): RtDocument[] {
  return bench.journal().flatMap(({ body }) => {
    const { act } = JSON.parse(body) as { act?: PrintAct }
    const document = act?.name === 'print' ? documentOf(act.document) : undefined
    return document === undefined || document.kind === 'cash' || document.kind === 'non_fiscal' ? [] : [document]
  })
}

/** As the driver of the family writes them. */
function partsOf(family: FamilyName, document: RtDocument): string[] {
  const own = { departments: DEPARTMENTS, serial: '72IV6000001' }
  switch (family) {
    case 'rch':
      return rch(document, { ...own, profile: rchProfile }).commands.filter(
        (command) => !/^(=c$|="\/\?A\/\(REF )/.test(command),
      )
    case 'custom':
      return custom(document, { ...own, profile: profileWith() }).steps.map(({ command }) => command)
    case 'epson':
      return epson(document, { ...own, profile: epsonProfile }).xml.match(/<(?!printerFiscal)\w+[^>]*>/g) ?? []
  }
}
