import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeDep7 } from '../../agent/regimes/rksv/dep7.ts'
import { certificatesOf, SoftTill, softUnit } from '../regimes/rksv/year.ts'
import { fiskalEdge, removedLater } from './command.ts'

const DAY_MS = 86_400_000

test('verify tells a receipt of a time that has not come yet', async () => {
  const unit = softUnit()
  const till = new SoftTill('KASSA-1', createSecretKey(randomBytes(32)), unit)
  till.make(Date.now() - DAY_MS, 'start')
  till.make(Date.now() + DAY_MS, 'null')
  const chunks: Uint8Array[] = []
  const jws = till.receipts.map((receipt) => receipt.jws)
  for await (const chunk of writeDep7(jws, certificatesOf([unit]))) chunks.push(chunk)
  const file = join(removedLater(mkdtempSync(join(tmpdir(), 'verify-dep7-'))), 'dep7.json')
  writeFileSync(file, Buffer.concat(chunks))
  const { code, out } = await fiskalEdge('verify', file, '--json')
  expect(code).toBe(1)
  const [{ findings }] = JSON.parse(out) as [{ findings: readonly string[] }]
  expect(findings.filter((finding) => finding.includes('in the future'))).toEqual([
    expect.stringMatching(/^receipt \d+ \(\d+\): .*DEP_TIME_SEQUENCE/),
  ])
})
