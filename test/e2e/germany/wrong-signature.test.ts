import { expect, test } from 'vitest'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { signed } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { goods, pay } from '../goods.ts'

async function sell({ id, till }: Register) {
  return till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

function findings(operation: Operation) {
  return verifyQr(signed(operation).verification.qr_data).findings
}

test('a finish that a TSE signs wrongly is on no receipt as signed, and is reported', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const shop = await bench.till()
  await bench.fault('wrong-signature@finish')
  const wrong = await sell(shop)
  const error = { code: 'signed_wrongly' }
  expect(wrong.fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen', error })
  expect(wrong.fiscal_information).toBeNull()
  expect(JSON.stringify(await bench.office.list('/v1/devices'))).toContain('does not verify with its key')

  expect(findings(await sell(shop))).toEqual([])
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
})

test('the archive of a TSE that signed wrongly is handed over unchanged, with its faults named', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const shop = await bench.till()
  await bench.fault('wrong-signature@finish')
  await sell(shop)
  await sell(shop)
  const findings = [{ what: 'the signature does not fit the content' }]
  expect(await verifyArchive(await bench.exported('tse_tar'))).toMatchObject({ hasGaps: false, findings })
  const job = bench.journal().find(({ kind }) => kind === 'export.completed')?.op
  const told = [expect.stringMatching(/^Unixt_.*_Finish_.*: the signature does not fit the content$/)]
  expect(await bench.office.get(`/v1/exports/${job}`)).toMatchObject({ status: 'completed', findings: told })
})

test('a start that a TSE signs wrongly is begun again, and none stays open', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const shop = await bench.till()
  await bench.fault('wrong-signature@start')
  expect(findings(await sell(shop))).toEqual([])
  await bench.restart()
  const ended = () => bench.journal().some(({ kind }) => kind === 'transaction.aborted')
  await bench.until(async () => ended())
})
