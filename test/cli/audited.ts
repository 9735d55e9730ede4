import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench } from '../e2e/bench.ts'
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
