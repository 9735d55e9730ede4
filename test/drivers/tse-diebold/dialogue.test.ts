import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import type { Request } from '../../../drivers/tse-diebold/codec.ts'
import { encodeAnswer } from '../../../drivers/tse-diebold/codec.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { answerTo, PlayedUnit } from './played-unit.ts'

let unit: PlayedUnit
let tse: DieboldTse
type Told = readonly (string | Buffer)[] | Buffer | undefined

const slotInfo = ['03', '01', '0', '0001000300010004', '006979321856', '006979321856', '20.07.2027 23:59:59']
/** As long as the unit logs: one whose time is wrong gets another one first. */
const clock = { ...systemClock, now: () => Date.parse('2026-05-22T11:33:02Z') }
const started = ['22.05.2026 11:33:02', '0000000007', 'c2VyaWFs', '0000000010', 'c2lnbmF0dXJl']
const noError = ['0000', '00']

/** Every answer is the usual one, unless the test gives another. */
async function opened(play: (request: Request) => Told | 'usual'): Promise<void> {
  unit = await PlayedUnit.listen((request) => {
    const told = play(request)
    return told === 'usual' ? usual(request) : told
  })
  const link = new TcpLink({ host: '127.0.0.1', port: unit.port, clock: systemClock })
  const secrets = { read: async () => '12345', provide: async () => '12345' }
  tse = new DieboldTse({
    id: 'tse-1',
    box: new DieboldBox(link, systemClock),
    slot: 1,
    secrets,
    clock,
    timeouts: { replyMs: 300, longMs: 1500 },
  })
  await tse.open()
}

function usual({ command, buffer }: Request): Told {
  if (buffer !== undefined) return undefined
  if (command === '001') return noError
  if (command === '109') return [...slotInfo, '0019999994', 'ecdsa-plain-SHA384']
  if (command === '201') return started
  if (command === '205') return [started[0] ?? '', '0000000011', 'c2lnbmF0dXJl']
  return command === '400' ? ['0', '3'] : []
}
afterEach(async () => {
  await tse.close()
  await unit.close()
})

async function signing(): Promise<unknown> {
  return tse.start('till-1').catch((error: unknown) => error)
}

test('status messages are ended first, then the slot is looked at; a start is 509, 200, 201', async () => {
  await opened(() => 'usual')
  expect(await tse.start('till-1')).toMatchObject({
    transaction: 7,
    signatureCounter: 10,
    logTimeMs: Date.parse('2026-05-22T11:33:02Z'),
  })
  await tse.start('till-1')
  expect(unit.asked).toEqual(['003 0', '109 1', '509 till-1', '200 0  0', '201', '200 0  0', '201'])
})

test('the data of a finish is sent in parts of 512 bytes', async () => {
  await opened(() => 'usual')
  const data = Buffer.alloc(1200, 0x61)
  await tse.finish(7, 'till-1', 'Kassenbeleg-V1', data)
  const parts = [512, 512, 176].map((size, packet) => `206 ${packet} ${Buffer.alloc(size, 0x61).toString('base64')}`)
  expect(unit.asked.slice(2)).toEqual(['509 till-1', '204 7 1200 Kassenbeleg-V1 0', ...parts, '205'])
})

test('status messages, answers that came late and halves of them are passed over', async () => {
  let late: Request | undefined
  await opened((request) => {
    if (request.command !== '201') return 'usual'
    const noise = Buffer.from([0x1b, 0x6b, 0x00, 0x14, 0x1b, 0x91])
    const before = encodeAnswer({ ...(late ?? request), id: '380d7771-4462-4ff9-965a-c6b755bd8c8d', values: [] })
    late = request
    return Buffer.concat([noise, before, before.subarray(0, 9), answerTo(request, started)])
  })
  expect(await tse.start('till-1')).toMatchObject({ transaction: 7 })
})

test('silence is a refusal if the device has an error, in upper or lower case', async () => {
  let error = '010F'
  await opened(({ command }) => (command === '201' ? undefined : command === '001' ? [error, '00'] : 'usual'))
  expect(await signing()).toMatchObject({ code: 'refused', effect: 'none', deviceCode: '010f' })
  error = '0117'
  expect(await signing()).toMatchObject({ code: 'open_transactions_full', effect: 'none' })
  error = '0000'
  expect(await signing()).toMatchObject({ code: 'timeout', effect: 'unknown' })
})

test('a device that cannot even report its error is down: the next act is not sent', async () => {
  await opened(({ command }) => (command === '201' || command === '001' ? undefined : 'usual'))
  expect(await signing()).toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(await signing()).toMatchObject({ code: 'unavailable', effect: 'none' })
  expect(unit.asked.filter((asked) => asked === '201')).toHaveLength(1)
})

