import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Register } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { today } from '../today.ts'
import { fiskalEdge } from './command.ts'

type Part = { name: string; valid: boolean; note?: boolean; summary: string; findings: string[] }

/** The audit of a running agent; its answer and the folder. */
export async function audited(bench: Bench, directory: string, ...more: string[]) {
  const config = join(directory, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(config, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
  const folder = join(directory, 'audit')
  const { code, out, err } = await fiskalEdge('audit', '--config', config, '--out', folder, '--json', ...more)
  const answer = code === 2 || out === '' ? { parts: [] } : (JSON.parse(out) as { parts: Part[] })
  return { code, err, folder, parts: answer.parts }
}

/** The audit of a running agent under another configuration, with its report. */
export async function auditedBy({ config: { state } }: Bench, more: object) {
  const directory = await temporaryDirectory()
  const [config, folder] = [join(directory, 'agent.json'), join(directory, 'audit')]
  await writeFile(config, JSON.stringify({ version: 1, state, listen: { port: 0 }, ...more }))
  const { code, out, err } = await fiskalEdge('audit', '--config', config, '--out', folder, '--json')
  const { parts } = (out === '' ? { parts: [] } : JSON.parse(out)) as { parts: Part[] }
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.txt'))
  return { code, err, folder, parts, report: await readFile(join(folder, file), 'utf8') }
}

/** One sale, and the close of its session with its cash taken out of the drawer. */
export async function sellAndClose({ id, till }: Register): Promise<void> {
  await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '54.50' }))
  const taken = { business_date: today(), closing_adjustment_amount: '-4.50' }
  await till.create(event('session_close', id, taken))
}
