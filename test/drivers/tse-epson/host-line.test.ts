import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import {
  challengeHash,
  encodeMessage,
  MessageReader,
  numberIn,
  openDevice,
  operate,
  parseMessage,
  parseReply,
  reconnect,
} from '../../../drivers/tse-epson/codec.ts'
import { EpsonTse } from '../../../drivers/tse-epson/driver.ts'
import { HostLine } from '../../../drivers/tse-epson/host-line.ts'
import { EpsonSimulator } from '../../../drivers/tse-epson/simulator.ts'
import { ManualClock } from '../../manual-clock.ts'
import { ScriptedLink } from '../links/scripted-link.ts'

describe('the messages of the ePOS-Device XML manual', () => {
  test('a connection is greeted, a device opened, a lost one resumed', () => {
    const greeting =
      '<connect><data><client_id>sock3514555410</client_id><protocol_version>2</protocol_version></data></connect>'
    expect(parseMessage(greeting)).toEqual({ kind: 'connect', clientId: 'sock3514555410' })
    expect(openDevice('local_TSE')).toBe(
      '<open_device><device_id>local_TSE</device_id><data><type>type_storage</type></data></open_device>',
    )
    const opened = '<open_device><device_id>local_TSE</device_id><code>OK</code><data_id>1</data_id></open_device>'
    expect(parseMessage(opened)).toEqual({ kind: 'open_device', code: 'OK', dataId: 1 })
    expect(reconnect('sock1', 'sock2', 7)).toBe(
      '<reconnect><data><old_client_id>sock1</old_client_id><new_client_id>sock2</new_client_id><received_id>7</received_id></data></reconnect>',
    )
    expect(parseMessage('<reconnect><code>OK</code></reconnect>')).toMatchObject({ kind: 'reconnect', code: 'OK' })
  })

  test('a function travels as escaped JSON', () => {
    expect(operate('local_TSE', 'GetStartedTransactionList', { clientId: '' }, 60_000)).toBe(
      '<device_data><device_id>local_TSE</device_id><data><type>operate</type><timeout>60000</timeout><requestdata>' +
        '{&quot;storage&quot;:{&quot;type&quot;:&quot;TSE&quot;,&quot;vendor&quot;:&quot;TSE1&quot;},&quot;function&quot;:&quot;GetStartedTransactionList&quot;,&quot;input&quot;:{&quot;clientId&quot;:&quot;&quot;},&quot;compress&quot;:{&quot;required&quot;:false,&quot;type&quot;:&quot;&quot;}}' +
        '</requestdata></data></device_data>',
    )
    expect(operate('local_TSE', 'GetStorageInfo', {}, 1)).toContain('COMMON')
  })

  test('a challenge is answered with the hash over it and the secret', () => {
    expect(challengeHash('0123456789abcdef', 'EPSONKEY')).toBe('N9Y7MwcToBVGSO1UFpHXYk8TwkOlSd7cEUZL/xsjCfc=')
  })

  test('messages end with NUL, in any portions; numbers may come as text', () => {
    const reader = new MessageReader()
    expect(reader.read(Buffer.from('<a>'))).toEqual([])
    expect(reader.read(Buffer.from('</a>\0<b></b>\0<c'))).toEqual(['<a></a>', '<b></b>'])
    const { output } = parseReply('{"result":"EXECUTION_OK","function":"F","output":{"one":"7","two":7}}')
    expect([numberIn(output, 'one'), numberIn(output, 'two')]).toEqual([7, 7])
  })
})

async function untilOpen(tse: EpsonTse): Promise<void> {
  const isOpen = () =>
    tse.open().then(
      () => true,
      () => false,
    )
  await expect.poll(isOpen).toBe(true)
}

