import { rmSync } from 'node:fs'
import { expect } from 'vitest'
import type { Members } from './client.ts'
import type { Program } from './later-program.ts'
import { hanging, LATER_LINE, LATER_REASON, LATER_VERSION, laterProgram, PLANTED } from './later-program.ts'
import type { Country, Sent } from './stepping-shop.ts'
import { Shop } from './stepping-shop.ts'

/** What the later program leaves behind. */
type Left = {
  swap: Members
  swapKey: Sent
  ended: Members
  endedKey: Sent
  sold: Members
  voided: Members
  open: Record<string, Members>
  acts: Sent[]
}

async function work(shop: Shop): Promise<Left> {
  const first = await shop.sell()
  const type = { type: 'swap', related_operation_id: first['id'] }
  const swapBody = { ...shop.goods('exchange', ['-10.00', '14.00']), ...type }
  const endedKey: Sent = { path: '/v1/operations', body: { ...swapBody, note: 'ended' }, key: 'ended' }
  const begun = await shop.post(endedKey.path, endedKey.body ?? {}, endedKey)
  const end = shop.completion(begun, '4.00')
  const ended = await shop.post(end.path, end.body ?? {}, end)
  const second = await shop.sell()
  const swapKey: Sent = { ...endedKey, body: { ...swapBody, related_operation_id: second['id'] }, key: 'swap' }
  const swap = await shop.post(swapKey.path, swapKey.body ?? {}, swapKey)
  const amended = await shop.begin(undefined)
  await shop.post(
    `/v1/operations/${amended['id']}`,
    {
      line_items: (shop.goods('sale', ['12.00']) as { line_items: object }).line_items,
      ...amounts(shop.goods('sale', ['12.00'])),
    },
    { method: 'PATCH', ifMatch: amended['resource_version'] },
  )
  const open = {
    swap,
    amended,
    member: await shop.begin(PLANTED.member),
    mark: await shop.begin(PLANTED.mark),
    line: await shop.post('/v1/operations', withLine(shop.goods('sale', ['10.00']), LATER_LINE)),
  }
  const sold = await shop.sell(PLANTED.member)
  const given = await shop.begin(undefined)
  const voided = await shop.post(
    `/v1/operations/${given['id']}/void`,
    { reason: LATER_REASON },
    { ifMatch: given['resource_version'] },
  )
  return { swap, swapKey, ended, endedKey, sold, voided, open, acts: [] }
}

function withLine(goods: Members, type: string): Members {
  const lines = goods['line_items'] as readonly Members[]
  return { ...goods, line_items: lines.map((line) => ({ ...line, type })) }
}

function amounts({ pretax_amount, tax_amount, tip_amount, total_amount }: Members): Members {
  return { pretax_amount, tax_amount, tip_amount, total_amount }
}

