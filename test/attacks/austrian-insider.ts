import type { KeyObject } from 'node:crypto'
import { createSecretKey, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chainValue, jwsOf, payloadOfJws } from '../../agent/laws/austria/jws.ts'
import { encryptTurnover } from '../../agent/laws/austria/turnover.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import type { Line } from './insider.ts'

/** How he signs: R‖S. */
export type Sign = (payload: string) => Promise<Uint8Array> | Uint8Array
type Chain = { register: string; state: Record<string, unknown> }
type Link = { number: number; turnover: bigint; next: string }

export const atRandom: Sign = () => randomBytes(64)

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const [NUMBER, SERIAL, COUNTER, PREVIOUS] = [3, 11, 10, 12]
const MARKS = ['VFJB', 'U1RP']

/** The key that the turnover counter of a register is encrypted with: root has it. */
export function turnoverKey(bench: Bench, registerId: string): Promise<KeyObject> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'material.json')
    await bench.agent.administration.exportTo('rksv_crypto', { ...EVER, registerId }, file)
    const { base64AESKey } = JSON.parse(await readFile(file, 'utf8')) as { base64AESKey: string }
    return createSecretKey(base64AESKey, 'base64')
  })
}

/**
 * The chain of the only register rebuilt over the remaining events: numbers, chain values, encrypted counters and
 * recorded states match each other. Unchanged receipts keep their signature. `serial`: another unit that signs.
 */
export async function chainedAgain(
  lines: readonly Line[],
  key: KeyObject,
  sign: Sign,
  serial?: string,
): Promise<Line[]> {
  const links = new Map<number, Link>()
  const signed = new Map<Line, string>()
  let last: Link | undefined
  for (const line of lines) {
    const jws = lawIn(line)['jws']
    if (typeof jws !== 'string') continue
    const fields = payloadOfJws(jws).split('_')
    const cashBox = fields[2] ?? ''
    last ??= { number: 0, turnover: 0n, next: chainValue(cashBox) }
    const was = Number(fields[NUMBER])
    const amounts = fields.slice(5, 10).map((text) => BigInt(text.replace(',', '')))
    const turnover: bigint = last.turnover + (fields[COUNTER] === MARKS[0] ? 0n : amounts.reduce((a, b) => a + b, 0n))
    const number: number = last.number + 1
    fields[NUMBER] = String(number)
    if (!MARKS.includes(fields[COUNTER] ?? ''))
      fields[COUNTER] = encryptTurnover(key, cashBox, String(number), turnover)
    fields[SERIAL] = serial ?? fields[SERIAL] ?? ''
    fields[PREVIOUS] = last.next
    const payload = fields.join('_')
    const isAsItWas = payload === payloadOfJws(jws)
    const made = isAsItWas ? jws : jwsOf(payload, await sign(payload))
    last = { number, turnover, next: chainValue(made) }
    links.set(was, last)
    signed.set(line, made)
  }
  return lines.map((line) => ({
    ...line,
    body: { ...line.body, ...withReceipt(line, signed), ...withState(line, links) },
  }))
}

function withReceipt(line: Line, signed: ReadonlyMap<Line, string>): object {
  const jws = signed.get(line)
  return jws === undefined ? {} : { law: { ...lawIn(line), jws } }
}

function withState({ body }: Line, links: ReadonlyMap<number, Link>): object {
  const chain = body['chain'] as Chain | undefined
  const link = links.get(Number(chain?.state['number']))
  if (chain === undefined || link === undefined) return {}
  const state = { number: link.number, turnover_cents: String(link.turnover), previous: link.next }
  return { chain: { ...chain, state: { ...chain.state, ...state } } }
}

function lawIn({ body }: Line): Record<string, unknown> {
  return (body['law'] ?? {}) as Record<string, unknown>
}

type Code = { code: string; register?: string; seq: number; serial?: string; facts: Record<string, unknown> }
export type Told = { kind: string; valid: boolean; summary: string; findings: string[]; codes?: Code[] }

/** The DEP7 of a register and the journal as they are now, in files. */
export async function inFiles<Result>(
  bench: Bench,
  registerId: string,
  work: (files: { directory: string; dep7: string; journal: string; material: string }) => Promise<Result>,
): Promise<Result> {
  return inDirectory(async (directory) => {
    const [dep7, journal, material] = ['dep7.json', 'journal.ndjson', 'material.json'].map((name) =>
      join(directory, name),
    ) as [string, string, string]
    await writeFile(dep7, await bench.exported('dep7', { register_id: registerId }))
    await writeFile(journal, await bench.exported('journal'))
    await bench.agent.administration.exportTo('rksv_crypto', { ...EVER, registerId }, material)
    return work({ directory, dep7, journal, material })
  })
}

/** The result of `verify` for files: of each, and of all together. */
export async function verifiedFiles(...args: string[]): Promise<{ code: number | null; told: Told[]; together: Told }> {
  const { code, out, err } = await fiskalEdge('verify', '--json', ...args)
  const told = JSON.parse(out) as Told[]
  const together = told.find(({ kind }) => kind === 'together')
  if (together === undefined) throw new Error(`nothing was compared: ${out}${err}`)
  return { code, told, together }
}