describe('a connection that breaks', () => {
  let folder: string
  let simulator: EpsonSimulator
  let port: number
  const secretOf = async (name: string): Promise<string> => {
    if (name === 'secret') throw new Error('the factory')
    return name === 'puk' ? '123456' : '12345'
  }
  let link: TcpLink | undefined
  const tseOf = (directory = folder, replyMs = 2000): EpsonTse => {
    link = new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
    return new EpsonTse({
      id: 'tse-1',
      link,
      directory,
      secrets: { read: secretOf, provide: secretOf },
      clock: systemClock,
      timeouts: { replyMs, longMs: 20_000 },
    })
  }

  /** Resolves when the host begins to wait for so long. */
  let slowly: (ms: number) => Promise<void>

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'epson-'))
    const clock = { ...systemClock }
    slowly = (ms) =>
      new Promise((resolve) => {
        clock.after = (delayMs, act) => {
          if (delayMs === ms) resolve()
          return systemClock.after(delayMs, act)
        }
      })
    simulator = new EpsonSimulator({ directory: join(folder, 'unit'), clock })
    port = await simulator.serveTcp(0)
  })
  afterEach(async () => {
    await simulator.close()
    await rm(folder, { recursive: true })
  })

  test('in the middle of a start is resumed: the pending answer comes, and nothing is started twice', async () => {
    const tse = tseOf()
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    simulator.inject('hung-up@start')
    expect((await tse.start('till-1')).transaction).toBe(1)
    expect(await tse.openTransactions()).toEqual([1])
    await tse.close()
  })

  test('between two sales is resumed at the next one: no cashier notices it', async () => {
    const tse = tseOf()
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    await simulator.hangUp()
    await expect.poll(() => link?.connected).toBe(false)
    expect((await tse.start('till-1')).transaction).toBe(1)
    await tse.close()
  })

  test('for good makes the agent open the device again, also if the host has closed it too', async () => {
    const tse = tseOf()
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    simulator.inject('device-closed@start')
    await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await tse.open()
    expect((await tse.start('till-1')).transaction).toBe(1)
    await tse.close()
  })

  test('at a finish that the host still executes leaves its outcome open: it is signed without our knowledge', async () => {
    const tse = tseOf(folder, 300)
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    await tse.start('till-1')
    simulator.inject('slow=2500@finish')
    const slow = slowly(2500)
    const finished = tse.finish(1, 'till-1', 'Kassenbeleg-V1', Buffer.from('Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar'))
    await Promise.all([
      slow.then(() => simulator.hangUp()),
      expect(finished).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' }),
    ])
    await untilOpen(tse)
    expect(await tse.openTransactions()).toEqual([])
    await tse.close()
  })

  test('while the host is busy is resumed under any name that the host gave it, and does not block itself', async () => {
    const tse = tseOf(folder, 300)
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    simulator.inject('slow=2500@start')
    await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
    await simulator.hangUp()
    await expect.poll(() => link?.connected).toBe(false)
    await expect(tse.open()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await untilOpen(tse)
    expect(await tse.openTransactions()).toEqual([1])
    await tse.close()
  })

  test('by the end of the process is taken up by the next one, while another host would have to wait', async () => {
    const tse = tseOf()
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    // A killed process sent nothing to the host. The new process has the same folder, a stranger none.
    const stranger = join(folder, 'stranger')
    await mkdir(stranger)
    await expect(tseOf(stranger).open()).rejects.toMatchObject({ code: 'busy', effect: 'none' })
    const again = tseOf()
    await again.open()
    expect((await again.start('till-1')).transaction).toBe(1)
    await again.close()
    await tseOf(stranger).open()
  })

  test('by the end of the process brings the next one no answer that was for the one before', async () => {
    const killed = tseOf(folder, 300)
    await killed.open()
    await killed.initialise()
    for (const till of ['till-1', 'till-2']) await killed.registerClient(till)
    await killed.start('till-1')
    simulator.inject('slow=2500@GetStartedTransactionList')
    const slow = slowly(2500)
    const asked = killed.openTransactions('till-1')
    await Promise.all([slow, expect(asked).rejects.toMatchObject({ code: 'timeout' })])
    const next = tseOf(folder, 5000)
    await next.open()
    expect(await next.openTransactions('till-2')).toEqual([])
    await next.close()
  })
})