test('a transaction that is lost before the signature is abandoned and begun again, once', async () => {
  let lost = 0
  await opened(({ command }) => {
    if (command === '001') return ['0000', '02']
    if (command !== '200' || lost > 0) return 'usual'
    lost += 1
    return undefined
  })
  expect(await tse.start('till-1')).toMatchObject({ transaction: 7 })
  expect(unit.asked.slice(2)).toEqual(['509 till-1', '200 0  0', '001', '001', '207', '509 till-1', '200 0  0', '201'])
})

test('a buffered answer is put together from its pieces; one that got lost is asked for again', async () => {
  let isLost = false
  const whole = (request: Request): Buffer => answerTo({ ...request, command: '506' }, ['0000000007', '0000000009'])
  await opened((request) => {
    const { command, parameters } = request
    if (command !== '004') return 'usual'
    const packet = Number(parameters[1])
    isLost = packet === 1 && !isLost
    if (isLost) return undefined
    const data = whole(request).subarray(packet * 20, packet === 2 ? undefined : packet * 20 + 20)
    return ['2', String(packet), packet === 2 ? '01' : '00', String(data.length).padStart(5, '0'), data]
  })
  expect(await tse.openTransactions('till-1')).toEqual([7, 9])
  expect(unit.asked.slice(2)).toEqual(['506 till-1', '001', '004 2 0', '004 2 1', '001', '004 2 1', '004 2 2'])
})

test('a buffered command that was refused is not waited for; without a client it is asked again under one', async () => {
  let hasClient = false
  await opened(({ command }) => {
    if (command === '509') hasClient = true
    return command === '001' ? [hasClient ? '010B' : '010A', '00'] : 'usual'
  })
  await expect(tse.openTransactions()).rejects.toMatchObject({ code: 'no_data', effect: 'none' })
  expect(unit.asked.slice(2)).toEqual(['506', '001', '509 fiskal-edge', '506', '001'])
})

test('a due self-test and an unset time are fixed for a sale; an unknown unit is only let test itself', async () => {
  const errors = ['010c', '0101']
  let error = '0000'
  await opened(({ command }) => {
    if (command === '112') return ['1']
    if (command === '308') error = '0101'
    if (command === '001') return [error, '00']
    if (command !== '201') return 'usual'
    error = errors.shift() ?? '0000'
    return error === '0000' ? 'usual' : undefined
  })
  await expect(tse.identity()).rejects.toMatchObject({ code: 'time_not_set' })
  expect(unit.asked.some((asked) => /^(400|101|106)/.test(asked))).toBe(false)
  error = '0000'
  expect(await tse.start('till-1')).toMatchObject({ transaction: 7 })
  const commands = unit.asked
    .map((asked) => asked.slice(0, 3))
    .filter((command) => /^(112|400|101|401|201)/.test(command))
  expect(commands).toEqual(['201', '112', '201', '400', '101', '401', '201'])
})

test('a PIN that is refused is not tried again', async () => {
  await opened(({ command }) => (command === '400' ? ['2', '2'] : 'usual'))
  for (let i = 0; i < 2; i += 1) await expect(tse.setTime()).rejects.toMatchObject({ code: 'pin_wrong' })
  expect(unit.asked.filter((asked) => asked.startsWith('400'))).toHaveLength(1)
})

test.each([
  ['takes no other', /^200/],
  ['takes nothing else', /^(?!001|003|207)/],
])('a transaction command that a killed agent left open is cancelled, by a unit that %s', async (_how, kept) => {
  let isOpen = true
  let error = '0000'
  await opened(({ command }) => {
    if (command === '207') isOpen = false
    if (command === '001') return [error, isOpen ? '02' : '00']
    error = isOpen && kept.test(command) ? '0006' : '0000'
    return error === '0000' ? 'usual' : undefined
  })
  expect(await signing()).toMatchObject({ transaction: 7 })
  expect(unit.asked.filter((asked) => /^20[017]/.test(asked)).map((asked) => asked.slice(0, 3))).toEqual(
    kept.test('109') ? ['207', '200', '201'] : ['200', '207', '200', '201'],
  )
})

test('one number is requested as one: a range must end after its start', async () => {
  await opened(() => 'usual')
  for (const filter of [
    { transactionFrom: 7, transactionTo: 7, clientId: 'till-1' },
    { transactionFrom: 7, transactionTo: 8 },
  ])
    await expect(tse.exportLogs(filter)[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(Error)
  expect(unit.asked.filter((asked) => /^30[0-3]/.test(asked))).toEqual([
    '301 1 0000000007 till-1',
    '302 1 0000000007 0000000008 ',
  ])
})
