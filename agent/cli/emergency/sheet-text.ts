type Sum = { readonly name: string; readonly amount: string }
type Line = {
  readonly entry: number
  readonly recorded_at: string
  readonly amount: string
  readonly rate?: string
  readonly natura?: string
  readonly printed_as?: string
  readonly voids?: number
}
/** The sums of a day, as `--json` has them. */
export type Sheet = {
  readonly emergency_id: string
  readonly device: string
  readonly rt_serial_number: string
  readonly date: string
  readonly entries: number
  readonly rates: readonly Readonly<Record<'rate' | 'gross' | 'taxable' | 'tax', string>>[]
  readonly natures: readonly { readonly code: string; readonly amount: string }[]
  readonly payments: readonly Sum[]
  readonly total: string
  readonly lines: readonly Line[]
}

/** The class of what an invoice counts: it is not to be stated a second time. */
const INVOICED = 'Non riscosso fatture'
const PERCENT = 100

/** For the books, in the words of the portal. */
export function sheetText(sheets: readonly Sheet[]): string {
  return sheets.map((sheet) => sheetLines(sheet).join('\n')).join('\n\n')
}

function sheetLines({ emergency_id: id, rt_serial_number: serial, date, entries, ...sheet }: Sheet): string[] {
  const invoiced = sheet.payments.find(({ name }) => name === INVOICED)
  return [
    `REGISTRO DI EMERGENZA  ${date}  RT ${serial}  ${id}`,
    ...sheet.rates.map(
      ({ rate, gross, taxable, tax }) =>
        `IVA ${percent(rate)}  ammontare ${gross}  imponibile ${taxable}  imposta ${tax}`,
    ),
    ...sheet.natures.map(({ code, amount }) => `${code}  ammontare ${amount}`),
    `Totale ${sheet.total}  registrazioni ${entries}`,
    ...sheet.payments.map(({ name, amount }) => `  ${name} ${amount}`),
    ...(invoiced === undefined ? [] : [`Di cui con fattura ${invoiced.amount}: li conta la fattura.`]),
    ...sheet.lines.map(lineText),
  ]
}

function lineText({ entry, recorded_at: at, amount, rate, natura, printed_as: printed, voids }: Line): string {
  const kind = rate === undefined ? natura : `IVA ${percent(rate)}`
  return [
    `  ${entry}  ${at}  ${amount}  ${kind}`,
    ...(voids === undefined ? [] : [`annulla ${voids}`]),
    ...(printed === undefined ? [] : [`stampato dal RT: documento ${printed}, escluso dai totali`]),
  ].join('  ')
}

function percent(rate: string): string {
  return `${Number((Number(rate) * PERCENT).toFixed(2))} %`
}
