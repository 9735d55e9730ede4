/** The tape and the detail memory of the second printer. Times are local, `YYYY-MM-DDTHH:MM:SS`. */

export type Paper = {
  kind: 'sale' | 'return' | 'void'
  z: number
  number: number
  at: string
  totalCents: number
  /** The cash that the drawer gained. */
  cashCents: number
  of: { z: number; number: number; date: string; serial: string | undefined } | undefined
  lines: readonly string[]
}
export type Entry =
  | ({ type: 'document' } & Paper)
  | { type: 'slip'; number: number; at: string; cashCents: number; lines: readonly string[] }
  | { type: 'closure'; z: number; at: string; documents: number }

/** Another model sets its columns otherwise, says IVA in its own way, and begins each text with its shop. */
export type Layout = 'wide' | 'narrow'

const titles = { sale: 'di vendita o prestazione', return: 'emesso per RESO MERCE', void: 'emesso per ANNULLAMENTO' }
const shop = ['ALIMENTARI ROSSI', 'VIA ROMA 1 - TORINO', 'P.IVA 01234567890']

export function padded(value: number): string {
  return `000${value}`.slice(-4)
}

export function money(cents: number): string {
  return (cents / 100).toFixed(2).replace('.', ',')
}

export function thousands(cents: number): string {
  return money(cents).replace(/\B(?=(\d{3})+,)/g, '.')
}

function italian(date: string): string {
  return date.slice(0, 10).split('-').reverse().join('-')
}

/** The body comes between head and foot. */
export function textOf(
  paper: Omit<Paper, 'lines'>,
  body: readonly string[],
  serial: string,
  layout: Layout,
): readonly string[] {
  const { kind, z, number, at, of } = paper
  const centred = (text: string) => (layout === 'wide' ? text.padStart(24 + Math.ceil(text.length / 2)) : ` ${text} `)
  const name = `${padded(z)}-${padded(number)}`
  return [
    ...(layout === 'wide' ? [] : shop.map(centred)),
    centred('DOCUMENTO COMMERCIALE'),
    centred(titles[kind]),
    ...(of
      ? [`N. ${padded(of.z)}-${padded(of.number)} del ${italian(of.date)}`, `RT ${of.z === 0 ? of.serial : serial}`]
      : []),
    ...body,
    centred(`${italian(at)} ${at.slice(11, 16)}`),
    centred(`DOCUMENTO N. ${name}`),
    centred(`RT ${serial}`),
  ]
}

type Named = { z: number; number: number; date: string }

/** All printed paper. */
export class Tape {
  readonly entries: Entry[] = []

  documents(): (Paper & { type: 'document' })[] {
    return this.entries.filter((entry) => entry.type === 'document')
  }

  find({ z, number, date }: Named): Paper | undefined {
    return this.documents().find((paper) => paper.z === z && paper.number === number && paper.at.startsWith(date))
  }

  against({ z, number }: Named): readonly Paper[] {
    return this.documents().filter(({ of }) => of?.z === z && of.number === number)
  }

  /** The amount of a document that may still be returned, in cents; for other printers all. */
  leftOf(named: Named): number {
    const sold = this.find(named)
    if (!sold) return Number.POSITIVE_INFINITY
    const back = this.against(named).filter(({ kind }) => kind === 'return')
    return back.reduce((left, { totalCents }) => left - totalCents, sold.totalCents)
  }

  /** The total of one period, or of all. */
  total(kind: Paper['kind'], period?: number): number {
    const chosen = this.documents().filter((paper) => paper.kind === kind && (period ?? paper.z) === paper.z)
    return chosen.reduce((sum, { totalCents }) => sum + totalCents, 0)
  }

  drawer(): number {
    return this.entries.reduce((sum, entry) => sum + (entry.type === 'closure' ? 0 : entry.cashCents), 0)
  }

  /** Texts of the detail memory between two days, or of the last document. */
  between(from: string, until: string): string {
    return dumpOf(this.entries.filter(({ at }) => at.slice(0, 10) >= from && at.slice(0, 10) <= until))
  }

  last(period: number): string {
    const last = this.documents().at(-1)
    return dumpOf(last?.z === period ? [last] : [])
  }
}

function dumpOf(entries: readonly Entry[]): string {
  return entries
    .flatMap((entry) => {
      if (entry.type === 'document') return entry.lines
      if (entry.type === 'slip') return ['DOCUMENTO GESTIONALE', ...entry.lines]
      // Its model omits "N." and writes more between the number and the count.
      return [
        '   DOCUMENTO  GESTIONALE',
        '  di chiusura giornaliera',
        `CHIUSURA  GIORNALIERA        ${padded(entry.z)}`,
        'DOCUMENTI GESTIONALI         0001',
        'LETTURE M.P.RIEPILOGO        0000',
        `DOCUMENTI  COMMERCIALI       ${padded(entry.documents)}`,
        'DGFE:01 SIGILLO FISCALE:0A1B2C3D',
        `  DOC.GESTIONALE N. ${padded(entry.z)}-0001`,
      ]
    })
    .map((line) => `${line}\r\n`)
    .join('')
}