test('an answer whose beginning was read before the process was blocked is read completely', async () => {
  const result = JSON.stringify({ result: 'EXECUTION_OK', function: 'GetStorageInfo', output: { one: 1 } })
  const answer = encodeMessage(
    `<device_data><device_id>local_TSE</device_id><code>SUCCESS</code><data_id>2</data_id><data><type>onoperateresult</type><resultdata>${result}</resultdata></data></device_data>`,
  )
  const link = new ScriptedLink(
    [encodeMessage('<connect><data><client_id>sock1</client_id></data></connect>')],
    [encodeMessage('<open_device><device_id>local_TSE</device_id><code>OK</code><data_id>1</data_id></open_device>')],
    [answer.subarray(0, 40), answer.subarray(40)],
  )
  const clock = new ManualClock()
  const line = new HostLine({ link, clock, replyMs: 1000, keep: () => undefined, storedSession: () => undefined })
  // The host sends the first message.
  await link.write(Buffer.alloc(0))
  link.connected = false
  await line.connect()
  link.beforeRead = () => clock.advance(5000)
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
})

const opening = [
  [encodeMessage('<connect><data><client_id>sock1</client_id></data></connect>')],
  [encodeMessage('<open_device><device_id>local_TSE</device_id><code>OK</code><data_id>1</data_id></open_device>')],
]

/** A line to a host that gives these answers to the functions in turn. */
async function lineTo(...answers: readonly string[]): Promise<HostLine> {
  const link = new ScriptedLink(...opening, ...answers.map((answer) => [encodeMessage(answer)]))
  const line = new HostLine({
    link,
    clock: systemClock,
    replyMs: 200,
    keep: () => undefined,
    storedSession: () => undefined,
  })
  await link.write(Buffer.alloc(0))
  link.connected = false
  await line.connect()
  return line
}

test('a TSE of a server is opened, asked and released by its own name', async () => {
  const link = new ScriptedLink(...opening)
  const options = { clock: systemClock, replyMs: 100, keep: () => undefined, storedSession: () => undefined }
  const line = new HostLine({ ...options, link, deviceId: 'TSE_2' })
  await link.write(Buffer.alloc(0))
  link.connected = false
  await line.connect()
  await expect(line.run('GetStorageInfo', {})).rejects.toMatchObject({ code: 'timeout' })
  await line.close()
  const sent = link.written.slice(1)
  expect(sent).toHaveLength(3)
  for (const message of sent) expect(message).toContain('<device_id>TSE_2</device_id>')
})

const EXECUTED = '{"result":"EXECUTION_OK","function":"GetStorageInfo","output":{"one":1}}'

test.each<[string, string, string]>([
  ['by its other name, numbered 0', '<type>operateresult</type><success>true</success><code>SUCCESS</code>', '0'],
  ['without a number', '<type>onoperateresult</type><code>SUCCESS</code>', ''],
  ['with a blank for its number', '<code>SUCCESS</code>', ' '],
])('an answer %s is one', async (_what, data, dataId) => {
  const answer = `<device_data><sequence>0</sequence><device_id>local_TSE</device_id><data>${data}<resultdata>${EXECUTED}</resultdata></data><data_id>${dataId}</data_id></device_data>`
  const line = await lineTo(answer, answer)
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
})

test('two hundred messages that a host adds to its answer are skipped, but not a flood of them', async () => {
  const answer = `<device_data><data><code>SUCCESS</code><resultdata>${EXECUTED}</resultdata></data></device_data>`
  const few = '<other></other>\0'.repeat(150)
  const line = await lineTo(few + answer, few + answer, '\0'.repeat(300), few + answer)
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
  const flooded = line.run('StartTransaction', {})
  await expect(flooded).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  expect(await line.run('GetStorageInfo', {})).toEqual({ one: 1 })
})

