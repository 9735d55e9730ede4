import type { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { act } from './emergency-shop.ts'

type Row = { readonly amount: string; readonly name?: string; readonly rate?: string; readonly code?: string }
type Line = { readonly total_amount: string; readonly taxes: readonly Row[] }

/**
 * What the journal alone shows: each sale is in a Z or on a sheet, at its rate or natura to the cent, and no receipt
 * number is skipped. Every period must be closed.
 */
export async function brokenSums(bench: Bench): Promise<string[]> {
  const sheets = (await act(bench, { act: 'emergency-sheet' })) as unknown as readonly Members[]
  const { documents, numbers } = journalOf(bench)
  const [sold, counted] = [new Map<string, number>(), new Map<string, number>()]
  for (const document of documents) {
    addOperation(sold, document)
    addZ(counted, document)
  }
  for (const { rates, natures } of sheets) {
    for (const { rate, gross } of rates as readonly Record<'rate' | 'gross', string>[]) add(counted, rate, gross)
    for (const { code, amount } of natures as readonly Record<'code' | 'amount', string>[]) add(counted, code, amount)
  }
  const kinds = [...new Set([...sold.keys(), ...counted.keys()])]
  return [
    ...kinds
      .filter((kind) => (sold.get(kind) ?? 0) !== (counted.get(kind) ?? 0))
      .map((kind) => `${kind}: sold ${sold.get(kind) ?? 0}, in Zs and on sheets ${counted.get(kind) ?? 0}`),
    ...[...numbers].flatMap(([register, given]) => gapsOf(register, given)),
  ]
}

/** The documents as their events make them, and the receipt numbers of each register in their order. */
function journalOf(bench: Bench): { documents: readonly Members[]; numbers: ReadonlyMap<string, readonly number[]> } {
  const documents = new Map<string, Members>()
  const numbers = new Map<string, number[]>()
  for (const { op, body: text } of bench.journal()) {
    const { set, receipt } = JSON.parse(text) as { set?: Members; receipt?: { register: string; number: number } }
    documents.set(op, { ...documents.get(op), ...set })
    if (receipt !== undefined) numbers.set(receipt.register, [...(numbers.get(receipt.register) ?? []), receipt.number])
  }
  return { documents: [...documents.values()], numbers }
}

function addZ(counted: Map<string, number>, { z_numbers: numbers, totals }: Members): void {
  if ((numbers as readonly unknown[] | undefined)?.length === 0) return
  for (const row of (totals as { vat: readonly Row[] } | undefined)?.vat ?? []) add(counted, keyOf(row), row.amount)
}

/** A void takes back what it names, whose lines it has. */
function addOperation(
  sold: Map<string, number>,
  { status, fiscal_information: facts, line_items: lines }: Members,
): void {
  const { document_type: type } = (facts ?? {}) as Members
  if (status !== 'completed' || type === undefined || type === 'non_fiscal') return
  for (const { total_amount: amount, taxes } of (lines ?? []) as readonly Line[])
    for (const tax of taxes) add(sold, keyOf(tax), amount)
}

function keyOf({ rate, code, name }: Row): string {
  return code ?? (rate === undefined || Number(rate) === 0 ? String(name) : rate)
}

function add(sums: Map<string, number>, key: string, amount: string): void {
  sums.set(key, (sums.get(key) ?? 0) + Math.round(Number(amount) * 100))
}

function gapsOf(register: string, given: readonly number[]): string[] {
  return given.flatMap((number, index) =>
    index === 0 || number === Number(given[index - 1]) + 1 ? [] : [`${register}: ${number} after ${given[index - 1]}`],
  )
}
