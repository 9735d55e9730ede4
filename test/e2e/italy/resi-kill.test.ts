import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fiskalEdge, ownTill, runDaemon } from '../../cli/command.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Answer, Members } from '../client.ts'
import { Client, completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { LOCATION, MERCHANT, movement } from './shop.ts'

const TRIES = 400
const TRY_MS = 50
const PATIENCE_MS = 120_000

const DEPOSIT: Members = { type: 'deposit' }

test.each([
  ['after the first reso was printed, and before its reply', 'unplugged=60000@=T#1', 1],
  ['in the middle of the second reso', 'unplugged=60000@=R#2', 1],
  ['after the second reso was printed, and before its reply', 'unplugged=60000@=T#2', 2],
])(
  'a daemon that is killed %s prints each of them once, and answers the same request',
  async (_, fault, returns) => {
    await using printer = await PrinterBeside.open()
    const config = ownTill([printer.device()])
    let daemon = await runDaemon(config)
    const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
    const { key } = JSON.parse(out) as { key: string }
    const office = new Client(() => daemon.url, { Authorization: `Bearer ${key}` })
    await office.post('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.post('/v1/locations', LOCATION)
    const id = String((await office.post('/v1/registers', { location_id, name: 'Cassa' }))['id'])
    await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    await office.create(event('session_open', id, { opening_balance_amount: '50.00' }))
    const prepaid = movement('deposit', { id }, [{ title: 'Acconto', amount: '70.00', more: DEPOSIT }])
    const paid = await office.complete(await office.create(prepaid), [pay('cash', '70.00')])
    const lines = [
      { title: 'Sedia', amount: '80.00' },
      { title: 'Acconto', amount: '-70.00', more: DEPOSIT },
    ]
    const capture = movement('deposit_capture', { id }, lines, { related_operation_id: paid.id })
    const captured = await office.complete(await office.create(capture), [pay('cash', '10.00')])
    const back = movement('return', { id }, [{ title: 'Sedia', amount: '-80.00' }], {
      related_operation_id: captured.id,
    })
    const open = await office.create(back)
    const resi = () => printer.documents.filter(({ kind }) => kind === 'return')
    const intents = async () => {
      const events = (await office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
      return events.filter(({ op, body }) => op === open.id && body.includes('"name":"print"')).length
    }

    printer.simulator.inject(fault)
    const call = completion(open, [pay('cash', '-80.00')])
    const lost = office.call(call).then(
      (answer: Answer) => answer.status,
      () => 'no answer',
    )
    const asked = fault.endsWith('#1') ? 1 : 2
    await until(async () => resi().length === returns && (await intents()) === asked)
    process.kill(daemon.pid, 'SIGKILL')
    await daemon.ended
    expect(await lost).not.toBe(200)
    await printer.unplug()
    await printer.plugIn()

    daemon = await runDaemon(config)
    const done = await answered(office, call)
    expect(done.json['fiscal_information']).toMatchObject({
      documents: [{ document_number: '0142-0003' }, { document_number: '0142-0004' }],
    })
    expect(resi().map(({ totalCents, original }) => [totalCents, original?.number])).toEqual([
      [1000, 2],
      [7000, 1],
    ])
    expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
    process.kill(daemon.pid, 'SIGKILL')
    await daemon.ended
    expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true, codes: [] })
  },
  PATIENCE_MS,
)

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await isSo()) return
    await delay(TRY_MS)
  }
  throw new Error('the printer never came so far')
}

/** Repeats the request until its final answer, like a till. */
async function answered(office: Client, call: Parameters<Client['call']>[0]): Promise<Answer> {
  let last: Answer | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    last = await office.call(call)
    if (last.status < 300) return last
    await delay(TRY_MS)
  }
  throw new Error(`no answer: ${last?.text}`)
}