describe('a host that says error', () => {
  const saying = (code: string): string =>
    `<error><sequence></sequence><device_id>local_TSE</device_id><code>${code}</code><data></data><data_id></data_id></error>`

  test.each(['DEVICE_NOT_OPEN', 'DEVICE_NOT_FOUND', 'PARAM_ERROR', 'FUNCTION_NOT_FOUND', 'COMMAND_ILLEGAL'])(
    '%s, passed nothing on',
    async (code) => {
      const line = await lineTo(saying(code))
      const told = { code: 'unavailable', effect: 'none', deviceCode: code }
      await expect(line.run('StartTransaction', {})).rejects.toMatchObject(told)
      expect(line.connected).toBe(false)
    },
  )

  test.each(['SEND_ERROR', 'DRIVER_ERROR', 'SYSTEM_ERROR', 'NEW_ERROR'])(
    '%s, leaves the outcome open',
    async (code) => {
      const line = await lineTo(saying(code))
      await expect(line.run('StartTransaction', {})).rejects.toMatchObject({ effect: 'unknown', deviceCode: code })
    },
  )

  test('may mean the previous function, whose answer never came', async () => {
    const line = await lineTo('<other></other>', saying('DEVICE_NOT_OPEN'))
    await expect(line.run('FinishTransaction', {})).rejects.toMatchObject({ code: 'timeout' })
    await expect(line.run('StartTransaction', {})).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
  })
})

describe('a host that answers late', () => {
  let folder: string
  let simulator: EpsonSimulator
  let tse: EpsonTse
  const secretOf = async (name: string): Promise<string> => {
    if (name === 'secret') throw new Error('the factory')
    return name === 'puk' ? '123456' : '12345'
  }
  const secrets = { read: secretOf, provide: secretOf }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'epson-'))
    simulator = new EpsonSimulator({ directory: join(folder, 'unit'), clock: systemClock })
    const link = new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: systemClock })
    const timeouts = { replyMs: 1000, longMs: 20_000 }
    tse = new EpsonTse({ id: 'tse-1', link, directory: folder, secrets, clock: systemClock, timeouts })
    await tse.open()
    await tse.initialise()
    for (const client of ['till-1', 'till-2']) await tse.registerClient(client)
  })
  afterEach(async () => {
    await tse.close()
    await simulator.close()
    await rm(folder, { recursive: true })
  })

  test('never has its answer to one register taken for that to another', async () => {
    simulator.inject('slow=1500@start')
    const late = tse.start('till-1').catch((error: unknown) => error)
    const next = tse.start('till-2')
    expect(await late).toMatchObject({ code: 'timeout', effect: 'unknown' })
    expect((await next).transaction).toBe(2)
    expect(await tse.openTransactions('till-1')).toEqual([1])
  })

  test('to every harmless question makes the agent open it again, and it answers then', async () => {
    for (const question of ['GetStorageInfo', 'GetRegisteredClientList']) simulator.inject(`lost-request@${question}`)
    await expect(tse.health()).rejects.toMatchObject({ code: 'timeout' })
    await expect(tse.clients()).rejects.toMatchObject({ code: 'timeout' })
    await expect(tse.health()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await tse.open()
    expect((await tse.health()).initialised).toBe(true)
  })

  test('is not kept from its export by a look at its health; a sale ends it, and a forgotten one is cancelled', async () => {
    for (let i = 0; i < 100; i += 1) await tse.start('till-1')
    await tse.health()
    const pieces = tse.exportLogs({})[Symbol.asyncIterator]()
    expect((await pieces.next()).done).toBe(false)
    expect((await tse.health()).initialised).toBe(true)
    expect((await tse.start('till-1')).transaction).toBe(101)
    await expect(pieces.next().then(() => pieces.next())).rejects.toMatchObject({ code: 'export_running' })
  })
})
