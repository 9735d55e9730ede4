import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { inDirectory } from '../regimes/dsfinvk/package.ts'
import { fiskalEdge } from './command.ts'

type Part = { name: string; valid: boolean; findings: string[] }

/** The audit of a running agent; its answer and the folder. */
async function audited(bench: Bench, directory: string, ...more: string[]) {
  const config = join(directory, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(config, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
  const folder = join(directory, 'audit')
  const { code, out, err } = await fiskalEdge('audit', '--config', config, '--out', folder, '--json', ...more)
  const answer = code === 2 || out === '' ? { parts: [] } : (JSON.parse(out) as { parts: Part[] })
  return { code, err, folder, parts: answer.parts }
}

async function shift(bench: Bench): Promise<void> {
  const { id, till } = await bench.till('50.00')
  await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '54.50' }))
  await till.create(event('session_close', id, { business_date: '2026-03-02' }))
}

test('audit writes everything for the auditor into one folder, checked, with the hashes of all of it', async () => {
  await using bench = await Bench.open()
  await shift(bench)
  await inDirectory(async (directory) => {
    const { code, err, folder, parts } = await audited(bench, directory)
    expect([code, err]).toEqual([0, ''])
    expect(parts.map(({ name, valid }) => [name, valid])).toEqual([
      ['dsfinvk.zip', true],
      ['z-berichte', true],
      ['tse.tar', true],
      ['Journal', true],
    ])
    expect((await readdir(folder)).sort()).toEqual([
      'SHA256SUMS',
      'dsfinvk.zip',
      'pruefbericht.txt',
      'tse.tar',
      'verfahrensdokumentation.html',
      'z-berichte',
    ])
    const [report] = await readdir(join(folder, 'z-berichte'))
    expect(report).toMatch(/^reg_.*-Z000001\.pdf$/)
    expect((await readFile(join(folder, 'z-berichte', String(report)))).subarray(0, 5).toString()).toBe('%PDF-')
    const sums = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n')
    expect(sums).toHaveLength(5)
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    for (const fact of ['Bäckerei Muster GmbH', 'EDGE-', 'NOT CERTIFIED', 'Europe/Berlin'])
      expect(procedure).toContain(fact)
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain('Ergebnis: ohne Beanstandung.')
    const again = await audited(bench, directory)
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('is not empty')])
  })
})

test('an audit tells what is missing, exits 1, and hands over the rest', async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts[0]).toMatchObject({ name: 'dsfinvk.zip', valid: false })
    expect(parts[0]?.findings[0]).toContain('No session was closed')
    expect(parts[1]).toMatchObject({ name: 'tse.tar', valid: true })
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain('BEANSTANDET')
  })
})