/** Acts that never end: the process is killed while they run. Where a law holds the answer, no till gets one. */
async function hang(shop: Shop, law: string): Promise<Sent[]> {
  const notes = law === 'Germany' ? [PLANTED.act, PLANTED.actMember] : [PLANTED.act]
  const sent: Sent[] = []
  for (const note of notes) {
    const open = await shop.begin(`${note}, ${PLANTED.hangs}`)
    const completion = { ...shop.completion(open), key: `hangs-${sent.length}` }
    const answer = shop.send(completion).catch(() => undefined)
    const isIntended = () =>
      shop.events().some(({ op, body }) => op === open['id'] && /"act":.*(_later"|"levy":1)/.test(body))
    while (!isIntended()) await shop.send({ path: '/healthz' })
    if (law === 'Germany') await answer
    sent.push(completion)
  }
  return sent
}

function tooOld(effect: string): object {
  return expect.objectContaining({
    code: 'version_too_old',
    fiscal_effect: effect,
    details: expect.objectContaining({ version: LATER_VERSION }),
  })
}

/**
 * A shop of the older program steps forward to a later one, back, and forward again: it sells and closes everywhere, no
 * key loses its answer, and neither program accuses the other.
 */
export async function stepBack(older: Program, law: string, country: Country): Promise<void> {
  const later = laterProgram()
  const shop = new Shop(country)
  await shop.open(older)
  const first = shop.completion(await shop.begin(undefined), '10.00')
  const firstKey: Sent = { ...first, key: 'first' }
  const paid = await shop.answered(firstKey)
  await shop.stop('SIGTERM')

  await shop.serve(later)
  expect((await shop.send(firstKey)).text).toBe(paid.text)
  const left = await work(shop)
  const acts = await hang(shop, law)
  await shop.stop('SIGKILL')
  const before = shop.events().length

  await shop.serve(older)
  for (const [name, { id, resource_version: ifMatch }] of Object.entries(left.open)) {
    const path = `/v1/operations/${id}`
    const complete = await shop.send(shop.completion({ id, resource_version: ifMatch }))
    expect([name, complete.status, complete.json]).toEqual([name, 409, tooOld('none')])
    const gone = await shop.send({ path: `${path}/void`, body: { reason: 'operator_cancelled' }, ifMatch })
    expect([name, gone.status, gone.json]).toEqual([name, 409, tooOld('none')])
    const receipt = await shop.send({ path: `${path}/receipt` })
    expect([name, receipt.status]).toEqual([name, 409])
    expect((await shop.send({ path })).status).toBe(name === 'swap' ? 409 : 200)
  }
  const ofLaterWord = await shop.send({ path: `/v1/operations/${left.voided['id']}/receipt` })
  expect([ofLaterWord.status, ofLaterWord.json]).toEqual([409, tooOld('none')])
  expect((await shop.send(left.swapKey)).json).toEqual(tooOld('recorded'))
  expect((await shop.send(left.endedKey)).json).toEqual(tooOld('recorded'))
  for (const act of acts) expect((await shop.send(act)).json).toEqual(tooOld('unknown'))
  const readiness = await shop.send({ path: '/readyz' })
  expect(readiness.text).toContain('journal_newer')
  expect((await shop.send({ path: '/v1/operations' })).json['data']).not.toContainEqual({})
  await shop.sell()
  await shop.session('session_cash_count', { counted_closing_amount: '100.00' })
  await shop.session('session_close', { business_date: new Date().toISOString().slice(0, 10) })
  await shop.openSession()
  await shop.sell()
  const untouched = new Set([
    ...Object.values(left.open).map(({ id }) => String(id)),
    ...acts.map(({ path }) => path.split('/')[3] ?? ''),
  ])
  expect(shop.events().filter(({ seq, op }) => seq > before && untouched.has(op))).toEqual([])
  const listed = await shop.run(older, 'journal', 'check')
  expect([listed.code, listed.out.trim().split('\n').length]).toEqual([1, Object.keys(left.open).length + acts.length])
  await shop.stop('SIGTERM')
  const verified = await shop.run(older, 'journal', 'verify', '--json')
  const report = JSON.parse(verified.out) as { codes: { code: string; level: string }[]; projections: string }
  expect([verified.code, report.codes.filter(({ level }) => level === 'error'), report.projections]).toEqual([
    1,
    [expect.objectContaining({ code: 'version_too_old', facts: { version: LATER_VERSION } })],
    'equal',
  ])

  rmSync(hanging(later.root))
  await shop.serve(later)
  expect((await shop.send(firstKey)).text).toBe(paid.text)
  const replays = await Promise.all([shop.send(left.swapKey), shop.send(left.endedKey)])
  expect(replays.map(({ status }) => status)).toEqual([201, 201])
  for (const act of acts) expect((await shop.post(act.path, act.body ?? {}, act))['status']).toBe('completed')
  await shop.sell()
  for (const { id } of Object.values(left.open)) {
    const { json } = await shop.send({ path: `/v1/operations/${id}` })
    const late = await shop.send(shop.completion(json, String(json['total_amount'])))
    expect(late.json['code']).toBe('session_invalid_state')
    const gone = await shop.send({
      path: `/v1/operations/${id}/void`,
      body: { reason: 'operator_cancelled' },
      ifMatch: json['resource_version'],
    })
    expect([gone.status, gone.text]).toEqual([200, gone.text])
  }
  await shop.stop('SIGTERM')
  const whole = await shop.run(later, 'journal', 'verify')
  expect([whole.code, whole.out]).toEqual([0, expect.stringMatching(/^✔ /)])
}
