import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LOG_FIELDS, openLog, readableLines } from '../agent/log.ts'

function lines(write: (log: ReturnType<typeof openLog>) => void): string[] {
  const written: string[] = []
  write(openLog('info', { write: (line) => written.push(line) }))
  return written
}

test('a field that is not listed is left out', () => {
  const [line = ''] = lines((log) =>
    log.info({ request_id: 'r', customer: 'Frau Muster', body: { name: 'x' }, status: 200 }, 'request'),
  )
  expect(JSON.parse(line)).toMatchObject({ request_id: 'r', status: 200, msg: 'request' })
  expect(line).not.toMatch(/Muster|body|customer/)
})

test('keys are redacted wherever they stand', () => {
  const key = 'ofk_platform_01JABC_d2hhdGV2ZXI-x'
  const error = Object.assign(new Error(`refused ${key}`), { code: 'unauthorized' })
  const written = lines((log) =>
    log.error({ error, url: `http://x/?k=${key}`, code: key }, `Authorization: Bearer ${key}`),
  ).join('')
  expect(written).not.toContain('d2hhdGV2ZXI')
  expect(written).toContain('[redacted]')
  expect(JSON.parse(written)).toMatchObject({ error: { name: 'Error', code: 'unauthorized' } })
})

test('objects do not slip in through a listed field', () => {
  const [line = ''] = lines((log) => log.warn({ path: { name: 'Frau Muster' } }, 'x'))
  expect(line).not.toContain('Muster')
})

test('a terminal gets one readable line each', () => {
  const written: string[] = []
  openLog(
    'info',
    readableLines((text) => written.push(text)),
  ).info({ url: 'http://127.0.0.1:7070', pid: 7 }, 'ready')
  expect(written).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d info {2}ready url=http:\/\/127\.0\.0\.1:7070 pid=7\n$/),
  ])
})

test('every field that may be written is on the page that explains the log', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'agent', 'watch', 'README.md'), 'utf8')
  const table = page.split('\n| fields | of |\n')[1] ?? ''
  const named = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''))
  expect(named.sort()).toEqual([...LOG_FIELDS].sort())
})
